"""Recorded replies: what goes in comes out, in the right order."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loopback import Status, Text
from soa.errors import FileProblem, ModelError, ModelRefused
from soa.model.recorded import (
    Record,
    RecordedModel,
    Recorder,
    append_record,
    load_records,
    parse_records,
    render_record,
)

lines = st.text("=\\ ab\r\n", max_size=30) | st.text(max_size=30)
records = st.builds(
    Record,
    st.sampled_from(["write", "repair", "tests"]),
    st.sampled_from(["src/a.py::f", "src/ä b.py::C.g"]),
    lines | st.just("=== write src/a.py::f"),
    st.booleans(),
)


@settings(deadline=None, max_examples=300)
@given(st.lists(records, max_size=5), st.sampled_from(["", "A note.\n\n"]))
def test_any_records_survive_the_file(recorded, note):
    text = note + "".join(render_record(r) for r in recorded)
    assert parse_records(text.encode("utf-8", "surrogatepass").decode("utf-8", "surrogatepass")) == tuple(recorded)


def test_the_file_reads_well():
    record = Record("write", "src/a.py::f", "```python\ndef f():\n    return 1\n```")
    assert render_record(record) == "=== write src/a.py::f\n```python\ndef f():\n    return 1\n```\n"


async def test_replays_by_step_and_target_in_order_and_repeats_the_last(query):
    model = RecordedModel(
        [
            Record("write", "src/ledger.py::Ledger.post", "first"),
            Record("repair", "src/ledger.py::Ledger.post", "repaired", cut=True),
            Record("write", "src/ledger.py::Ledger.post", "second"),
            Record("write", "src/ledger.py::helper", "other"),
        ]
    )
    assert [(await model.answer(query())).text for _ in range(4)] == ["first", "second", "second", "second"]
    repaired = await model.answer(query("repair"))
    assert (repaired.text, repaired.cut) == ("repaired", True)
    assert (await model.answer(query(name="helper"))).text == "other"


async def test_usage_is_the_same_every_time(query):
    record = Record("write", "src/ledger.py::Ledger.post", "x = 1")
    first, second = [await RecordedModel([record], latency=0.001).answer(query()) for _ in range(2)]
    assert first == second
    assert first.usage.calls == 1
    assert first.usage.prompt_tokens > first.usage.completion_tokens > 0


async def test_a_missing_reply_names_step_and_target(query):
    model = RecordedModel([Record("repair", "src/ledger.py::Ledger.post", "x")])
    with pytest.raises(ModelError, match=r"step 'write' of src/ledger\.py::Ledger\.post") as caught:
        await model.answer(query())
    assert "repair" in caught.value.advice


async def test_what_was_recorded_is_replayed(loopback, connect, query, tmp_path, key):
    replies = iter(["```python\nx = 1\n```\n", "=== write a::b\n\\=== c\n", "\r\nü\n\n"])
    server = loopback(lambda _: Text(next(replies), finish="stop" if len(server.requests) < 3 else "length"))
    path = tmp_path / "replies.txt"
    recorder = Recorder(connect(server.url), path)
    asked = [query(), query(), query("repair", path="src/ä.py")]
    live = [await recorder.answer(q) for q in asked]
    replayed = RecordedModel(load_records(path))
    again = [await replayed.answer(q) for q in asked]
    assert [(r.text, r.cut) for r in live] == [(r.text, r.cut) for r in again]
    assert [r.cut for r in again] == [False, False, True]
    assert key not in path.read_text("utf-8")
    assert "You write Python." not in path.read_text("utf-8")
    await recorder.close()
    await replayed.close()


async def test_recording_goes_on_where_it_ended(loopback, connect, query, tmp_path):
    path = tmp_path / "replies.txt"
    for _ in range(2):
        await Recorder(connect(loopback("x = 1").url), path).answer(query())
    assert len(load_records(path)) == 2


async def test_a_failure_is_not_recorded(loopback, connect, query, tmp_path):
    path = tmp_path / "replies.txt"
    with pytest.raises(ModelRefused):
        await Recorder(connect(loopback(lambda _: Status(403, "no")).url), path).answer(query())
    assert not path.exists()


def test_files_that_cannot_be_used(tmp_path):
    with pytest.raises(FileProblem, match="cannot be read: No such file"):
        load_records(tmp_path / "none.txt")
    (tmp_path / "bad.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(FileProblem, match="not UTF-8"):
        load_records(tmp_path / "bad.txt")
    (tmp_path / "empty.txt").write_text("just a note\n")
    with pytest.raises(FileProblem, match="holds no recorded reply"):
        load_records(tmp_path / "empty.txt")
    with pytest.raises(FileProblem, match="cannot be written"):
        append_record(tmp_path, Record("write", "a::b", "x"))
