"""What a clip will take, told from past ones."""

import json
import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from wanderlens.activity import Run, RunLog, Work, estimate, work_of
from wanderlens.activity.runs import MAX_RUNS
from wanderlens.shot import (
    I2V_A14B,
    TI2V_5B,
    ExtensionRequest,
    ShotRequest,
    plan_extension,
    plan_shot,
)

HERE = "a card"


def work(**options):
    return work_of(plan_shot(ShotRequest(1600, 900, **options), I2V_A14B))


USUAL = work()


def run(of, seconds=100.0, *, device=HERE, memory=None, decode=10.0):
    return Run(of, device, {"high noise": seconds, "decode": decode}, memory)


def test_work_grows_with_all_that_costs():
    base = work()
    assert work(duration=2.5).sampling < base.sampling / 2  # attention grows with the square
    assert work(resolution="720p").sampling > 2 * base.sampling
    assert work(quality="best").sampling == pytest.approx(2 * base.sampling)
    assert work(quality="fast").sampling == pytest.approx(base.sampling / 10)  # 4 of 20, cfg 1
    longer = work(duration=10.0)
    assert longer.pixels > 2 * base.pixels
    assert base.largest <= longer.largest < 1.2 * base.largest
    assert work(fps=32) == base  # frames in between are not sampled


def test_an_extension_has_work_too():
    plan = plan_extension(ExtensionRequest(81, 832, 480), I2V_A14B)
    assert work_of(plan).sampling > work().sampling * 0.9


def test_the_same_work_again_takes_as_long():
    found = estimate(work(), [run(work(), 100.0), run(work(), 120.0), run(work(), 900.0)], HERE)
    assert found is not None
    assert found.exact
    assert found.runs == 3
    assert found.stages == {"high noise": 120.0, "decode": 10.0}
    assert found.seconds == 130.0


def test_other_work_is_scaled():
    past = [run(work(), 100.0)]
    found = estimate(work(duration=2.5), past, HERE)
    assert found is not None
    assert not found.exact
    assert found.stages["high noise"] < 50
    assert 4 < found.stages["decode"] < 6


def test_only_this_device_and_this_family_tell():
    assert estimate(work(), [], HERE) is None
    assert estimate(work(), [run(work(), device="another")], HERE) is None
    other = work_of(plan_shot(ShotRequest(1600, 900, fps=24), TI2V_5B))
    assert estimate(other, [run(work())], HERE) is None


def test_the_newest_of_equal_runs_count():
    past = [run(work(), float(seconds)) for seconds in (1, 1, 1, 1, 1, 9, 9, 9, 9, 9)]
    found = estimate(work(), past, HERE)
    assert found is not None
    assert found.stages["high noise"] == 9.0


def test_memory_is_told_by_runs_at_least_as_large():
    small, large = work(duration=2.5), work(resolution="720p")
    past = [run(small, memory=10), run(large, memory=40), run(work(), memory=20)]
    for of, memory in ((small, 10), (work(), 20), (large, 40)):
        found = estimate(of, past, HERE)
        assert found is not None
        assert found.memory == memory
    found = estimate(large, past[:1], HERE)
    assert found is not None
    assert found.memory is None


@given(st.floats(0.1, 10.0), st.floats(0.5, 30.0))
def test_more_seconds_never_take_less(first, second):
    """In as many segments: two short ones have less attention to compute than one of 81 frames."""
    plans = [
        plan_shot(ShotRequest(1600, 900, duration=seconds), I2V_A14B)
        for seconds in sorted((first, second))
    ]
    assume(len(plans[0].segments) == len(plans[1].segments))
    times = [estimate(work_of(plan), [run(USUAL)], HERE) for plan in plans]
    assert times[0] is not None
    assert times[1] is not None
    assert times[0].seconds <= times[1].seconds * (1 + 1e-9)


# -- the log --------------------------------------------------------------------------------------


def test_what_is_kept_comes_back(tmp_path):
    log = RunLog(tmp_path / "deep" / "runs.jsonl")
    assert log.read() == []
    runs = [run(work(), 1.5, memory=7), run(work(quality="fast"), 2.0)]
    for each in runs:
        log.add(each)
    assert log.read() == runs


def test_a_line_that_a_full_disk_cut_off_costs_no_other(tmp_path):
    log = RunLog(tmp_path / "runs.jsonl")
    for seconds in (1.0, 2.0):
        log.add(run(work(), seconds))
    content = (tmp_path / "runs.jsonl").read_bytes()
    (tmp_path / "runs.jsonl").write_bytes(content[:-30])
    for seconds in (3.0, 4.0):
        log.add(run(work(), seconds))
    assert [each.stages["high noise"] for each in log.read()] == [1.0, 3.0, 4.0]


def test_the_log_stays_short(tmp_path):
    log, same = RunLog(tmp_path / "runs.jsonl"), work()
    for index in range(2 * MAX_RUNS + 5):
        log.add(run(same, float(index)))
    read = log.read()
    assert len(read) == MAX_RUNS
    assert read[-1].stages["high noise"] == 2 * MAX_RUNS + 4
    assert len((tmp_path / "runs.jsonl").read_text().splitlines()) <= 2 * MAX_RUNS
    assert [file.name for file in tmp_path.iterdir()] == ["runs.jsonl"]


@pytest.mark.parametrize(
    "line",
    [
        "", "no json", "[]", "{}", "null", '{"work": {}}', "[" * 50_000, "\0\0",
        '{"work": {"family": "i2v-A14B", "sampling": -1, "pixels": 1, "largest": 1, "steps": 1}, '
        '"device": "a card", "stages": {"decode": 1}}',
        '{"work": {"family": "i2v-A14B", "sampling": 1, "pixels": 1, "largest": 1, "steps": 1}, '
        '"device": "a card", "stages": {"decode": NaN}}',
        '{"work": {"family": "i2v-A14B", "sampling": 1, "pixels": 1, "largest": 1, "steps": 1}, '
        '"device": "a card", "stages": {"decode": "long"}}',
        *(
            f'{{"work": {{"family": "i2v-A14B", "sampling": {sampling}, "pixels": {pixels}, '
            f'"largest": 1, "steps": 1}}, "device": "a card", "stages": {{"decode": {decode}}}}}'
            for sampling, pixels, decode in (
                ("5e-324", 1, 1), (1, "5e-324", 1), ("1e308", 1, 1), (1, 1, "1e308"),
            )
        ),
    ],
)  # fmt: skip
def test_a_broken_line_is_passed_over(tmp_path, line):
    log = RunLog(tmp_path / "runs.jsonl")
    log.add(run(work()))
    with (tmp_path / "runs.jsonl").open("a") as file:
        file.write(line + "\n")
    log.add(run(work(), 7.0))
    assert [each.stages["high noise"] for each in log.read()] == [100.0, 7.0]
    found = estimate(work(), log.read(), HERE)
    assert found is not None
    json.dumps(found.as_json(), allow_nan=False)


def test_a_huge_log_is_not_read(tmp_path):
    file = tmp_path / "runs.jsonl"
    with file.open("wb") as sparse:
        sparse.truncate(1 << 40)
    assert RunLog(file).read() == []


@pytest.mark.parametrize("number", ["1e308", "-1", "0", "NaN", '"x"', "[]", "true"])
def test_memory_that_no_machine_has_is_not_told(tmp_path, number):
    log = RunLog(tmp_path / "runs.jsonl")
    log.add(run(work(), memory=7))
    text = (tmp_path / "runs.jsonl").read_text().replace('"memory": 7', f'"memory": {number}')
    (tmp_path / "runs.jsonl").write_text(text)
    assert [each.memory for each in log.read()] == [None]


def test_a_log_that_cannot_be_written_is_a_warning(tmp_path, caplog):
    (tmp_path / "file").write_text("")
    RunLog(tmp_path / "file" / "runs.jsonl").add(run(work()))
    assert "not kept" in caplog.text


def test_work_from_the_log_is_the_work():
    assert Work.from_json(work().as_json()) == work()
    assert math.isfinite(work().sampling)
