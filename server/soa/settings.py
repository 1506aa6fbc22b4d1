"""What a user can set, resolved once: flags, then environment, then pyproject.toml, then these defaults."""

from __future__ import annotations

from typing import Literal

from attrs import frozen

SandboxChoice = Literal["auto", "bubblewrap", "process", "off"]


@frozen
class Settings:
    """Resolved settings. Each has the same name as flag (`--size-limit`), variable (`SOA_SIZE_LIMIT`) and entry of
    `[tool.soa]` (`size-limit` or `size_limit`).
    """

    model: str = ""
    """Name of the model as the endpoint knows it; empty: the endpoint is asked."""
    base_url: str = ""
    """Root of an OpenAI-compatible API, e.g. `http://localhost:11434/v1`; empty: found by discovery."""
    timeout: float = 120.0
    """Seconds without a sign of life from the endpoint after which a call is given up."""
    retries: int = 4
    """How often a call is repeated that was rate limited, met a server error or was cut off."""
    concurrency: int = 8
    """Calls to the model under way at once, over all agents of a run."""
    depth: int = 2
    """How deep mothers may delegate: 0 is children only."""
    size_limit: int = 24
    """A stub whose estimated size exceeds this goes to a mother; 0: every stub, while depth allows."""
    attempts: int = 4
    """How often one agent may write or repair."""
    agents: int = 256
    """Agents in one run."""
    budget_tokens: int = 0
    """Tokens one run may spend; 0: no limit."""
    budget_usd: float = 0.0
    """Money one run may spend, in US dollars; 0: no limit. Needs a price."""
    price_prompt: float = 0.0
    """US dollars for a million prompt tokens; 0: the kept price list, where it names the model."""
    price_completion: float = 0.0
    """US dollars for a million completion tokens; 0: as above."""
    context_tokens: int = 6000
    """Largest prompt, in tokens."""
    reply_tokens: int = 8000
    """Longest reply that is read, in tokens."""
    generate_tests: Literal["missing", "always", "never"] = "missing"
    """When a tester writes tests: where the contract has no examples and the project no tests, always, or never."""
    sandbox: SandboxChoice = "auto"
    """Where candidates run; `off` runs nothing, `process` is no sandbox at all."""
    test_seconds: float = 10.0
    """Wall time for the tests of one candidate."""
    test_memory_mb: int = 2048
    """Memory of each process of a test run."""
    python: str = ""
    """The project's interpreter; empty: the workspace's `.venv`, `VIRTUAL_ENV`, the server's own."""
