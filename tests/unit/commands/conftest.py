"""Runs a command of the command line within the test's own process."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest

from wanderlens.cli import main


class Finished(NamedTuple):
    """What a command that has ended returned and wrote."""

    code: int
    out: str
    err: str


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Callable[..., Finished]:
    """Runs a command such as ``command("loop", file, "--fps", 32)``."""

    def run(*arguments: object) -> Finished:
        code = main([str(each) for each in arguments])
        written = capsys.readouterr()
        return Finished(code, written.out, written.err)

    return run
