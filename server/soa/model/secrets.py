"""Keeping keys out of what people, logs and stores get to see."""

from __future__ import annotations

import re

MASK = "[key]"
WINDOW = 6
"""A run of this many characters shared with the key gives part of it away."""

KEY_LIKE = re.compile(
    r"(?i:\bbearer\s+)\S+"
    r"|\b(?:sk|pk|rk|gsk|xai|hf|nvapi|org|proj)[-_][\w\-*.…]{4,}"
    r"|\bAIza[\w\-*.…]+"
    r"|[^\s'\"`:=]*\*{3,}[^\s'\"`]*"
    r"|[^\s'\"`:=]+(?:\.{3}|…)[^\s'\"`]+"
)
"""Keys in the forms that servers repeat them: whole, with stars or dots in the middle, after `Bearer`."""


def scrub(text: str, key: str) -> str:
    """The text with the key, every longer part of it and everything that looks like a key masked."""
    masked = KEY_LIKE.sub(MASK, text)
    runs = {key[i : i + WINDOW] for i in range(len(key) - WINDOW + 1)} or ({key} if len(key) > 2 else set())
    shared = [m.span() for run in runs for m in re.finditer(f"(?={re.escape(run)})", masked)]
    width = min(WINDOW, len(key))
    for start, end in reversed(_merge([(start, start + width) for start, _ in shared])):
        masked = masked[:start] + MASK + masked[end:]
    return masked


def _merge(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
