"""Agents: who writes, who decomposes, who tests, and what holds them together."""
