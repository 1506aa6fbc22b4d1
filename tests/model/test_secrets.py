"""No part of a key is left in a text."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from soa.model.secrets import WINDOW, scrub

keys = st.text("abcdefghijKLMNOP0123456789_-", min_size=WINDOW, max_size=40)
words = st.text("xyz .,'", max_size=20)


@settings(deadline=None, max_examples=150)
@given(keys, words, words, st.integers(0, 30), st.integers(0, 30))
def test_no_longer_part_of_the_key_is_left(key, before, after, start, length):
    part = key[start : start + length]
    scrubbed = scrub(f"{before}{part}{after}{key}", key)
    assert not any(key[i : i + WINDOW] in scrubbed for i in range(len(key) - WINDOW + 1))


def test_masked_echoes_are_masked_whole():
    said = "Incorrect API key provided: sk-proj-********abcd. Find yours online; Bearer foo, abcd...wxyz, AIzaSyFoo."
    assert scrub(said, "") == "Incorrect API key provided: [key] Find yours online; [key] [key] [key]"


def test_other_texts_stay():
    said = "model 'qwen2.5-coder:7b' not found, try pulling it first. Loading model"
    assert scrub(said, "sk-proj-Zx81kQw7Lm39TtRb") == said
    assert scrub(said, "") == said
    assert scrub("key ab1", "ab1") == "key [key]"
