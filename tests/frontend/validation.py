"""Refuses prompts as ComfyUI 0.8.0 does: unknown nodes, missing inputs, values out of range."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

Info = Mapping[str, Any]
Exists = Callable[[str], bool]


class Refused(Exception):
    """A prompt is refused.

    Attributes:
        answer: ComfyUI's answer: ``error`` and ``node_errors``.
    """

    def __init__(self, error: dict[str, Any], node_errors: dict[str, Any] | None = None) -> None:
        super().__init__(error["message"])
        self.answer = {"error": error, "node_errors": node_errors or {}}


def validate(
    prompt: Mapping[str, Any], info: Info, exists: Exists
) -> tuple[list[str], dict[str, Any]]:
    """Checks a prompt.

    Args:
        prompt: In API format.
        info: ``/object_info``.
        exists: Whether a loader's file is there, by its name such as "a.png [output]".

    Returns:
        The outputs that are fit to run, and the errors of nodes of the others.

    Raises:
        Refused: None is fit.
    """
    for node_id, node in prompt.items():
        kind = node.get("class_type")
        if kind not in info:
            message = (
                "Cannot execute because a node is missing the class_type property."
                if kind is None
                else f"Cannot execute because node {kind} does not exist."
            )
            raise Refused(_error("invalid_prompt", message, f"Node ID '#{node_id}'"))
    outputs = [each for each, node in prompt.items() if info[node["class_type"]]["output_node"]]
    if not outputs:
        raise Refused(_error("prompt_no_outputs", "Prompt has no outputs", ""))
    good, node_errors = [], {}
    for output in outputs:
        bad = {}
        for node_id in upstream(prompt, output):
            errors = list(_errors(prompt[node_id], prompt, info, exists))
            if errors:
                bad[node_id] = errors
        for node_id, errors in bad.items():
            entry = {"errors": errors, "dependent_outputs": [],
                     "class_type": prompt[node_id]["class_type"]}  # fmt: skip
            node_errors.setdefault(node_id, entry)["dependent_outputs"].append(output)
        if not bad:
            good.append(output)
    if not good:
        details = "\n".join(
            f"{error['message']}: {error['details']}"
            for entry in node_errors.values()
            for error in entry["errors"]
        )
        message = "Prompt outputs failed validation"
        raise Refused(_error("prompt_outputs_failed_validation", message, details), node_errors)
    return good, node_errors


def upstream(prompt: Mapping[str, Any], node_id: str) -> list[str]:
    """A node and all that lead to it, each after those that it needs."""
    order: list[str] = []

    def visit(each: str, above: tuple[str, ...] = ()) -> None:
        if each in order or each in above or each not in prompt:
            return
        for value in prompt[each]["inputs"].values():
            if _is_link(value):
                visit(str(value[0]), (*above, each))
        order.append(each)

    visit(node_id)
    return order


def _errors(
    node: Mapping[str, Any], prompt: Mapping[str, Any], info: Info, exists: Exists
) -> Iterator[dict[str, Any]]:
    spec, inputs = info[node["class_type"]]["input"], node["inputs"]
    for name, (kind, *rest) in {**spec.get("required", {}), **spec.get("optional", {})}.items():
        options = rest[0] if rest else {}
        if name not in inputs:
            if name in spec.get("required", {}):
                yield _error(
                    "required_input_missing", "Required input is missing", name, input_name=name
                )
            continue
        value = inputs[name]
        if _is_link(value):
            if str(value[0]) not in prompt:
                yield _error("exception_during_validation", "Exception when validating node",
                             f"'{value[0]}'")  # fmt: skip
            continue
        if any(options.get(f"{each}_upload") for each in ("image", "video")):
            # Loaders look for the file themselves: it may lie in a folder, or be an output.
            if not exists(value):
                message = "Custom validation failed for node"
                details = f"{name} - Invalid {name} file: {value}"
                yield _error("custom_validation_failed", message, details, input_name=name)
            continue
        yield from _value_errors(name, kind, options, value)


def _value_errors(name: str, kind: Any, options: Info, value: Any) -> Iterator[dict[str, Any]]:
    more = {"input_name": name, "received_value": value}
    if kind in ("INT", "FLOAT") and not isinstance(value, (int, float)):
        message = f"Failed to convert an input value to a {kind} value"
        yield _error("invalid_input_type", message, f"{name}, {value}", **more)
        return
    if "min" in options and value < options["min"]:
        message = f"Value {value} smaller than min of {options['min']}"
        yield _error("value_smaller_than_min", message, name, **more)
    if "max" in options and value > options["max"]:
        message = f"Value {value} bigger than max of {options['max']}"
        yield _error("value_bigger_than_max", message, name, **more)
    entries = (
        kind if isinstance(kind, list) else options.get("options") if kind == "COMBO" else None
    )
    if entries is not None and value not in entries:
        details = f"{name}: '{value}' not in {entries}"
        yield _error("value_not_in_list", "Value not in list", details, **more)


def _is_link(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2


def _error(kind: str, message: str, details: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, "message": message, "details": details, "extra_info": more}
