"""What the form Convert to Video offers to choose from; `web/lib/workflows/choices.mjs` repeats it.

"custom" of quality and resolution is for the nodes' own widgets, which the form does not have.
"""

from __future__ import annotations

from ..shot import CONTEXT_FRAMES, OUTPUT_FPS, QUALITIES, RESOLUTIONS

FORM_CHOICES = {
    "FPS": list(OUTPUT_FPS),
    "RESOLUTIONS": [each for each in RESOLUTIONS if each != "custom"],
    "QUALITIES": sorted({*QUALITIES} - {"custom"}, key=("fast", "standard", "best").index),
    "FAMILIES": ["a14b", "5b"],
    "CONTEXT_FRAMES": list(CONTEXT_FRAMES),
}
