"""The table of threats names tests that there are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
TEXT = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`([\w/]+\.(?:py|test\.mjs))(?:::(\w+))?`", TEXT)))


def test_there_are_many() -> None:
    assert len(NAMED) > 40


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_each_is_there(file: str, name: str) -> None:
    content = (ROOT / "tests" / file).read_text(encoding="utf-8")
    assert not name or f"\ndef {name}(" in content


def test_no_row_is_without_one() -> None:
    _, _, tables = TEXT.partition("## Threats and tests")
    rows = [line for line in tables.splitlines() if line.startswith("| ")]
    for row in rows:
        threat, holds, tests = (cell.strip() for cell in row.strip("|").split(" | "))
        assert threat
        assert holds
        assert tests == "Test" or tests.startswith("`"), row
