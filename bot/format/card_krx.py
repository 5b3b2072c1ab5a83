"""The KRX desk's part of the card: its day, its positions and how far they are from each exit."""

from __future__ import annotations

from bot.format import krx_words, numbers
from bot.format.bars import bar
from bot.format.guards import guard_lines
from bot.format.lang import Lang
from bot.format.markup import lines
from bot.format.positions import more, title
from engine.model.krx_views import KrxDeskView, KrxPositionView

_MAX_ROWS = 8


def krx_lines(krx: KrxDeskView, lang: Lang) -> tuple[str | None, ...]:
    """Day, positions, open orders and guards."""
    rows = krx.positions
    held = (
        [_position(row, lang) for row in rows[:_MAX_ROWS]]
        if rows
        else [lang.pick("보유 없음", "None held")]
    )
    return (
        _day(krx, lang),
        *held,
        more(len(rows), _MAX_ROWS, lang),
        _orders(krx, lang),
        *guard_lines(krx.guards, lang),
    )


def _day(krx: KrxDeskView, lang: Lang) -> str:
    today = krx.today
    name = lang.pick("평가손익(비용 후)", "Open net of costs")
    open_gain = f"{numbers.mark(today.open_gain)} {name} {numbers.signed(today.open_gain, lang)}"
    index = "" if today.index_pct is None else f" · {numbers.pct(today.index_pct)}"
    return lines(
        lang.pick(
            f"진입 {today.entries} · 청산 {today.round_trips} (이익 {today.wins})",
            f"{today.entries} entries · {today.round_trips} closed ({today.wins} in profit)",
        ),
        lang.pick(
            f"감시 {krx.watched}/{krx.universe:,}종목{index}",
            f"Watching {krx.watched} of {krx.universe:,}{index}",
        ),
        open_gain if krx.positions else None,
    )


def _position(row: KrxPositionView, lang: Lang) -> str:
    gain = "-" if row.gain_pct is None else numbers.pct(row.gain_pct)
    return lines(
        f"{numbers.mark(row.gain_pct)} {title(row.symbol, row.name)} {gain}",
        _way(row, lang),
    )


def _way(row: KrxPositionView, lang: Lang) -> str:
    """Where the price is between the stop and the target, or why that does not matter."""
    if row.is_selling:
        return lang.pick("매도 주문 중", "selling")
    if row.held is not None:
        return krx_words.hold(row.held, lang)
    if row.last_price is None:
        return lang.pick("현재가 없음", "no price yet")
    stop = row.trailing_price or row.stop_price
    name = lang.pick("손절", "stop")
    if row.trailing_price is not None:
        name = lang.pick("추적", "trail")
    shown = f"{name} {numbers.price(stop, lang)}"
    if row.target_price is None:
        return shown
    reach = (row.target_price - stop).amount
    way = bar((row.last_price - stop).amount, reach)
    return f"{way} {shown}"


def _orders(krx: KrxDeskView, lang: Lang) -> str | None:
    count = sum(not order.state.is_final for order in krx.orders)
    asked = len(krx.mismatches)
    parts = [
        lang.pick(f"📨 열린 주문 {count}", f"📨 open orders {count}") if count else None,
        lang.pick(f"❓ 질문 {asked}", f"❓ questions {asked}") if asked else None,
    ]
    return " · ".join(part for part in parts if part is not None) or None
