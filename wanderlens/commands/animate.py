"""`wanderlens animate`: makes clips of photos, on this machine or on a ComfyUI server."""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError
from .clips import eight_bits
from .direction import (
    EXAMPLE,
    add_carry_options,
    add_direction_options,
    add_timing_options,
    brief_of,
)
from .inspect import carried_from
from .job import Job, read_picture
from .models import (
    NANO_NOTICE,
    add_model_options,
    engine_on,
    is_nano,
    load,
    loras_of,
    model_source,
    placement_of,
    run_context,
)
from .record import clip_metadata, direction_settings, models_used, sampling_settings
from .shot import add_shot_options, request_of

if TYPE_CHECKING:
    import torch

    from ..direction import Composition
    from ..engines.diffusers.models import WanModels
    from ..motion.flow import Floats
    from ..pipeline.input_image import Picture
    from ..shot import Family, ShotPlan, ShotRequest
    from .console import Console


@dataclass(frozen=True, slots=True)
class Shot:
    """A job with everything that can be known of it before a model is loaded."""

    job: Job
    composition: Composition
    still: Picture
    ending: Picture | None
    request: ShotRequest
    plan: ShotPlan


def add_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options of `animate`."""
    parser.add_argument(
        "photo", nargs="*", type=Path, default=[EXAMPLE], help="pictures (default: the example)"
    )
    add_direction_options(parser)
    add_carry_options(parser, "photo")
    add_timing_options(parser)
    add_shot_options(parser)
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        default=Path("clip.mp4"),
        help="the clip, ending in .mp4, .webm, .webp or .gif; a folder for several photos "
        "(default: clip.mp4)",
    )
    parser.add_argument("--quiet", action="store_true", help="errors only")
    parser.add_argument("--json", action="store_true", help="print the outcome as one JSON object")
    add_model_options(parser)
    group = parser.add_argument_group("a ComfyUI server instead")
    group.add_argument(
        "--server",
        metavar="URL",
        help="render there, such as http://127.0.0.1:8188; --model is then A14B or 5B, and the "
        "model files above are names on the server",
    )
    group.add_argument(
        "--workflow",
        type=Path,
        metavar="FILE",
        help="an API workflow of yours with our nodes, instead of the bundled one; options that "
        "are not given leave it as it is",
    )


def run(arguments: argparse.Namespace, console: Console) -> None:
    """Makes a clip of each photo.

    Raises:
        InputError: an option, a picture or a model is refused.
        OSError: a file cannot be read or written, or a model cannot be had.
        RuntimeError: something failed after the sampling; the error says where the latents are.
    """
    if arguments.seed is None:
        arguments.seed = random.SystemRandom().randrange(2**32)
    jobs = _jobs(arguments)
    if arguments.server:
        from .remote import render_on_server

        for job in jobs:
            console.finished(render_on_server(job, arguments, console))
    else:
        if arguments.workflow:
            raise InputError(
                "workflow goes with server", str(arguments.workflow), "Give --server.", "workflow"
            )
        for clip in _animate_here(jobs, arguments, console):
            console.finished(clip)
    console.result()


def _jobs(arguments: argparse.Namespace) -> list[Job]:
    """Photos and their files; what could not be written is refused here."""
    from ..video import ENDINGS, check_output

    photos: list[Path] = arguments.photo
    output: Path = arguments.output
    if len(photos) > 1 and not output.is_dir():
        if output.suffix.lower() in ENDINGS:
            raise InputError(
                "output must be a folder for several photos", str(output), "Name one.", "output"
            )
        raise InputError(
            "output must be a folder that exists", str(output), "Make the folder first.", "output"
        )
    sources = {each.resolve() for each in (*photos, arguments.end_image) if each is not None}
    jobs: list[Job] = []
    for photo in photos:
        file, number = output, 2
        if output.is_dir():
            file = output / f"{photo.stem}.mp4"
            while any(file == job.output for job in jobs):
                file, number = output / f"{photo.stem}-{number}.mp4", number + 1
        check_output(file)
        if file.resolve() in sources:
            raise InputError(
                "output must not be a picture that the clip is made of",
                str(file),
                "Name another file.",
                "output",
            )
        photo.stat()
        jobs.append(Job(photo, file))
    return jobs


def _animate_here(
    jobs: Sequence[Job], arguments: argparse.Namespace, console: Console
) -> Iterator[dict[str, Any]]:
    """Makes the clips one by one; everything that can be refused is, before a model loads."""
    source, loras = model_source(arguments), loras_of(arguments)
    console.quiet_libraries()
    placement = placement_of(arguments)
    family = source.family()
    shots = [_prepared(job, arguments, family) for job in jobs]
    if is_nano(arguments):
        console.say(NANO_NOTICE)
    prompts = [(shot.composition.positive, shot.composition.negative) for shot in shots]
    texts, models = load(arguments, source, placement, loras, prompts, console)
    for shot, encoded in zip(shots, texts, strict=True):
        console.say(f"\n{shot.composition.positive}\n\n{shot.composition.report}")
        yield _animate(shot, models, encoded, arguments, console)


def _prepared(job: Job, arguments: argparse.Namespace, family: Family) -> Shot:
    from ..direction import compose
    from ..engines.diffusers.solvers import check_samplers
    from ..shot import plan_shot

    image = carried_from(job.photo).style
    brief, _ = brief_of(arguments, image)
    still = read_picture(job.photo, "photo")
    ending = None
    if arguments.end_image:
        ending = read_picture(arguments.end_image, "end_image")
    request = request_of(
        arguments, family, (still.width, still.height), has_end_image=ending is not None
    )
    plan = plan_shot(request, family)
    check_samplers(plan.settings)
    return Shot(job, compose(brief), still, ending, request, plan)


def _animate(
    shot: Shot,
    models: WanModels,
    texts: torch.Tensor,
    arguments: argparse.Namespace,
    console: Console,
) -> dict[str, Any]:
    from ..pipeline.image_to_video import animate_to
    from ..video import write_video

    output, composition = shot.job.output, shot.composition
    settings = _settings(shot, arguments)
    metadata = clip_metadata(composition.positive, composition.negative, settings)

    def save(frames: Iterator[Floats]) -> None:
        write_video(output, eight_bits(frames), shot.request.fps, metadata)

    clip = animate_to(
        save,
        engine_on(models, texts, arguments, console),
        shot.request,
        shot.still,
        shot.ending,
        context=run_context(arguments, output, shot.request.seed),
        folder=output.parent,
    )
    size = f"{clip.width}x{clip.height}"
    console.say(f"\n{clip.report}\n{output}: {size}, {clip.frames} frames")
    return {
        "file": str(output),
        "photo": str(shot.job.photo),
        "frames": clip.frames,
        "width": clip.width,
        "height": clip.height,
        "prompt": composition.positive,
        "negative": composition.negative,
        "report": clip.report,
        **settings,
    }


def _settings(shot: Shot, arguments: argparse.Namespace) -> dict[str, Any]:
    """What makes the clip again, for its file and for JSON."""
    plan = shot.plan
    return {
        **models_used(arguments),
        **direction_settings(arguments, shot.composition.direction),
        "fps": shot.request.fps,
        "duration": shot.request.duration,
        "loop": shot.request.loop,
        "resolution": f"{plan.size.width}x{plan.size.height}",
        "quality": shot.request.quality,
        **sampling_settings(plan.settings),
        "seed": shot.request.seed,
    }
