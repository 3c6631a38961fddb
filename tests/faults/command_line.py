"""`wanderlens animate` with the nano model: signals at each stage, a full disk, a read-only folder.

An older clip lies under the name that is written: it must stay whole until the new one is.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from .checks import check_told
from .files import is_temporary, look
from .mounts import NoMounts, empty, fill, read_only, small_disk
from .rows import Row
from .server import ROOT, Plan

SCRIPT = Path(__file__).with_name("animate_on_demand.py")
#: Stage, call, and seconds of the clip; a short one waits in the encoder until its end.
STAGES = (
    ("sampling", "low noise", 1, 0.5),
    ("decoding", "decode", 1, 0.5),
    ("saving", "save", 75, 5.0),
)
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)
_OPTIONS = ("--resolution", "64x64", "--steps", "2", "--seed", "1")
_TIMEOUT = 180.0


class Command:
    """Runs of the command line into one folder."""

    def __init__(self, base: Path, *, seconds: float = 0.5, real: bool = False) -> None:
        """Nothing runs yet.

        Args:
            base: A folder of its own.
            seconds: Of the clip.
            real: Whether latents are rescued as those of Wan 2.2, and not let go as nano's are.
        """
        base.mkdir(parents=True, exist_ok=True)
        self.folder = base / "clips"
        self.folder.mkdir(exist_ok=True)
        self.plan = Plan(base / "faults")
        self.clip = self.folder / "clip.mp4"
        self._seconds = seconds
        self.real = real

    def start(self) -> subprocess.Popen[str]:
        """Starts one."""
        temporary = self.plan.folder / "temporary"
        temporary.mkdir(exist_ok=True)
        environment = {
            **os.environ,
            "TMPDIR": str(temporary),
            **({"AS_A_REAL_MODEL": "1"} if self.real else {}),
            "OMP_NUM_THREADS": "1",
            "HF_HUB_OFFLINE": "1",
            "FAULTS_FOLDER": str(self.plan.folder),
        }
        command = [sys.executable, str(SCRIPT), "animate", *_OPTIONS]
        command += ["--duration", str(self._seconds), "-o", str(self.clip)]
        return subprocess.Popen(
            command, cwd=ROOT, env=environment, text=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )  # fmt: skip

    def run(self) -> tuple[int, str]:
        """One to its end; gives its exit code and what it said on standard error."""
        process = self.start()
        _, said = process.communicate(timeout=_TIMEOUT)
        return process.returncode, said

    def check(self, row: Row, old: bytes | None, killed: bool = False) -> None:
        """Checks the files after a fault.

        Args:
            row: Where to note it.
            old: The clip that was there before; None for none.
            killed: Whether the process had no time to remove its temporary file.
        """
        found = look([self.folder])
        row.check("half files", not found.half, str(len(found.half)))
        now = self.clip.read_bytes() if self.clip.exists() else None
        kept = "the older clip is as it was" if old else "no clip"
        row.check("finished work", now == old, kept if now == old else "the older clip is lost")
        left = [file for file in self.folder.rglob("*") if is_temporary(file)]
        row.check("temporary files", len(left) <= killed, str(len(left)))

    def again(self, row: Row) -> None:
        """The same command once more, days later: a whole clip, and no leftovers."""
        leftovers = look([self.folder]).temporary
        for file in leftovers:
            os.utime(file, (0, 0))
        since = time.monotonic()
        code, said = self.run()
        found = look([self.folder])
        frames = found.frames.get(self.clip)
        good = code == 0 and frames == round(16 * self._seconds) + 1
        text = f"{frames} frames in {time.monotonic() - since:.1f} s" if good else said[-80:]
        row.check("next prompt", good, text)
        if leftovers:
            left = len(found.temporary)
            row.check("temporary files", not left, f"{left} with the next run a day later")


def rows(base: Path) -> Iterator[Row]:
    """A row for each signal at each stage, and for each disk."""
    first = Command(base / "first")
    code, said = first.run()
    if code:
        raise RuntimeError(f"wanderlens animate does not work here: {said}")
    old = first.clip.read_bytes()
    for number in SIGNALS:
        for name, stage, call, seconds in STAGES:
            row = Row(f"command line: {number.name} while {name}")
            command = Command(base / row.case.replace(" ", "-"), seconds=seconds)
            command.clip.write_bytes(old)
            _signal(row, command, number, stage, call)
            yield row
    for number in (signal.SIGINT, signal.SIGTERM):
        row = Row(f"command line: {number.name} while decoding, as with a real model")
        command = Command(base / row.case.replace(" ", "-"), real=True)
        command.clip.write_bytes(old)
        _signal(row, command, number, "decode", 1)
        yield row
    for name, case, real in (
        ("command line: disk full", _full, False),
        ("command line: disk full, as with a real model", _full, True),
        ("command line: folder read-only", _read_only, False),
    ):
        row = Row(name)
        try:
            case(row, base / name.replace(" ", "-"), real)
        except NoMounts as error:
            row.skipped = str(error)
        yield row


def _signal(row: Row, command: Command, number: signal.Signals, stage: str, call: int) -> None:
    old = command.clip.read_bytes()
    with command.plan.fault(stage, "pause", call):
        process = command.start()
        if not command.plan.wait(lambda: process.poll() is None):
            row.check("server", False, f"{stage} was not reached")
        process.send_signal(number)
        _, said = process.communicate(timeout=_TIMEOUT)
    expected = {signal.SIGINT: (130,), signal.SIGTERM: (143, -15), signal.SIGKILL: (-9,)}[number]
    row.check("server", process.returncode in expected, f"exit code {process.returncode}")
    last = (said.strip().splitlines() or ["nothing"])[-1]
    if number != signal.SIGKILL:
        row.check("told", "stopped" in said, last[:60])
    if command.real:
        files = list(command.folder.glob("*.latent"))
        row.check("finished work", len(files) == 1, f"{len(files)} latents rescued")
    command.check(row, old, killed=number == signal.SIGKILL)
    command.again(row)


def _full(row: Row, base: Path, real: bool) -> None:
    with small_disk(base / "clips"):
        command = Command(base, real=real)
        fill(command.folder, 4096)
        code, said = command.run()
        row.check("server", code == 1, f"exit code {code}")
        if real:
            check_told(row, said)
        else:
            row.check("told", "space" in said.lower(), said.strip()[:40])
        command.check(row, None)
        empty(command.folder)
        command.again(row)


def _read_only(row: Row, base: Path, real: bool) -> None:
    command = Command(base, real=real)
    with read_only(command.folder):
        code, said = command.run()
        row.check("server", code == 2, f"exit code {code}")
        row.check("told", "may be written to" in said, said.strip()[:40])
        command.check(row, None)
    command.again(row)
