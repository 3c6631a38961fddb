"""One clip from its plan to its frames, on any engine."""
