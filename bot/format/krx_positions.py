"""Positions of the KRX desk: an overview, and one short block each."""

from __future__ import annotations

from datetime import datetime

from bot.format import krx_words, numbers, times, words
from bot.format.lang import Lang
from bot.format.markup import bold, foreign, lines
from bot.format.positions import MAX_ROWS, account_read, more, title
from bot.format.table import table
from engine.model.ids import DeskName
from engine.model.krx_views import KrxDeskView, KrxPositionView

_MAX_OVERVIEW = 30
_MAX_FOREIGN = 8


def krx_positions(krx: KrxDeskView, now: datetime, lang: Lang) -> str:
    """All positions from the desk's memory, with the age of the account read."""
    rows = krx.positions
    head = bold(words.desk(DeskName.KRX, lang))
    read = account_read(krx.holdings_at, now, lang, is_holding=bool(rows))
    own = _foreign(krx, lang)
    if not rows:
        return lines(head, lang.pick("보유 없음", "None held"), own, read)
    overview = _overview(rows, lang) if len(rows) > 1 else None
    blocks = [position(row, now, lang) for row in rows[:MAX_ROWS]]
    return lines(head, overview, *blocks, more(len(rows), MAX_ROWS, lang), own, read)


def position(row: KrxPositionView, now: datetime, lang: Lang) -> str:
    """One position: gain, price with age, and where each rule would sell it."""
    gain = numbers.pct(row.gain_pct) if row.gain_pct is not None else "-"
    selling = lang.pick(" · 매도 주문 중", " · selling") if row.is_selling else ""
    return lines(
        f"{numbers.mark(row.gain_pct)} {title(row.symbol, row.name)} {gain}",
        f"  {numbers.shares(row.qty, lang)} × {numbers.price(row.avg_cost, lang)}{selling}",
        f"  {_price(row, now, lang)}",
        f"  {exits(row, lang)}",
        f"  {_zones(row, lang)}" if row.zones else None,
        None if row.held is None else f"  ⏸ {krx_words.hold(row.held, lang)}",
    )


def exits(row: KrxPositionView, lang: Lang) -> str:
    """The prices at which rules sell."""
    parts = [f"{lang.pick('손절', 'stop')} {numbers.price(row.stop_price, lang)}"]
    if row.trailing_price is not None:
        parts.append(f"{lang.pick('추적', 'trail')} {numbers.price(row.trailing_price, lang)}")
    if row.target_price is not None:
        parts.append(f"{lang.pick('익절', 'target')} {numbers.price(row.target_price, lang)}")
    return " · ".join(parts)


def _price(row: KrxPositionView, now: datetime, lang: Lang) -> str:
    held_for = times.span(now - row.opened_at, lang)
    since = lang.pick(f"보유 {held_for}", f"held {held_for}")
    if row.last_price is None:
        return f"{lang.pick('현재가 없음', 'no price yet')} · {since}"
    seen = times.age(row.priced_at, now, lang)
    last = numbers.price(row.last_price, lang)
    return f"{lang.pick('현재가', 'last')} {last} ({seen}) · {since}"


def _zones(row: KrxPositionView, lang: Lang) -> str:
    days = "" if row.n_days is None else str(row.n_days)
    named = ", ".join(krx_words.zone(zone, lang, days) for zone in row.zones)
    return f"{lang.pick('돌파', 'broke')}: {named}"


def _foreign(krx: KrxDeskView, lang: Lang) -> str | None:
    """Shares that are in the account and not the desk's."""
    if not krx.foreign:
        return None
    shown = ", ".join(
        f"{foreign(name or symbol, 16)} {numbers.shares(qty, lang)}"
        for symbol, name, qty in krx.foreign[:_MAX_FOREIGN]
    )
    left = len(krx.foreign) - _MAX_FOREIGN
    rest = f" (+{left})" if left > 0 else ""
    return lang.pick("건드리지 않음: ", "Left alone: ") + shown + rest


def _overview(rows: tuple[KrxPositionView, ...], lang: Lang) -> str:
    head = lang.pick("종목 · 수량 · 수익률", "Stock · shares · gain")
    shown = [
        (
            numbers.mark(row.gain_pct),
            row.name or row.symbol,
            f"{row.qty:,}",
            "-" if row.gain_pct is None else numbers.pct(row.gain_pct),
        )
        for row in rows[:_MAX_OVERVIEW]
    ]
    return f"{head}\n{table(shown, '<<>>')}"
