"""Names of inputs and node classes in ComfyUI and common packs.

Nobody declares what an input means to a reader, so it is told by its name. The lists come from
ComfyUI's own nodes and from the packs that are used most (Impact, Efficiency, rgthree, easy-use,
KJ, WAS, Comfyroll, pythongosssss, WanVideoWrapper).
"""

from __future__ import annotations

import re

#: Inputs that lead on to the picture, the nearest first.
PICTURE_INPUTS = (
    "image", "images", "pixels", "frames", "video", "samples", "latent", "latent_image", "latents",
    "image1", "image_1", "images1", "img", "destination", "base_image", "image_a", "original",
    "upscaled_image", "on_true", "input", "source", "any", "anything", "value",
)  # fmt: skip
#: Inputs that never lead to the picture itself.
NOT_PICTURE = re.compile(
    r"model|clip|vae|control|mask|style|ipadapter|embeds?$|cond|positive|negative|guider|sigmas"
    r"|sampler|scheduler|noise|lora|text|prompt|string|width|height|seed|pipe|reference|ref_",
    re.IGNORECASE,
)
#: Inputs by which a sampler or guider gets its words.
POSITIVE = ("positive", "cond_pos", "positive_cond", "cond1", "conditioning", "cond", "c1",
            "text_embeds", "prompt_embeds", "positive_prompt")  # fmt: skip
NEGATIVE = ("negative", "cond_neg", "negative_cond", "uncond", "negative_prompt", "c2")
#: Inputs that bundle model and words.
BUNDLES = ("guider", "pipe", "basic_pipe", "detailer_pipe", "context", "base_ctx", "script",
           "sdxl_tuple", "loader_params", "tuple", "bus")  # fmt: skip
#: Inputs through which conditioning flows on.
CONDITIONING = re.compile(
    r"conditioning(?:_?(?:\d+|to|from|[a-z]))?|cond(?:_?\d+)?|positive|negative|c1|text_embeds"
    r"|prompt_embeds|embeds|any(?:_\d+|thing)?|input_?\d*|value|on_true|on_false|\*|source",
    re.IGNORECASE,
)
#: Inputs that hold a text or lead to one; the first names win where encoders have several.
SENTENCE_TEXTS = ("t5xxl", "llama", "qwen25_7b", "gemma", "mt5xl", "populated_text", "text",
                  "prompt", "positive_prompt", "positive", "text_g", "clip_g", "text_l", "clip_l",
                  "bert", "tags", "caption", "Text", "string", "value", "wildcard_text",
                  "positive_g", "positive_l", "description")  # fmt: skip
#: Our own composer: its two texts, and the outputs that they go to.
COMPOSER, COMPOSER_TEXTS = "CinematicDirection", ("direction", "negative")
#: Texts that stand beside each other in one encoder, each for a part of it.
SIDE_TEXTS = frozenset({"text_g", "text_l", "clip_g", "clip_l", "bert", "tags"})
#: Inputs of string nodes that are not the text.
NOT_TEXT = re.compile(
    r"delimiter|separator|split|find|replace|regex|pattern|mode|method|case|name$|model|_path|file"
    r"|instruction|system|title|font|color|seed|url|api|key$|widget|autorefresh|action|language"
    r"|sampler|scheduler|device|dtype|token_normalization|weight_interpretation|clean|lstrip",
    re.IGNORECASE,
)
STRING_NODE = re.compile(
    r"string|text|prompt|primitive|note|concat|join|combine|format|wildcard|reroute|any|show|line",
    re.IGNORECASE,
)
DELIMITERS = ("delimiter", "separator", "delim", "join_with")
#: String nodes whose output is made while they run.
MADE_WHILE_RUNNING = re.compile(
    r"textgenerat|(?<![a-z])llms?(?![a-z])|gpt|ollama|florence|caption|wd14|tagger|interrogat"
    r"|gemini|claude|llava|joy_?cap|qwen\w*vl|moondream|blip|describe|imagetotext|image2text"
    r"|prompt_?(?:enhanc|generat|expan)|text_?load|readtext|from_?file|load_?text|random",
    re.IGNORECASE,
)
#: Nodes that empty the conditioning they are given.
EMPTIES = re.compile(r"zero_?out|emptyconditioning", re.IGNORECASE)
#: Nodes that make a picture by sampling.
SAMPLER = re.compile(
    r"sampler(?!select)|detailer|ultimatesdupscale|sd_4xupscale|^wan22imagetovideo$", re.IGNORECASE
)
NOT_SAMPLER = re.compile(r"samplerselect|^sampler(?:dpm|euler|lcm|custommodel)|basicscheduler"
                         r"|guider$|ksamplerselect", re.IGNORECASE)  # fmt: skip
#: Samplers that only refine a picture made before.
REFINER = re.compile(r"detailer|upscale|inpaint_?crop|face", re.IGNORECASE)
#: Nodes that switch between inputs, and the inputs that say which.
SWITCH = re.compile(r"switch|select|choose|router|branch|if_?else|\bif\b", re.IGNORECASE)
SWITCH_NUMBERS = ("select", "index", "input", "Input", "choice", "selection", "selected", "number")
SWITCH_FLAGS = ("switch", "boolean", "condition", "bool", "value", "select", "on", "enable")
WHEN_TRUE = ("on_true", "true", "if_true", "true_value", "tt_value", "a", "input_true")
WHEN_FALSE = ("on_false", "false", "if_false", "false_value", "ff_value", "b", "input_false")
#: Where the picture that a graph makes is kept.
SAVER = re.compile(r"save|preview|imagesender|websocketimage|videocombine|output", re.IGNORECASE)
#: Values that name a picture or video file, as ComfyUI annotates them.
FILE_NAME = re.compile(
    r".{1,400}\.(?:png|jpe?g|webp|avif|gif|bmp|tiff?|heic|mp4|mov|m4v|webm|mkv)"
    r"(?:\s*\[(?:input|output|temp)\])?",
    re.IGNORECASE,
)
LORA_FIELDS = re.compile(r"lora(?:_?name)?(?:_?\d{1,3})?", re.IGNORECASE)
MODEL_FIELDS = ("ckpt_name", "unet_name", "model_name", "base_ckpt_name", "diffusion_model",
                "model_path", "ckpt", "model")  # fmt: skip
