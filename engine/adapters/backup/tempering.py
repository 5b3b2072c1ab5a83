"""What an older state.db may not bring back: a higher mode, a spent button, a lifted stop.

The rule: after a restore nothing is looser than it was before it, and everything is exits only
until the trader says /resume. What the directory itself says is heard, where it can be read.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from engine.errors import BackupFailed
from engine.model.ids import DeskName, DeskState, Mode

_MARKS = "SELECT key, value, old, user_id, at FROM overrides WHERE key LIKE ? OR key LIKE ?"
_COUNTS = "SELECT desk, exchange_date, minute, calls FROM call_counts"
_PUT_VALUE = """
INSERT INTO chat_values (key, value) VALUES (?, ?)
ON CONFLICT (key) DO UPDATE SET value = excluded.value
"""
_PUT_MODE = """
INSERT INTO modes (desk, mode, at) VALUES (?, ?, ?)
ON CONFLICT (desk) DO UPDATE SET mode = excluded.mode
"""
_PUT_LATCH = """
INSERT INTO latches
    (desk, user_latch, guard_latch, guard_reason, guard_measured, guard_limit, at)
VALUES (?, ?, 'running', '', '', '', ?)
ON CONFLICT (desk) DO UPDATE SET user_latch = excluded.user_latch, at = excluded.at
"""
_PUT_MARK = "INSERT OR IGNORE INTO overrides (key, value, old, user_id, at) VALUES (?, ?, ?, ?, ?)"
_PUT_COUNT = """
INSERT INTO call_counts (desk, exchange_date, minute, calls) VALUES (?, ?, ?, ?)
ON CONFLICT (desk, exchange_date, minute) DO UPDATE SET calls = max(calls, excluded.calls)
"""
_AUDIT = "INSERT INTO audit (at, user_id, action, subject, old, new) VALUES (?, NULL, ?, ?, ?, ?)"


@dataclass(frozen=True, slots=True)
class Keys:
    """Names in state.db that others gave.

    ``confirmed``: where a desk's LIVE confirmation is. ``restored``: where the next start looks.
    ``marks``: beginnings of keys that hold something back (a locked stock, small orders).
    """

    confirmed: Mapping[DeskName, str]
    restored: str
    marks: tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Known:
    """What a state.db says of modes, stops and what was spent. Empty: nobody knows."""

    modes: Mapping[str, Mode] = field(default_factory=dict)
    latches: Mapping[str, DeskState] = field(default_factory=dict)
    confirmed: Mapping[str, str] = field(default_factory=dict)
    marks: tuple[tuple[object, ...], ...] = ()
    counts: tuple[tuple[object, ...], ...] = ()


def temper(
    restored: Path, in_force: Path | None, keys: Keys, *, made_at: datetime, now: datetime
) -> None:
    """Change the copied state.db so that nothing in it goes beyond ``in_force``.

    Raises BackupFailed where it cannot be changed.
    """
    known = _Known()
    if in_force is not None:
        try:
            known = _read(in_force, keys)
        except (sqlite3.Error, ValueError):
            known = _Known()  # damaged, which may be why there is a restore: nothing is trusted
    try:
        backed_up = _read(restored, keys)
        with closing(sqlite3.connect(restored)) as connection, connection:
            _write(connection, backed_up, known, keys, made_at=made_at, now=now)
    except (sqlite3.Error, ValueError) as error:
        raise BackupFailed(f"{restored.name}: {error}") from None


def lowest(backed_up: Mode | None, in_force: Mode | None) -> Mode | None:
    """The mode of a desk after a restore; None where it never ran."""
    known = [mode for mode in (backed_up, in_force) if mode is not None]
    return min(known, key=lambda mode: mode.rank, default=None)


def strictest(*states: DeskState | None) -> DeskState:
    """The user's stop after a restore: exits only at least."""
    known = [state for state in states if state is not None]
    return max((*known, DeskState.EXITS_ONLY), key=lambda state: state.rank)


def _read(path: Path, keys: Keys) -> _Known:
    """Raises sqlite3.Error, ValueError."""
    address = f"{path.resolve().as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True)) as connection:
        modes = connection.execute("SELECT desk, mode FROM modes").fetchall()
        latches = connection.execute("SELECT desk, user_latch FROM latches").fetchall()
        values = dict(connection.execute("SELECT key, value FROM chat_values"))
        first, second = (f"{mark}%" for mark in keys.marks)
        marks = connection.execute(_MARKS, (first, second)).fetchall()
        counts = connection.execute(_COUNTS).fetchall()
    return _Known(
        modes={desk: Mode(mode) for desk, mode in modes},
        latches={desk: DeskState(state) for desk, state in latches},
        confirmed={desk: values.get(key, "") for desk, key in keys.confirmed.items()},
        marks=tuple(marks),
        counts=tuple(counts),
    )


def _write(
    connection: sqlite3.Connection,
    backed_up: _Known,
    known: _Known,
    keys: Keys,
    *,
    made_at: datetime,
    now: datetime,
) -> None:
    at = now.astimezone(UTC).isoformat(timespec="microseconds")
    for desk in DeskName:
        mode = lowest(backed_up.modes.get(desk), known.modes.get(desk))
        if mode is not None:
            connection.execute(_PUT_MODE, (desk, mode, at))
        latch = strictest(backed_up.latches.get(desk), known.latches.get(desk))
        connection.execute(_PUT_LATCH, (desk, latch, at))
        confirmed = backed_up.confirmed.get(desk, "")
        # Live goes on only where it is in force now: nobody is asked twice for the same money.
        goes_on = known.modes.get(desk) is Mode.LIVE is mode
        if not goes_on or confirmed != known.confirmed.get(desk):
            connection.execute("DELETE FROM chat_values WHERE key = ?", (keys.confirmed[desk],))
    connection.execute("DELETE FROM nonces")  # some were pressed since
    connection.executemany(_PUT_MARK, known.marks)
    connection.executemany(_PUT_COUNT, known.counts)
    made = made_at.astimezone(UTC).isoformat(timespec="seconds")
    connection.execute(_PUT_VALUE, (keys.restored, made))
    connection.execute(_AUDIT, (at, "restore", "state.db", made, ""))
