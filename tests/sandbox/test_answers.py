"""Reading what comes over the channel: what is not the harness's own, in its order, is tampering."""

from __future__ import annotations

import json
from hashlib import blake2b

import pytest
from hypothesis import given
from hypothesis import strategies as some

from soa.sandbox.answers import BROKE, LINE_BYTES, WROTE, read_answer

KEY = "0123456789abcdef"
TASK = {
    "examples": [{"key": 0, "source": "f()"}, {"key": None, "source": "1"}],
    "generated": [{"key": 1, "source": ""}],
    "project": [{"key": 2, "name": "tests/test_x.py::test_it"}],
    "files": ["tests/test_y.py"],
}
BEGIN = ({"ready": True}, {"importing": True}, {"imported": {"error": ""}})
END = {"end": True}
NODE = "tests/test_y.py::test_it"


def started(key):
    return {"started": key, "rushed": False}


def result(key, outcome="passed", **more):
    return {"result": key, "outcome": outcome, "reached": [], "blocked_by": [], "seconds": 0.5, **more}


def line(number, text, key=KEY):
    if not isinstance(text, bytes):
        text = json.dumps(text).encode("ascii")
    signature = blake2b(b"%d " % number + text, key=key.encode(), digest_size=16).hexdigest()
    return f"{signature} ".encode() + text + b"\n"


def said(*events):
    return b"".join(line(number, event) for number, event in enumerate(events))


WHOLE = said(*BEGIN, started(0), result(0, "ran", printed="4", raised="", counts=True), started(1), result(1), END)


def test_a_whole_answer_is_believed():
    read = read_answer(WHOLE, KEY, TASK)
    assert (read.tampered, read.ended, len(read.events)) == ("", True, 8)


@pytest.mark.parametrize(
    "events",
    [
        [{"ready": True}, {"inspected": {"user": 1}}, END],
        [{"ready": True}, {"unresolved": ["there is no module"]}, END],
        [*BEGIN[:2], {"imported": {"error": "E", "traceback": "", "blocked_by": []}}, END],
        [BEGIN[0], BEGIN[2], END],
        [*BEGIN, result(2, "inconclusive"), result("tests/test_y.py", "inconclusive"), END],
        [*BEGIN, started(2), result(2), started(2), result(2, "failed"), END],
        [*BEGIN, started(NODE), result(NODE), END],
        [*BEGIN, started(None), result(None, "ran"), started(None), result(None, "ran"), END],
        [*BEGIN, started(0), {"noticed": "it", "forged": True}, result(0), {"noticed": "it", "forged": False}, END],
    ],
)
def test_orders_that_are_right(events):
    assert read_answer(said(*events), KEY, TASK).tampered == ""


@pytest.mark.parametrize(
    "events",
    [
        [END],
        [BEGIN[1]],
        [{"noticed": "it", "forged": False}],
        [*BEGIN, {"started": 0}],
        [*BEGIN, result(0)],
        [*BEGIN, started(0), result(1)],
        [*BEGIN, started(0), END],
        [*BEGIN, started(0), started(1)],
        [*BEGIN, started(0), result(0), result(0)],
        [*BEGIN, started(0), result(0), started(0), result(0)],
        [*BEGIN, started(0), result(0), result(0, "inconclusive")],
        [*BEGIN, started(3), result(3)],
        [*BEGIN, started("tests/test_z.py::test_it")],
        [*BEGIN, started(True), result(True)],
        [*BEGIN, started(0.5)],
        [*BEGIN, started([0])],
        [*BEGIN, started(0), result(0, "verified")],
        [*BEGIN, started(0), result(0, ["passed"])],
        [*BEGIN, started(0), result(0, seconds=-1)],
        [*BEGIN, started(0), result(0, seconds=float("inf"))],
        [*BEGIN, started(0), result(0, seconds="1")],
        [*BEGIN, started(0), result(0, reached=["x", 1])],
        [*BEGIN, started(0), result(0, reached="x")],
        [*BEGIN, started(0), result(0, reason=None)],
        [*BEGIN, started(0), result(0, counts=1)],
        [*BEGIN, started(0), result(0, unheard="of")],
        [*BEGIN, {"result": 0}],
        [*BEGIN, END, END],
        [*BEGIN, END, started(0)],
        [*BEGIN, {}],
        [*BEGIN, {"unheard": "of"}],
        [*BEGIN, "result"],
        [*BEGIN, None],
        [*BEGIN, []],
        [*BEGIN[:2], {"imported": {}}],
        [*BEGIN[:2], {"imported": {"error": 1}}],
        [*BEGIN[:2], {"imported": {"error": "E"}}, started(0)],
        [*BEGIN[:2], {"imported": None}],
        [BEGIN[0], BEGIN[0]],
        [*BEGIN, b"[" * 100_000],
        [*BEGIN, b'{"a":' * 100_000],
        [*BEGIN, b"{"],
        [*BEGIN, b"\xff\xfe"],
        [*BEGIN, b'{"end": ' + b"9" * 100_000 + b"}"],
    ],
)
def test_what_the_harness_never_says(events):
    assert read_answer(said(*events), KEY, TASK).tampered == BROKE


@pytest.mark.parametrize(
    "text",
    [
        WHOLE + b"x",
        WHOLE + b"\n",
        WHOLE + line(8, END, key="another"),
        WHOLE.replace(b"\n", b"\n\n", 1),
        b"\n" + WHOLE,
        said(*BEGIN) + b'{"end": true}\n',
        said(*BEGIN) + line(2, END),
        said(*BEGIN) + line(4, END),
        said(*BEGIN) + line(3, END, key="another"),
        said(*BEGIN) + line(3, END).replace(b"true", b"None"),
        said(*BEGIN) + line(3, b" " * LINE_BYTES),
        said(*BEGIN)[:-3] + b"\n",
        WHOLE.partition(b"\n")[2],
    ],
)
def test_what_the_harness_never_wrote(text):
    assert read_answer(text, KEY, TASK).tampered == WROTE


def test_a_last_line_may_be_cut_off_where_the_run_was_ended():
    read = read_answer(WHOLE[:-4], KEY, TASK)
    assert (read.tampered, read.ended) == ("", False)
    assert read_answer(b"", KEY, TASK).events == ()


def test_who_told_the_end_ends_well():
    assert read_answer(WHOLE, KEY, TASK, -9).tampered == WROTE
    assert read_answer(said(*BEGIN), KEY, TASK, -9).tampered == ""


@given(some.binary(max_size=400), some.integers(0, len(WHOLE)))
def test_whatever_is_put_in_is_noticed(data, place):
    read = read_answer(WHOLE[:place] + data + WHOLE[place:], KEY, TASK)
    assert bool(read.tampered) is bool(data)


@given(some.recursive(some.none() | some.booleans() | some.floats() | some.text(), some.lists, max_leaves=9))
def test_no_value_is_too_odd_to_be_read(value):
    for kind in ("ready", "started", "imported", "result", "noticed", "end", "outcome", "seconds"):
        read = read_answer(said(*BEGIN, started(0), {**result(0), kind: value}), KEY, TASK)
        assert read.tampered in ("", BROKE)
