"""The tests' own OpenAI-compatible endpoint: a real HTTP server on this machine, with streaming and faults.

def answer(request: ChatRequest) -> str | Fault:
    return "def f(): ..." if request.step == "write" else Status(500)

with LoopbackServer(answer, latency=1.0) as server:
    ...  # server.url, server.requests
"""

from loopback.faults import (
    Cut,
    Fault,
    Hang,
    Raw,
    Status,
    Text,
    quota,
    rate_limited,
    unknown_model,
    web_page,
    wrong_key,
)
from loopback.server import ChatRequest, LoopbackServer

__all__ = [
    "ChatRequest",
    "Cut",
    "Fault",
    "Hang",
    "LoopbackServer",
    "Raw",
    "Status",
    "Text",
    "quota",
    "rate_limited",
    "unknown_model",
    "web_page",
    "wrong_key",
]
