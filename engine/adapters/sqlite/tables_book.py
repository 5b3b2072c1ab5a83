"""One book per mode: append-only tables, and views for reports. Figures are decimal text."""

from __future__ import annotations

_ORDERS = """
CREATE TABLE orders (
    client_order_id TEXT PRIMARY KEY,
    account TEXT NOT NULL, mode TEXT NOT NULL, desk TEXT NOT NULL,
    exchange_date TEXT NOT NULL, journalled_at TEXT NOT NULL,
    symbol TEXT NOT NULL, exchange TEXT NOT NULL,
    side TEXT NOT NULL CHECK (side IN ('buy', 'sell')),
    qty INTEGER NOT NULL CHECK (qty > 0),
    limit_price TEXT NOT NULL, currency TEXT NOT NULL,
    reason TEXT NOT NULL, decision_price TEXT NOT NULL, decided_at TEXT NOT NULL,
    json TEXT NOT NULL
)
"""
_CANCELS = """
CREATE TABLE cancels (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    client_order_id TEXT NOT NULL, broker_order_no TEXT NOT NULL,
    account TEXT NOT NULL, mode TEXT NOT NULL, desk TEXT NOT NULL,
    exchange_date TEXT NOT NULL, at TEXT NOT NULL,
    symbol TEXT NOT NULL, exchange TEXT NOT NULL, qty INTEGER NOT NULL
)
"""
_ANSWERS = """
CREATE TABLE order_answers (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    client_order_id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('accepted', 'rejected', 'unknown')),
    broker_order_no TEXT, code TEXT NOT NULL, text TEXT NOT NULL, at TEXT NOT NULL
)
"""
_FACTS = """
CREATE TABLE facts (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL, desk TEXT NOT NULL, kind TEXT NOT NULL, exchange_date TEXT NOT NULL,
    account TEXT NOT NULL, mode TEXT NOT NULL,
    client_order_id TEXT, is_sale INTEGER NOT NULL CHECK (is_sale IN (0, 1)),
    json TEXT NOT NULL
)
"""
_SNAPSHOTS = """
CREATE TABLE snapshots (
    desk TEXT PRIMARY KEY, at TEXT NOT NULL, json TEXT NOT NULL
)
"""
_FILLS = """
CREATE TABLE fills (
    seq INTEGER PRIMARY KEY REFERENCES facts (seq),
    account TEXT NOT NULL, mode TEXT NOT NULL, desk TEXT NOT NULL,
    exchange_date TEXT NOT NULL, at TEXT NOT NULL,
    client_order_id TEXT NOT NULL, broker_order_no TEXT NOT NULL,
    symbol TEXT NOT NULL, side TEXT NOT NULL CHECK (side IN ('buy', 'sell')),
    qty INTEGER NOT NULL, price TEXT NOT NULL, cum_qty INTEGER NOT NULL, currency TEXT NOT NULL,
    fee TEXT NOT NULL, fee_kind TEXT NOT NULL CHECK (fee_kind IN ('estimated', 'broker')),
    tax TEXT, tax_kind TEXT CHECK (tax_kind IN ('estimated', 'broker')),
    fx_rate TEXT, fx_source TEXT, fx_at TEXT,
    avg_cost TEXT NOT NULL, gain TEXT NOT NULL, source TEXT NOT NULL,
    UNIQUE (exchange_date, broker_order_no, cum_qty)
)
"""
_ELSEWHERE = """
CREATE TABLE sales_elsewhere (
    seq INTEGER PRIMARY KEY REFERENCES facts (seq),
    account TEXT NOT NULL, mode TEXT NOT NULL, desk TEXT NOT NULL,
    exchange_date TEXT NOT NULL, at TEXT NOT NULL,
    symbol TEXT NOT NULL, qty INTEGER NOT NULL, price TEXT, avg_cost TEXT NOT NULL,
    currency TEXT NOT NULL, left_qty INTEGER NOT NULL,
    fx_rate TEXT, fx_source TEXT, fx_at TEXT
)
"""
_SALES_VIEW = """
CREATE VIEW sales AS
SELECT seq, account, mode, desk, exchange_date, at, symbol, qty, price, avg_cost, gain, fee,
       fee_kind, tax, tax_kind, currency, fx_rate, fx_source, fx_at, 1 AS by_bot
FROM fills WHERE side = 'sell'
UNION ALL
SELECT seq, account, mode, desk, exchange_date, at, symbol, qty, price, avg_cost, NULL, NULL,
       NULL, NULL, NULL, currency, fx_rate, fx_source, fx_at, 0
FROM sales_elsewhere
"""
_SIGNALS_VIEW = """
CREATE VIEW signals AS
SELECT o.client_order_id, o.account, o.mode, o.desk, o.exchange_date, o.symbol, o.side, o.qty,
       o.limit_price, o.currency, o.reason, o.decision_price, o.decided_at,
       a.kind AS answer, a.broker_order_no, a.code, a.text, a.at AS answered_at
FROM orders AS o LEFT JOIN order_answers AS a
     ON a.id = (SELECT max(id) FROM order_answers WHERE client_order_id = o.client_order_id)
"""

BOOK_V1 = (
    _ORDERS,
    _CANCELS,
    _ANSWERS,
    "CREATE INDEX answers_by_order ON order_answers (client_order_id)",
    _FACTS,
    "CREATE INDEX facts_by_order ON facts (client_order_id) WHERE client_order_id IS NOT NULL",
    "CREATE INDEX facts_that_are_sales ON facts (seq) WHERE is_sale = 1",
    _SNAPSHOTS,
    _FILLS,
    _ELSEWHERE,
    _SALES_VIEW,
    _SIGNALS_VIEW,
)

# A desk that buys: no gain on a buy, and each desk's order numbers are its own broker's series.
_FILLS_V2 = _FILLS.replace("gain TEXT NOT NULL", "gain TEXT").replace(
    "UNIQUE (exchange_date", "UNIQUE (desk, exchange_date"
)

BOOK_V2 = (
    "DROP VIEW sales",
    "ALTER TABLE fills RENAME TO fills_v1",
    _FILLS_V2,
    "INSERT INTO fills SELECT * FROM fills_v1",
    "DROP TABLE fills_v1",
    _SALES_VIEW,
)

# A desk's state in parts, of which only the changed ones are written.
BOOK_V3 = (
    """
    CREATE TABLE snapshot_parts (
        desk TEXT NOT NULL, part TEXT NOT NULL, json TEXT NOT NULL, PRIMARY KEY (desk, part)
    ) WITHOUT ROWID
    """,
    """
    INSERT INTO snapshot_parts (desk, part, json)
    SELECT desk, '', '{"value":' || json || '}' FROM snapshots
    """,
    "DROP TABLE snapshots",
)

# What reports are counted from (docs/adr/0022); what ``fills`` does not hold, facts do.
_EXECUTIONS_VIEW = """
CREATE VIEW executions AS
SELECT f.seq, f.desk, f.exchange_date, f.at, f.symbol, f.side, f.qty, f.price, f.avg_cost, f.gain,
       f.fee, f.tax,
       coalesce(json_extract(x.json, '$.entry_fee.krw'), json_extract(x.json, '$.entry_fee.usd'))
       AS entry_fee,
       coalesce(json_extract(x.json, '$.left_qty'), json_extract(x.json, '$.held_qty'))
       AS held_after,
       f.client_order_id, o.reason, o.decision_price, json_extract(o.json, '$.score') AS score,
       f.fx_rate
FROM fills AS f JOIN facts AS x ON x.seq = f.seq
     LEFT JOIN orders AS o ON o.client_order_id = f.client_order_id
UNION ALL
SELECT seq, desk, exchange_date, at, symbol, 'sell', qty, price, avg_cost, NULL, NULL, NULL, NULL,
       left_qty, NULL, NULL, NULL, NULL, fx_rate
FROM sales_elsewhere
UNION ALL
SELECT seq, desk, exchange_date, at, json_extract(json, '$.symbol'), 'buy',
       json_extract(json, '$.qty'), NULL, json_extract(json, '$.avg_cost.usd'), NULL, NULL, NULL,
       NULL, json_extract(json, '$.total_qty'), NULL, NULL, NULL, NULL, NULL
FROM facts WHERE kind = 'BuySeen'
"""
_NAMES_VIEW = """
CREATE VIEW names AS
SELECT desk, coalesce(json_extract(json, '$.symbol'), json_extract(json, '$.order.symbol'))
       AS symbol, json_extract(json, '$.name') AS name, max(seq) AS seq
FROM facts WHERE kind IN ('BuySeen', 'EntryDecided') GROUP BY desk, symbol
"""

BOOK_V4 = (_EXECUTIONS_VIEW, _NAMES_VIEW)

# What the broker says of finished days (docs/adr/0025); ``asked_on`` is the exchange's date.
BOOK_V5 = (
    """
    CREATE TABLE broker_days (
        account TEXT NOT NULL, mode TEXT NOT NULL, desk TEXT NOT NULL,
        exchange_date TEXT NOT NULL, asked_on TEXT NOT NULL, asked_at TEXT NOT NULL,
        PRIMARY KEY (desk, exchange_date)
    )
    """,
    """
    CREATE TABLE broker_realised (
        desk TEXT NOT NULL, exchange_date TEXT NOT NULL, symbol TEXT NOT NULL,
        qty INTEGER NOT NULL, cost TEXT NOT NULL, proceeds TEXT NOT NULL, fee TEXT NOT NULL,
        tax TEXT, realised TEXT NOT NULL, currency TEXT NOT NULL, fx_rate TEXT,
        PRIMARY KEY (desk, exchange_date, symbol)
    )
    """,
)

# Of two orders with one number the branch tells ours from another's.
BOOK_V6 = ("ALTER TABLE order_answers ADD COLUMN branch TEXT NOT NULL DEFAULT ''",)
