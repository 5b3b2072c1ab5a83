"""Alerts about orders and executions. An accepted order is never called a fill."""

from __future__ import annotations

from datetime import datetime

from bot.format import account, numbers, reasons, sale_result, times, words
from bot.format.lang import Lang
from bot.format.markup import code, foreign, lines
from bot.format.positions import title
from engine.model.ids import Qty
from engine.model.money import FxRate, Krw, Money
from engine.model.order_facts import (
    OrderAccepted,
    OrderEnded,
    OrderFilled,
    OrderRejected,
    OrderResolved,
    OrderUnresolved,
    SoldElsewhere,
)
from engine.model.orders import OrderIntent, OrderKind, OrderReason, Side


def accepted(fact: OrderAccepted[Money], name: str, lang: Lang) -> str:
    """The broker took an order."""
    return lines(
        f"📨 {what(fact.order, name, lang)} {lang.pick('주문 접수', 'order accepted')}",
        terms(fact.order, lang),
        f"{lang.pick('번호', 'No.')} {code(foreign(fact.broker_order_no, 40))}",
    )


def rejected(fact: OrderRejected[Money], name: str, lang: Lang) -> str:
    """A definite no."""
    return lines(
        f"🚨 {what(fact.order, name, lang)} {lang.pick('주문 거부', 'order rejected')}",
        terms(fact.order, lang),
        lang.pick("이유: ", "Reason: ") + _reason(fact, lang),
    )


def unresolved(fact: OrderUnresolved[Money], name: str, lang: Lang) -> str:
    """Sent, no answer."""
    return lines(
        f"🚨 {what(fact.order, name, lang)} "
        + lang.pick("주문 결과 모름", "order outcome unknown"),
        terms(fact.order, lang),
        lang.pick("이유: ", "Reason: ") + reasons.say(fact.reason, lang),
        lang.pick(
            "KIS에서 확인하는 중입니다. 다시 보내지 않습니다.",
            "Being looked up at KIS. It is never sent again.",
        ),
    )


def resolved(fact: OrderResolved[Money], name: str, lang: Lang) -> str:
    """The doubt ended."""
    if fact.broker_order_no is None:
        found = lang.pick("KIS에 없는 주문입니다.", "KIS does not have it.")
    else:
        number = code(foreign(fact.broker_order_no, 40))
        found = lang.pick(f"KIS에 접수되어 있습니다: {number}", f"KIS has it: {number}")
    return lines(
        f"✅ {what(fact.order, name, lang)} {lang.pick('주문 확인됨', 'order resolved')}",
        found,
    )


def ended(fact: OrderEnded[Money], name: str, lang: Lang) -> str:
    """Ended with shares unfilled."""
    left = numbers.shares(Qty(fact.order.qty - fact.filled_qty), lang)
    # Otherwise a new order may follow all the same, when the rules say so: no promise is made.
    following = None
    if fact.will_reprice:
        following = lang.pick("새 가격으로 다시 냅니다.", "It follows at a new price.")
    return lines(
        f"↩️ {what(fact.order, name, lang)} {lang.pick('주문 끝남', 'order ended')}",
        lang.pick(f"남은 수량 {left}", f"{left} left"),
        following,
    )


def filled(fact: OrderFilled[Money], name: str, lang: Lang) -> str:
    """Shares of an own order were executed, from an execution record."""
    result = sale_result.of(fact)
    return lines(
        f"{numbers.mark(None if result is None else result.amount)} {what(fact.order, name, lang)}"
        f" {extent(lang, is_complete=fact.is_complete)}{_by(fact, lang)}",
        f"{numbers.shares(fact.fill.qty, lang)} × {numbers.price(fact.fill.price, lang)}"
        f" · {lang.pick('평균', 'cost')} {numbers.price(fact.avg_cost, lang)}",
        sale_result.line(result, fact.fx, lang),
        sale_result.costs(fact, lang),
        _rate(fact.fx, fact.avg_cost, lang),
        lang.pick("남은 보유 ", "Still held ") + numbers.shares(fact.left_qty, lang),
        when(fact.fill.at, fact.fill.price, lang),
    )


def sold_elsewhere(fact: SoldElsewhere[Money], name: str, lang: Lang) -> str:
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
        f"{numbers.price(fact.price, lang)} · {lang.pick('평균', 'cost')}"
        f" {numbers.price(fact.avg_cost, lang)}",
        lang.pick("비용 전 손익 ", "Gain before costs ")
        + numbers.signed(gain, lang)
        + numbers.in_won(gain, fact.fx, lang, signed=True)
        + percent,
        _rate(fact.fx, fact.avg_cost, lang),
        left,
    )


def what(order: OrderIntent[Money], name: str, lang: Lang) -> str:
    """The stock and the side."""
    return f"{title(order.symbol, name)} {words.side(order.side, lang)}"


def terms(order: OrderIntent[Money], lang: Lang) -> str:
    """How many at which price, and why."""
    if order.kind is OrderKind.MARKET:
        price = lang.pick("시장가", "at market")
    else:
        price = f"@ {numbers.price(order.limit, lang)}"
    shares = numbers.shares(order.qty, lang)
    return f"{shares} {price} · {words.order_reason(order.reason, lang)}"


def extent(lang: Lang, *, is_complete: bool) -> str:
    """Whether the whole order was executed."""
    if is_complete:
        return lang.pick("전량 체결", "filled")
    return lang.pick("일부 체결", "partly filled")


def when(at: datetime, price: Money, lang: Lang) -> str:
    """KST, with New York beside it for what trades there."""
    return times.kst(at) if isinstance(price, Krw) else times.both(at, lang)


def _by(fact: OrderFilled[Money], lang: Lang) -> str:
    """Which rule sold a Korean stock; of the others, that the bot did, unless you told it to."""
    if isinstance(fact.avg_cost, Krw) or fact.order.reason is OrderReason.MANUAL:
        return f" · {words.order_reason(fact.order.reason, lang)}"
    if fact.order.side is Side.SELL:
        return f" · {account.seller(lang, by_bot=True)}"
    return ""


def _rate(fx: FxRate | None, paid: Money, lang: Lang) -> str | None:
    return None if isinstance(paid, Krw) else account.rate(fx, lang)


def _percent(price: Money, cost: Money) -> str:
    if cost.amount <= 0:
        return ""
    return f" {numbers.pct((price - cost).ratio(cost) * 100)}"


def _reason(fact: OrderRejected[Money], lang: Lang) -> str:
    """The broker's own words with its code; ours need none."""
    text = reasons.say(fact.text, lang)
    if not fact.code or reasons.is_known(fact.code):
        return text or "-"
    return f"{text} ({foreign(fact.code, 24)})"
