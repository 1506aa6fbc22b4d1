"""Taking the values of secret variables out of what people, logs and stores get to see."""

from __future__ import annotations

import os
import re

SECRET_NAME = re.compile(
    r"(?:(?<![A-Z])KEY|(?:API|ACCESS|PRIVATE|SECRET)KEY|TOKEN|SECRET|PASSWORD)S?(?![A-Z])", re.IGNORECASE
)
"""What the name of a variable says that holds a secret: as a word or at its end, so that a KEYRING is none."""
SHORTEST = 8
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
    return bool(SECRET_NAME.search(name)) and not (name.upper().endswith("TOKENS") and value.isdecimal())
