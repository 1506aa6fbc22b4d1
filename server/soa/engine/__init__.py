"""Runs from start to proposals: what the terminal and the editors' session are built on."""
