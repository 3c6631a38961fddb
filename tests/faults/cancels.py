"""50 queued prompts, of which some are taken out of the queue and some interrupted at random.

What must come of it: every prompt that was left alone has a whole clip, every other one ended
as the user asked or had ended before. Nothing is half written and nothing stays in the queue.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path

from .checks import check_files, check_next, clip_of
from .figures import resident
from .prompts import shot
from .rows import Row
from .server import Server

PROMPTS = 50
SEED = 7
_FRAMES = 9


def rows(base: Path) -> Iterator[Row]:
    """The one row of this case."""
    row = Row(f"{PROMPTS} prompts, random cancels (seed {SEED})")
    chance = random.Random(SEED)
    with Server(base) as server:
        started = resident(server.pid)
        since = time.monotonic()
        ids = [server.host.queue(shot(100 + index, duration=0.5)) for index in range(PROMPTS)]
        fates = {
            each: chance.choices(("keep", "delete", "interrupt"), (5, 3, 4))[0] for each in ids
        }
        _cancel(server, chance, fates)
        ends = {each: _end(server, each) for each in ids}
        spent = time.monotonic() - since
        row.check("server", server.host.is_running(), "alive")
        counts = {end: list(ends.values()).count(end) for end in ("success", "interrupted", "gone")}
        told = ", ".join(f"{count} {end}" for end, count in counts.items())
        lost = [each for each in ids if fates[each] == "keep" and ends[each] != "success"]
        odd = [each for each in ids if ends[each] == "error"]
        row.check("told", not lost and not odd, f"{told}, {len(lost)} lost, {len(odd)} errors")
        waiting = server.host.get_json("/queue")
        left = len(waiting["queue_running"]) + len(waiting["queue_pending"])
        row.check("server", left == 0, f"{left} left in the queue")
        clips = [
            clip_of(server, server.host.get_json(f"/history/{each}")[each])
            for each in ids
            if ends[each] == "success"
        ]
        found = check_files(row, server)
        whole = sum(found.frames.get(clip) == _FRAMES for clip in clips)
        good = whole == len(clips) == len(set(clips)) == counts["success"]
        row.check("finished work", good, f"{whole} of {counts['success']} clips whole")
        row.say("finished work", f"{len(server.rescued)} latents rescued from interrupted ones")
        row.say("MB", f"{started / 1e6:.0f} → {resident(server.pid) / 1e6:.0f}")
        row.notes.append(f"{PROMPTS} prompts with random cancels took {spent:.0f} s.")
        check_next(row, server, 999)
    yield row


def _cancel(server: Server, chance: random.Random, fates: dict[str, str]) -> None:
    """Takes prompts out of the queue, and interrupts running ones, until nothing is left."""
    wait, struck = [each for each, fate in fates.items() if fate == "delete"], set()
    chance.shuffle(wait)
    deadline = time.monotonic() + 600
    while time.monotonic() < deadline:
        state = server.host.get_json("/queue")
        pending = {item[1] for item in state["queue_pending"]}
        running = {item[1] for item in state["queue_running"]}
        if not pending and not running:
            return
        if wait and chance.random() < 0.3:
            each = wait.pop()
            if each in pending:
                server.host.request("POST", "/queue", {"delete": [each]})
        for each in running - struck:
            if fates[each] == "interrupt":
                time.sleep(chance.uniform(0, 1.5))
                struck.add(each)
                server.host.request("POST", "/interrupt", {"prompt_id": each})
        time.sleep(0.1)


def _end(server: Server, prompt_id: str) -> str:
    """How a prompt has ended; "gone" for one that was taken out of the queue."""
    entry = server.host.get_json(f"/history/{prompt_id}").get(prompt_id)
    if entry is None:
        return "gone"
    status = entry["status"]
    if status["status_str"] == "success":
        return "success"
    names = [name for name, _ in status["messages"]]
    return "interrupted" if "execution_interrupted" in names else "error"
