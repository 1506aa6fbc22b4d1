"""What an agent may know of the text around its function."""

from __future__ import annotations
