"""What was done to close a loop, as report lines for the user."""

from __future__ import annotations

from .loop_frames import BLENDS, LoopPlan


def plan_report(plan: LoopPlan, count: int, blend: int, why: str) -> list[str]:
    """Describe a plan.

    Args:
        plan: What was done.
        count: Frames of the clip.
        blend: Frames that were asked to be blended.
        why: Why "auto" chose it; "" where the user did.
    """
    lines = [f"Loop: {_used_frames(plan, count)}{'; ' + why if why else ''}"]
    if plan.colour is not None:
        lines.append(
            f"Colour: the end was ΔE {plan.colour.size:.1f} from the start where both show the "
            f"same; matched over the whole loop ({plan.colour.contrast_note})"
        )
    if plan.method in BLENDS and plan.blend < blend:
        lines.append(
            f"Note: {blend} frames to blend are too many for {count} frames; {plan.blend} were."
        )
    return lines


def _used_frames(plan: LoopPlan, count: int) -> str:
    loop = f"{plan.frames} frames of {count} by {plan.method}"
    if plan.method == "ping-pong":
        return f"{loop}, forward and back without repeating an end"
    if plan.blend:
        return f"{loop}, the last {plan.blend} blended into the first {plan.blend}"
    if plan.stop - plan.start == count:
        return f"{loop}, none dropped"
    return f"{loop}, frames {plan.start} to {plan.stop - 1} kept"
