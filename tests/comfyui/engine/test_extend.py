"""FrameContinuityExtend in a real ComfyUI: what comes in stays as it is, what is made fits on."""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass

import pytest

_runs = itertools.count()


@dataclass(frozen=True)
class Result:
    """What a run gave; frames as hashes.

    Attributes:
        steps: Calls of the models.
        clip: The clip that came in.
        following: The clip that is there to follow.
        frames: The node's first output.
        new: Its second output.
        fps: Its third output.
        report: Its report.
    """

    steps: int
    clip: list[str]
    following: list[str]
    frames: list[str]
    new: list[str]
    fps: float
    report: str

    def sampled(self, shots: int = 1, steps: int = 2) -> bool:
        """Whether every step of so many shots was sampled.

        On random weights a shot may flash at its start, and is then made again from less.
        """
        return self.steps % steps == 0 and shots <= self.steps // steps <= 2 * shots


@pytest.fixture
def lengthen(wan, graphs):
    """Runs our node with inputs of a test; all runs of one test count into the same file."""
    name = f"extend-calls-{next(_runs)}"

    def run(change=None, **inputs) -> Result:
        prompt = {**graphs.sources(count=name), "ours": graphs.extended(**inputs)}
        shown = {"clip-shown": "clip", "next-shown": "next-clip"}
        for node_id, source in shown.items():
            prompt[node_id] = graphs.node("TestFrames", images=[source, 0])
        for output, node_id in enumerate(("frames", "new")):
            prompt[node_id] = graphs.node("TestFrames", images=["ours", output])
        prompt["fps"] = graphs.node("PreviewAny", source=["ours", 2])
        if change is not None:
            change(prompt)
        calls = wan.output_dir / name
        before = calls.stat().st_size if calls.exists() else 0
        outputs = wan.run(prompt)["outputs"]
        return Result(
            (calls.stat().st_size if calls.exists() else 0) - before,
            outputs["clip-shown"]["text"],
            outputs["next-shown"]["text"],
            outputs["frames"]["text"],
            outputs["new"]["text"],
            float(outputs["fps"]["text"][0]),
            outputs["ours"]["text"][0],
        )

    return run


def no_doubles(frames: list[str]) -> bool:
    return all(one != other for one, other in itertools.pairwise(frames))


def test_a_clip_goes_on_and_stays_as_it_is(lengthen):
    made = lengthen()
    assert made.sampled()
    assert made.frames == made.clip + made.new
    assert (len(made.clip), len(made.new), made.fps) == (9, 8, 16.0)
    assert no_doubles(made.frames)
    assert "8 frames at 16 fps, 0.500 s, from 5 native frames" in made.report
    assert "Joint at the start of segment 1" in made.report


@pytest.mark.parametrize(("fps", "new"), [(24.0, 12), (32.0, 16), (29.97, 14)])
def test_a_clip_of_another_rate_keeps_its_own(lengthen, fps, new):
    made = lengthen(clip_fps=fps)
    assert made.frames == made.clip + made.new
    assert len(made.new) == new
    assert made.fps == pytest.approx(fps, abs=0.001)
    assert made.sampled()


def test_a_clip_of_any_size_keeps_it(lengthen, graphs):
    def odd(prompt):
        prompt["clip"]["inputs"].update(width=70, height=50)
        prompt["shape"] = graphs.node("TestShape", images=["ours", 0])

    made = lengthen(odd)
    assert made.frames == made.clip + made.new
    assert "margins are added" in made.report


def test_ten_seconds_more_are_two_shots(lengthen):
    made = lengthen(duration=10.0, steps=1)
    assert made.sampled(shots=2, steps=1)
    assert made.frames == made.clip + made.new
    assert len(made.new) == 160
    assert no_doubles(made.frames)
    assert "Segments: 2, adding 80 + 80 frames" in made.report
    assert "Joint at the start of segment 2" in made.report


def test_fewer_context_frames_are_taken_from_a_short_clip(lengthen):
    def still(prompt):
        prompt["clip"]["inputs"]["frames"] = 1

    assert "from 9 native frames" in lengthen(context_frames=13).report
    made = lengthen(still)
    assert made.frames == made.clip + made.new
    assert "from 1 native frame " in made.report


# -- known ends -----------------------------------------------------------------------------------


def test_a_bridge_leads_into_the_next_clip(lengthen):
    made = lengthen(next_frames=["next-clip", 0])
    assert made.sampled()
    assert made.frames == made.clip + made.new + made.following
    assert (len(made.new), len(made.following)) == (8, 13)
    assert no_doubles(made.frames)
    assert "to the first 4 of what follows" in made.report
    assert "Joint at the end of segment 1" in made.report


def test_the_next_clip_takes_on_size_and_rate(lengthen):
    def other(prompt):
        prompt["next-clip"]["inputs"].update(width=96, height=48)

    made = lengthen(other, next_frames=["next-clip", 0], next_fps=24.0)
    assert made.frames[: len(made.clip) + len(made.new)] == made.clip + made.new
    assert len(made.frames) == 9 + 8 + 9
    assert "next_frames at 24 fps were brought to 16: 13 frames became 9." in made.report
    assert "frames of 96x48 are cropped" in made.report


def test_a_bridge_over_several_shots(lengthen):
    made = lengthen(next_frames=["next-clip", 0], duration=6.0, steps=1)
    assert made.frames == made.clip + made.new + made.following
    assert made.report.count("Joint at the end of segment 2:") == 1
    assert "Segments: 2" in made.report


def test_a_loop_leads_back_to_its_own_start(lengthen):
    made = lengthen(close_loop=True)
    assert made.frames == made.clip + made.new, "the start is not repeated at the end"
    assert len(made.new) == 8
    assert "Joint at the end of segment 1" in made.report


def test_it_ends_on_a_picture(lengthen, graphs):
    def same_size(prompt):
        prompt["ending"]["inputs"].update(width=64, height=64)
        prompt["next-shown"] = graphs.node("TestFrames", images=["ending", 0])

    made = lengthen(same_size, end_image=["ending", 0])
    assert made.frames == made.clip + made.new
    assert len(made.new) == 8
    assert made.new[-1:] == made.following, "the picture itself, bit for bit"


# -- the 5B, the SVI layout, no model -------------------------------------------------------------


def the_5b(graphs):
    def change(prompt):
        prompt.update(graphs.sources_5b())

    return change


def test_the_5b_extends(lengthen, graphs):
    made = lengthen(the_5b(graphs), low_noise=None, clip_fps=24.0)
    assert made.frames == made.clip + made.new
    assert len(made.new) == 12
    assert "Model: ti2v-5B" in made.report


@pytest.mark.parametrize(
    ("widget", "inputs"),
    [
        ("next_frames", {"next_frames": ["next-clip", 0]}),
        ("end_image", {"end_image": ["ending", 0]}),
        ("close_loop", {"close_loop": True}),
        ("continue_from", {"continue_from": "SVI anchor"}),
    ],
)
def test_the_5b_takes_no_known_end(lengthen, graphs, comfy_host, widget, inputs):
    with pytest.raises(comfy_host.PromptFailed, match="ti2v-5B") as caught:
        lengthen(the_5b(graphs), low_noise=None, **inputs)
    assert f"(widget: {widget})" in caught.value.exception_message


def test_the_svi_layout_makes_something_else(lengthen):
    plain, anchored = lengthen(), lengthen(continue_from="SVI anchor")
    assert plain.sampled()
    assert anchored.sampled()
    assert anchored.frames == anchored.clip + anchored.new
    assert len(anchored.new) == 8
    assert not set(plain.new) & set(anchored.new)
    assert "its first frame and the latents of 5 native frames" in anchored.report


def test_the_svi_layout_goes_on_over_several_shots(lengthen):
    made = lengthen(continue_from="SVI anchor", duration=6.0, steps=1)
    assert made.sampled(shots=2, steps=1)
    assert made.frames == made.clip + made.new


@pytest.mark.parametrize(("join", "frames", "kept"), [
    ("cut", 18, 9), ("crossfade", 14, 5), ("motion crossfade", 14, 5),
])  # fmt: skip
def test_clips_join_without_a_model(lengthen, join, frames, kept):
    """The next clip has another size and rate; nothing that Wan needs is connected."""

    def other(prompt):
        prompt["next-clip"]["inputs"].update(width=96, height=48)
        for model in [each for each in prompt if each.startswith(("high", "low", "vae"))]:
            del prompt[model]

    nothing = dict.fromkeys(("high_noise", "low_noise", "positive", "negative", "vae"))
    made = lengthen(
        other, join=join, next_frames=["next-clip", 0], next_fps=24.0, blend_frames=4, **nothing
    )
    assert made.steps == 0
    assert made.frames[:kept] == made.clip[:kept]
    assert made.frames[kept:] == made.new
    assert (len(made.frames), made.fps) == (frames, 16.0)
    assert f"by {join}" in made.report
    assert "next_frames at 24 fps were brought to 16" in made.report


def test_a_clip_is_closed_without_a_model(lengthen):
    made = lengthen(join="crossfade", close_loop=True, blend_frames=2, end_image=["ending", 0])
    assert len(made.frames) == 7
    assert "Wrap: closure" in made.report
    assert "end_image is for join 'generate'" in made.report


# -- bad inputs -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["high_noise", "positive", "negative", "vae"])
def test_what_generate_needs_is_named(lengthen, comfy_host, name):
    with pytest.raises(comfy_host.PromptFailed, match="must be connected") as caught:
        lengthen(**{name: None})
    assert f"(widget: {name})" in caught.value.exception_message


BAD_LINKS = {
    "clip_fps NaN": ("clip_fps", "PrimitiveFloat", float("nan"), "from 1 to 240"),
    "clip_fps 0": ("clip_fps", "PrimitiveFloat", 0.0, "from 1 to 240"),
    "clip_fps 1000": ("clip_fps", "PrimitiveFloat", 1000.0, "from 1 to 240"),
    "duration NaN": ("duration", "PrimitiveFloat", float("nan"), "more than 0 s"),
    "duration 1e9": ("duration", "PrimitiveFloat", 1e9, "at most 120"),
    "context_frames 3": ("context_frames", "PrimitiveInt", 3, "1, 5, 9 or 13"),
    "context_frames 17": ("context_frames", "PrimitiveInt", 17, "1, 5, 9 or 13"),
    "color_match NaN": ("color_match", "PrimitiveFloat", float("nan"), "from 0 to 1"),
    "color_match 2": ("color_match", "PrimitiveFloat", 2.0, "from 0 to 1"),
    "join": ("join", "TestAny", "dissolve", "must be one of"),
    "continue_from": ("continue_from", "TestAny", "the end", "must be one of"),
    "seed": ("seed", "PrimitiveInt", -1, "from 0 to"),
    "close_loop": ("close_loop", "TestAny", "yes", "true or false"),
}


@pytest.mark.parametrize("fault", BAD_LINKS)
def test_a_bad_linked_value_is_named(lengthen, graphs, comfy_host, fault):
    """ComfyUI does not check what arrives by link."""
    widget, kind, value, words = BAD_LINKS[fault]

    def link(prompt):
        prompt["value"] = graphs.node(kind, value=value)

    with pytest.raises(comfy_host.PromptFailed) as caught:
        lengthen(link, **{widget: ["value", 0]})
    assert caught.value.exception_type.endswith("InputError"), str(caught.value)
    assert words in caught.value.exception_message
    assert f"(widget: {widget})" in caught.value.exception_message


@pytest.mark.parametrize("join", ["generate", "cut"])
@pytest.mark.parametrize(
    ("widget", "inputs"),
    [("frames", {"frames": ["still", 0]}), ("next_frames", {"next_frames": ["still", 0]})],
)
def test_broken_frames_are_named(lengthen, comfy_host, join, widget, inputs):
    def broken(prompt):
        prompt["still"]["inputs"]["kind"] = "nan"

    with pytest.raises(comfy_host.PromptFailed, match="finite") as caught:
        lengthen(broken, **{"join": join, "next_frames": ["next-clip", 0], **inputs})
    assert f"(widget: {widget})" in caught.value.exception_message


def test_one_end_only(lengthen, comfy_host):
    with pytest.raises(comfy_host.PromptFailed, match="not to next_frames and close_loop"):
        lengthen(next_frames=["next-clip", 0], close_loop=True)


def test_a_join_needs_something_to_join(lengthen, comfy_host):
    with pytest.raises(comfy_host.PromptFailed, match="must be there to be joined") as caught:
        lengthen(join="cut")
    assert "(widget: next_frames)" in caught.value.exception_message


# -- nothing is sampled twice ---------------------------------------------------------------------


def test_the_same_extension_samples_no_step(lengthen):
    first = lengthen()
    again = lengthen(blend_frames=9)  # another value of what is not used: the node runs again
    assert first.sampled()
    assert again.steps == 0
    assert again.frames == first.frames
    assert "0 steps were sampled" in again.report


@pytest.mark.parametrize(
    "inputs",
    [{"seed": 43}, {"steps": 3}, {"duration": 0.75}, {"context_frames": 9}, {"close_loop": True},
     {"next_frames": ["next-clip", 0]}, {"end_image": ["ending", 0]}, {"clip_fps": 15.0},
     {"continue_from": "SVI anchor"}],
    ids=lambda inputs: next(iter(inputs)),
)  # fmt: skip
def test_what_matters_to_sampling_samples_again(lengthen, inputs):
    assert lengthen().sampled()
    assert lengthen(**inputs).steps >= 2


def test_another_anchor_samples_again(lengthen):
    """The end of the clip is the same, its first frame is another."""

    def longer(prompt):
        prompt["clip"]["inputs"].update(frames=19, start=-10.0)

    short = lengthen(continue_from="SVI anchor")
    long = lengthen(longer, continue_from="SVI anchor")
    assert long.clip[10:] == short.clip
    assert short.sampled()
    assert long.sampled()


def test_holding_colours_less_samples_no_step(lengthen):
    assert lengthen().sampled()
    assert lengthen(color_match=0.5).steps == 0


# -- a crash --------------------------------------------------------------------------------------

SHOTS, STEPS = 6, 2
#: Seconds for half a minute of video on two cores: newer cores decode Wan's frames one by one.
SLOW = 900.0
#: Of a shot that goes on from 5 frames with 80 new ones.
LATENTS = 22


@pytest.fixture
def own(start_comfy, wan, graphs, tmp_path):
    """A ComfyUI of the test's own, to be killed, with the tiny models of the other one."""
    base_dir = tmp_path / "comfyui"
    base_dir.mkdir()
    (base_dir / "models").symlink_to(wan.models_dir, target_is_directory=True)
    return start_comfy(packs={"test_nodes": graphs.TEST_NODES}, base_dir=base_dir)


def half_a_minute(graphs, kind: str, calls: str, pause: float = 0.0):
    """A prompt of six shots of two steps each."""
    small = {"duration": 30.0, "steps": STEPS, "cfg": 1.0}
    prompt = graphs.sources(count=calls, pause=pause)
    if kind == "Wan22ImageToVideo":
        prompt["ours"] = graphs.ours(width=64, **small)
    else:
        prompt["ours"] = graphs.extended(**small)
    prompt["frames"] = graphs.node("TestFrames", images=["ours", 0])
    return prompt


@pytest.mark.parametrize(
    ("kind", "step", "frames"),
    [("Wan22ImageToVideo", 1, 481), ("FrameContinuityExtend", 2, 489)],
    ids=["first step", "second step"],
)
def test_a_long_clip_goes_on_after_a_crash(own, graphs, kind, step, frames):
    """Killed in its third shot, before or after the experts hand over, and started again."""
    # The clip as it is when nothing disturbs it: another count file is another origin.
    undisturbed = own.run(half_a_minute(graphs, kind, "other-calls"), SLOW)["outputs"]
    every = (own.output_dir / "other-calls").read_bytes()
    # On random weights a shot may flash at its start, and is then made again from less.
    starts = [0, *(at for at in range(STEPS, len(every), STEPS) if every[at] == LATENTS)]
    assert len(starts) == SHOTS
    before = starts[2]

    prompt = half_a_minute(graphs, kind, "calls", pause=0.5)
    calls = own.output_dir / "calls"
    running = own.queue(prompt)
    while not calls.exists() or calls.stat().st_size < before + step:
        assert running not in own.get_json(f"/history/{running}"), own.log_text()
        time.sleep(0.02)
    own.kill()
    assert not own.is_running()
    begun = calls.stat().st_size
    assert begun == before + step, "it was hit in that step"

    own.start()
    outputs = own.run(prompt, SLOW)["outputs"]
    # Segments 1 and 2 are there, and what the high-noise expert has finished of segment 3.
    assert calls.stat().st_size - begun == len(every) - (before + step - 1)
    report = outputs["ours"]["text"][0]
    assert f"Segments: {SHOTS}" in report
    assert "the latents of an earlier run were used for segment 1, 2." in report
    assert ("1 step of an earlier run was used" in report) == (step == 2)
    assert len(outputs["frames"]["text"]) == frames
    assert outputs["frames"]["text"] == undisturbed["frames"]["text"]
