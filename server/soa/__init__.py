"""Self-Organized Agents for Python: docstring-only stubs in, verified code out."""

__version__ = "0.1.0"
