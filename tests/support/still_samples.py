"""Files in each generator's published layout, one prompt in all of them; made when asked for."""

from __future__ import annotations

import gzip
import io
import json
import struct
import zlib
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from PIL import Image, PngImagePlugin

PROMPT = "a red fox crossing a snowy field, soft morning light, film photograph"
NEGATIVE = "people, blurry"
SEED = 42
MODEL = "dreamModel_v8"

_DESCRIPTION, _MAKE, _CAMERA = 0x010E, 0x010F, 0x0110
_EXIF_FOLDER, _USER_COMMENT = 0x8769, 0x9286


class Sample(NamedTuple):
    """One format.

    Attributes:
        make: Gives the file's bytes.
        software: Whose record it is, as the reader says.
        negative: The negative words that the layout holds.
        seed: The seed that the layout holds.
        model: The model that the layout holds.
    """

    make: Callable[[], bytes]
    software: str
    negative: str = NEGATIVE
    seed: int | None = SEED
    model: str = MODEL


def picture(mode: str = "RGB", side: int = 24) -> Image.Image:
    """A small gradient."""
    ramp = np.linspace(0, 255, side * side * len(mode)).reshape(side, side, len(mode))
    return Image.fromarray(ramp.astype(np.uint8))


def png(texts: Mapping[str, str], *, international: bool = False, after: bool = False) -> bytes:
    """A PNG with text chunks, as Pillow writes them.

    Args:
        texts: Keyword to text.
        international: As iTXt, which is what generators use for texts beyond Latin-1.
        after: Behind the pixels.
    """
    info = PngImagePlugin.PngInfo()
    for key, text in texts.items():
        if international:
            info.add_itxt(key, text)
        elif after:
            info.add(b"tEXt", key.encode() + b"\0" + text.encode("latin-1"), after_idat=True)
        else:
            info.add_text(key, text)
    return saved(picture(), "PNG", pnginfo=info)


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    """An image as Pillow saves it."""
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    """One PNG chunk."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def with_chunk(kind: bytes, data: bytes) -> bytes:
    """A small PNG with one more chunk behind its header."""
    plain = saved(picture(), "PNG")
    return plain[:33] + chunk(kind, data) + plain[33:]


def exif(comment: bytes = b"", tags: Mapping[int, str] | None = None) -> bytes:
    """Exif data with a UserComment as given, code included, and tags of its first folder."""
    data = Image.Exif()
    for tag, text in (tags or {}).items():
        data[tag] = text
    if comment:
        data.get_ifd(_EXIF_FOLDER)[_USER_COMMENT] = comment
    return data.tobytes()


def unicode_comment(text: str, order: str = "be") -> bytes:
    """A UserComment in UTF-16; AUTOMATIC1111 (piexif) writes big, Civitai little endian."""
    return b"UNICODE\0" + text.encode(f"utf-16-{order}")


def jpeg(exif_data: bytes = b"", segments: tuple[tuple[int, bytes], ...] = ()) -> bytes:
    """A JPEG, with more application segments behind its start."""
    plain = saved(picture(), "JPEG", **({"exif": exif_data} if exif_data else {}))
    more = b"".join(
        struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data for marker, data in segments
    )
    return plain[:2] + more + plain[2:]


def webp(exif_data: bytes, frames: int = 1) -> bytes:
    """A WebP with Exif data; an animation for more than one frame."""
    more = [picture().rotate(90 * number) for number in range(1, frames)]
    extra = {"save_all": True, "append_images": more} if more else {}
    return saved(picture(), "WEBP", exif=exif_data, **extra)


def video(kind: str, tags: Mapping[str, str]) -> bytes:
    """A short clip with tags, written as ComfyUI writes it: by PyAV."""
    import av

    out = io.BytesIO()
    codec, options = ("mpeg4", {"movflags": "use_metadata_tags"}) if kind == "mp4" else ("vp9", {})
    with av.open(out, "w", format=kind, options=options) as container:
        container.metadata.update(tags)
        stream: Any = container.add_stream(codec, rate=8)
        stream.width = stream.height = 64
        stream.pix_fmt = "yuv420p"
        for _ in range(4):
            frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return out.getvalue()


def hidden(text: str, *, compressed: bool = True, channels: str = "alpha") -> bytes:
    """A PNG with text in its lowest bits, column by column."""
    data = gzip.compress(text.encode()) if compressed else text.encode()
    part = "png" if channels == "alpha" else "rgb"
    signature = f"stealth_{part}{'comp' if compressed else 'info'}".encode()
    payload = signature + struct.pack(">I", len(data) * 8) + data
    bits = np.unpackbits(np.frombuffer(payload, np.uint8))
    side = 256
    pixels = np.full((side, side, 4), 254, np.uint8)
    planes = pixels[..., 3:] if channels == "alpha" else pixels[..., :3]
    columns = np.swapaxes(planes, 0, 1).reshape(-1).copy()
    columns[: len(bits)] |= bits
    planes[...] = np.swapaxes(columns.reshape(side, side, -1), 0, 1)
    return saved(Image.fromarray(pixels), "PNG")


def graph(prompt: str = PROMPT, negative: str = NEGATIVE) -> dict[str, Any]:
    """ComfyUI's first graph, in API form."""
    return {
        "3": {"class_type": "KSampler", "inputs": {
            "seed": SEED, "steps": 20, "cfg": 8.0, "sampler_name": "euler",
            "scheduler": "normal", "denoise": 1.0, "model": ["4", 0], "positive": ["6", 0],
            "negative": ["7", 0], "latent_image": ["5", 0]}},
        "4": {"class_type": "CheckpointLoaderSimple",
              "inputs": {"ckpt_name": f"sd/{MODEL}.safetensors"}},
        "5": {"class_type": "EmptyLatentImage",
              "inputs": {"width": 512, "height": 512, "batch_size": 1}},
        "6": {"class_type": "CLIPTextEncode", "inputs": {"text": prompt, "clip": ["4", 1]}},
        "7": {"class_type": "CLIPTextEncode", "inputs": {"text": negative, "clip": ["4", 1]}},
        "8": {"class_type": "VAEDecode", "inputs": {"samples": ["3", 0], "vae": ["4", 2]}},
        "9": {"class_type": "SaveImage",
              "inputs": {"filename_prefix": "ComfyUI", "images": ["8", 0]}},
    }  # fmt: skip


def workflow() -> dict[str, Any]:
    """The same graph as the editor keeps it."""
    nodes, links = [], []
    api = graph()
    for node_id, node in api.items():
        inputs = []
        for name, value in node["inputs"].items():
            if isinstance(value, list):
                links.append([len(links) + 1, int(value[0]), value[1], int(node_id), 0, "*"])
                inputs.append({"name": name, "type": "*", "link": len(links)})
        values = [v for v in node["inputs"].values() if not isinstance(v, list)]
        nodes.append({"id": int(node_id), "type": node["class_type"], "mode": 0,
                      "inputs": inputs, "outputs": [], "widgets_values": values})  # fmt: skip
    return {"nodes": nodes, "links": links, "version": 0.4}


def a1111(extra: str = "", version: str = "v1.10.1") -> str:
    """The `parameters` text."""
    return (
        f"{PROMPT}\nNegative prompt: {NEGATIVE}\nSteps: 20, Sampler: Euler a, Schedule type: "
        f"Automatic, CFG scale: 7, Seed: {SEED}, Size: 512x512, Model hash: 879db523c3, "
        f"Model: {MODEL}, {extra}Version: {version}"
    )


def xmp(tool: str = "", comment: str = "", description: str = "") -> bytes:
    """An XMP packet in Draw Things' layout."""
    from xml.sax.saxutils import escape

    def alternatives(tag: str, text: str) -> str:
        text = escape(text)
        return f'<{tag}><rdf:Alt><rdf:li xml:lang="x-default">{text}</rdf:li></rdf:Alt></{tag}>'

    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="XMP Core 6.0.0">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:exif="http://ns.adobe.com/exif/1.0/">'
        f"<xmp:CreatorTool>{tool}</xmp:CreatorTool>"
        + (alternatives("exif:UserComment", comment) if comment else "")
        + (alternatives("dc:description", description) if description else "")
        + "</rdf:Description></rdf:RDF></x:xmpmeta>"
    ).encode()


def iptc(caption: str) -> bytes:
    """A Photoshop segment with an IPTC caption."""
    text = caption.encode()
    record = b"\x1c\x02\x78" + struct.pack(">H", len(text)) + text
    padded = record + b"\0" * (len(record) & 1)
    return b"Photoshop 3.0\x008BIM\x04\x04\0\0" + struct.pack(">I", len(record)) + padded


def _animated_png() -> bytes:
    info = PngImagePlugin.PngInfo()
    data = b"prompt\0" + json.dumps(graph()).encode()
    info.add(b"comf", data, after_idat=True)
    more = [picture().rotate(90)]
    return saved(picture(), "PNG", pnginfo=info, save_all=True, append_images=more)


def _novelai_4() -> dict[str, str]:
    def caption(base: str, *people: str) -> dict[str, Any]:
        captions = [{"char_caption": p, "centers": [{"x": 0.5, "y": 0.5}]} for p in people]
        return {"caption": {"base_caption": base, "char_captions": captions}, "use_coords": False}

    comment = {
        "prompt": PROMPT, "steps": 28, "scale": 5.0, "uncond_scale": 0.0, "seed": SEED,
        "noise_schedule": "karras", "sampler": "k_euler_ancestral", "uc": NEGATIVE,
        "v4_prompt": caption(PROMPT), "v4_negative_prompt": caption(NEGATIVE),
    }  # fmt: skip
    return {
        "Title": "NovelAI generated image", "Description": PROMPT, "Software": "NovelAI",
        "Source": "NovelAI Diffusion V4.5 4BDE2A90", "Comment": json.dumps(comment),
    }  # fmt: skip


def _novelai_1() -> dict[str, str]:
    settings = {"steps": 50, "sampler": "k_euler", "seed": SEED, "uc": NEGATIVE}
    return {"Title": "AI generated image", "Description": PROMPT, "Software": "NovelAI",
            "Source": "Stable Diffusion 1D44365E", "Comment": json.dumps(settings)}  # fmt: skip


def _fooocus() -> dict[str, str]:
    settings = {
        "adm_guidance": "(1.5, 0.8, 0.3)", "base_model": MODEL, "base_model_hash": "aeb7e9e689",
        "full_negative_prompt": [NEGATIVE], "full_prompt": [PROMPT], "guidance_scale": 4,
        "sampler": "dpmpp_2m_sde_gpu", "scheduler": "karras",
        "loras": [["sd_xl_offset.safetensors", 0.1, "4852686128"]], "metadata_scheme": "fooocus",
        "negative_prompt": NEGATIVE, "prompt": PROMPT, "prompt_expansion": "x", "seed": SEED,
        "steps": 30, "styles": "['Fooocus V2', 'SAI Analog Film']", "version": "Fooocus v2.3.1",
    }  # fmt: skip
    return {"parameters": json.dumps(settings), "fooocus_scheme": "fooocus"}


def _invokeai_3() -> dict[str, str]:
    settings = {
        "generation_mode": "sdxl_txt2img", "positive_prompt": PROMPT, "negative_prompt": NEGATIVE,
        "width": 1024, "height": 1024, "seed": SEED, "scheduler": "euler",
        "model": {"key": "179d", "name": MODEL, "base": "sdxl", "type": "main"},
        "loras": [{"model": {"name": "snow", "base": "sdxl"}, "weight": 0.75}],
    }  # fmt: skip
    return {"invokeai_metadata": json.dumps(settings), "invokeai_graph": "{}"}


def _invokeai_2() -> dict[str, str]:
    image = {"prompt": [{"prompt": f"{PROMPT} [{NEGATIVE}]", "weight": 1.0}], "steps": 50,
             "seed": SEED, "sampler": "k_lms", "type": "txt2img"}  # fmt: skip
    return {"sd-metadata": json.dumps({"model_weights": MODEL, "image": image}), "Dream": _dream()}


def _dream() -> str:
    return f'"{PROMPT} [{NEGATIVE}]" -s 50 -S {SEED} -W 512 -H 768 -C 5 -A k_lms'


def _swarmui() -> str:
    settings = {"prompt": PROMPT, "negativeprompt": NEGATIVE, "model": MODEL, "seed": SEED,
                "steps": 20, "loras": ["snow"], "swarm_version": "0.9.7.4"}  # fmt: skip
    return json.dumps({"sui_image_params": settings, "sui_models": []}, indent=2)


def _draw_things() -> bytes:
    settings = {"c": PROMPT, "uc": NEGATIVE, "model": f"{MODEL}.ckpt", "sampler": "Euler A",
                "scale": 7.5, "seed": SEED, "size": "512x512", "steps": 20}  # fmt: skip
    text = f"{PROMPT}\n-{NEGATIVE}\nSteps: 20, Sampler: Euler A"
    packet = xmp("Draw Things", json.dumps(settings), text)
    return with_chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + packet)


def _civitai_resources() -> bytes:
    resources = [{"type": "checkpoint", "modelVersionId": 1, "modelName": MODEL},
                 {"type": "lora", "weight": 0.8, "modelName": "snow"}]  # fmt: skip
    text = (
        f"{PROMPT}\nNegative prompt: {NEGATIVE}\nSteps: 25, Sampler: Euler a, CFG scale: 7, "
        f"Seed: {SEED}, Size: 832x1216, Clip skip: 2, Created Date: 2025-01-01T10:00:00.0Z, "
        f"Civitai resources: {json.dumps(resources)}, Civitai metadata: {{}}"
    )
    return jpeg(exif(unicode_comment(text, "le")))


def _civitai_generator() -> bytes:
    extra = {"prompt": PROMPT, "negativePrompt": NEGATIVE, "steps": 30, "seed": SEED}
    record = {**graph(), "extraMetadata": json.dumps(extra)}
    return jpeg(exif(unicode_comment(json.dumps(record), "le")))


def _easy_diffusion() -> dict[str, str]:
    return {"prompt": PROMPT, "seed": str(SEED), "negative_prompt": NEGATIVE,
            "use_stable_diffusion_model": f"/models/{MODEL}.safetensors"}  # fmt: skip


def _stability_matrix() -> dict[str, str]:
    settings = {"PositivePrompt": PROMPT, "NegativePrompt": NEGATIVE, "Seed": SEED,
                "ModelName": f"{MODEL}.safetensors"}  # fmt: skip
    return {"parameters-json": json.dumps(settings), "prompt": json.dumps(graph("x", "y")),
            "parameters": a1111(), "smproj": "{}"}  # fmt: skip


def _tensorart() -> dict[str, str]:
    settings = {"prompt": PROMPT, "negativePrompt": NEGATIVE, "seed": str(SEED),
                "baseModel": {"label": "v16", "modelFileName": MODEL}}  # fmt: skip
    return {"generation_data": json.dumps(settings) + "\0", "prompt": json.dumps(graph("x", "y"))}


def _ruined_fooocus() -> dict[str, str]:
    settings = {"Prompt": PROMPT, "Negative": NEGATIVE, "seed": SEED, "base_model_name": MODEL,
                "loras": [], "software": "RuinedFooocus"}  # fmt: skip
    return {"parameters": json.dumps(settings)}


def _midjourney() -> dict[str, str]:
    return {"Description": f"{PROMPT} --ar 16:9 --v 6.1 Job ID: 8e4c", "Author": "someone"}


def _as_api(texts: Callable[[], Mapping[str, str]]) -> Callable[[], bytes]:
    return lambda: png(texts())


_GRAPHS = {"prompt": json.dumps(graph()), "workflow": json.dumps(workflow())}
_COMFY, _OURS = "ComfyUI graph", {"negative": "", "seed": None, "model": ""}

#: By name; the order is that of the documentation's table.
SAMPLES: dict[str, Sample] = {
    "ComfyUI PNG": Sample(lambda: png(_GRAPHS), _COMFY),
    "ComfyUI PNG, workflow only": Sample(
        lambda: png({"workflow": json.dumps(workflow())}), _COMFY
    ),
    "ComfyUI animated PNG": Sample(_animated_png, _COMFY),
    "ComfyUI animated WebP": Sample(
        lambda: webp(exif(tags={_CAMERA: f"prompt:{json.dumps(graph())}",
                                _MAKE: f"workflow:{json.dumps(workflow())}"}), frames=2),
        _COMFY,
    ),
    "ComfyUI MP4": Sample(lambda: video("mp4", _GRAPHS), _COMFY),
    "ComfyUI WebM": Sample(lambda: video("webm", _GRAPHS), _COMFY),
    "Save Image Extended JPEG": Sample(
        lambda: jpeg(exif(tags={_DESCRIPTION: f"Workflow: {json.dumps(workflow())}",
                                _MAKE: f"Prompt: {json.dumps(graph())}"})),
        _COMFY,
    ),
    "Save Image Plus WebP": Sample(
        lambda: webp(exif(json.dumps({"prompt": graph(), "workflow": workflow()}).encode())),
        _COMFY,
    ),
    "AUTOMATIC1111 PNG": Sample(lambda: png({"parameters": a1111()}), "AUTOMATIC1111"),
    "AUTOMATIC1111 JPEG": Sample(lambda: jpeg(exif(unicode_comment(a1111()))), "AUTOMATIC1111"),
    "AUTOMATIC1111 WebP": Sample(lambda: webp(exif(unicode_comment(a1111()))), "AUTOMATIC1111"),
    "AUTOMATIC1111 AVIF": Sample(
        lambda: saved(picture(), "AVIF", exif=exif(unicode_comment(a1111()))), "AUTOMATIC1111"
    ),
    "AUTOMATIC1111, text after the pixels": Sample(
        lambda: png({"parameters": a1111()}, after=True), "AUTOMATIC1111"
    ),
    "AUTOMATIC1111, hidden in alpha": Sample(lambda: hidden(a1111()), "AUTOMATIC1111"),
    "AUTOMATIC1111, hidden in colour": Sample(
        lambda: hidden(a1111(), compressed=False, channels="rgb"), "AUTOMATIC1111"
    ),
    "Forge PNG": Sample(
        lambda: png({"parameters": a1111(version="f2.0.1v1.10.1-previous-669")}), "Forge"
    ),
    "SD.Next JPEG": Sample(
        lambda: jpeg(exif(unicode_comment(a1111("App: SD.Next, ", "d5d857a")))), "SD.Next"
    ),
    "Civitai JPEG, resources": Sample(_civitai_resources, "Civitai"),
    "Civitai JPEG, generator": Sample(_civitai_generator, "Civitai", model=""),
    "Fooocus PNG": Sample(_as_api(_fooocus), "Fooocus"),
    "Fooocus WebP": Sample(
        lambda: webp(exif(_fooocus()["parameters"].encode(), {0x0131: "Fooocus v2.3.1"})),
        "Fooocus",
    ),
    "RuinedFooocus PNG": Sample(_as_api(_ruined_fooocus), "RuinedFooocus"),
    "InvokeAI 3 PNG": Sample(_as_api(_invokeai_3), "InvokeAI"),
    "InvokeAI 2 PNG": Sample(_as_api(_invokeai_2), "InvokeAI"),
    "InvokeAI 1 PNG": Sample(lambda: png({"Dream": _dream()}), "InvokeAI", model=""),
    "NovelAI 4 PNG": Sample(_as_api(_novelai_4), "NovelAI", model=""),
    "NovelAI 4 WebP": Sample(
        lambda: webp(exif(json.dumps(_novelai_4()).encode(), {0x0131: "NovelAI"})),
        "NovelAI",
        model="",
    ),
    "NovelAI 1 PNG": Sample(
        _as_api(_novelai_1),
        "NovelAI",
        model="",
    ),
    "NovelAI, hidden in alpha": Sample(
        lambda: hidden(json.dumps(_novelai_4())), "NovelAI", model=""
    ),
    "SwarmUI PNG": Sample(lambda: png({"parameters": _swarmui()}), "SwarmUI"),
    "SwarmUI JPEG": Sample(lambda: jpeg(exif(unicode_comment(_swarmui(), "le"))), "SwarmUI"),
    "Draw Things PNG": Sample(_draw_things, "Draw Things"),
    "Stability Matrix PNG": Sample(_as_api(_stability_matrix), "Stability Matrix"),
    "TensorArt PNG": Sample(_as_api(_tensorart), "TensorArt"),
    "Easy Diffusion PNG": Sample(_as_api(_easy_diffusion), "Easy Diffusion"),
    "Midjourney PNG": Sample(_as_api(_midjourney), "Midjourney", **_OURS),
    "JSON with a prompt": Sample(
        lambda: png({"metadata": json.dumps({"positivePrompt": PROMPT, "seed": SEED,
                                             "negativePrompt": NEGATIVE, "model": MODEL})}),
        "prompt in JSON",
    ),
    "XMP description": Sample(
        lambda: jpeg(segments=((0xE1, b"http://ns.adobe.com/xap/1.0/\0"
                                + xmp(description=PROMPT)),)),
        "description",
        **_OURS,
    ),
    "IPTC caption": Sample(
        lambda: jpeg(segments=((0xED, iptc(PROMPT)),)), "description", **_OURS
    ),
    "Exif ImageDescription": Sample(
        lambda: jpeg(exif(tags={_DESCRIPTION: PROMPT})), "description", **_OURS
    ),
}  # fmt: skip

Image.init()
if "AVIF" not in Image.SAVE:  # an older Pillow
    del SAMPLES["AUTOMATIC1111 AVIF"]
