"""The command line `wanderlens`: parses the arguments, runs a command, reports errors."""

from __future__ import annotations

import argparse
import importlib
import io
import logging
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from . import __version__
from .commands.animate import add_options as add_animate_options
from .commands.console import Console
from .commands.direction import EXAMPLE, add_direction_options, add_list_options
from .commands.extend import add_options as add_extend_options
from .commands.inspect import add_options as add_inspect_options
from .commands.join import add_options as add_join_options
from .commands.loop import add_options as add_loop_options
from .commands.preview import add_options as add_preview_options
from .errors import InputError

__all__ = ["EXAMPLE", "main"]

log = logging.getLogger(__name__)


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command line.

    Args:
        argv: Arguments without the program's name; None takes the process's own.

    Returns:
        The exit code: 0 done, 1 failed, 2 an input was refused, 130 on Ctrl-C, 143 on SIGTERM.
    """
    logging.basicConfig(format="%(levelname)s: %(message)s", level=logging.WARNING)
    for stream in (sys.stdout, sys.stderr):
        # The negative prompt is Chinese, which not every terminal can show.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    arguments = _parser().parse_args(argv)
    console = Console(
        quiet=getattr(arguments, "quiet", False), as_json=getattr(arguments, "json", False)
    )
    try:
        with _terminable():
            return _run(arguments, console)
    except InputError as error:
        console.error(_in_options(error, arguments), "input")
        return 2
    except ModuleNotFoundError as error:
        console.error(
            f"{error.name} is not installed. Install what runs without ComfyUI: "
            "pip install 'wanderlens[headless]'",
            "missing package",
        )
        return 1
    except KeyboardInterrupt as stop:
        console.error("stopped; nothing was left half written", "stopped")
        return 143 if isinstance(stop, _Terminated) else 130
    except Exception as error:
        log.debug("This went wrong:", exc_info=True)
        console.error(str(error) or type(error).__name__, "failure")
        return 1
    finally:
        console.close()


class _Terminated(KeyboardInterrupt):
    """SIGTERM, handled like Ctrl-C so that the same cleaning up runs."""


@contextmanager
def _terminable() -> Iterator[None]:
    """Raises `_Terminated` in the block on SIGTERM."""

    def stop(*_: object) -> None:
        raise _Terminated

    if threading.current_thread() is not threading.main_thread():  # handlers need it
        yield
        return
    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        if before is not None:  # None: not set from Python, so it cannot be restored
            signal.signal(signal.SIGTERM, before)


def _run(arguments: argparse.Namespace, console: Console) -> int:
    if arguments.debug:
        log.setLevel(logging.DEBUG)
    module, _, function = arguments.command.partition(":")
    getattr(importlib.import_module(f".commands.{module}", __package__), function)(
        arguments, console
    )
    return 0


#: Widgets whose option has another name.
_OPTIONS = {
    "photo": "PHOTO",
    "file": "FILE",
    "video": "VIDEO",
    "frames": "VIDEO",
    "next_frames": "VIDEO",
    "clip_fps": "VIDEO",
    "close_loop": "--loop",
    "join": "--method",
    "width": "--resolution",
    "height": "--resolution",
    "sampler_name": "--sampler",
    "image": "PHOTO",
}

#: Of these, the ones that some commands have as an option of the same name.
_SOMETIMES_OPTIONS = ("next_frames", "close_loop")


def _in_options(error: InputError, arguments: argparse.Namespace) -> str:
    """An error's message that names the option, `--end-image` for the widget end_image."""
    text, widget = str(error), error.widget
    if not widget:
        return text
    option = _OPTIONS.get(widget)
    if option is None or (widget in _SOMETIMES_OPTIONS and hasattr(arguments, widget)):
        option = f"--{widget.replace('_', '-')}"
    return f"{text.removesuffix(f' (widget: {widget})')} (option: {option})"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="wanderlens",
        description="Turn a still image into a directed short video with Wan 2.2.",
        epilog="Exit codes: 0 done, 1 failed, 2 an input was refused, 130 stopped by "
        "Ctrl-C, 143 by SIGTERM.",
    )
    parser.add_argument("--version", action="version", version=f"wanderlens {__version__}")
    parser.add_argument("--debug", action="store_true", help="show where an error comes from")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    animate = commands.add_parser(
        "animate",
        help="make a clip of a picture",
        description=(
            "Makes a clip of a picture: with the bundled nano model, which is a demo, with Wan 2.2 "
            "on this machine's GPU, or on a ComfyUI server."
        ),
    )
    add_animate_options(animate)
    animate.set_defaults(command="animate:run")

    extend = commands.add_parser(
        "extend",
        help="make a clip longer, or bridge it to another one",
        description=(
            "Goes on from a clip's last frames, with their motion and colours: to an open end, to "
            "a picture, to the next clip, or (--loop) back to its own start. The sound is left out."
        ),
    )
    add_extend_options(extend)
    extend.set_defaults(command="extend:run", fps=None)

    loop = commands.add_parser(
        "loop",
        help="make any clip repeat without a visible seam",
        description=(
            "Closes any clip into a loop, without a model, and measures the seam. The sound is "
            "left out."
        ),
    )
    add_loop_options(loop)
    loop.set_defaults(command="loop:run")

    join = commands.add_parser(
        "join",
        help="make one clip of several, without a visible joint",
        description=(
            "Joins clips, without a model: each goes over into the next, which takes on its "
            "colours. Sizes and frame rates become those of the first. The joints are measured. "
            "The sound is left out."
        ),
    )
    add_join_options(join)
    join.set_defaults(command="join:run")

    preview = commands.add_parser(
        "preview",
        help="move a picture along a shot's camera path, without a model",
        description=(
            "Makes an animatic: the picture itself moved along the shot's camera path, to see the "
            "move before a model renders it. Nothing in the picture moves by itself."
        ),
    )
    add_preview_options(preview)
    preview.set_defaults(command="preview:run")

    compose = commands.add_parser(
        "compose", help="write a shot's prompt", description="Writes the prompt of a shot."
    )
    add_direction_options(compose)
    compose.set_defaults(command="direction:compose_prompt")

    inspect = commands.add_parser(
        "inspect",
        help="show what a picture or clip says of how it was made",
        description=(
            "Shows the prompt and the style that would carry over from a picture or video file: "
            "from its metadata, or from how it looks; and the settings of a clip of ours. Nothing "
            "is sent anywhere."
        ),
    )
    add_inspect_options(inspect)
    inspect.set_defaults(command="inspect:run")

    presets = commands.add_parser("presets", help="list the presets")
    add_list_options(presets)
    presets.set_defaults(command="direction:list_presets")
    return parser


if __name__ == "__main__":
    sys.exit(main())
