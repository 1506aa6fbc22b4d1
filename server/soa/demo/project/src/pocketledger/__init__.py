"""A small double-entry ledger, kept in plain text."""
