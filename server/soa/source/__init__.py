"""Python text: stubs, contexts, imports and splices."""
