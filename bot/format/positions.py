"""Positions and orders: an overview, and one short block each."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType

from bot.format import numbers, times, words
from bot.format.lang import Lang
from bot.format.markup import bold, code, foreign, lines, one_line
from bot.format.table import table
from engine.model.ids import DeskName, Mode, Symbol
from engine.model.money import Money
from engine.model.status import StatusView
from engine.model.views import (
    OrderView,
    PositionView,
    UsDeskView,
)

Names = Mapping[Symbol, str]
NO_NAMES: Names = MappingProxyType({})
MAX_ROWS = 12
_MAX_OVERVIEW = 40
_NAME = 24
_KRX_CODE = re.compile(r"[0-9Q][0-9A-Z]{5}")


def title(symbol: str, name: str) -> str:
    """Name with its code: Apple (AAPL), 삼성전자 005930; the code alone where there is no name."""
    shown_code = foreign(symbol, _NAME)
    if not one_line(name) or name == symbol:
        return bold(shown_code)
    if _KRX_CODE.fullmatch(symbol):
        return f"{bold(foreign(name, _NAME))} {shown_code}"
    return f"{bold(foreign(name, _NAME))} ({shown_code})"


def names(view: StatusView) -> Names:
    """Names of what is held."""
    held: dict[Symbol, str] = {}
    for desk in (view.us, view.krx):
        if desk is not None:
            held.update({row.symbol: row.name for row in desk.positions})
    return held


def us_positions(us: UsDeskView, now: datetime, lang: Lang, *, is_alone: bool) -> str:
    """All holdings from the US desk's memory, with the age of the account read."""
    head = None if is_alone else bold(words.desk(DeskName.US, lang))
    rows = us.positions
    read = account_read(us.holdings_at, now, lang, is_holding=bool(rows))
    if not rows:
        return lines(head, lang.pick("보유 없음", "None held"), read)
    blocks = [position(row, now, lang) for row in rows[:MAX_ROWS]]
    overview = _overview(rows, lang) if len(rows) > 1 else None
    return lines(head, overview, *blocks, more(len(rows), MAX_ROWS, lang), read)


def account_read(at: datetime | None, now: datetime, lang: Lang, *, is_holding: bool) -> str:
    """How old the account read is; where something is held, that its gains know no costs."""
    read = lang.pick("계좌 확인: ", "Account read: ") + times.age(at, now, lang)
    return read + lang.pick(" · 수익률은 비용 전", " · gains before costs") if is_holding else read


def position(row: PositionView, now: datetime, lang: Lang) -> str:
    """One holding: gain, price with age, distance to target."""
    shadow = lang.pick(" · 모의 사본", " · shadow") if row.is_shadow else ""
    gain = numbers.pct(row.gain_pct) if row.gain_pct is not None else "-"
    return lines(
        f"{numbers.mark(row.gain_pct)} {title(row.symbol, row.name)} {gain}",
        f"  {numbers.shares(row.qty, lang)} × {numbers.usd(row.avg_cost)}"
        f" · {words.lot(row.state, lang)}{shadow}",
        f"  {_price(row, now, lang)}",
        f"  {_target(row, lang)}",
    )


def orders(rows: tuple[OrderView[Money], ...], names: Names, lang: Lang) -> str:
    """Own orders that are open, in doubt or ended today."""
    head = bold(lang.pick("주문", "Orders"))
    if not rows:
        return lines(head, lang.pick("오늘 주문 없음", "No orders today"))
    open_first = sorted(rows, key=lambda row: row.state.is_final)
    blocks = [order(row, names, lang) for row in open_first[:MAX_ROWS]]
    return lines(head, *blocks, more(len(rows), MAX_ROWS, lang))


def order(row: OrderView[Money], names: Names, lang: Lang) -> str:
    """One order in three short lines."""
    number = row.broker_order_no or row.client_order_id
    filled = f"{row.filled_qty:,}/{numbers.shares(row.qty, lang)}"
    return lines(
        f"{title(row.symbol, names.get(row.symbol, ''))} {words.side(row.side, lang)} {filled}"
        f" @ {numbers.price(row.limit, lang)}",
        f"  {words.order_state(row.state, lang)} · {times.kst(row.decided_at)}",
        f"  {lang.pick('번호', 'No.')} {code(foreign(number, 40))}",
    )


def to_target(row: PositionView) -> Decimal | None:
    """Per cent that the price has still to rise; not positive where it is there."""
    if row.last_price is None or row.last_price.amount <= 0:
        return None
    return (row.target_price - row.last_price).ratio(row.last_price) * 100


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
    distance = to_target(row)
    if distance is None:
        return text
    if distance <= 0:
        return text + lang.pick(" · 도달", " · reached")
    return text + lang.pick(f" · {numbers.pct(distance)} 남음", f" · {numbers.pct(distance)} left")


def _overview(rows: Sequence[PositionView], lang: Lang) -> str:
    """One table row each; its heading stands above, where Hangul cannot push figures aside."""
    head = lang.pick("종목 · 수량 · 수익률 · 목표까지", "Code · shares · gain · to the target")
    return f"{head}\n{table([_row(row, lang) for row in rows[:_MAX_OVERVIEW]], '<<>>>')}"


def _row(row: PositionView, lang: Lang) -> tuple[str, ...]:
    gain = "-" if row.gain_pct is None else numbers.pct(row.gain_pct)
    distance = to_target(row)
    if distance is None:
        left = "-"
    else:
        left = numbers.pct(distance) if distance > 0 else lang.pick("도달", "hit")
    return numbers.mark(row.gain_pct), row.symbol, f"{row.qty:,}", gain, left
