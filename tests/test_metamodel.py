"""The check of messages: what is valid passes, each kind of fault is found and its place is named."""

from __future__ import annotations

import copy

import pytest
from lsprotocol import converters, types

from metamodel import Invalid, check, conform
from traffic import Traffic, check_annotations, check_traffic

RANGE = {"start": {"line": 1, "character": 0}, "end": {"line": 1, "character": 4}}
LENS = {
    "range": RANGE,
    "command": {"title": "Implement", "command": "soa.implement", "arguments": [{"uri": "file:///a"}]},
}
EDIT = {
    "documentChanges": [
        {
            "textDocument": {"uri": "file:///a.py", "version": 3},
            "edits": [{"range": RANGE, "newText": "x", "annotationId": "soa"}],
        }
    ],
    "changeAnnotations": {"soa": {"label": "Accept f"}},
}
ACTION = {"title": "Accept", "kind": "quickfix.soa", "tags": [1], "disabled": {"reason": "no proposal"}, "data": None}
REPORT = {"kind": "full", "items": [{"range": RANGE, "severity": 4, "message": "stub", "source": "soa"}]}
ANSWERS = {
    "textDocument/codeLens": [[LENS], [], None],
    "textDocument/hover": [{"contents": {"kind": "markdown", "value": "*a*"}, "range": RANGE}, None],
    "textDocument/codeAction": [[ACTION, {"title": "t", "command": "c"}], None],
    "codeAction/resolve": [{**ACTION, "edit": EDIT}],
    "textDocument/diagnostic": [REPORT, {"kind": "unchanged", "resultId": "3"}],
    "textDocument/inlineCompletion": [{"items": [{"insertText": "return 1", "range": RANGE}]}, None],
    "workspace/executeCommand": [None, {"run": "1"}, 3, [1, None]],
    "shutdown": [None],
    "soa/runs": [{"runs": [{"any": "thing"}]}],
    "initialize": [{"capabilities": {"codeLensProvider": {"resolveProvider": False}, "hoverProvider": True}}],
}
CALLS = [
    {"method": "workspace/codeLens/refresh", "id": "a"},
    {"method": "workspace/applyEdit", "id": 1, "params": {"label": "Accept", "edit": EDIT}},
    {"method": "window/showMessage", "params": {"type": 3, "message": "m"}},
    {"method": "window/workDoneProgress/create", "id": 3, "params": {"token": "t"}},
    {"method": "$/progress", "params": {"token": "t", "value": {"kind": "begin", "title": "f", "cancellable": True}}},
    {"method": "$/progress", "params": {"token": "t", "value": {"kind": "report", "percentage": 40}}},
    {"method": "$/progress", "params": {"token": "t", "value": {"kind": "end"}}},
    {"method": "$/cancelRequest", "params": {"id": 3}},
    {"method": "workspace/configuration", "id": 4, "params": {"items": [{"section": "soa", "scopeUri": "file:///a"}]}},
    {"method": "soa/runChanged", "params": {"whatever": 1}},
    {
        "method": "textDocument/publishDiagnostics",
        "params": {"uri": "file:///a.py", "version": 3, "diagnostics": REPORT["items"]},
    },
    {
        "method": "client/registerCapability",
        "id": 5,
        "params": {
            "registrations": [
                {
                    "id": "r",
                    "method": "textDocument/codeLens",
                    "registerOptions": {"documentSelector": [{"language": "python"}]},
                }
            ]
        },
    },
]


def answer(method, result):
    check({"jsonrpc": "2.0", "id": 7, "result": result}, from_server=True, requests={7: method})


def call(message, **changes):
    check({"jsonrpc": "2.0", **message, **changes}, from_server=True, requests={})


def changed(value, path, new):
    """A value with something put in at a path; `del` takes it out."""
    value = copy.deepcopy(value)
    *way, last = path
    place = value
    for step in way:
        place = place[step]
    if new == "del":
        del place[last]
    else:
        place[last] = new
    return value


@pytest.mark.parametrize(("method", "result"), [(m, r) for m, results in ANSWERS.items() for r in results])
def test_good_answers(method, result):
    answer(method, result)


@pytest.mark.parametrize("message", CALLS, ids=lambda m: m["method"])
def test_good_calls(message):
    call(message)


@pytest.mark.parametrize(
    ("method", "path", "new", "place"),
    [
        ("textDocument/codeLens", [0, "extra"], 1, "result[0]"),
        ("textDocument/codeLens", [0, "range"], "del", "result[0].range"),
        ("textDocument/codeLens", [0, "command"], None, "result[0].command"),
        ("textDocument/codeLens", [0, "command", "title"], 3, "result[0].command.title"),
        ("textDocument/codeLens", [0, "command", "arguments"], {"uri": 1}, "command.arguments"),
        ("textDocument/codeLens", [0, "range", "start", "line"], -1, "range.start.line"),
        ("textDocument/codeLens", [0, "range", "start", "line"], 2**31, "range.start.line"),
        ("textDocument/codeLens", [0, "range", "start", "line"], True, "range.start.line"),
        ("textDocument/codeLens", [0, "range", "start", "line"], 1.0, "range.start.line"),
        ("textDocument/codeLens", [0, "range", "start", "line"], 2, "result[0].range"),
        ("textDocument/hover", ["contents", "kind"], "html", "contents.kind"),
        ("textDocument/hover", ["contents"], "del", "result.contents"),
        ("textDocument/hover", ["range"], None, "result.range"),
        ("textDocument/codeAction", [0, "tags"], [9], "result[0].tags[0]"),
        ("textDocument/codeAction", [0, "disabled"], {"why": "x"}, "result[0].disabled"),
        (
            "codeAction/resolve",
            ["edit", "documentChanges", 0, "textDocument", "version"],
            "del",
            "textDocument.version",
        ),
        ("codeAction/resolve", ["edit", "documentChanges", 0, "textDocument", "uri"], "/a.py", "textDocument.uri"),
        ("codeAction/resolve", ["edit", "documentChanges", 0, "edits", 0, "annotationId"], 3, "annotationId"),
        ("textDocument/diagnostic", ["items", 0, "severity"], 5, "items[0].severity"),
        ("textDocument/diagnostic", ["kind"], "whole", "kind"),
        ("initialize", ["capabilities", "hoverprovider"], True, "result.capabilities"),
    ],
)
def test_a_fault_in_an_answer_is_found_at_its_place(method, path, new, place):
    with pytest.raises(AssertionError) as caught:
        answer(method, changed(ANSWERS[method][0], path, new))
    assert place in str(caught.value)


def test_a_version_may_be_null_where_the_specification_says_so():
    answer(
        "codeAction/resolve",
        changed(ANSWERS["codeAction/resolve"][0], ["edit", "documentChanges", 0, "textDocument", "version"], None),
    )


@pytest.mark.parametrize(
    "message",
    [
        {"method": "textDocument/hover", "id": 1, "params": {}},
        {"method": "workspace/codeLens/refresh"},
        {"method": "workspace/codeLens/refresh", "id": None},
        {"method": "workspace/codeLens/refresh", "id": True},
        {"method": "workspace/codeLens/refresh", "id": 1, "params": None},
        {"method": "window/showMessage", "params": {"type": 3, "message": "m"}, "id": 1},
        {"method": "window/showMessage", "params": {"type": 8, "message": "m"}},
        {"method": "window/showMessage"},
        {"method": "window/showMessage", "params": {"type": 3, "message": "m"}, "result": None},
        {"method": "soa.runChanged", "params": {}},
        {"method": "$/progress", "params": {"token": "t", "value": {"kind": "begin"}}},
        {"method": "$/progress", "params": {"token": "t", "value": {"kind": "report", "percentage": -1}}},
        {"method": "$/progress", "params": {"token": "t", "value": {"kind": "report", "title": "f"}}},
        {"method": "$/progress", "params": {"token": "t", "value": "done"}},
        {"method": "$/progress", "params": {"token": 1.5, "value": {"kind": "end"}}},
        {"method": 3},
        {"method": "window/showMessage", "params": {"type": 3, "message": "m"}, "jsonrpc": "1.0"},
        changed(CALLS[-1], ["params", "registrations", 0, "registerOptions", "documentSelector"], "del"),
    ],
)
def test_bad_calls(message):
    with pytest.raises(AssertionError):
        call(message)


@pytest.mark.parametrize(
    "message",
    [
        {"id": 7},
        {"id": 7, "result": None, "error": {"code": 1, "message": "m"}},
        {"id": 8, "result": None},
        {"id": None, "result": None},
        {"result": None},
        {"id": 7, "error": {"code": "1", "message": "m"}},
        {"id": 7, "error": {"message": "m"}},
        {"id": 7, "error": None},
        {"id": 7, "result": None, "extra": 1},
        [],
    ],
)
def test_bad_responses(message):
    whole = {"jsonrpc": "2.0", **message} if isinstance(message, dict) else message
    with pytest.raises(AssertionError):
        check(whole, from_server=True, requests={7: "shutdown"})


@pytest.mark.parametrize("ident", [7, None])
def test_errors(ident):
    error = {"code": -32700, "message": "m", "data": {"any": [1]}}
    check({"jsonrpc": "2.0", "id": ident, "error": error}, from_server=True, requests={7: "shutdown"})


def test_what_lsprotocol_writes_is_valid():
    """Properties in their other forms: unions of classes, tuples, decimals written as whole numbers, recursion."""
    inner = types.SelectionRange(types.Range(types.Position(1, 0), types.Position(2, 0)))
    values = [
        (types.SelectionRange(inner.range, inner), types.SelectionRange),
        (types.ParameterInformation((1, 2)), types.ParameterInformation),
        (types.Color(0.5, 1.0, 0.0, 1.0), types.Color),
        (types.NotebookDocumentSyncOptions([types.NotebookDocumentFilterWithNotebook("jupyter-notebook")]), None),
        (types.WorkspaceEdit(document_changes=[types.CreateFile("file:///a"), types.DeleteFile("file:///b")]), None),
    ]
    converter = converters.get_converter()
    for value, kind in values:
        conform(converter.unstructure(value), kind or type(value), "value")
    conform({"red": 1, "green": 0, "blue": 0, "alpha": 1}, types.Color, "value")
    with pytest.raises(Invalid):
        conform({"red": True, "green": 0, "blue": 0, "alpha": 1}, types.Color, "value")


def hello(**capabilities):
    return [
        (False, {"id": 0, "method": "initialize", "params": {"capabilities": capabilities}}),
        (True, {"jsonrpc": "2.0", "id": 0, "result": {"capabilities": {}}}),
    ]


def sent(method, ident=None, **params):
    return (True, {"jsonrpc": "2.0", "method": method, **({} if ident is None else {"id": ident}), "params": params})


def granted(ident):
    return (False, {"jsonrpc": "2.0", "id": ident, "result": None})


BEGIN = sent("$/progress", token="t", value={"kind": "begin", "title": "f"})
END = sent("$/progress", token="t", value={"kind": "end"})
CREATE = sent("window/workDoneProgress/create", 1, token="t")
PROGRESS = {"window": {"workDoneProgress": True}}


def test_a_good_conversation():
    open_request = (False, {"id": 1, "method": "textDocument/hover", "params": {}})
    traffic = check_traffic([*hello(**PROGRESS), CREATE, granted(1), BEGIN, open_request])
    assert traffic.unanswered() == {1: "textDocument/hover"}
    assert traffic.unfinished() == {"t"}
    traffic.server_sent(END[1])
    assert not traffic.unfinished()


@pytest.mark.parametrize(
    "messages",
    [
        [*hello(**PROGRESS), BEGIN],
        [*hello(**PROGRESS), CREATE, BEGIN],
        [*hello(**PROGRESS), CREATE, granted(1), END],
        [*hello(**PROGRESS), CREATE, granted(1), BEGIN, END, END],
        [*hello(**PROGRESS), CREATE, granted(1), CREATE],
        [*hello(), CREATE],
        [*hello(), hello()[1]],
        [CREATE],
        [
            *hello(workspace={"codeLens": True}),
            (True, {"jsonrpc": "2.0", "id": 1, "method": "workspace/codeLens/refresh"}),
        ],
    ],
)
def test_what_is_valid_but_not_now(messages):
    with pytest.raises(AssertionError):
        check_traffic(messages)


def test_messages_before_the_answer_to_initialize():
    Traffic().server_sent(sent("window/logMessage", type=4, message="m")[1])


def test_annotations_have_to_be_there():
    check_annotations(EDIT)
    with pytest.raises(AssertionError, match="soa"):
        check_annotations({**EDIT, "changeAnnotations": {}})
