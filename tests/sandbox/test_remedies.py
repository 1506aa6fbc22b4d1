"""What to do where a sandbox does not hold, by what a system tells of itself."""

from __future__ import annotations

import pytest

from soa.sandbox.remedies import advice, for_landlock, for_namespaces

USERNS = "proc/sys/kernel/apparmor_restrict_unprivileged_userns"
CLONE = "proc/sys/kernel/unprivileged_userns_clone"
MOST = "proc/sys/user/max_user_namespaces"
RELEASE, MODULES = "proc/sys/kernel/osrelease", "sys/kernel/security/lsm"


@pytest.fixture
def system(tmp_path):
    """Makes the files of a system; a folder that stands for its root."""

    def make(**files):
        for path, content in files.items():
            place = tmp_path / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(content)
        return tmp_path

    return make


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        (USERNS, "1\n", "AppArmor keeps bubblewrap from making namespaces, as on Ubuntu since 23.10"),
        (USERNS, "1\n", "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"),
        (CLONE, "0\n", "sudo sysctl -w kernel.unprivileged_userns_clone=1"),
        (MOST, "0\n", "sudo sysctl -w user.max_user_namespaces="),
        (".dockerenv", "", "Docker allows them with --security-opt seccomp=unconfined"),
        ("run/.containerenv", "", "This is a container"),
    ],
)
def test_what_forbids_namespaces_is_told_with_what_to_do(system, path, value, told):
    assert told in for_namespaces(system(**{path: value}))


def test_nothing_is_made_up_where_namespaces_are_allowed(system):
    assert for_namespaces(system(**{USERNS: "0\n", CLONE: "1\n", MOST: "96365\n"})) == ""


@pytest.mark.parametrize(
    ("files", "machine", "told"),
    [
        ({RELEASE: "5.15.0-105-generic\n"}, "x86_64", "It takes Linux 6.2 or newer; this is 5.15.0-105-generic."),
        ({RELEASE: "6.1.0-18-amd64\n"}, "aarch64", "It takes Linux 6.2 or newer; this is 6.1.0-18-amd64."),
        (
            {RELEASE: "6.12.3\n", MODULES: "lockdown,capability,yama"}, "x86_64",
            "Start it with lsm=landlock,lockdown,capability,yama on its command line.",
        ),
        ({RELEASE: "6.12.3\n", ".dockerenv": ""}, "x86_64", "This is a container"),
        ({RELEASE: "6.12.3\n", MODULES: "capability,landlock"}, "x86_64", "Linux 6.2 or newer, with Landlock"),
        ({}, "x86_64", "Linux 6.2 or newer, with Landlock"),
        ({RELEASE: "6.12.3\n"}, "riscv64", "on x86_64 and aarch64 only; this is riscv64."),
    ],
)  # fmt: skip
def test_what_is_lacking_for_landlock_is_told(system, files, machine, told):
    assert told in for_landlock(system(**files), machine)


def test_a_reason_that_has_nothing_to_do_with_the_system_gets_no_advice_about_it():
    assert advice("/usr/bin/python2 is Python 2.7; candidates can be run by Python 3.9 or newer.") == ""
    assert advice("Landlock does not hold here: the kernel has no seccomp.") != ""
