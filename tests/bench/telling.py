"""How the benchmarks of the server say what they found."""

from __future__ import annotations

import sys


def tell(line=""):
    """Show a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def mark(good):
    """Whether a target is met."""
    return "✓" if good else "✗"


def target(what, value, most, unit):
    """Show a value beside its target."""
    tell(f"{mark(value <= most)} {what}: {value:.3g} {unit}".rstrip() + f" (at most {most:g} {unit}".rstrip() + ")")


def percentile(values, share):
    """The value that this share of all values does not exceed."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def milliseconds(values):
    """Median and p99 for people."""
    return f"median {1000 * percentile(values, 0.5):8.2f} ms   p99 {1000 * percentile(values, 0.99):8.2f} ms"


MISSING = "jedi-language-server is not installed: pip install jedi-language-server"
