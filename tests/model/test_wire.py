"""Bodies put together from bytes: however they are split, and whatever they hold."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loopback import Text
from loopback.replies import completion, stream_events
from soa.model.failures import Failure
from soa.model.wire import Answer, Assembler, model_names, text_of

BODY = {"model": "m", "messages": [], "stream_options": {"include_usage": True}}
texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=80)


def assemble(data: bytes, sizes: list[int] | None = None, limit: int = 8000) -> Answer | Failure:
    assembler = Assembler(limit)
    while data:
        size = (sizes.pop(0) if sizes else 0) or len(data)
        if assembler.feed(data[:size]):
            break
        data = data[size:]
    return assembler.finish()


@settings(deadline=None, max_examples=150)
@given(texts, texts, st.integers(1, 5), st.lists(st.integers(1, 40), max_size=60), st.booleans(), st.booleans())
def test_any_split_gives_the_same_text(text, reasoning, pieces, sizes, plain, crlf):
    reply = Text(text, reasoning=reasoning, pieces=pieces)
    data = completion(reply, BODY) if plain else b"".join(stream_events(reply, BODY))
    answer = assemble(data.replace(b"\n", b"\r\n") if crlf else data, sizes)
    assert isinstance(answer, Answer)
    assert (answer.text, answer.reasoning, answer.cut) == (text, reasoning, False)
    assert answer.usage is not None


@settings(deadline=None, max_examples=150)
@given(st.binary(max_size=200), st.sampled_from([b"", b"data: ", b"{", b"data: {}\n\n", b"\xef\xbb\xbf"]))
def test_any_bytes_give_an_answer_or_a_failure(noise, head):
    assert isinstance(assemble(head + noise + b"\n\n"), Answer | Failure)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["stop", "x", ""]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["choices", "delta", "message", "content", "text", "finish_reason", "index", "usage", "error"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(deadline=None, max_examples=300)
@given(json_values, st.booleans())
def test_any_json_gives_an_answer_or_a_failure(value, plain):
    data = json.dumps(value).encode()
    assert isinstance(assemble(data if plain else b"data: " + data + b"\n\n"), Answer | Failure)


@given(texts, st.integers(1, 20))
@settings(deadline=None, max_examples=100)
def test_a_limit_gives_the_beginning(text, limit):
    answer = assemble(b"".join(stream_events(Text(text), BODY)), limit=limit)
    assert isinstance(answer, Answer)
    assert text.startswith(answer.text)
    assert answer.cut == (answer.text != text)


def test_one_event_over_several_lines():
    data = b': hello\nevent: message\ndata: {"choices": [{"delta":\ndata: {"content": "x"}}]}\n\ndata: [DONE]\n\n'
    assert assemble(data) == Answer("x")


def test_lines_without_blank_ones_between():
    data = b'data:{"choices":[{"delta":{"content":"x"}}]}\ndata:{"choices":[{"delta":{"content":"y"}}]}\ndata:[DONE]'
    assert assemble(data) == Answer("xy")


def test_only_the_first_choice_counts():
    choices = [{"index": n, "message": {"content": str(n)}, "finish_reason": "stop"} for n in range(3)]
    assert assemble(json.dumps({"choices": choices}).encode()) == Answer("0")


def test_a_refusal_is_a_text():
    message = {"content": None, "refusal": "I cannot."}
    assert assemble(json.dumps({"choices": [{"message": message}]}).encode()) == Answer("I cannot.")


def test_an_error_with_status_200_is_a_failure():
    failure = assemble(b'{"error": "Unexpected endpoint or method. (POST /chat/completions)"}')
    assert isinstance(failure, Failure)
    assert failure.kind == "path"


@pytest.mark.parametrize(
    ("listing", "names"),
    [
        ({"data": [{"id": "b"}, {"id": "a"}, {"id": "a"}, {}, "x"]}, ("a", "b")),
        ({"object": "list", "data": None}, ()),
        ([{"id": "a"}], ("a",)),
    ],
)
def test_lists_of_models(listing, names):
    assert model_names(listing) == names


@pytest.mark.parametrize("listing", ["<html>", None, {}, {"data": "x"}, 3])
def test_what_is_no_list_of_models(listing):
    assert isinstance(model_names(listing), Failure)


def test_texts_of_contents():
    assert text_of(["x", {"type": "text", "text": "a"}, {"type": "image"}, {"text": None}]) == "a"
    assert text_of(None) == text_of(3) == ""
