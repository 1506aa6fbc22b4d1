"""What a run gave, in words and as JSON."""

from __future__ import annotations

import json

from soa.cli import report
from soa.cli.campaign import was_stopped
from soa.contracts import Address, AgentNode, Candidate, Contract, Proposal, Status, Usage
from soa.events import RunResult
from soa.evidence import Evidence, Outcome, Test, TestResult

WHERE = Address("src/ledger.py", "Ledger.post")
CONTRACT = Contract("Ledger.post", (), "def post(self):", "Add an entry.")
PASSED = [TestResult(Test("doctest", f"example {i}"), Outcome.PASSED) for i in (1, 2)]
FAILED = TestResult(Test("project", "tests/test_ledger.py::test_post"), Outcome.FAILED)
CHILD = AgentNode("child", WHERE, 1, Status.VERIFIED)
TREE = AgentNode("mother", WHERE, 0, Status.VERIFIED, children=(CHILD,))


def proposal(status=Status.VERIFIED, results=(), reason="", sandbox="", **more):
    candidate = None if status is Status.FAILED else Candidate("return 1")
    evidence = Evidence(tuple(results), sandbox=sandbox)
    return Proposal(WHERE, CONTRACT, status, candidate, evidence, TREE, Usage(2, 1000, 240, 600), reason, **more)


def result(*proposals):
    return RunResult("ab12", proposals, Usage(2, 1000, 240, 600), 1.5)


def test_the_evidence_of_a_stub_is_one_line():
    (line,) = report.evidence_lines(result(proposal(results=PASSED)))
    assert line == "verified   src/ledger.py::Ledger.post  2/2 (doctest 2)  2 agents  1,240 tokens"


def test_what_ran_without_a_sandbox_says_so():
    lost = proposal(Status.FAILED, [FAILED], sandbox="process")
    first, second, third, *_ = report.evidence_lines(
        result(proposal(results=PASSED, sandbox="process"), proposal(results=PASSED, sandbox="zygote"), lost)
    )
    assert "2/2 (doctest 2), ran without a sandbox  2 agents" in first
    assert "2/2 (doctest 2)  2 agents" in second
    assert "0/1 (project 1), ran without a sandbox  2 agents" in third
    assert [stub["sandbox"] for stub in report.as_json(result(lost))["stubs"]] == ["process"]


def test_a_failure_says_why_and_what_to_do():
    first, why, what = report.evidence_lines(result(proposal(Status.FAILED, [*PASSED, FAILED], "1 of 3\ntests failed")))
    assert first.startswith("failed     src/ledger.py::Ledger.post  2/3 (doctest 2, project 1)")
    assert why.strip() == "1 of 3 tests failed"
    assert "run again" in what


def test_flaky_tests_are_counted_apart():
    flaky = TestResult(Test("doctest", "example 3"), Outcome.INCONCLUSIVE, flaky=True, reason="flaky: it ...")
    first, reason, alone = report.evidence_lines(
        result(proposal(Status.UNVERIFIED, [*PASSED, flaky], "flaky"), proposal(Status.UNVERIFIED, [flaky, flaky]))
    )
    assert "2/2 (doctest 2), 1 flaky test  2 agents" in first
    assert reason.strip() == "flaky"
    assert "  2 flaky tests  2 agents" in alone


def test_slow_tests_are_named():
    times = {"a": 0.9, "b": 1.04, "c": 12.3, "d": 2.0, "e": 3.0}
    timed = [TestResult(Test("project", f"test_x.py::{n}"), Outcome.PASSED, seconds=s) for n, s in times.items()]
    _, slow = report.evidence_lines(result(proposal(results=timed)))
    assert slow.strip() == "slow: test_x.py::c 12.3 s, test_x.py::e 3.0 s, test_x.py::d 2.0 s"


def test_the_totals_are_one_line():
    line = report.totals(result(proposal(results=PASSED), proposal(Status.UNVERIFIED)))
    assert line == "1 verified, 1 unverified; 4 agents, 2 calls, 1,240 tokens, 1.5 s"
    assert report.totals(result()).startswith("nothing done")


def told(origin, name, outcome):
    return {"origin": origin, "name": name, "outcome": outcome, "flaky": False, "seconds": 0.0, "reason": ""}


def test_the_json_has_exactly_the_promised_form():
    usage = {"calls": 2, "prompt_tokens": 1000, "completion_tokens": 240, "max_prompt_tokens": 600}
    assert json.loads(json.dumps(report.as_json(result(proposal(Status.FAILED, [*PASSED, FAILED], "why"))))) == {
        "run": "ab12",
        "stubs": [
            {
                "file": "src/ledger.py",
                "name": "Ledger.post",
                "status": "failed",
                "agents": 2,
                "depth": 1,
                "evidence": [
                    {"origin": "doctest", "passed": 2, "failed": 0},
                    {"origin": "project", "passed": 0, "failed": 1},
                ],
                "usage": usage,
                "reason": "why",
                "sandbox": "",
                "tests": [
                    *(told("doctest", f"example {i}", "passed") for i in (1, 2)),
                    told("project", "tests/test_ledger.py::test_post", "failed"),
                ],
            }
        ],
        "usage": usage,
        "seconds": 1.5,
    }


def test_success_is_verified_or_a_skeleton_that_was_asked_for():
    assert report.succeeded([proposal()])
    assert not report.succeeded([proposal(), proposal(Status.UNVERIFIED)])
    assert report.succeeded([proposal(Status.UNVERIFIED, skeleton=True)])
    assert not report.succeeded([proposal(Status.FAILED, skeleton=True)])


def test_only_a_person_stops_a_run():
    assert was_stopped(RunResult("ab", (), Usage(), 1.0, interrupted=True))
    assert not was_stopped(RunResult("ab", (), Usage(), 1.0, interrupted=True, warnings=("The budget is spent.",)))
    assert not was_stopped(RunResult("ab", (), Usage(), 1.0))
