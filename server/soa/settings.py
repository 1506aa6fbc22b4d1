"""What a user can set, resolved once: flags, the editor, environment, pyproject.toml, then these defaults."""

from __future__ import annotations

from typing import Literal, get_args

from attrs import field, frozen
from attrs.validators import and_, ge, gt, in_, le

SandboxChoice = Literal["auto", "zygote", "landlock", "process", "off"]
TestChoice = Literal["missing", "always", "never"]
SaveChoice = Literal["off", "propose", "apply"]


@frozen
class Settings:
    """Resolved settings. Each has the same name as flag (`--size-limit`), variable (`SOA_SIZE_LIMIT`) and entry of
    `[tool.soa]` (`size-limit` or `size_limit`), and in camelCase in editors (`soa.sizeLimit`).
    """

    model: str = ""
    """Name of the model as the endpoint knows it; empty: the endpoint is asked. `recorded:FILE` replays the replies in
    a file, relative to the workspace; `editor` or `editor:NAME` has the editor's own model answer."""
    base_url: str = ""
    """Root of an OpenAI-compatible API, e.g. `http://localhost:11434/v1`; empty: found by discovery."""
    timeout: float = field(default=120.0, validator=and_(gt(0), le(86400)))
    """Seconds without a sign of life from the endpoint after which a call is given up."""
    retries: int = field(default=4, validator=and_(ge(0), le(100)))
    """How often a call is repeated that was rate limited, met a server error or was cut off."""
    concurrency: int = field(default=8, validator=and_(ge(1), le(1024)))
    """Calls to the model under way at once, over all agents of a run."""
    depth: int = field(default=2, validator=and_(ge(0), le(32)))
    """How deep mothers may delegate: 0 is children only."""
    size_limit: int = field(default=24, validator=ge(0))
    """A stub whose estimated size exceeds this goes to a mother; 0: every stub, while depth allows."""
    attempts: int = field(default=4, validator=and_(ge(1), le(100)))
    """How often one agent may write or repair."""
    agents: int = field(default=10_000, validator=ge(1))
    """Agents in one run."""
    budget_tokens: int = field(default=0, validator=ge(0))
    """Tokens one run may spend; 0: no limit."""
    budget_usd: float = field(default=0.0, validator=ge(0))
    """Money one run may spend, in US dollars; 0: no limit. Needs a price."""
    price_prompt: float = field(default=0.0, validator=ge(0))
    """US dollars for a million prompt tokens; 0: the kept price list, where it names the model."""
    price_completion: float = field(default=0.0, validator=ge(0))
    """US dollars for a million completion tokens; 0: as above."""
    context_tokens: int = field(default=6000, validator=ge(500))
    """Largest prompt, in tokens."""
    reply_tokens: int = field(default=100_000, validator=ge(100))
    """Longest reply that is read, in tokens."""
    generate_tests: TestChoice = field(default="missing", validator=in_(get_args(TestChoice)))
    """When a tester writes tests: where the contract has no examples and the project no tests, always, or never."""
    sandbox: SandboxChoice = field(default="auto", validator=in_(get_args(SandboxChoice)))
    """Where candidates run: `auto` takes the strongest that works, `zygote` is bubblewrap, `landlock` the kernel alone;
    `process` is no sandbox at all, `off` runs nothing."""
    test_seconds: float = field(default=20.0, validator=and_(gt(0), le(3600)))
    """Wall time for the tests of one candidate."""
    test_memory_mb: int = field(default=2048, validator=ge(64))
    """Memory of each process of a test run."""
    python: str = ""
    """The project's interpreter; empty: the workspace's `.venv`, `VIRTUAL_ENV`, the server's own."""
    on_save: SaveChoice = field(default="propose", validator=in_(get_args(SaveChoice)))
    """What a save does in an editor: nothing, runs for new and changed contracts, or runs whose verified proposals are
    inserted at once. The terminal has no flag for it."""
