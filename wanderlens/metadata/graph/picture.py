"""Follows a picture's link back to the sampler or file it came from."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from . import names
from .graph import TOO_LARGE, Graph, Link, Node
from .text import switched

#: A sampler that changes less than this keeps the picture that it was given.
_KEEPS_BELOW = 0.5


@dataclass(frozen=True, slots=True)
class FileRef:
    """A file that a loader names.

    Attributes:
        name: As ComfyUI writes it: below the input folder, or "name.png [output]".
        node: The loader's class.
    """

    name: str
    node: str


@dataclass(slots=True)
class Origin:
    """What a picture came from.

    Attributes:
        maker: The node that sampled it, or made it from a prompt; None when there is none.
        file: The file it was loaded from; None when it was not.
        notes: What else there was, for people.
    """

    maker: Node | None = None
    file: FileRef | None = None
    notes: list[str] = field(default_factory=list)


def find_origin(graph: Graph, start: Link | None) -> Origin:
    """Walks from a picture's link to the nearest sampler or file.

    A sampler that only refines (a detailer, an upscaler, a low denoise) is passed when there is
    another one before it. Each node is visited once, and a graph gives a bounded number of nodes,
    so cycles and huge graphs end.
    """
    origin = Origin()
    refiners: list[Node] = []
    queue = deque([start] if start else [])
    seen: set[str] = set()
    while queue:
        link = queue.popleft()
        if link.node in seen:
            continue
        seen.add(link.node)
        node = graph.node(link.node)
        if node is None:
            continue
        if file := _file_of(node):
            origin.file = file
            break
        if _makes_pictures(node):
            if not _only_refines(node):
                origin.maker = node
                break
            refiners.append(node)
        chosen = switched(graph, node)
        ahead = [chosen] if chosen else list(_upstream(node))
        queue.extend(ahead)
    if graph.exhausted:
        origin.notes.append(TOO_LARGE)
    if origin.maker is None and origin.file is None and refiners:
        origin.maker = refiners[0]
    elif refiners:
        origin.notes.append(
            f"{refiners[0].kind} only refines the picture; the words are those it was made with."
        )
    return origin


def _file_of(node: Node) -> FileRef | None:
    """The file that a loader names, if the node is one."""
    if not any(word in node.kind.lower() for word in ("load", "file", "open", "input")):
        return None
    if any(link for name, link in node.links() if name in names.PICTURE_INPUTS[:6]):
        return None
    for value in node.inputs.values():
        if (
            isinstance(value, str)
            and len(value) <= 420
            and names.FILE_NAME.fullmatch(value.strip())
        ):
            return FileRef(value.strip(), node.kind)
    return None


def _makes_pictures(node: Node) -> bool:
    if node.link("guider") or (node.link(*names.POSITIVE[:3]) and node.link(*names.NEGATIVE[:3])):
        return bool(names.SAMPLER.search(node.kind) or node.link("latent_image", "guider"))
    if names.SAMPLER.search(node.kind) and not names.NOT_SAMPLER.search(node.kind):
        return True
    # A node that calls an image service: a prompt goes in, a picture comes out.
    has_prompt = isinstance(node.inputs.get("prompt"), str) or node.link("prompt") is not None
    return has_prompt and "clip" not in node.inputs and not names.SAVER.search(node.kind)


def _only_refines(node: Node) -> bool:
    denoise = node.inputs.get("denoise")
    if isinstance(denoise, (int, float)) and not isinstance(denoise, bool):
        low = denoise < _KEEPS_BELOW
    else:
        start = node.inputs.get("start_at_step")
        low = isinstance(start, int) and start > 0
    return low or bool(names.REFINER.search(node.kind))


def _upstream(node: Node) -> Iterator[Link]:
    """Where the picture may come from, the likeliest first."""
    links = dict(node.links())
    for name in names.PICTURE_INPUTS:
        if name in links:
            yield links.pop(name)
    for name, link in links.items():
        if not names.NOT_PICTURE.search(name):
            yield link
    for name in names.BUNDLES:
        if name in links and names.SAMPLER.search(node.kind):
            yield links[name]
