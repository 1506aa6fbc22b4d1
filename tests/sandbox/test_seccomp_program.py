"""The filter of system calls as a program, on every machine it is written for; run here as the kernel runs it."""

from __future__ import annotations

import errno
import struct

import pytest

from soa.sandbox.harness.seccomp import ALLOW, AUDIT, ERROR, REFUSED, assemble, steps
from soa.sandbox.harness.syscalls import ABSENT, MACHINES, NUMBERS, number

EPERM = ERROR | errno.EPERM
ENOSYS = ERROR | errno.ENOSYS
PLAIN_CALLS = {"x86_64": (0, 1, 9, 57, 58, 59, 60), "aarch64": (57, 63, 64, 93, 94, 221, 222)}
"""Such as reading, writing, mapping, executing and leaving."""


def verdict(machine, call, *arguments, architecture=None):
    """What the assembled program answers to a call."""
    called = number(call, machine) if isinstance(call, str) else call
    given = struct.pack("=IIQ6Q", called, architecture or AUDIT[machine], 0, *arguments, *[0] * (6 - len(arguments)))
    return run(list(struct.iter_unpack("HBBI", assemble(steps(machine)))), given)


def run(program, given):
    held, place = 0, 0
    while True:
        code, holds, fails, value = program[place]
        place += 1
        if code == 0x06:
            return value
        if code == 0x20:
            (held,) = struct.unpack_from("=I", given, value)
        else:
            place += holds if {0x15: held == value, 0x35: held >= value, 0x45: held & value}[code] else fails


@pytest.mark.parametrize("machine", MACHINES)
def test_what_is_refused_and_what_is_not(machine):
    there = [name for name in REFUSED if number(name, machine) != ABSENT]
    assert {name: verdict(machine, name) for name in there} == dict.fromkeys(there, EPERM)
    assert {verdict(machine, call) for call in PLAIN_CALLS[machine]} == {ALLOW}
    refused = [n for n in range(600) if verdict(machine, n) == EPERM]
    assert set(refused) == {number(name, machine) for name in [*there, "socket", "socketpair"]}


@pytest.mark.parametrize("machine", MACHINES)
def test_arguments_decide(machine):
    assert verdict(machine, "clone", 0x01200011) == ALLOW
    assert verdict(machine, "clone", 0x003D0F00) == ALLOW
    assert verdict(machine, "clone", 0x10000011) == EPERM
    assert verdict(machine, "clone", (1 << 40) | 0x20000) == EPERM
    assert verdict(machine, "clone3", 0x7F0000000000, 88) == ENOSYS
    assert [f for f in range(50) if verdict(machine, "socket", f) == ALLOW] == [1, 2, 10]
    assert [f for f in range(50) if verdict(machine, "socketpair", f) == ALLOW] == [1, 2, 10]
    assert verdict(machine, "ioctl", 0, 0x5413) == ALLOW
    assert verdict(machine, "ioctl", 0, (1 << 32) | 0x5412) == EPERM


@pytest.mark.parametrize("machine", MACHINES)
def test_calls_of_another_architecture_are_refused(machine):
    (other,) = set(AUDIT.values()) - {AUDIT[machine]}
    for architecture in (other, 0x40000003):
        assert verdict(machine, "clone", 0x01200011, architecture=architecture) == EPERM
    assert verdict(machine, number("socket", machine) | 0x40000000, 1) == (EPERM if machine == "x86_64" else ALLOW)


def test_no_number_stands_for_two_calls():
    for column in range(len(MACHINES)):
        known = [numbers[column] for numbers in NUMBERS.values() if numbers[column] != ABSENT]
        assert len(known) == len(set(known))


@pytest.mark.parametrize("machine", MACHINES)
def test_the_kernel_takes_a_program_of_this_size(machine):
    program = steps(machine)
    assert len(program) < 4096
    assert all(holds < 256 and fails < 256 for _, holds, fails, _ in program)
