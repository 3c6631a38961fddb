"""What saved workflows hold on to: ids, inputs, order, defaults, menus, outputs.

``contract.json`` is the record. To change it on purpose, run ``UPDATE_CONTRACT=1 pytest
tests/contract`` and read the difference: ids, names, types and order stay as they are, menus and
the ends of lists only grow.
"""

import json
import os
import re
from pathlib import Path

import pytest

RECORD = Path(__file__).parent / "contract.json"
CONTRACT = json.loads(RECORD.read_text(encoding="utf-8"))
LIMITS = ("default", "min", "max", "step", "multiline", "control_after_generate", "advanced")


def snapshot(pack) -> dict:
    """The nodes as saved workflows see them."""
    return {node_id: _node(node) for node_id, node in pack.NODE_CLASS_MAPPINGS.items()}


def _node(node) -> dict:
    types = node.INPUT_TYPES()
    return {
        "required": {name: _input(spec) for name, spec in types.get("required", {}).items()},
        "optional": {name: _input(spec) for name, spec in types.get("optional", {}).items()},
        "hidden": types.get("hidden", {}),
        "outputs": [
            [name, kind] for name, kind in zip(node.RETURN_NAMES, node.RETURN_TYPES, strict=True)
        ],
        "function": node.FUNCTION,
        "category": node.CATEGORY,
    }


def _input(spec) -> dict:
    kind, options = spec if len(spec) == 2 else (spec[0], {})
    record = {"type": "COMBO", "options": list(kind)} if isinstance(kind, list) else {"type": kind}
    return record | {name: options[name] for name in LIMITS if name in options}


@pytest.fixture
def nodes(pack):
    return pack.NODE_CLASS_MAPPINGS


def test_the_contract_holds(pack):
    if os.environ.get("UPDATE_CONTRACT"):
        text = json.dumps(snapshot(pack), indent=1, ensure_ascii=False)
        RECORD.write_text(f"{text}\n", encoding="utf-8")
        pytest.skip("the record is written anew")
    assert json.loads(json.dumps(snapshot(pack))) == CONTRACT


def test_the_order_holds_too(pack):
    """Widgets are saved by position, which the comparison of dictionaries does not see."""
    for node_id, node in snapshot(pack).items():
        for part in ("required", "optional"):
            assert list(node[part]) == list(CONTRACT[node_id][part])


@pytest.mark.parametrize("node_id", list(CONTRACT))
def test_a_node_is_documented_throughout(nodes, node_id, root, pack):
    node = nodes[node_id]
    assert node.__name__ == node_id
    assert pack.NODE_DISPLAY_NAME_MAPPINGS[node_id]
    assert len(node.DESCRIPTION) > 40
    assert len(node.OUTPUT_TOOLTIPS) == len(node.RETURN_TYPES)
    assert all(node.OUTPUT_TOOLTIPS)
    types = node.INPUT_TYPES()
    page = (root / pack.WEB_DIRECTORY / "docs" / f"{node_id}.md").read_text(encoding="utf-8")
    for name, (_, options) in {**types["required"], **types.get("optional", {})}.items():
        assert len(options.get("tooltip", "")) > 10, name
        assert f"`{name}`" in page, f"the help page does not say what {name} is"
    for name in node.RETURN_NAMES:
        assert f"`{name}`" in page, f"the help page does not say what {name} is"


@pytest.mark.parametrize("node_id", list(CONTRACT))
def test_python_defaults_equal_widget_defaults(nodes, node_id):
    node = nodes[node_id]
    code = getattr(node, node.FUNCTION).__code__
    function = getattr(node, node.FUNCTION)
    names = code.co_varnames[1 : code.co_argcount]
    defaults = dict(
        zip(names[len(names) - len(function.__defaults__ or ()) :],
            function.__defaults__ or (), strict=True)
    )  # fmt: skip
    types = node.INPUT_TYPES()
    hidden = list(types.get("hidden", {}))
    expected = [*types["required"], *types.get("optional", {}), *hidden]
    assert [name for name in names if name not in hidden] == expected[: len(expected) - len(hidden)]
    for name, (kind, options) in types.get("optional", {}).items():
        widget = options.get("default", kind[0] if isinstance(kind, list) else None)
        assert defaults[name] == widget, name


def test_no_input_validation_is_switched_off_but_the_presets(nodes):
    """ComfyUI stops checking an input that VALIDATE_INPUTS names, or all of them for **kwargs."""
    for node_id, node in nodes.items():
        validate = getattr(node, "VALIDATE_INPUTS", None)
        if validate is None:
            continue
        code = validate.__code__
        assert not code.co_flags & 0x08, f"{node_id} takes **kwargs"
        assert code.co_varnames[1 : code.co_argcount] == ("preset",)


def test_help_pages_stand_for_nodes_and_link_to_nothing_that_is_gone(nodes, root):
    pages = sorted((root / "web" / "docs").glob("*.md"))
    assert {page.stem for page in pages} == set(nodes)
    for page in pages:
        for target in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).is_file(), f"{page.name}: {target}"
