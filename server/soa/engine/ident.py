"""Ids of runs."""

from __future__ import annotations

import secrets


def new_ident() -> str:
    """An id that no other run has."""
    return secrets.token_hex(4)
