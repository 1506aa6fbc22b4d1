"""What is asked of older kernels' Landlock: nothing they do not know."""

from __future__ import annotations

import struct

import pytest

from soa.sandbox.harness.landlock import IOCTL_DEV, TRUNCATE, WRITING, attributes, known


@pytest.mark.parametrize(
    ("version", "unknown", "ports", "scopes"),
    [
        (2, TRUNCATE | IOCTL_DEV, 0, 0),
        (3, IOCTL_DEV, 0, 0),
        (4, IOCTL_DEV, 3, 0),
        (5, 0, 3, 0),
        (6, 0, 3, 3),
        (9, 0, 3, 3),
    ],
)
def test_rights_are_those_that_the_kernel_knows(version, unknown, ports, scopes):
    assert known(version) == WRITING & ~unknown
    assert struct.unpack("QQQ", attributes(version, False)) == (known(version), ports, scopes)
    assert struct.unpack("QQQ", attributes(version, True)) == (known(version), 0, scopes)
