"""What speaks for LIVE, measured: the broker, the disk, the books. Each failure alone."""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from engine.adapters.clocks import LoopClock
from engine.adapters.sqlite.db import Database
from engine.adapters.sqlite.schema import BOOK
from engine.desk.base import SwitchableDesk
from engine.errors import BrokerUnavailable, QuotaExhausted
from engine.model.ids import DeskName, Mode
from engine.model.live import Evidence
from engine.rules.live import skew_s
from engine.wiring.evidence import EvidenceRoom, RealSide, Subject
from tests.desk.krx_world import A, KrxWorld, entered, opened
from tests.harness.stepped_loop import SteppedLoop, run_stepped

NOW = datetime(2026, 3, 10, 0, 30, tzinfo=UTC)
KRX, US = DeskName.KRX, DeskName.US


class Usage(NamedTuple):
    free: int


async def well() -> datetime:
    return NOW


def failing(error: Exception) -> Callable[[], Awaitable[object]]:
    async def probe() -> object:
        raise error

    return probe


def telling(told: datetime | None) -> Callable[[], Awaitable[datetime | None]]:
    async def probe() -> datetime | None:
        return told

    return probe


def quiet_desk() -> SwitchableDesk[Any]:
    world = KrxWorld()
    world.start()
    world.run_for(5)
    return world.desk


def again(snapshot: Mapping[str, object]) -> SwitchableDesk[Any]:
    world = KrxWorld()
    world.restart(snapshot)
    return world.desk


REAL = RealSide("hash", well, well, well)
SUBJECT = Subject(
    KRX,
    REAL,
    date_of=lambda now: now.date(),
    last_date=lambda: date(2027, 12, 31),
    unlimited=lambda: (),
    in_force=quiet_desk,
    again=again,
)


def gathered(data: Path, subject: Subject = SUBJECT) -> Evidence:
    async def main(loop: SteppedLoop) -> Evidence:
        room = EvidenceRoom(data, LoopClock(NOW, loop.time))
        loop.watch(lambda: room.pending > 0)
        return await room.gather(subject)

    return run_stepped(main)


def with_real(**changes: Any) -> Subject:
    return replace(SUBJECT, real=replace(REAL, **changes))


def book(data: Path, mode: Mode, *rows: tuple[str, tuple[object, ...]]) -> None:
    """A book of the mode with rows in it."""

    async def create() -> None:
        async with Database(data / f"{mode}.db", BOOK):
            pass

    data.chmod(0o700)
    asyncio.run(create())
    with closing(sqlite3.connect(data / f"{mode}.db")) as connection, connection:
        for sql, values in rows:
            connection.execute(sql, values)


def fact(desk: DeskName, kind: str, day: str, account: str = "hash") -> tuple[str, tuple[Any, ...]]:
    sql = (
        "INSERT INTO facts (at, desk, kind, exchange_date, account, mode, is_sale, json) "
        "VALUES ('x', ?, ?, ?, ?, 'm', 0, '{}')"
    )
    return sql, (desk, kind, day, account)


def sale(desk: DeskName, order: str, cum: int = 1, side: str = "sell") -> list[Any]:
    told = fact(desk, "OrderFilled", "2026-03-09")
    sql = (
        "INSERT INTO fills (seq, account, mode, desk, exchange_date, at, client_order_id, "
        "broker_order_no, symbol, side, qty, price, cum_qty, currency, fee, fee_kind, avg_cost, "
        "source) VALUES (last_insert_rowid(), 'hash', 'm', ?, '2026-03-09', 'x', ?, ?, 's', ?, 1, "
        "'1', ?, 'KRW', '0', 'estimated', '1', 'notice')"
    )
    return [told, (sql, (desk, order, order, side, cum))]


def kept(world: KrxWorld) -> tuple[str, tuple[object, ...]]:
    """What the world's desk left in its book."""
    snapshot = json.dumps({"value": dict(world.desk.snapshot())})
    return "INSERT INTO snapshot_parts (desk, part, json) VALUES (?, '', ?)", (KRX, snapshot)


def missing_shares(reason: str) -> KrxWorld:
    """The account is empty, and the desk has come as far as the reason."""
    world = entered(opened())
    world.shares[A] = 0  # in no list of orders
    for _ in range(600):
        if reason in world.desk.agreement.unsettled:
            return world
        world.run_for(1)
    raise AssertionError(world.desk.agreement)


def test_where_all_is_well_nothing_is_said(tmp_path: Path) -> None:
    found = gathered(tmp_path)
    assert found.token == found.account == found.database == ""
    assert found.skew_s == 0
    assert found.calendar_days == (date(2027, 12, 31) - NOW.date()).days
    assert found.unsettled == found.unlimited == ()
    assert (found.doubtful, found.days, found.trades) == (0, 0, 0)
    assert found.free_bytes > 0
    assert list(tmp_path.iterdir()) == []  # looking creates nothing


def test_a_token_that_cannot_be_had_is_named_and_the_account_is_not_asked(tmp_path: Path) -> None:
    trouble = BrokerUnavailable("ReadTimeout", tr_id="tokenP")
    found = gathered(tmp_path, with_real(token=failing(trouble), account=failing(ValueError())))
    assert (found.token, found.account, found.skew_s) == ("ReadTimeout", "ReadTimeout", None)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (BrokerUnavailable("no JSON, HTTP 503"), "no JSON, HTTP 503"),
        (QuotaExhausted("daily limit: 5000 of 5000"), "daily limit: 5000 of 5000"),
    ],
)
def test_an_account_that_does_not_answer_is_named(
    tmp_path: Path, error: Exception, said: str
) -> None:
    found = gathered(tmp_path, with_real(account=failing(error)))
    assert (found.token, found.account, found.skew_s) == ("", said, None)


def test_a_broker_that_says_nothing_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    async def never() -> None:
        await asyncio.Event().wait()

    assert gathered(tmp_path, with_real(account=never)).account == "no answer"


@pytest.mark.parametrize(
    ("told", "skew"),
    [
        (NOW, 0.0),
        (NOW - timedelta(seconds=1), 0.0),  # whole seconds are cut off
        (NOW - timedelta(seconds=8), 7.0),
        (NOW + timedelta(seconds=6), -6.0),
        (None, None),
    ],
)
def test_the_clock_is_compared_with_the_brokers(
    tmp_path: Path, told: datetime | None, skew: float | None
) -> None:
    assert gathered(tmp_path, with_real(server_time=telling(told))).skew_s == skew


def test_a_slow_answer_is_no_skew() -> None:
    asked, heard = NOW, NOW + timedelta(seconds=9)
    assert skew_s(NOW + timedelta(seconds=3), asked, heard) == 0
    assert skew_s(NOW + timedelta(seconds=10), asked, heard) == -1
    assert skew_s(NOW - timedelta(seconds=3), asked, heard) == 2


def test_a_damaged_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "state.db").write_bytes(b"not a database at all, but long enough" * 10)
    assert gathered(tmp_path).database == "state.db: file is not a database"


def test_a_live_book_of_another_account_is_named(tmp_path: Path) -> None:
    book(tmp_path, Mode.LIVE, fact(KRX, "PhaseChanged", "2026-03-09", account="other"))
    assert gathered(tmp_path).database == "live.db is of another account"
    assert gathered(tmp_path, replace(SUBJECT, name=US)).database == ""


def test_an_order_in_doubt_in_the_live_book_counts(tmp_path: Path) -> None:
    world = opened(place_answers=["lost"])
    world.price(A, 10_200)
    world.run_for(1)
    book(tmp_path, Mode.LIVE, kept(world))
    assert gathered(tmp_path).doubtful == 1
    assert gathered(tmp_path, replace(SUBJECT, in_force=lambda: world.desk)).doubtful == 2


def test_a_question_that_waits_in_the_live_book_is_not_settled(tmp_path: Path) -> None:
    world = missing_shares("books and broker disagree")
    book(tmp_path, Mode.LIVE, kept(world))
    apart = ("books and broker disagree",)
    assert gathered(tmp_path).unsettled == apart
    in_force = replace(SUBJECT, in_force=lambda: KrxWorld().desk)
    assert gathered(tmp_path, in_force).unsettled == ("account not read", *apart)


def test_a_look_that_the_live_book_never_finished_does_not_keep_the_desk_out(
    tmp_path: Path,
) -> None:
    world = missing_shares("shares are missing")
    assert world.desk.agreement.unsettled == ("shares are missing",)
    book(tmp_path, Mode.LIVE, kept(world))
    assert gathered(tmp_path).unsettled == ()


@pytest.mark.parametrize("trouble", ["an order", "a question"])
def test_what_an_earlier_day_left_open_the_first_list_settles(tmp_path: Path, trouble: str) -> None:
    world = missing_shares("books and broker disagree") if trouble == "a question" else opened()
    if trouble == "an order":
        world.place_answers = ["lost"]
        world.price(A, 10_200)
        world.run_for(1)
    book(tmp_path, Mode.LIVE, kept(world))
    later = replace(SUBJECT, date_of=lambda at: at.date() + timedelta(days=1))
    found, then = gathered(tmp_path), gathered(tmp_path, later)
    assert bool(found.unsettled) + found.doubtful == 1
    assert bool(then.unsettled) + then.doubtful == 0


def test_a_live_book_nobody_can_read_is_a_database_trouble(tmp_path: Path) -> None:
    sql = "INSERT INTO snapshot_parts (desk, part, json) VALUES (?, '', ?)"
    book(tmp_path, Mode.LIVE, (sql, (KRX, '{"value": {"version": 99}}')))
    assert "version 99" in gathered(tmp_path).database


def test_a_book_that_was_only_just_created_is_none_yet(tmp_path: Path) -> None:
    for mode in Mode:
        (tmp_path / f"{mode}.db").touch()
    found = gathered(tmp_path)
    assert (found.database, found.doubtful, found.days, found.trades) == ("", 0, 0, 0)


def test_a_full_disk_is_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage(free=1000))
    assert gathered(tmp_path).free_bytes == 1000


def test_an_account_not_read_yet_is_not_settled(tmp_path: Path) -> None:
    subject = replace(SUBJECT, in_force=lambda: KrxWorld().desk)
    assert gathered(tmp_path, subject).unsettled == ("account not read",)
    subject = replace(SUBJECT, in_force=lambda: None)
    assert gathered(tmp_path, subject).unsettled == ("account not read",)


def test_days_and_sales_of_dry_run_and_paper_count_together_and_live_does_not(
    tmp_path: Path,
) -> None:
    days = ("2026-03-05", "2026-03-06")
    dry = [fact(KRX, "DaySummary", day) for day in days]
    book(
        tmp_path,
        Mode.DRY_RUN,
        *dry,
        *sale(KRX, "o1"),
        *sale(KRX, "o1", cum=2),  # the same order, in parts
        *sale(KRX, "o2", side="buy"),
        *sale(US, "o3"),
    )
    paper = (fact(KRX, "DaySummary", "2026-03-06"), fact(KRX, "DaySummary", "2026-03-09"))
    book(tmp_path, Mode.PAPER, *paper, *sale(KRX, "o4"))
    book(tmp_path, Mode.LIVE, fact(KRX, "DaySummary", "2026-03-04"), *sale(KRX, "o5"))
    found = gathered(tmp_path)
    assert (found.days, found.trades) == (3, 2)
    of_us = gathered(tmp_path, replace(SUBJECT, name=US))
    assert (of_us.days, of_us.trades) == (0, 1)


def test_without_keys_there_is_no_evidence(tmp_path: Path) -> None:
    found = gathered(tmp_path, replace(SUBJECT, real=None))
    assert (found.token, found.account, found.skew_s) == ("no keys", "no keys", None)
