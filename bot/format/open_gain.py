"""What is still held, beside a report: it is in none of its sums."""

from __future__ import annotations

from collections.abc import Sequence

from bot.format import numbers, times, words
from bot.format.lang import Lang
from bot.format.markup import lines
from engine.model.ids import DeskName
from engine.model.krx_views import KrxPositionView
from engine.model.money import ZERO_KRW, ZERO_USD, Money
from engine.model.status import StatusView
from engine.model.views import PositionView

_Held = Sequence[KrxPositionView | PositionView]


def open_gain(view: StatusView, desk: DeskName, lang: Lang) -> str | None:
    """Gains before costs at the last prices, with the time of the oldest; None: nothing is held."""
    held = _held(view, desk)
    if not held:
        return None
    zero: Money = ZERO_KRW if desk is DeskName.KRX else ZERO_USD
    total, times_of, unknown = zero, [], 0
    for one in held:
        if one.last_price is None or one.priced_at is None or one.avg_cost.amount <= 0:
            unknown += 1
            continue
        total += type(zero)((one.last_price.amount - one.avg_cost.amount) * one.qty)
        times_of.append(one.priced_at)
    name = words.desk(desk, lang)
    count = len(times_of)
    told = None
    if times_of:
        told = (
            lang.pick(
                f"📌 {name} 보유 {count}종목 평가손익 ", f"📌 {name}, {count} held: open gain "
            )
            + numbers.signed(total, lang)
            + lang.pick(
                " (위 합계에 없음, 비용 전, 가격 ", " (in no sum above, before costs, prices of "
            )
            + f"{times.kst(min(times_of))})"
        )
    lacks = lang.pick(
        f"📌 {name} 보유 {unknown}종목은 가격이나 매수가를 몰라 빠짐",
        f"📌 {name}: price or cost of {unknown} held unknown, left out",
    )
    return lines(told, lacks if unknown else None)


def _held(view: StatusView, desk: DeskName) -> _Held:
    if desk is DeskName.KRX:
        return () if view.krx is None else view.krx.positions
    return () if view.us is None else view.us.positions
