"""Taking the values of secret variables out of what people, logs and stores get to see."""

from __future__ import annotations

import os

SECRET_NAMES = ("KEY", "TOKEN", "SECRET", "PASSWORD")
"""What the name of a variable says that holds one."""
SHORTEST = 6
"""Characters; what is shorter is no key, and stands in every text."""
MASK = "[key]"


def without_secrets(text: str) -> str:
    """The text without the values of variables that hold keys; of a value of several lines, without each of them."""
    found = {line.strip() for name, value in os.environ.items() if _is_secret(name, value) for line in _lines(value)}
    for secret in sorted(found, key=len, reverse=True):
        if len(secret) >= SHORTEST:
            text = text.replace(secret, MASK)
    return text


def _lines(value: str) -> list[str]:
    return [value, *value.splitlines()]


def _is_secret(name: str, value: str) -> bool:
    """A limit in tokens is none."""
    name = name.upper()
    return any(word in name for word in SECRET_NAMES) and not (name.endswith("TOKENS") and value.isdecimal())
