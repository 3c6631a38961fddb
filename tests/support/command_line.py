"""Runs the command line in this process: a process of its own would load torch each time."""

from __future__ import annotations

import contextlib
import io
from dataclasses import dataclass

from wanderlens.cli import main


@dataclass
class Done:
    """What a command came to: its exit code, and what it wrote."""

    returncode: int
    stdout: str
    stderr: str


def run(*arguments: object) -> Done:
    """One command, such as ``run("loop", file, "--fps", 32)``."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = main([str(each) for each in arguments])
        except SystemExit as ended:  # argparse's way to refuse an option
            code = ended.code if isinstance(ended.code, int) else 1
    return Done(code, out.getvalue(), err.getvalue())
