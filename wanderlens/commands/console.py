"""Output of a command: lines, progress bars, or one JSON object at the end."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tqdm import tqdm


class Console:
    """Where a command writes.

    Lines go to standard output, progress and errors to standard error. With `quiet` there are
    errors only; with `as_json` one object on standard output instead of lines, and no bars.
    """

    def __init__(self, *, quiet: bool = False, as_json: bool = False) -> None:
        """Nothing is written yet."""
        self._quiet = quiet or as_json
        self._as_json = as_json
        self._bar: tqdm | None = None
        self._stage = ""
        self._clips: list[Mapping[str, Any]] = []

    def say(self, text: str) -> None:
        """Writes a line."""
        if not self._quiet:
            self.close()
            print(text, flush=True)

    def progress(self, stage: str, done: int, total: int) -> None:
        """Shows how far a stage is, with the time that it still takes.

        Args:
            stage: Its name.
            done: What is done.
            total: What there is to do.
        """
        if self._quiet:
            return
        from tqdm import tqdm

        if self._bar is None or stage != self._stage or self._bar.total != total:
            self.close()
            # A bar for people only; a log needs no second line per step.
            self._bar = tqdm(total=total, desc=f"{stage:>11}", disable=None, leave=False)
            self._stage = stage
        self._bar.update(done - self._bar.n)
        if done >= total:
            self.close()

    def close(self) -> None:
        """Removes the bar that is shown."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def quiet_libraries(self) -> None:
        """Keeps the libraries that load models from writing: warnings always, bars if quiet."""
        from diffusers.utils import logging as diffusers_logging
        from transformers.utils import logging as transformers_logging

        for library in (diffusers_logging, transformers_logging):
            library.set_verbosity_error()
            if self._quiet:
                library.disable_progress_bar()
        if self._quiet:
            from huggingface_hub.utils import disable_progress_bars

            disable_progress_bars()

    def finished(self, clip: Mapping[str, Any]) -> None:
        """Notes a clip that is done, for JSON."""
        self._clips.append(clip)

    def result(self, record: Mapping[str, Any] | None = None) -> None:
        """Writes the outcome as JSON, if that was asked for.

        Args:
            record: What to write; the finished clips by default.
        """
        self.close()
        if self._as_json:
            _write({"clips": self._clips} if record is None else record)

    def error(self, text: str, kind: str) -> None:
        """Writes an error; with JSON also there, beside the clips that were finished before it."""
        self.close()
        print(f"wanderlens: {text}", file=sys.stderr)
        if self._as_json:
            _write({"error": {"kind": kind, "message": text}, "clips": self._clips})


def _write(record: Mapping[str, Any]) -> None:
    print(json.dumps(record, ensure_ascii=True), flush=True)
