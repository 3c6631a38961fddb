"""Text hidden in the lowest bits of a picture ("stealth pnginfo", as NovelAI writes it).

The layout: bits are taken column by column from the alpha channel (or from red, green and blue),
most significant first: a signature of 15 bytes, the number of bits as 32 bits, the text, gzipped
where the signature says so.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

from ..limits import MAX_PIXELS, MAX_TEXT, MetadataError, decode, inflate
from .carrier import Carrier
from .source import EndOfDataError, open_source

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_SIGNATURES = {
    b"stealth_pnginfo": ("alpha", False),
    b"stealth_pngcomp": ("alpha", True),
    b"stealth_rgbinfo": ("rgb", False),
    b"stealth_rgbcomp": ("rgb", True),
}
_HEAD = 19  # bytes of signature and length


def read_hidden(file: Path | bytes, carrier: Carrier) -> str:
    """The text hidden in a picture; empty where there is none.

    The picture is decoded, if it has at most ``limits.MAX_PIXELS`` pixels and an alpha
    channel: NovelAI's pictures have one, and without one it would cost more than it is worth.

    Raises:
        MetadataError: If the picture cannot be decoded or the hidden text is damaged.
    """
    if not carrier.alpha or not 0 < carrier.pixels <= MAX_PIXELS:
        return ""
    try:
        import numpy as np
        from PIL import Image
    except ImportError as error:
        raise MetadataError(f"{error.name} is not installed") from error

    try:
        with open_source(file) as source:
            data = source.read_at(0, source.size)
        with Image.open(io.BytesIO(data), formats=("PNG", "WEBP")) as picture:
            if picture.width * picture.height > MAX_PIXELS or "A" not in picture.getbands():
                return ""
            pixels = np.asarray(picture.convert("RGBA"))
    except EndOfDataError:
        return ""
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError) as error:
        raise MetadataError("its pixels cannot be decoded") from error
    for bits in (pixels[..., 3], pixels[..., :3]):
        text = _read_bits(bits)
        if text:
            return text
    return ""


def _read_bits(pixels: npt.NDArray[np.uint8]) -> str:
    """The text in the lowest bits of [height, width] or [height, width, 3], uint8."""
    head = _bytes(pixels, 0, _HEAD)
    kind = _SIGNATURES.get(head[:15])
    if kind is None or (kind[0] == "rgb") != (pixels.ndim == 3):
        return ""
    length = int.from_bytes(head[15:], "big") // 8
    if length > MAX_TEXT:
        raise MetadataError("its hidden text is too large")
    data = _bytes(pixels, _HEAD, length)
    return decode(inflate(data, MAX_TEXT, gzip=True) if kind[1] else data)


def _bytes(pixels: npt.NDArray[np.uint8], start: int, count: int) -> bytes:
    """`count` bytes from byte `start` on, or as many as there are."""
    import numpy as np

    per_column = pixels.shape[0] * (pixels.shape[2] if pixels.ndim == 3 else 1)
    first = start * 8 // per_column
    columns = -(-(start + count) * 8 // per_column)
    bits = (np.swapaxes(pixels[:, first:columns], 0, 1) & 1).reshape(-1)
    offset = start * 8 - first * per_column
    bits = bits[offset : offset + count * 8]
    return np.packbits(bits[: len(bits) // 8 * 8]).tobytes()
