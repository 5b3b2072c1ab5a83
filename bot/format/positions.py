"""Positions and orders, one short block each."""

from __future__ import annotations

from datetime import datetime

from bot.format import numbers, times, words
from bot.format.lang import Lang
from bot.format.markup import bold, code, foreign, lines
from engine.model.ids import DeskName, Mode
from engine.model.views import OrderView, PositionView, StatusView

_MAX_ROWS = 12
_NAME = 24


def title(symbol: str, name: str) -> str:
    """Name with its code: Apple (AAPL); the code alone where there is no name."""
    shown_code = foreign(symbol, _NAME)
    if not name or name == symbol:
        return bold(shown_code)
    return f"{bold(foreign(name, _NAME))} ({shown_code})"


def positions(view: StatusView, lang: Lang) -> str:
    """All holdings from the desk's memory, with the age of the account read."""
    head = bold(lang.pick("포지션", "Positions"))
    if view.us is None:
        return lines(head, lang.pick("미국 데스크가 꺼져 있습니다.", "The US desk is disabled."))
    rows = view.us.positions
    read = lang.pick("계좌 확인: ", "Account read: ") + times.age(
        view.us.holdings_at, view.now, lang
    )
    if not rows:
        return lines(head, lang.pick("보유 없음", "None held"), read)
    blocks = [position(row, view.now, lang) for row in rows[:_MAX_ROWS]]
    return lines(head, *blocks, more(len(rows), _MAX_ROWS, lang), read)


def position(row: PositionView, now: datetime, lang: Lang) -> str:
    """One holding: gain, price with age, distance to target."""
    shadow = lang.pick(" · 모의 사본", " · shadow copy") if row.is_shadow else ""
    gain = numbers.pct(row.gain_pct) if row.gain_pct is not None else "-"
    return lines(
        f"{numbers.mark(row.gain_pct)} {title(row.symbol, row.name)} {gain}",
        f"  {numbers.shares(row.qty, lang)} × {numbers.usd(row.avg_cost)}"
        f" · {words.lot(row.state, lang)}{shadow}",
        f"  {_price(row, now, lang)}",
        f"  {_target(row, lang)}",
    )


def orders(rows: tuple[OrderView, ...], lang: Lang) -> str:
    """Own orders that are open, in doubt or ended today."""
    head = bold(lang.pick("주문", "Orders"))
    if not rows:
        return lines(head, lang.pick("오늘 주문 없음", "No orders today"))
    open_first = sorted(rows, key=lambda row: row.state.is_final)
    blocks = [order(row, lang) for row in open_first[:_MAX_ROWS]]
    return lines(head, *blocks, more(len(rows), _MAX_ROWS, lang))


def order(row: OrderView, lang: Lang) -> str:
    """One order in three short lines."""
    number = row.broker_order_no or row.client_order_id
    filled = f"{row.filled_qty:,}/{numbers.shares(row.qty, lang)}"
    return lines(
        f"{bold(foreign(row.symbol, _NAME))} {words.side(row.side, lang)} {filled}"
        f" @ {numbers.usd(row.limit)}",
        f"  {words.order_state(row.state, lang)} · {times.kst(row.decided_at)}",
        f"  {lang.pick('번호', 'No.')} {code(foreign(number, 40))}",
    )


def more(total: int, shown: int, lang: Lang) -> str | None:
    """How many rows were left out."""
    if total <= shown:
        return None
    return lang.pick(f"… 외 {total - shown}개", f"… and {total - shown} more")


def mode_line(modes: dict[DeskName, Mode], lang: Lang) -> str:
    """Mode of every desk."""
    parts = [f"{words.desk(name, lang)} {words.mode(mode, lang)}" for name, mode in modes.items()]
    return " · ".join(parts)


def _price(row: PositionView, now: datetime, lang: Lang) -> str:
    if row.last_price is None:
        return lang.pick("현재가 없음", "no price yet")
    seen = times.age(row.priced_at, now, lang)
    return f"{lang.pick('현재가', 'last')} {numbers.usd(row.last_price)} ({seen})"


def _target(row: PositionView, lang: Lang) -> str:
    text = (
        f"{lang.pick('목표', 'target')} {numbers.usd(row.target_price)}"
        f" ({numbers.pct(row.target_pct)})"
    )
    if row.last_price is None or row.last_price.amount <= 0:
        return text
    distance = ((row.target_price - row.last_price).ratio(row.last_price)) * 100
    if distance <= 0:
        return text + lang.pick(" · 도달", " · reached")
    return text + lang.pick(f" · {numbers.pct(distance)} 남음", f" · {numbers.pct(distance)} to go")
