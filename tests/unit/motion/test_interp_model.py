"""ComfyUI's interpolation node as an interpolator, through V1 and V3 node classes."""

import pytest
import torch

from wanderlens.errors import InputError
from wanderlens.motion import convert_frame_rate, interpolator_from_model


def repeat(images, multiplier):
    """(N-1)·m + 1 images, each repeated."""
    return images.repeat_interleave(multiplier, 0)[: (len(images) - 1) * multiplier + 1]


class NodeOutput:
    """As `comfy_api.latest.io.NodeOutput`."""

    def __init__(self, *args):
        self.args = args

    @property
    def result(self):
        return self.args if self.args else None


class V3Node:
    """The published signature."""

    @classmethod
    def define_schema(cls):
        raise AssertionError("the schema is not needed")

    @classmethod
    def execute(cls, interp_model, images, multiplier):
        interp_model.append((tuple(images.shape), multiplier))
        return NodeOutput(repeat(images, multiplier))


class V1Node:
    FUNCTION = "run"

    def run(self, interp_model, images, multiplier):
        interp_model.append((tuple(images.shape), multiplier))
        return (repeat(images, multiplier),)


class V1NodeWithUi(V1Node):
    FUNCTION = "show"

    def show(self, **inputs):
        return {"ui": {}, "result": self.run(**inputs)}


@pytest.mark.parametrize("node", [V3Node, V1Node, V1NodeWithUi])
def test_the_node_makes_the_frames(node):
    model = []
    interpolator = interpolator_from_model(model, {"FrameInterpolate": node})
    frames = torch.rand(4, 6, 8, 3)
    converted = convert_frame_rate(
        frames, native_fps=16, output_fps=24, loop=True, interpolator=interpolator
    )
    assert model == [((5, 6, 8, 3), 3)]
    assert torch.equal(converted, frames[[0, 0, 1, 2, 2, 3]])


def test_an_old_comfyui_is_named_with_its_remedy():
    with pytest.raises(InputError, match=r"FrameInterpolate.*0\.20") as caught:
        interpolator_from_model(object(), {})
    assert caught.value.widget == "interp_model"


def test_frames_with_alpha_are_refused():
    interpolator = interpolator_from_model([], {"FrameInterpolate": V3Node})
    with pytest.raises(InputError, match="4 channels") as caught:
        interpolator(torch.rand(2, 4, 4, 4), 2)
    assert caught.value.widget == "interp_model"


def test_a_node_without_a_result_is_refused():
    class Silent:
        FUNCTION = "run"

        def run(self, **_inputs):
            return {"ui": {}}

    interpolator = interpolator_from_model([], {"FrameInterpolate": Silent})
    with pytest.raises(InputError, match="must return frames") as caught:
        interpolator(torch.rand(2, 4, 4, 3), 2)
    assert caught.value.widget == "interp_model"
