"""The tables of the store, version by version."""

from __future__ import annotations

MIGRATIONS = (
    (
        """CREATE TABLE IF NOT EXISTS runs (
            run TEXT PRIMARY KEY, workspace TEXT NOT NULL, request TEXT NOT NULL, started REAL NOT NULL, ended REAL
        )""",
        """CREATE TABLE IF NOT EXISTS replies (
            run TEXT NOT NULL, key TEXT NOT NULL, text TEXT NOT NULL, usage TEXT NOT NULL, cut INTEGER NOT NULL,
            PRIMARY KEY (run, key)
        ) WITHOUT ROWID""",
        "CREATE TABLE IF NOT EXISTS events (run TEXT NOT NULL, at REAL NOT NULL, event TEXT NOT NULL)",
        """CREATE TABLE IF NOT EXISTS proposals (
            run TEXT NOT NULL, path TEXT NOT NULL, qualname TEXT NOT NULL, digest TEXT NOT NULL, proposal TEXT NOT NULL,
            PRIMARY KEY (run, path, qualname, digest)
        ) WITHOUT ROWID""",
        "CREATE INDEX IF NOT EXISTS events_by_run ON events (run)",
    ),
    (
        "ALTER TABLE proposals ADD COLUMN at REAL NOT NULL DEFAULT 0",
        "ALTER TABLE proposals ADD COLUMN rejected INTEGER NOT NULL DEFAULT 0",
        """UPDATE proposals SET at = coalesce(
            (SELECT coalesce(ended, started) FROM runs WHERE runs.run = proposals.run), 0
        )""",
        "CREATE INDEX proposals_by_path ON proposals (path, digest)",
    ),
    (
        "ALTER TABLE runs ADD COLUMN stubs TEXT",
        "ALTER TABLE runs ADD COLUMN outcome TEXT",
        "CREATE INDEX runs_by_workspace ON runs (workspace, started)",
        "ALTER TABLE replies ADD COLUMN shown TEXT",
        """CREATE TABLE exchanges (
            number INTEGER PRIMARY KEY, run TEXT NOT NULL, agent TEXT NOT NULL, key TEXT NOT NULL, step TEXT NOT NULL,
            at REAL NOT NULL, prompt BLOB NOT NULL, answered INTEGER NOT NULL
        )""",
        "CREATE INDEX exchanges_by_agent ON exchanges (run, agent)",
    ),
    (
        """CREATE TABLE coverage (
            workspace TEXT NOT NULL, path TEXT NOT NULL, qualname TEXT NOT NULL, test TEXT NOT NULL,
            reached INTEGER NOT NULL, source TEXT NOT NULL, at REAL NOT NULL,
            PRIMARY KEY (workspace, path, qualname, test)
        ) WITHOUT ROWID""",
        "CREATE INDEX coverage_by_test ON coverage (workspace, test, reached)",
        "CREATE INDEX coverage_by_age ON coverage (at)",
    ),
)
"""What each version of the file adds to the one before; `PRAGMA user_version` counts them."""
