"""`wanderlens extend`: makes a clip longer, bridges it to another one, or closes it into a loop."""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..shot.extension import LAYOUTS
from .clips import eight_bits, held_at_rate, output_of, written_fps, written_size
from .console import Console
from .direction import add_carry_options, add_direction_options, brief_of
from .inspect import carried_from
from .job import read_picture
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
from .shot import add_sampling_options, sampling_of

if TYPE_CHECKING:
    from fractions import Fraction

    from ..motion import Frames
    from ..motion.flow import Floats
    from ..shot import Family


def add_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options of `extend`."""
    parser.add_argument("video", type=Path, help="a video file, or an animated WebP or GIF")
    add_direction_options(parser)
    add_carry_options(parser, "clip")
    parser.add_argument(
        "--duration",
        type=float,
        default=5.0,
        metavar="S",
        help="seconds to add; with --next-frames the length of the bridge (default: 5)",
    )
    parser.add_argument(
        "--next-frames",
        type=Path,
        metavar="CLIP",
        help="the clip that comes next; what is made leads from one to the other",
    )
    parser.add_argument(
        "--context-frames",
        type=int,
        default=5,
        metavar="N",
        help="frames that motion goes on from: 1, 5, 9 or 13 (default: 5)",
    )
    parser.add_argument(
        "--color-match",
        type=float,
        default=1.0,
        metavar="0..1",
        help="how far the colours of what is added are held to the clip's (default: 1)",
    )
    parser.add_argument(
        "--continue-from",
        default=LAYOUTS[0],
        choices=LAYOUTS,
        help="'SVI anchor' for the LoRAs of Stable Video Infinity 2.0 Pro",
    )
    add_sampling_options(parser)
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        help="the file to write, ending in .mp4, .webm, .webp or .gif "
        "(default: the clip's name with -extended)",
    )
    parser.add_argument("--quiet", action="store_true", help="errors only")
    parser.add_argument("--json", action="store_true", help="print the outcome as one JSON object")
    add_model_options(parser)


def run(arguments: argparse.Namespace, console: Console) -> None:
    """Makes the clip longer.

    Raises:
        InputError: an option, a clip or a model is refused.
        OSError: a file cannot be read or written, or a model cannot be had.
        RuntimeError: something failed after the sampling; the error says where the latents are.
    """
    sources = [file for file in (arguments.video, arguments.next_frames) if file is not None]
    output = output_of(arguments, sources, "extended")

    # Only now what takes seconds to import: an output that is refused is refused at once.
    from ..direction import compose
    from ..engines.diffusers.solvers import check_samplers
    from ..pipeline.extend import extend_to
    from ..pipeline.input_video import fitted_ending
    from ..shot import ExtensionRequest, plan_extension
    from ..video import write_video

    if arguments.seed is None:
        arguments.seed = random.SystemRandom().randrange(2**32)
    # A preset that is made to loop does not turn an extension into a loop.
    arguments.loop = arguments.loop is True
    brief, _ = brief_of(arguments, carried_from(arguments.video).style)
    composition = compose(brief)
    source, loras = model_source(arguments), loras_of(arguments)
    console.quiet_libraries()
    placement, family = placement_of(arguments), source.family()
    given = _clips(arguments, output, console)
    picture = read_picture(arguments.end_image, "end_image") if arguments.end_image else None
    count, (height, width, _) = len(given.clip), given.clip[0].shape
    ending, more = fitted_ending(None if picture is None else picture.pixels, height, width)
    request = ExtensionRequest(
        clip_frames=count,
        clip_width=width,
        clip_height=height,
        clip_fps=given.fps,
        duration=arguments.duration,
        context_frames=arguments.context_frames,
        color_match=arguments.color_match,
        close_loop=brief.loop,
        next_frames=0 if given.following is None else len(given.following),
        has_end_image=ending is not None,
        seed=arguments.seed,
        layout=arguments.continue_from,
        **_quality(arguments, family, ends=len(sources) > 1 or ending is not None or brief.loop),
    )
    plan = plan_extension(request, family)
    check_samplers(plan.settings)
    if is_nano(arguments):
        console.say(NANO_NOTICE)
    prompts = [(composition.positive, composition.negative)]
    (texts,), models = load(arguments, source, placement, loras, prompts, console)
    console.say(f"\n{composition.positive}\n\n{composition.report}")
    settings: dict[str, Any] = {
        **models_used(arguments),
        **direction_settings(arguments, composition.direction),
        "extends": arguments.video.name,
        "next_frames": "" if arguments.next_frames is None else arguments.next_frames.name,
        "fps": float(given.fps),
        "duration": arguments.duration,
        "context_frames": arguments.context_frames,
        "color_match": arguments.color_match,
        "continue_from": arguments.continue_from,
        "loop": brief.loop,
        "quality": request.quality,
        **sampling_settings(plan.settings),
        "seed": arguments.seed,
    }
    metadata = clip_metadata(composition.positive, composition.negative, settings)

    def save(frames: Iterator[Floats]) -> None:
        write_video(output, eight_bits(frames), given.fps, metadata)

    extended = extend_to(
        save,
        engine_on(models, texts, arguments, console),
        request,
        given.clip,
        given.following,
        ending,
        notes=(*given.notes, *more),
        context=run_context(arguments, output, arguments.seed),
    )
    total = extended.frames
    console.say(f"\n{extended.report}\n{output}: {width}x{height}, {total} frames")
    console.finished(
        {
            "file": str(output),
            "sources": [str(each) for each in sources],
            "frames": total,
            "new_frames": extended.new_frames,
            "width": width,
            "height": height,
            "prompt": composition.positive,
            "negative": composition.negative,
            "measures": [
                asdict(joint.measures) for done in extended.joints for joint in done.joints
            ],
            "report": extended.report,
            **settings,
        }
    )
    console.result()


@dataclass(frozen=True, slots=True)
class _Given:
    """The clip that is extended and the one that follows, of one size and rate."""

    clip: Frames
    fps: Fraction
    following: Frames | None
    notes: tuple[str, ...]


def _clips(arguments: argparse.Namespace, output: Path, console: Console) -> _Given:
    """The clips of the files as they are written; each frame is made when it is asked for."""
    import torch

    from ..motion import TensorFrames, fit_frames
    from ..pipeline.input_video import fit_note, rate_note
    from ..shot import check_fps
    from ..video import read_video

    notes: list[str] = []

    def read(file: Path, widget: str) -> tuple[Frames, Fraction]:
        clip = read_video(file, widget, partial(console.progress, "read"))
        notes.extend(f"{file.name}: {note}" for note in clip.notes)
        written_fps(None, clip, output)
        (height, width), cut = written_size(clip, output)
        notes.extend(line.removeprefix("Note: ") for line in cut)
        return TensorFrames(torch.from_numpy(clip.frames[:, :height, :width])), clip.fps

    frames, fps = read(arguments.video, "video")
    if arguments.next_frames is None:
        return _Given(frames, fps, None, tuple(notes))
    following, own = read(arguments.next_frames, "next_frames")
    check_fps(own, "next_fps")
    height, width, _ = frames[0].shape
    following, fitted = fit_frames(following, height, width)
    before, following = len(following), held_at_rate(following, own, fps, console)
    if fitted is not None:
        notes.append(fit_note("next_frames", fitted))
    if own != fps:
        notes.append(rate_note(before, own, len(following), fps))
    return _Given(frames, fps, following, tuple(notes))


def _quality(arguments: argparse.Namespace, family: Family, *, ends: bool) -> dict[str, Any]:
    """Quality and custom settings of a request."""
    from ..shot import CustomSettings

    widgets = sampling_of(arguments, family, ends_on_a_picture=ends)
    quality = widgets.pop("quality")
    return {"quality": quality, **({"custom": CustomSettings(**widgets)} if widgets else {})}
