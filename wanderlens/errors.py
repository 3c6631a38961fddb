"""InputError: a refused input, with rule, value, remedy and the widget's name."""

from __future__ import annotations


class InputError(ValueError):
    """An input was refused.

    Attributes:
        rule: What the input must be, as the start of a sentence ("duration must be ...").
        value: The value received.
        remedy: What to do instead, as a sentence.
        widget: The input's name on the node (the command line's option, with underscores); empty
            if no single input is to blame.
    """

    def __init__(self, rule: str, value: object, remedy: str, widget: str = "") -> None:
        """Builds the message from rule, value, remedy and widget."""
        self.rule = rule
        self.value = value
        self.remedy = remedy
        self.widget = widget
        super().__init__(rule, value, remedy, widget)

    def __str__(self) -> str:
        """Rule, received value, remedy and widget as plain sentences."""
        where = f" (widget: {self.widget})" if self.widget else ""
        return f"{self.rule}, got {_shown(self.value)}. {self.remedy}{where}"


def _shown(value: object) -> str:
    """The value for a message: text in quotes, a long one shortened."""
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
