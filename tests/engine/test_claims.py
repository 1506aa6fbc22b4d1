"""Candidates that come at the same time: whoever passes the gate first has the names of its helpers."""

from __future__ import annotations

from soa.contracts import Status

NAMES = ("double", "triple", "quadruple")
TEXT = "\n\n".join(
    f'def {name}(n):\n    """{n} times n.\n\n    >>> {name}(1)\n    {n}\n    """\n' for n, name in enumerate(NAMES, 2)
)
CLASHING = "".join(
    f"=== write a.py::{name}\ndef _times(x):\n    return x * {n}\n\n\ndef {name}(n):\n    return _times(n)\n"
    for n, name in enumerate(NAMES, 2)
)
OTHERS = "".join(
    f"=== repair a.py::{name}\ndef _{name}(x):\n    return x * {n}\n\n\ndef {name}(n):\n    return _{name}(n)\n"
    for n, name in enumerate(NAMES, 2)
)


def test_only_one_of_them_gets_a_name_that_all_want(bench, run):
    bench.file("a.py", TEXT)
    result = run(bench.records(CLASHING + OTHERS), "a.py")
    assert [p.status for p in result.proposals] == [Status.VERIFIED] * 3
    helpers = [h.name for p in result.proposals for h in p.candidate.helpers]
    assert sorted(helpers) == sorted({*helpers})
    assert helpers.count("_times") == 1
    assert len([e for e in bench.events if e.kind == "refused"]) == 2
