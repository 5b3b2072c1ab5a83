"""state.db: what people answered, what the chat remembers, and the calls that were spent."""

from __future__ import annotations

STATE_V1 = (
    """
    CREATE TABLE overrides (
        key TEXT PRIMARY KEY, value TEXT NOT NULL, old TEXT NOT NULL,
        user_id INTEGER NOT NULL, at TEXT NOT NULL
    )
    """,
    """
    CREATE TABLE latches (
        desk TEXT PRIMARY KEY, user_latch TEXT NOT NULL, guard_latch TEXT NOT NULL,
        guard_reason TEXT NOT NULL, guard_measured TEXT NOT NULL, guard_limit TEXT NOT NULL,
        at TEXT NOT NULL
    )
    """,
    "CREATE TABLE modes (desk TEXT PRIMARY KEY, mode TEXT NOT NULL, at TEXT NOT NULL)",
    """
    CREATE TABLE audit (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        at TEXT NOT NULL, user_id INTEGER, action TEXT NOT NULL, subject TEXT NOT NULL,
        old TEXT NOT NULL, new TEXT NOT NULL
    )
    """,
    """
    CREATE TABLE nonces (
        nonce TEXT PRIMARY KEY, user_id INTEGER NOT NULL, action TEXT NOT NULL,
        message_id INTEGER, expires_at TEXT NOT NULL
    )
    """,
    "CREATE INDEX nonces_by_message ON nonces (message_id)",
    "CREATE TABLE chat_values (key TEXT PRIMARY KEY, value TEXT NOT NULL)",
    """
    CREATE TABLE outbox (
        book TEXT NOT NULL, seq INTEGER NOT NULL, priority INTEGER NOT NULL,
        at TEXT NOT NULL, desk TEXT NOT NULL, fact TEXT NOT NULL,
        tries INTEGER NOT NULL DEFAULT 0, done INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (book, seq)
    )
    """,
    "CREATE INDEX outbox_waiting ON outbox (priority, at, seq) WHERE done = 0",
    """
    CREATE TABLE call_counts (
        desk TEXT NOT NULL, exchange_date TEXT NOT NULL, minute TEXT NOT NULL,
        calls INTEGER NOT NULL, PRIMARY KEY (desk, exchange_date, minute)
    )
    """,
    """
    CREATE TABLE call_reserves (
        desk TEXT NOT NULL, exchange_date TEXT NOT NULL, calls INTEGER NOT NULL,
        PRIMARY KEY (desk, exchange_date)
    )
    """,
)

STATE_V2 = (
    "ALTER TABLE outbox ADD COLUMN topic TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE outbox ADD COLUMN must_ack INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE outbox ADD COLUMN sent_after INTEGER",
    "ALTER TABLE outbox ADD COLUMN remind_at TEXT",
    "ALTER TABLE outbox ADD COLUMN times_told INTEGER NOT NULL DEFAULT 0",
    "DROP INDEX outbox_waiting",
    "CREATE INDEX outbox_waiting ON outbox (book, topic) WHERE done = 0",
)

# When desks ran while their exchange was open.
STATE_V3 = (
    """
    CREATE TABLE running_spans (
        desk TEXT NOT NULL, mode TEXT NOT NULL, began_at TEXT NOT NULL, until TEXT NOT NULL,
        PRIMARY KEY (desk, mode, began_at)
    ) WITHOUT ROWID
    """,
)
