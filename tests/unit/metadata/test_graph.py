"""The walk from a picture back to its words, through the nodes of ComfyUI and of common packs."""

from __future__ import annotations

import json

import pytest

from wanderlens.metadata.graph import (
    Graph,
    Link,
    find_origin,
    found_at,
    read_api_graph,
    read_ui_graph,
)
from wanderlens.style.carry import Still, carry_over

ENCODER = "CLIPTextEncode"


def node(kind: str, **inputs):
    return {"class_type": kind, "inputs": inputs}


def sampled(positive: dict, negative: dict | None = None, sampler: dict | None = None, **more):
    """A graph that ends in node "out": nodes named by the keys, a sampler between."""
    nodes = {
        "ckpt": node("CheckpointLoaderSimple", ckpt_name="sd/dream.safetensors"),
        "sampler": sampler or node(
            "KSampler", seed=7, denoise=1.0, model=["ckpt", 0], positive=["pos", 0],
            negative=["neg", 0], latent_image=["empty", 0],
        ),
        "empty": node("EmptyLatentImage", width=64, height=64),
        "pos": positive,
        "neg": negative or node(ENCODER, text="bad", clip=["ckpt", 1]),
        "decode": node("VAEDecode", samples=["sampler", 0], vae=["ckpt", 2]),
        "out": node("SaveImage", images=["decode", 0], filename_prefix="ComfyUI"),
    }  # fmt: skip
    return nodes | more


def words(nodes: dict):
    """What is found from the picture that "out" saves."""
    graph = Graph.of(nodes)
    origin = find_origin(graph, Link("decode", 0))
    assert origin.maker is not None
    found = found_at(graph, origin.maker, "test")
    assert found is not None
    return found


def encoder(text, **inputs):
    return node(ENCODER, text=text, clip=["ckpt", 1], **inputs)


def test_the_first_graph_of_comfyui():
    found = words(sampled(encoder("a fox")))
    assert (found.prompt, found.negative, found.model, found.seed) == ("a fox", "bad", "dream", 7)


@pytest.mark.parametrize(
    ("positive", "more"),
    [
        # combiners
        (node("ConditioningCombine", conditioning_1=["a", 0], conditioning_2=["b", 0]),
         {"a": encoder("a fox"), "b": encoder("in snow")}),
        (node("ConditioningConcat", conditioning_to=["a", 0], conditioning_from=["b", 0]),
         {"a": encoder("a fox"), "b": encoder("in snow")}),
        (node("ConditioningAverage", conditioning_to=["a", 0], conditioning_from=["b", 0],
              conditioning_to_strength=0.5), {"a": encoder("a fox"), "b": encoder("in snow")}),
        # nodes that conditioning passes through
        (node("FluxGuidance", conditioning=["a", 0], guidance=3.5),
         {"a": encoder("a fox, in snow")}),
        (node("ConditioningSetTimestepRange", conditioning=["a", 0], start=0.0, end=1.0),
         {"a": encoder("a fox, in snow")}),
        (node("ReferenceLatent", conditioning=["a", 0], latent=["empty", 0]),
         {"a": encoder("a fox, in snow")}),
        (node("ControlNetApplyAdvanced", positive=["a", 0], negative=["neg", 0],
              control_net=["cn", 0], image=["img", 0]),
         {"a": encoder("a fox, in snow"), "cn": node("ControlNetLoader", control_net_name="x"),
          "img": node("LoadImage", image="pose.png")}),
        (node("Reroute", **{"": ["a", 0]}), {"a": encoder("a fox, in snow")}),
        (node("unCLIPConditioning", conditioning=["a", 0], clip_vision_output=["x", 0]),
         {"a": encoder("a fox, in snow")}),
        # texts that come from elsewhere
        (encoder(["s", 0]), {"s": node("PrimitiveString", value="a fox, in snow")}),
        (encoder(["s", 0]), {"s": node("PrimitiveStringMultiline", value="a fox, in snow")}),
        (encoder(["s", 0]), {"s": node("CR Text", text="a fox, in snow")}),
        (encoder(["s", 0]), {"s": node("Text Multiline", text="a fox, in snow")}),
        (encoder(["s", 0]), {"s": node("ttN text", text="a fox, in snow")}),
        (encoder(["s", 0]), {"s": node("easy positive", positive="a fox, in snow")}),
        (encoder(["s", 0]), {"s": node("StringConcatenate", string_a="a fox", string_b=["t", 0],
                                       delimiter=", "),
                             "t": node("PrimitiveString", value="in snow")}),
        (encoder(["s", 0]), {"s": node("Text Concatenate", delimiter=", ", clean_whitespace="true",
                                       text_a=["t", 0], text_b="in snow"),
                             "t": node("Text Multiline", text="a fox")}),
        (encoder(["s", 0]), {"s": node("JoinStrings", string1="a fox", string2="in snow",
                                       delimiter=", ")}),
        (encoder(["s", 0]), {"s": node("StringReplace", string="a dog, in snow", find="dog",
                                       replace="fox")}),
        (encoder(["s", 0]), {"s": node("ShowText|pysssss", text=["t", 0], text_0="a fox, in snow"),
                             "t": node("Ollama Generate", prompt="enhance the prompt")}),
        (encoder(["s", 0]), {"s": node("ImpactWildcardProcessor", wildcard_text="a __pet__",
                                       populated_text="a fox, in snow", mode=True)}),
        # switches
        (node("ImpactSwitch", select=2, input1=["a", 0], input2=["b", 0]),
         {"a": encoder("a dog"), "b": encoder("a fox, in snow")}),
        (node("ComfySwitchNode", switch=["flag", 0], on_true=["a", 0], on_false=["b", 0]),
         {"a": encoder("a dog"), "b": encoder("a fox, in snow"),
          "flag": node("PrimitiveBoolean", value=False)}),
        (node("Any Switch (rgthree)", any_02=["a", 0], any_03=["b", 0]),
         {"a": encoder("a fox, in snow"), "b": encoder("a dog")}),
        (encoder(["s", 0]), {"s": node("CR Text Input Switch", Input=1, text1=["a", 0],
                                       text2=["b", 0]),
                             "a": node("CR Text", text="a fox, in snow"),
                             "b": node("CR Text", text="a dog")}),
        (encoder(["s", 0]), {"s": node("ComfySwitchNode", switch=True, on_true=["g", 0],
                                       on_false=["t", 0]),
                             "g": node("TextGenerate", prompt="You are a prompt writer."),
                             "t": node("PrimitiveString", value="a fox, in snow")}),
        # encoders with several texts
        (node("CLIPTextEncodeSDXL", text_g="a fox", text_l="in snow", clip=["ckpt", 1], width=1024),
         {}),
        (node("CLIPTextEncodeSDXL", text_g="a fox, in snow", text_l="a fox, in snow",
              clip=["ckpt", 1]), {}),
        (node("CLIPTextEncodeFlux", clip_l="fox", t5xxl="a fox, in snow", clip=["ckpt", 1],
              guidance=3.5), {}),
        (node("CLIPTextEncodeHiDream", clip_l="fox", clip_g="fox", t5xxl="a fox, in snow",
              llama="fox", clip=["ckpt", 1]), {}),
        (node("CLIPTextEncodeSD3", clip_l="", clip_g="", t5xxl="a fox, in snow",
              clip=["ckpt", 1]), {}),
        (node("TextEncodeQwenImageEdit", prompt="a fox, in snow", clip=["ckpt", 1],
              image=["img", 0]), {"img": node("LoadImage", image="a.png")}),
        (node("CLIPTextEncodeHunyuanDiT", bert="a fox", mt5xl="a fox, in snow", clip=["ckpt", 1]),
         {}),
        (node("Power Prompt (rgthree)", prompt="a fox, in snow", opt_clip=["ckpt", 1]), {}),
        (node("BNK_CLIPTextEncodeAdvanced", text="a fox, in snow", token_normalization="none",
              weight_interpretation="comfy", clip=["ckpt", 1]), {}),
        (node("smZ CLIPTextEncode", text="a fox, in snow", parser="A1111", clip=["ckpt", 1]), {}),
        # subgraphs: ids with the subgraph's in front
        (node("FluxGuidance", conditioning=["12:5", 0]),
         {"12:5": encoder(["12:3", 0]), "12:3": node("PrimitiveString", value="a fox, in snow")}),
    ],
    ids=lambda value: value["class_type"] if isinstance(value, dict) and "class_type" in value
    else None,
)  # fmt: skip
def test_conditioning_leads_to_its_text(positive, more):
    assert words(sampled(positive, **more)).prompt == "a fox, in snow"


@pytest.mark.parametrize(
    ("sampler", "more"),
    [
        (node("SamplerCustomAdvanced", noise=["noise", 0], guider=["g", 0], sampler=["k", 0],
              sigmas=["sig", 0], latent_image=["empty", 0]),
         {"g": node("CFGGuider", model=["ckpt", 0], positive=["pos", 0], negative=["neg", 0]),
          "noise": node("RandomNoise", noise_seed=7), "k": node("KSamplerSelect"),
          "sig": node("BasicScheduler", model=["ckpt", 0])}),
        (node("KSamplerAdvanced", noise_seed=7, model=["ckpt", 0], positive=["pos", 0],
              negative=["neg", 0], latent_image=["empty", 0], start_at_step=0), {}),
        (node("KSampler (Efficient)", seed=7, model=["ckpt", 0], positive=["pos", 0],
              negative=["neg", 0], latent_image=["empty", 0], denoise=1.0), {}),
        (node("ImpactKSamplerBasicPipe", seed=7, basic_pipe=["p", 0], latent_image=["empty", 0],
              denoise=1.0),
         {"p": node("ToBasicPipe", model=["ckpt", 0], positive=["pos", 0], negative=["neg", 0])}),
        (node("SamplerCustom", noise_seed=["n", 0], model=["ckpt", 0], positive=["pos", 0],
              negative=["neg", 0], latent_image=["empty", 0]),
         {"n": node("PrimitiveInt", value=7)}),
        (node("WanVideoSampler", seed=7, model=["ckpt", 0], text_embeds=["t", 0]),
         {"t": node("WanVideoTextEncode", positive_prompt="a fox", negative_prompt="bad",
                    t5=["x", 0])}),
    ],
    ids=lambda value: value.get("class_type"),
)  # fmt: skip
def test_samplers(sampler, more):
    found = words(sampled(encoder("a fox"), sampler=sampler, **more))
    assert (found.prompt, found.seed, found.model) == ("a fox", 7, "dream")
    assert found.negative in ("bad", "")


def test_a_guider_without_a_negative_side():
    sampler = node("SamplerCustomAdvanced", guider=["g", 0], latent_image=["empty", 0])
    guider = node("BasicGuider", model=["ckpt", 0], conditioning=["pos", 0])
    found = words(sampled(encoder("a fox"), sampler=sampler, g=guider))
    assert (found.prompt, found.negative) == ("a fox", "")


def test_a_pipe_of_texts():
    loader = node("Efficient Loader", ckpt_name="dream.safetensors", positive="a fox",
                  negative="bad", lora_name="None")  # fmt: skip
    sampler = node("easy kSampler", pipe=["pos", 0], model=["pos", 1])
    found = words(sampled(loader, sampler=sampler))
    assert (found.prompt, found.negative) == ("a fox", "bad")


def test_an_emptied_negative_is_empty():
    zero = node("ConditioningZeroOut", conditioning=["pos", 0])
    assert words(sampled(encoder("a fox"), zero)).negative == ""


def test_both_ways_of_a_node_with_two_conditionings():
    both = node("ControlNetApplyAdvanced", positive=["a", 0], negative=["b", 0], strength=1.0)
    nodes = sampled(both, a=encoder("a fox"), b=encoder("bad"))
    nodes["sampler"]["inputs"]["negative"] = ["pos", 1]
    found = words(nodes)
    assert (found.prompt, found.negative) == ("a fox", "bad")


def test_loras_on_the_model():
    nodes = sampled(encoder("a fox"))
    nodes["sampler"]["inputs"]["model"] = ["l2", 0]
    nodes["l2"] = node("Power Lora Loader (rgthree)", model=["l1", 0],
                       lora_1={"on": True, "lora": "style/snow.safetensors", "strength": 1.0},
                       lora_2={"on": False, "lora": "off.safetensors"})  # fmt: skip
    nodes["l1"] = node("LoraLoader", model=["ckpt", 0], clip=["ckpt", 1], lora_name="fur.pt")
    assert words(nodes).loras == ("snow", "fur")


@pytest.mark.parametrize(
    "refiner",
    [
        node("KSampler", denoise=0.3, positive=["other", 0], negative=["neg", 0],
             latent_image=["sampler", 0], model=["ckpt", 0]),
        node("UltimateSDUpscale", image=["first", 0], denoise=0.2, positive=["other", 0],
             negative=["neg", 0], model=["ckpt", 0]),
        node("FaceDetailer", image=["first", 0], positive=["other", 0], negative=["neg", 0],
             model=["ckpt", 0], denoise=0.5),
    ],
    ids=lambda value: value["class_type"],
)  # fmt: skip
def test_a_refiner_is_passed_to_what_made_the_picture(refiner):
    nodes = sampled(encoder("a fox"), other=encoder("detailed face"), refiner=refiner,
                    first=node("VAEDecode", samples=["sampler", 0]))  # fmt: skip
    nodes["decode"]["inputs"]["samples"] = ["refiner", 0]
    found = read_api_graph(nodes, "")
    assert found is not None
    assert found.prompt == "a fox"
    assert "only refines" in found.notes[0]


def test_a_refiner_of_a_file_is_all_there_is():
    nodes = sampled(encoder("a fox"))
    nodes["sampler"]["inputs"] |= {"denoise": 0.3, "latent_image": ["enc", 0]}
    nodes["enc"] = node("VAEEncode", pixels=["scale", 0])
    nodes["scale"] = node("ImageScale", image=["gone", 0])
    assert words(nodes).prompt == "a fox"


@pytest.mark.parametrize(
    "loader",
    [
        node("LoadImage", image="fox.png", upload="image"),
        node("LoadImage", image="clipspace/clipspace-mask-12.png [input]"),
        node("LoadImageOutput", image="fox_00001_.png [output]"),
        node("VHS_LoadImagePath", image="/somewhere/fox.jpg", custom_width=0),
        node("Load Image Batch", path="/x/fox.webp", index=0),
        node("LoadVideo", file="fox.mp4"),
        node("easy loadImageBase64", image="fox.avif"),
    ],
    ids=lambda value: value["class_type"],
)  # fmt: skip
def test_loaders_name_their_file(loader):
    nodes = {
        "0": node("ImageScale", image=["1", 0], width=64),
        "1": node("GetVideoComponents", video=["2", 0]),
        "2": loader,
    }
    origin = find_origin(Graph.of(nodes), Link("0", 0))
    assert origin.file is not None
    assert origin.file.name in loader["inputs"].values()


def test_the_nearest_of_sampler_and_file_counts():
    nodes = sampled(encoder("a fox"))
    nodes["load"] = node("LoadImage", image="first.png")
    nodes["mix"] = node("ImageBlend", image1=["scale", 0], image2=["decode", 0])
    nodes["scale"] = node("ImageScale", image=["load", 0])
    assert find_origin(Graph.of(nodes), Link("scale", 0)).file is not None
    assert find_origin(Graph.of(nodes), Link("decode", 0)).maker is not None


def test_a_picture_service_with_a_prompt():
    nodes = {"1": node("FluxProUltraImageNode", prompt="a fox", seed=3),
             "out": node("SaveImage", images=["1", 0])}  # fmt: skip
    found = read_api_graph(nodes, "")
    assert found is not None
    assert (found.prompt, found.seed) == ("a fox", 3)


def test_words_that_are_made_while_running_are_told_of():
    nodes = sampled(encoder(["cap", 0]), cap=node("Florence2Run", image=["x", 0], text="caption"))
    result = carry_over(Still(nodes=nodes.get, link=["decode", 0]))
    assert result.style.prompt == ""
    assert "Words made while Florence2Run runs cannot be told beforehand" in result.report


def test_the_editors_form(samples):
    found = read_ui_graph(samples.workflow(), "")
    assert found is not None
    assert found.prompt == samples.PROMPT
    workflow = samples.workflow()
    positive = next(item for item in workflow["nodes"] if item["id"] == 6)
    positive["mode"] = 2
    muted = read_ui_graph(workflow, "")
    assert muted is not None
    assert muted.prompt == ""
    workflow["links"] = [
        {"id": link[0], "origin_id": link[1], "origin_slot": link[2], "target_id": link[3],
         "target_slot": link[4]} for link in workflow["links"]
    ]  # fmt: skip
    positive["mode"] = 0
    assert read_ui_graph(workflow, "") == found


def test_a_graph_without_a_sampler_gives_its_longest_text():
    nodes = {"a": encoder("a fox"), "b": encoder("a fox in the snow")}
    found = read_api_graph(json.loads(json.dumps(nodes)), "")
    assert found is not None
    assert found.prompt == "a fox in the snow"
    assert "longest text" in found.notes[-1]


@pytest.mark.parametrize("value", [{}, {"a": 1}, {"nodes": []}, {"1": {"class_type": 5}}])
def test_what_is_no_graph_is_none(value):
    assert read_api_graph(value, "") is None


def test_our_own_graph_tells_the_users_words():
    nodes = {
        "still": node("LoadImage", image="lake.png"),
        "shot": node("CinematicDirection", direction="mist drifts", camera="pan left"),
        "pos": encoder(["shot", 0]),
        "neg": encoder(["shot", 1]),
        "clip": node(
            "Wan22ImageToVideo", image=["still", 0], positive=["pos", 0], negative=["neg", 0],
            seed=9,
        ),
        "video": node("CreateVideo", images=["clip", 0], fps=16),
        "out": node("SaveVideo", video=["video", 0], filename_prefix="video/x"),
    }  # fmt: skip
    found = read_api_graph(nodes, "test")
    assert found is not None
    assert (found.prompt, found.negative, found.seed) == ("mist drifts", "", 9)
    nodes["shot"]["inputs"]["negative"] = "people"
    found = read_api_graph(nodes, "test")
    assert found is not None
    assert found.negative == "people"
