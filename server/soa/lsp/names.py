"""Ids that editors know: commands, code actions, custom messages; mirrored by `client-vscode/src/protocol.ts`."""

from __future__ import annotations

from typing import Final

IMPLEMENT: Final = "soa.implement"
IMPLEMENT_FILE: Final = "soa.implementFile"
IMPLEMENT_WORKSPACE: Final = "soa.implementWorkspace"
DECOMPOSE: Final = "soa.decompose"
ACCEPT: Final = "soa.accept"
REJECT: Final = "soa.reject"
REGENERATE: Final = "soa.regenerate"
CANCEL: Final = "soa.cancel"
SHOW_DIFF: Final = "soa.showDiff"
SHOW_EXCHANGES: Final = "soa.showExchanges"
GO_TO_STUB: Final = "soa.goToStub"
COMMANDS: Final = (
    IMPLEMENT, IMPLEMENT_FILE, IMPLEMENT_WORKSPACE, DECOMPOSE, ACCEPT, REJECT, REGENERATE, CANCEL, SHOW_DIFF,
    SHOW_EXCHANGES, GO_TO_STUB,
)  # fmt: skip

QUICK_FIX: Final = "quickfix.soa"
REWRITE: Final = "refactor.rewrite.soa"
INSERT_VERIFIED: Final = "source.soa.insertVerified"

RUNS: Final = "soa/runs"
RUN_CHANGED: Final = "soa/runChanged"
HISTORY: Final = "soa/history"
EXCHANGES: Final = "soa/exchanges"
PROPOSAL: Final = "soa/proposal"
COMPLETE: Final = "soa/complete"

PROPOSALS: Final = "soa-proposal"
TRANSCRIPTS: Final = "soa-exchanges"
SCHEMES: Final = (PROPOSALS, TRANSCRIPTS)
"""Of documents that stand in no file, see `virtual`."""

SOURCE: Final = "soa"
"""Of diagnostics."""
