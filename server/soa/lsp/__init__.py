"""The language server: one file per capability, translation only."""
