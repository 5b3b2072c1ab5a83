"""Money: balance, past sales and their sums."""

from __future__ import annotations

from datetime import datetime

from bot.format import numbers, times, words
from bot.format.lang import Lang
from bot.format.markup import bold, foreign, lines
from bot.format.positions import Names, more, title
from bot.format.table import table
from engine.model.ids import DeskName
from engine.model.money import FxRate, Krw, Money
from engine.model.views import BalanceView, SaleView, StatsView

_MAX_SALES = 30
_MAX_SYMBOLS = 15


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


def stats(view: StatsView[Money], lang: Lang, desk: DeskName | None) -> str:
    """Sums over the book of the mode in force; ``desk``: which, where there are two."""
    head = _head(lang.pick("통계", "Stats"), desk, lang)
    if not view.sales:
        return lines(head, lang.pick("아직 매도가 없습니다.", "No sales yet."))
    net = view.gross_gain - view.fees
    name = lang.pick("순손익(매도 비용 후)", "Net of sale costs")
    if view.tax is not None:
        net -= view.tax
        name = lang.pick("순손익(비용·세금 후)", "Net of costs and tax")
    since = "-" if view.since is None else times.day(view.since)
    best = "-" if view.best_pct is None else numbers.pct(view.best_pct)
    worst = "-" if view.worst_pct is None else numbers.pct(view.worst_pct)
    return lines(
        head,
        lang.pick(f"{since}부터 매도 {view.sales}건", f"{view.sales} sales since {since}")
        + lang.pick(f", 이익 {view.wins}건", f", {view.wins} with a gain"),
        f"{numbers.mark(net)} {name} {numbers.signed(net, lang)}",
        lang.pick("비용 전 ", "Gross ")
        + numbers.signed(view.gross_gain, lang)
        + lang.pick(", 비용 ", ", costs ")
        + numbers.amount(view.fees, lang),
        None if view.tax is None else lang.pick("세금 ", "Tax ") + numbers.amount(view.tax, lang),
        lang.pick(f"최고 {best}, 최저 {worst}", f"Best {best}, worst {worst}"),
        _by_symbol(view, lang),
        more(len(view.by_symbol), _MAX_SYMBOLS, lang),
    )


def _by_symbol(view: StatsView[Money], lang: Lang) -> str | None:
    rows = [
        (numbers.mark(gain), symbol, f"{count:,}", numbers.signed(gain, lang))
        for symbol, count, gain in view.by_symbol[:_MAX_SYMBOLS]
    ]
    if not rows:
        return None
    head = lang.pick("종목 · 매도 · 손익", "Code · sales · gain")
    return f"{head}\n{table(rows, '<<>>')}"


def _head(text: str, desk: DeskName | None, lang: Lang) -> str:
    return bold(text if desk is None else f"{text} · {words.desk(desk, lang)}")


def _sale(row: SaleView[Money], name: str, lang: Lang) -> str:
    who = seller(lang, by_bot=row.by_bot)
    if row.reason is not None and isinstance(row.avg_cost, Krw):
        who = words.order_reason(row.reason, lang)
    price = lang.pick("가격 모름", "price unknown")
    if row.price is not None:
        price = numbers.price(row.price, lang)
    gain = (
        None
        if row.gain is None
        else numbers.signed(row.gain, lang) + numbers.in_won(row.gain, row.fx, lang, signed=True)
    )
    percent = "" if row.gain_pct is None else f" {numbers.pct(row.gain_pct)}"
    return lines(
        f"{numbers.mark(row.gain)} {title(row.symbol, name)}"
        f" {numbers.shares(row.qty, lang)} @ {price}",
        None if gain is None else f"  {gain}{percent}",
        f"  {who} · {times.kst(row.at)}",
    )


def seller(lang: Lang, *, by_bot: bool) -> str:
    """봇 매도 or 직접 매도."""
    if by_bot:
        return lang.pick("봇 매도", "sold by the bot")
    return lang.pick("직접 매도", "sold by hand")
