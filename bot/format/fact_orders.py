"""Alerts about orders and executions. An accepted order is never called a fill."""

from __future__ import annotations

from bot.format import account, numbers, reasons, times, words
from bot.format.lang import Lang
from bot.format.markup import code, foreign, lines
from bot.format.positions import title
from engine.model.facts import (
    OrderAccepted,
    OrderEnded,
    OrderFilled,
    OrderRejected,
    OrderResolved,
    OrderUnresolved,
    SoldElsewhere,
)
from engine.model.ids import Qty
from engine.model.money import Usd
from engine.model.orders import OrderIntent, Side


def accepted(fact: OrderAccepted, name: str, lang: Lang) -> str:
    """The broker took an order."""
    return lines(
        f"📨 {_what(fact.order, name, lang)} {lang.pick('주문 접수', 'order accepted')}",
        _terms(fact.order, lang),
        f"{lang.pick('번호', 'No.')} {code(foreign(fact.broker_order_no, 40))}",
    )


def rejected(fact: OrderRejected, name: str, lang: Lang) -> str:
    """A definite no."""
    return lines(
        f"🚨 {_what(fact.order, name, lang)} {lang.pick('주문 거부', 'order rejected')}",
        _terms(fact.order, lang),
        lang.pick("이유: ", "Reason: ") + _reason(fact, lang),
    )


def unresolved(fact: OrderUnresolved, name: str, lang: Lang) -> str:
    """Sent, no answer."""
    return lines(
        f"🚨 {_what(fact.order, name, lang)} "
        + lang.pick("주문 결과 모름", "order outcome unknown"),
        _terms(fact.order, lang),
        lang.pick("이유: ", "Reason: ") + reasons.say(fact.reason, lang),
        lang.pick(
            "KIS에서 확인하는 중입니다. 다시 보내지 않습니다.",
            "Being looked up at KIS. It is never sent again.",
        ),
    )


def resolved(fact: OrderResolved, name: str, lang: Lang) -> str:
    """The doubt ended."""
    if fact.broker_order_no is None:
        found = lang.pick("KIS에 없는 주문입니다.", "KIS does not have it.")
    else:
        number = code(foreign(fact.broker_order_no, 40))
        found = lang.pick(f"KIS에 접수되어 있습니다: {number}", f"KIS has it: {number}")
    return lines(
        f"✅ {_what(fact.order, name, lang)} {lang.pick('주문 확인됨', 'order resolved')}",
        found,
    )


def ended(fact: OrderEnded, name: str, lang: Lang) -> str:
    """Ended with shares unfilled."""
    left = numbers.shares(Qty(fact.order.qty - fact.filled_qty), lang)
    # Otherwise a new order may follow all the same, when the rules say so: no promise is made.
    following = None
    if fact.will_reprice:
        following = lang.pick("새 가격으로 다시 냅니다.", "It follows at a new price.")
    return lines(
        f"↩️ {_what(fact.order, name, lang)} {lang.pick('주문 끝남', 'order ended')}",
        lang.pick(f"남은 수량 {left}", f"{left} left"),
        following,
    )


def filled(fact: OrderFilled, name: str, lang: Lang) -> str:
    """Shares of an own order were executed, from an execution record."""
    part = (
        lang.pick("전량 체결", "filled")
        if fact.is_complete
        else lang.pick("일부 체결", "partly filled")
    )
    who = account.seller(lang, by_bot=True) if fact.order.side is Side.SELL else ""
    return lines(
        f"{numbers.mark(fact.gain)} {_what(fact.order, name, lang)} {part}"
        + (f" · {who}" if who else ""),
        f"{numbers.shares(fact.fill.qty, lang)} × {numbers.usd(fact.fill.price)}"
        f" · {lang.pick('평균', 'cost')} {numbers.usd(fact.avg_cost)}",
        _gain(fact, lang),
        lang.pick("비용(추정) ", "Costs (estimated) ") + numbers.cents(fact.fee),
        account.rate(fact.fx, lang),
        lang.pick("남은 보유 ", "Still held ") + numbers.shares(fact.left_qty, lang),
        times.both(fact.fill.at, lang),
    )


def sold_elsewhere(fact: SoldElsewhere, name: str, lang: Lang) -> str:
    """A sale that was not ours."""
    by_hand = account.seller(lang, by_bot=False)
    head = f"{title(fact.symbol, name)} {numbers.shares(fact.qty, lang)} {by_hand}"
    left = lang.pick("남은 보유 ", "Still held ") + numbers.shares(fact.left_qty, lang)
    if fact.price is None:
        unknown = lang.pick(
            "잔고에서 확인: 가격과 손익은 알 수 없습니다.",
            "Seen in the balance: price and gain are not known.",
        )
        return lines(f"⚪ {head}", unknown, left)
    gain = (fact.price - fact.avg_cost) * fact.qty
    percent = _percent(fact.price, fact.avg_cost)
    return lines(
        f"{numbers.mark(gain)} {head}",
        f"{numbers.usd(fact.price)} · {lang.pick('평균', 'cost')} {numbers.usd(fact.avg_cost)}",
        lang.pick("손익 ", "Gain ")
        + f"{numbers.signed_usd(gain)}{numbers.in_won(gain, fact.fx, lang, signed=True)}{percent}",
        account.rate(fact.fx, lang),
        left,
    )


def _gain(fact: OrderFilled, lang: Lang) -> str:
    won = numbers.in_won(fact.gain, fact.fx, lang, signed=True)
    return (
        lang.pick("손익 ", "Gain ")
        + f"{numbers.signed_usd(fact.gain)}{won} {numbers.pct(fact.gain_pct)}"
    )


def _percent(price: Usd, cost: Usd) -> str:
    if cost.amount <= 0:
        return ""
    return f" {numbers.pct((price - cost).ratio(cost) * 100)}"


def _reason(fact: OrderRejected, lang: Lang) -> str:
    """The broker's own words with its code; ours need none."""
    text = reasons.say(fact.text, lang)
    if not fact.code or reasons.is_known(fact.code):
        return text or "-"
    return f"{text} ({foreign(fact.code, 24)})"


def _what(order: OrderIntent, name: str, lang: Lang) -> str:
    return f"{title(order.symbol, name)} {words.side(order.side, lang)}"


def _terms(order: OrderIntent, lang: Lang) -> str:
    return (
        f"{numbers.shares(order.qty, lang)} @ {numbers.usd(order.limit)}"
        f" · {words.exit_reason(order.reason, lang)}"
    )
