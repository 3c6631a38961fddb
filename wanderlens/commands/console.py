"""Output of a command: lines, progress bars, or one JSON object at the end."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tqdm import tqdm


class Console:
    """The output of a command.

    Lines go to standard output, progress and errors to standard error. With `quiet` only errors
    are written; with `as_json` one JSON object on standard output replaces lines and bars.
    """

    def __init__(self, *, quiet: bool = False, as_json: bool = False) -> None:
        """Writes nothing yet."""
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
        """Shows the progress of a stage, with the time remaining.

        Args:
            stage: The stage's name.
            done: Steps done.
            total: Steps in total.
        """
        if self._quiet:
            return
        from tqdm import tqdm

        if self._bar is None or stage != self._stage or self._bar.total != total:
            self.close()
            # disable=None shows the bar in a terminal only, not in a log file.
            self._bar = tqdm(total=total, desc=f"{stage:>11}", disable=None, leave=False)
            self._stage = stage
        self._bar.update(done - self._bar.n)
        if done >= total:
            self.close()

    def close(self) -> None:
        """Removes the progress bar."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def quiet_libraries(self) -> None:
        """Silences the warnings of the libraries that load models, and their bars if quiet."""
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
        """Adds a finished clip to the JSON output."""
        self._clips.append(clip)

    def result(self, record: Mapping[str, Any] | None = None) -> None:
        """Writes the JSON output, with `as_json`.

        Args:
            record: The object; by default one with the finished clips.
        """
        self.close()
        if self._as_json:
            _write({"clips": self._clips} if record is None else record)

    def error(self, text: str, kind: str) -> None:
        """Writes an error; with `as_json` also as JSON, beside the clips finished before it."""
        self.close()
        print(f"wanderlens: {text}", file=sys.stderr)
        if self._as_json:
            _write({"error": {"kind": kind, "message": text}, "clips": self._clips})


def _write(record: Mapping[str, Any]) -> None:
    print(json.dumps(record, ensure_ascii=True), flush=True)
