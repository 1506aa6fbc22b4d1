"""An estimate of tokens that needs no tokenizer."""

from __future__ import annotations

CHARACTERS_PER_TOKEN = 3.6
"""English prose has about 4.2 characters a token, Python code about 3.3 with today's vocabularies."""


def estimate_tokens(text: str) -> int:
    """Estimate how many tokens a model counts for `text`; other scripts count by their UTF-8 bytes."""
    return int(len(text.encode("utf-8", "surrogatepass")) / CHARACTERS_PER_TOKEN) + 1
