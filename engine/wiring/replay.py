"""Recorded days through the desk, on every core of the machine."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import date, time, timedelta
from decimal import Decimal
from functools import partial
from multiprocessing import get_all_start_methods, get_context
from pathlib import Path

from engine.adapters.sim.krx_account import KrxSimAccount, SimBooks
from engine.adapters.sim.recorded_krx import RecordedKrx
from engine.config import Config, krx_settings
from engine.desk.krx.desk import KrxDesk
from engine.errors import ConfigError
from engine.flow.replay import Replay
from engine.flow.replay_check import Inspector
from engine.flow.replay_market import FACILITIES, RecordedMarket
from engine.flow.replay_result import DayResult, Diary
from engine.flow.replay_text import VIOLATION, day_lines, total_lines
from engine.model.ids import Symbol
from engine.model.krx_settings import KrxSettings
from engine.model.money import Krw
from engine.model.recorded import RecordedDay
from engine.rules.krx.sessions import KrxSession, KrxSessionTable, kst, kst_date
from engine.wiring.modes import krx_costs

__all__ = ["START_CASH", "VIOLATION", "play", "replay_lines"]

NO_DAYS = (
    "{}: no recorded days are here. Record your own with `python3 run.py bot --record DIR`, then "
    "play one: `python3 run.py replay --recording FILE`. "
    "Other minutes: `python3 run.py replay --minutes DIR`."
)
START_CASH = Krw(Decimal(10_000_000))
_MINUTE = timedelta(minutes=1)


def replay_lines(
    minutes: Path, config: Config, *, day: date | None = None, symbol: str = ""
) -> Iterator[str]:
    """Play what is recorded below ``minutes`` (the days before lie beside it) and tell of it.

    Raises:
        ConfigError: Nothing of that kind is recorded there.
    """
    if not (minutes / "index.csv").is_file():
        raise ConfigError(NO_DAYS.format(minutes))
    try:
        recorded = _recorded(minutes, symbol)
        days = [at for at in recorded.days if day in (None, at)]
        if not days:
            raise ConfigError(f"{minutes}: nothing recorded for {symbol} {day or ''}")
        results: list[DayResult] = []
        for result in _play_all((recorded.load(at) for at in days), krx_settings(config)):
            results.append(result)
            yield from day_lines(result)
    except ValueError as error:
        raise ConfigError(str(error)) from error
    yield from total_lines(results)


def _recorded(minutes: Path, symbol: str) -> RecordedKrx:
    try:
        return RecordedKrx(minutes, {symbol} if symbol else ())
    except LookupError as error:  # columns
        raise ConfigError(f"{minutes}: the index.csv there is not one of recorded days") from error


def play(settings: KrxSettings, recorded: RecordedDay, cash: Krw = START_CASH) -> DayResult:
    """One day with all its stocks, one desk and one fresh account."""
    settings, session, table = _fitted(settings, recorded)
    market = RecordedMarket(recorded, session)
    account = KrxSimAccount(SimBooks(cash), kst_date, krx_costs(lambda: settings.fee_pct))
    desk = KrxDesk(settings, table, FACILITIES)
    bases = {stock.symbol: stock.listing.base_price.amount for stock in recorded.stocks}

    def price_of(symbol: Symbol) -> Decimal:
        tick = market.last(symbol)
        return tick.price.amount if tick is not None else bases[symbol]

    inspector = Inspector(recorded.day, cash, settings, price_of, bases.__getitem__)
    diary = Diary(inspector)
    run = Replay(desk, market, account, diary)
    run.start(session.prepare_at - _MINUTE)
    run.play()
    run.run_up_to(session.close + _MINUTE)
    after = session.close + _MINUTE
    names = [why for stock in bases if (why := desk.why(stock, after)) is not None]
    scan = desk.scan(after)
    run.run_up_to(session.digest_at + _MINUTE)
    inspector.on_end(account.books.cash)
    shares = sum(price_of(symbol) * qty for symbol, qty in account.books.qty.items())
    return diary.result(
        recorded.day,
        stocks=len(recorded.stocks),
        ticks=run.ticks,
        net=Krw(account.books.cash.amount + shares) - cash,
        names=names,
        scan=scan,
    )


_settings: KrxSettings | None = None  # of a worker; inherited, since they cannot be sent


def _play_all(days: Iterator[RecordedDay], settings: KrxSettings) -> Iterator[DayResult]:
    """Days know nothing of each other: each core takes one, the results keep their order."""
    if "fork" not in get_all_start_methods():
        yield from map(partial(play, settings), days)
        return
    context = get_context("fork")
    with ProcessPoolExecutor(mp_context=context, initializer=_use, initargs=(settings,)) as pool:
        yield from pool.map(_play_here, days)


def _use(settings: KrxSettings) -> None:
    global _settings  # noqa: PLW0603 - a worker has no other place for what it inherits
    _settings = settings


def _play_here(recorded: RecordedDay) -> DayResult:
    return play(_settings or KrxSettings(), recorded)


def _fitted(
    settings: KrxSettings, recorded: RecordedDay
) -> tuple[KrxSettings, KrxSession, KrxSessionTable]:
    """Settings with which the desk sells in time where the recording ends before the session."""
    table = KrxSessionTable(settings)
    session = table.session_on(recorded.day)
    if session is None:
        raise ValueError(f"{recorded.day}: recorded, but the exchange was closed")
    recorded_to = kst(recorded.day, time(0)) + (recorded.last_minute + 1) * _MINUTE
    missing = -((recorded_to - session.close_auction) // _MINUTE)
    if missing <= 0:
        return settings, session, table
    entry, exits = settings.entry, settings.exits
    earlier = replace(
        settings,
        entry=replace(
            entry, last_entry_before_close_min=entry.last_entry_before_close_min + missing
        ),
        exits=replace(exits, flatten_before_close_min=exits.flatten_before_close_min + missing),
    )
    table.use(earlier)
    return earlier, table.session_on(recorded.day) or session, table
