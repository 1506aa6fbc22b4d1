"""Words that the terminal, editors and agents are told alike."""

from __future__ import annotations


def plural(count: int, word: str) -> str:
    """`1 agent`, `2 agents`."""
    return f"{count:,} {word}{'s' * (count != 1)}"


def visible(text: str) -> str:
    """The text with control characters, and those that turn its direction, made visible.

    What a model wrote must not steer a terminal, nor seem to be what it is not.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in "\n\t" else _escaped(ord(c)) for c in text)


def _escaped(number: int) -> str:
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}"
