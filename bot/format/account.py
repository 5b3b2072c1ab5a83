"""Money: balance and past sales."""

from __future__ import annotations

from datetime import datetime

from bot.format import numbers, sale_result, times, words
from bot.format.lang import Lang
from bot.format.markup import bold, foreign, lines
from bot.format.positions import Names, more, title
from engine.model.ids import DeskName
from engine.model.money import FxRate, Krw, Money
from engine.model.orders import OrderReason
from engine.model.views import BalanceView, SaleView

_MAX_SALES = 30


def balance(view: BalanceView[Money], now: datetime, lang: Lang, desk: DeskName | None) -> str:
    """Cash and shares from the books, with their age and the rate's source.

    ``desk``: which, where there are two.
    """
    head = _head(lang.pick("잔고", "Balance"), desk, lang)
    if view.deposit is None:
        cash = lang.pick("예수금: 아직 읽지 않음", "Cash: not read yet")
    else:
        cash = (
            lang.pick("예수금 ", "Cash ")
            + numbers.amount(view.deposit, lang)
            + numbers.in_won(view.deposit, view.fx, lang)
        )
    orderable = (
        None
        if view.orderable is None
        else lang.pick("주문 가능 ", "Orderable ") + numbers.amount(view.orderable, lang)
    )
    return lines(
        head,
        cash,
        orderable,
        lang.pick("주식 평가 ", "Stocks ")
        + numbers.amount(view.market_value, lang)
        + numbers.in_won(view.market_value, view.fx, lang),
        None if isinstance(view.market_value, Krw) else rate(view.fx, lang),
        lang.pick("장부 기준 ", "From the books, ") + times.age(view.at, now, lang),
    )


def rate(fx: FxRate | None, lang: Lang) -> str:
    """The won rate with where and when it was read."""
    if fx is None:
        return lang.pick("환율 없음: 원화 표시 안 함", "No rate: won not shown")
    return (
        lang.pick("환율 ", "Rate ")
        + f"{fx.krw_per_usd.normalize():,f} ({foreign(fx.source, 30)}, {times.kst(fx.at)})"
    )


def trades(rows: tuple[SaleView[Money], ...], names: Names, lang: Lang) -> str:
    """Latest sales first, 봇 매도 apart from 직접 매도."""
    head = bold(lang.pick("거래", "Trades"))
    if not rows:
        return lines(head, lang.pick("아직 매도가 없습니다.", "No sales yet."))
    blocks = [_sale(row, names.get(row.symbol, ""), lang) for row in rows[:_MAX_SALES]]
    return lines(head, *blocks, more(len(rows), _MAX_SALES, lang))


def _head(text: str, desk: DeskName | None, lang: Lang) -> str:
    return bold(text if desk is None else f"{text} · {words.desk(desk, lang)}")


def _sale(row: SaleView[Money], name: str, lang: Lang) -> str:
    who = seller(lang, by_bot=row.by_bot)
    by_command = row.reason is OrderReason.MANUAL
    if row.reason is not None and (by_command or isinstance(row.avg_cost, Krw)):
        who = words.order_reason(row.reason, lang)
    price = lang.pick("가격 모름", "price unknown")
    if row.price is not None:
        price = numbers.price(row.price, lang)
    result = sale_result.of(row)
    return lines(
        f"{numbers.mark(None if result is None else result.amount)} {title(row.symbol, name)}"
        f" {numbers.shares(row.qty, lang)} @ {price}",
        None if row.price is None else f"  {sale_result.line(result, row.fx, lang)}",
        f"  {who} · {times.kst(row.at)}",
    )


def seller(lang: Lang, *, by_bot: bool) -> str:
    """봇 매도 or 직접 매도."""
    if by_bot:
        return lang.pick("봇 매도", "sold by the bot")
    return lang.pick("직접 매도", "sold by hand")
