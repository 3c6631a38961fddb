"""`wanderlens animate`: a photo becomes a clip, on this machine or on a ComfyUI server."""

from __future__ import annotations

import argparse
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError
from .direction import EXAMPLE, add_direction_options, add_timing_options, brief_of, timing_of
from .inspect import carried_from
from .models import NANO, NANO_NOTICE, add_model_options, load_models
from .record import clip_metadata

if TYPE_CHECKING:
    from ..direction import Composition
    from ..shot import Family, ShotRequest
    from .console import Console

#: Options of quality "custom", and the names they have in a request.
_SAMPLING = {
    "steps": "steps",
    "cfg": "cfg",
    "shift": "shift",
    "sampler": "sampler_name",
    "boundary": "boundary",
}


@dataclass(frozen=True, slots=True)
class Job:
    """One photo and its clip's file."""

    photo: Path
    output: Path


def add_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options of `animate`."""
    parser.add_argument(
        "photo", nargs="*", type=Path, default=[EXAMPLE], help="pictures (default: the example)"
    )
    add_direction_options(parser)
    for option, text in (
        ("--image-prompt", "carry over the prompt that the photo was made with (default: yes)"),
        ("--image-style", "carry over its style words (default: yes)"),
    ):
        parser.add_argument(option, action=argparse.BooleanOptionalAction, default=True, help=text)
    add_timing_options(parser)
    parser.add_argument(
        "--resolution",
        help="480p, 580p, 720p, 'match image', or WIDTHxHEIGHT (default: 480p; nano: its own)",
    )
    parser.add_argument(
        "--quality", default="standard", help="standard, best, or fast with 4-step LoRAs"
    )
    for option, kind in (("--steps", int), ("--cfg", float), ("--shift", float)):
        parser.add_argument(option, type=kind, help="instead of the quality's own")
    parser.add_argument("--sampler", help="euler, uni_pc or dpmpp_2m instead of the quality's own")
    parser.add_argument("--boundary", type=float, help="noise level of the hand-over (default 0.9)")
    parser.add_argument("--seed", type=int, help="(default: a new one, which the report tells)")
    parser.add_argument("--end-image", type=Path, metavar="FILE", help="the picture it ends on")
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
        help="render there, such as http://127.0.0.1:8188; --model 5B takes that one, and the "
        "files above are names on the server",
    )
    group.add_argument(
        "--workflow",
        type=Path,
        metavar="FILE",
        help="an API workflow of yours with our nodes, instead of the bundled one",
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
    jobs = _jobs(arguments.photo, arguments.output)
    if arguments.server:
        from .remote import render_on_server

        made = [render_on_server(job, arguments, console) for job in jobs]
    else:
        if arguments.workflow:
            raise InputError(
                "workflow goes with server", str(arguments.workflow), "Give --server.", "workflow"
            )
        made = _animate_here(jobs, arguments, console)
    console.result({"clips": made})


def _jobs(photos: Sequence[Path], output: Path) -> list[Job]:
    """Photos and their files; everything that would only fail after the work is refused here."""
    from ..video import ENDINGS, check_output

    many = len(photos) > 1
    if many and not output.is_dir():
        if output.suffix.lower() in ENDINGS:
            raise InputError(
                "output must be a folder for several photos", str(output), "Name one.", "output"
            )
        raise InputError(
            "output must be a folder that exists", str(output), "Make the folder first.", "output"
        )
    jobs: list[Job] = []
    for photo in photos:
        file = output / f"{photo.stem}.mp4" if output.is_dir() else output
        if any(file == job.output for job in jobs):
            file = output / f"{photo.name}.mp4"
        check_output(file)
        photo.stat()
        jobs.append(Job(photo, file))
    return jobs


def _animate_here(
    jobs: Sequence[Job], arguments: argparse.Namespace, console: Console
) -> list[dict[str, Any]]:
    directed = [_directed(job.photo, arguments) for job in jobs]  # refused before a model loads
    if arguments.model == NANO and not arguments.high_noise:
        console.say(NANO_NOTICE)
    console.progress("load", 0, 1)
    models, encoder = load_models(arguments)
    console.progress("load", 1, 1)
    made = []
    for job, composition in zip(jobs, directed, strict=True):
        console.say(f"\n{composition.positive}\n\n{composition.report}")
        made.append(_animate(job, composition, models, encoder, arguments, console))
    return made


def _directed(photo: Path, arguments: argparse.Namespace) -> Composition:
    """The composed prompt of a photo."""
    from ..direction import compose

    image = None
    if arguments.image_prompt or arguments.image_style:
        image = carried_from(photo).style
    brief, _ = brief_of(arguments, image)
    return compose(brief)


def _animate(
    job: Job,
    composition: Composition,
    models: Any,
    encoder: Any,
    arguments: argparse.Namespace,
    console: Console,
) -> dict[str, Any]:
    from ..engines.animate import animate
    from ..engines.diffusers import DiffusersEngine
    from ..engines.latent_files import Rescue
    from ..shot import NANO as NANO_FAMILY
    from ..video import write_video

    still = _picture(job.photo, "photo")
    ending = _picture(arguments.end_image, "end_image") if arguments.end_image else None
    request = _request(arguments, models.family, still, ending is not None)
    console.progress("text", 0, 1)
    texts = encoder.encode([composition.positive, composition.negative])
    console.progress("text", 1, 1)
    if hasattr(encoder, "release"):
        encoder.release()
    engine = DiffusersEngine(models, texts[:1], texts[1:], progress=console.progress)
    is_nano = models.family is NANO_FAMILY
    rescue = Rescue(job.output.parent, f"{job.output.stem}-seed{arguments.seed}")
    clip = animate(engine, request, still, ending, rescue=None if is_nano else rescue)
    settings = _settings(arguments, request, composition, is_nano)
    frames = (_bytes(frame) for frame in clip.frames)
    console.progress("save", 0, 1)
    count = write_video(
        job.output,
        frames,
        int(clip.fps),
        clip_metadata(composition.positive, composition.negative, settings),
    )
    console.progress("save", 1, 1)
    height, width = clip.frames.shape[1:3]
    console.say(f"\n{clip.report}\n{job.output}: {width}x{height}, {count} frames")
    return {
        "file": str(job.output),
        "photo": str(job.photo),
        "frames": count,
        "fps": clip.fps,
        "width": width,
        "height": height,
        "prompt": composition.positive,
        "negative": composition.negative,
        "report": clip.report,
        **settings,
    }


def _request(
    arguments: argparse.Namespace, family: Family, still: Any, has_end_image: bool
) -> ShotRequest:
    from ..shot import CustomSettings, ShotRequest, quality_settings

    brief, preset = brief_of(arguments)
    fps, duration = timing_of(arguments, preset)
    resolution, width, height = resolution_of(arguments.resolution)
    options: dict[str, Any] = {"quality": arguments.quality}
    chosen = {
        name: value
        for option, name in _SAMPLING.items()
        if (value := getattr(arguments, option)) is not None
    }
    if chosen:
        ends = has_end_image or brief.loop
        own = quality_settings(arguments.quality, family, ends, CustomSettings())
        kept = {name: getattr(own, name) for name in _SAMPLING.values()}
        kept["boundary"] = 0.9 if own.boundary is None else own.boundary
        options = {"quality": "custom", **kept, **chosen}
    return ShotRequest(
        picture_width=still.width,
        picture_height=still.height,
        fps=fps,
        duration=duration,
        loop=brief.loop,
        resolution=resolution or next(iter(family.nominal_sizes)),
        width=width,
        height=height,
        seed=arguments.seed,
        has_end_image=has_end_image,
        **options,
    )


def resolution_of(text: str | None) -> tuple[str, int, int]:
    """The resolution, and width and height for "custom": "832x480" is custom.

    Returns:
        An empty resolution where none was given.
    """
    if text and "x" in text:
        width, _, height = text.partition("x")
        if width.strip().isdigit() and height.strip().isdigit():
            return "custom", int(width), int(height)
    return text or "", 832, 480


def _settings(
    arguments: argparse.Namespace,
    request: ShotRequest,
    composition: Composition,
    is_nano: bool,
) -> dict[str, Any]:
    """What makes the clip again, for its file and for JSON."""
    model = NANO if is_nano else arguments.model
    if arguments.high_noise:
        model = Path(arguments.high_noise).name
    return {
        "direction": arguments.direction,
        "preset": arguments.preset or "",
        "camera": composition.direction.camera,
        "pacing": composition.direction.pacing,
        "look": composition.direction.look,
        "fps": request.fps,
        "duration": request.duration,
        "loop": request.loop,
        "resolution": arguments.resolution or request.resolution,
        "quality": request.quality,
        "seed": request.seed,
        "model": model,
    }


def _picture(file: Path, widget: str) -> Any:
    """A picture as the engines take it."""
    import numpy as np
    import torch

    from ..engines.pictures import checked_picture
    from ..pictures import open_picture

    pixels = np.asarray(open_picture(file), np.float32)[None] / 255
    return checked_picture(torch.from_numpy(pixels), widget)


def _bytes(frame: Any) -> Any:
    """A frame [height, width, 3], float32, 0..1, as uint8 numpy."""
    return (frame * 255).round().byte().numpy()
