"""/report as text: what a period brought, how good the trades were, what made the difference."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from bot.format import broker, numbers, times, words
from bot.format.lang import Lang
from bot.format.markup import bold, foreign, lines
from bot.format.table import table
from bot.format.us_tax import us_tax
from engine.model.ids import DeskName, Symbol
from engine.model.money import Money
from engine.model.orders import OrderReason
from reports.periods import Span
from reports.report import Report
from reports.stats import Drawdown, Part, Quality, Result, Slippage
from reports.trades import Trade
from reports.uptime import Uptime

_SPANS: dict[Span, tuple[str, str]] = {
    Span.DAY: ("일간", "Day"),
    Span.WEEK: ("주간", "Week"),
    Span.MONTH: ("월간", "Month"),
    Span.QUARTER: ("분기", "Quarter"),
    Span.YEAR: ("연간", "Year"),
    Span.ALL: ("전체", "All"),
    Span.RANGE: ("기간", "Range"),
}
_MOST_ROWS, _ALL, _NAME_COLUMNS = 5, 24, 30
_Parts = list[tuple[str, Part[Money]]]


def span_name(span: Span, lang: Lang) -> str:
    """월간."""
    return lang.pick(*_SPANS[span])


def report(found: Report[Money], lang: Lang) -> str:
    """The whole of it, for one desk."""
    head = f"{words.desk(found.desk, lang)} {span_name(found.period.span, lang)}"
    title = f"📈 {bold(head)} {found.period.label}"
    if not found.executions:
        none = lang.pick("이 기간에는 매매가 없습니다.", "No trades in this period.")
        tax = None if found.tax is None else us_tax(found.tax, lang)
        return lines(title, none, _uptime(found.uptime, lang), tax)
    return lines(
        title,
        *result(found, lang),
        *_quality(found.quality, lang),
        drawdown(found.drawdown, lang),
        _slippage(found.slippage, lang),
        _uptime(found.uptime, lang),
        *extremes(found, lang),
        _parts(lang.pick("종목별", "By stock"), _named(found), lang),
        _parts(lang.pick("청산 사유별", "By exit"), _reasons(found.by_reason, lang), lang),
        _parts(lang.pick("진입 점수별", "By score"), _bands(found.by_score), lang, _ALL),
        _parts(lang.pick("청산 시각별", "By hour"), _hours(found.by_hour, lang), lang, _ALL),
        *_notes(found, lang),
        None if found.tax is None else us_tax(found.tax, lang),
        broker.agreement(found, lang),
    )


def which(lang: Lang) -> str:
    """Above the buttons of all periods."""
    return lang.pick("어느 기간을 볼까요?", "Which period?")


def nothing(desk: DeskName, lang: Lang) -> str:
    """A book without an execution."""
    desk_name = words.desk(desk, lang)
    return lang.pick(
        f"{desk_name}: 장부에 아직 매매가 없습니다.", f"{desk_name}: no trades in the book yet."
    )


def unreadable(lang: Lang) -> str:
    """The book could not be read."""
    return lang.pick("⚠️ 장부를 읽지 못했습니다.", "⚠️ The book cannot be read.")


def result(found: Report[Money], lang: Lang) -> tuple[str | None, ...]:
    """What sales brought, and what of it went to others."""
    sums = found.result
    name = lang.pick("순손익(비용·세금 후)", "Net of costs and tax")
    if sums.lacks_entry_fee:
        name = lang.pick("순손익(매수 비용 빼기 전)", "Net before buying costs")
    tax = None
    if sums.tax:
        tax = lang.pick("세금 ", "tax ") + numbers.amount(sums.tax, lang)
    costs = lang.pick("비용 ", "costs ") + numbers.amount(sums.fees, lang)
    return (
        f"{numbers.mark(sums.net)} {name} {bold(numbers.signed(sums.net, lang))}",
        " · ".join(
            part
            for part in (
                lang.pick("비용 전 ", "Gross ") + numbers.signed(sums.gain, lang),
                costs,
                tax,
            )
            if part is not None
        ),
    )


def _quality(quality: Quality[Money], lang: Lang) -> tuple[str | None, ...]:
    if not quality.trades:
        return (trades(quality, lang),)
    held = [
        f"{name} {times.span(length, lang)}"
        for name, length in (
            (lang.pick("평균", "average"), quality.average_held),
            (lang.pick("최장", "longest"), quality.longest_held),
        )
        if length is not None
    ]
    few = lang.pick(
        "거래가 30건보다 적어 비율은 참고만 하세요.", "Under 30 trades: take ratios lightly."
    )
    return (
        trades(quality, lang),
        lang.pick("프로핏 팩터 ", "Profit factor ")
        + _ratio(quality.profit_factor)
        + lang.pick(" · 거래당 ", " · a trade ")
        + ("-" if quality.expectancy is None else numbers.signed(quality.expectancy, lang)),
        lang.pick("보유 ", "Held ") + ", ".join(held) if held else None,
        few if quality.is_few else None,
    )


def trades(quality: Quality[Money], lang: Lang) -> str:
    """How many, how many of them won, and how well."""
    if quality.win_rate is None:
        return lang.pick("끝난 거래 없음", "No trade closed")
    rate = numbers.share(quality.win_rate)
    return (
        lang.pick(f"거래 {quality.trades}건", f"{quality.trades} trades")
        + lang.pick(f" · 승률 {rate}", f" · wins {rate}")
        + lang.pick(" · 손익비 ", " · payoff ")
        + _ratio(quality.payoff)
    )


def drawdown(fall: Drawdown[Money] | None, lang: Lang) -> str | None:
    """How deep, from when to when, and since when made good."""
    if fall is None:
        return None
    begin = lang.pick("처음", "start") if fall.peak_on is None else times.day(fall.peak_on)
    end = lang.pick("회복 전", "not recovered")
    if fall.recovered_on is not None:
        end = lang.pick("회복 ", "recovered ") + times.day(fall.recovered_on)
    return (
        lang.pick("최대 낙폭 ", "Deepest fall ")
        + numbers.signed(-fall.amount, lang)
        + f" ({begin} → {times.day(fall.trough_on)}, {end})"
    )


def _slippage(slippage: Slippage[Money], lang: Lang) -> str | None:
    if slippage.pct is None:
        return None
    return (
        lang.pick("슬리피지 ", "Slippage ")
        + numbers.signed(-slippage.amount, lang)
        + f" ({numbers.pct(-slippage.pct)})"
    )


def _uptime(uptime: Uptime | None, lang: Lang) -> str | None:
    if uptime is None:
        return None
    ran, of = (int(one.total_seconds()) // 60 for one in (uptime.running, uptime.session))
    since = times.day(uptime.since)
    return lang.pick(
        f"가동 {uptime.pct:.0f} % (장중 {ran:,}/{of:,}분, {since}부터)",
        f"Desk ran {uptime.pct:.0f} % of sessions ({ran:,} of {of:,} min since {since})",
    )


def extremes(found: Report[Money], lang: Lang) -> tuple[str | None, ...]:
    """The best and the worst trade, where there are two."""
    quality = found.quality
    if quality.trades < 2 or quality.best is None or quality.worst is None:  # noqa: PLR2004
        return ()
    return (
        lang.pick("최고 ", "Best ") + _trade(found, quality.best, lang),
        lang.pick("최저 ", "Worst ") + _trade(found, quality.worst, lang),
    )


def _trade(found: Report[Money], trade: Trade[Money], lang: Lang) -> str:
    name = foreign(found.names.get(trade.symbol, trade.symbol), _NAME_COLUMNS)
    return f"{name} {numbers.signed(trade.net, lang)} ({numbers.pct(trade.net_pct)})"


def _named(found: Report[Money]) -> _Parts:
    return [(found.names.get(Symbol(code), code), part) for code, part in found.by_symbol.items()]


def _reasons(parts: Mapping[str, Part[Money]], lang: Lang) -> _Parts:
    return [(words.order_reason(OrderReason(name), lang), part) for name, part in parts.items()]


def _bands(parts: Mapping[str, Part[Money]]) -> _Parts:
    return sorted(parts.items(), key=lambda item: int(item[0].partition("-")[0]))


def _hours(parts: Mapping[str, Part[Money]], lang: Lang) -> _Parts:
    return [(lang.pick(f"{hour}시", f"{hour} h"), part) for hour, part in sorted(parts.items())]


def _parts(title: str, parts: _Parts, lang: Lang, most: int = _MOST_ROWS) -> str | None:
    """The best and, where there are many, the last of them too."""
    rows = [
        (numbers.mark(part.net), name, f"{part.trades:,}", numbers.signed(part.net, lang))
        for name, part in parts
    ]
    if not rows:
        return None
    shown = rows if len(rows) <= most else (*rows[: most - 1], rows[-1])
    return f"{title}\n{table(shown, '<<>>')}"


def _notes(found: Report[Money], lang: Lang) -> tuple[str | None, ...]:
    fifo = None
    gain = sum((trade.gain for trade in found.trades), found.result.gain * 0)
    if found.fifo_gain is not None and found.fifo_gain != gain:
        fifo = lang.pick("선입선출이면 비용 전 ", "By FIFO, gross ") + numbers.signed(
            found.fifo_gain, lang
        )
    basis = lang.pick("매수가는 이동평균", "Cost by moving average")
    return basis, fifo, *missing(found.result, lang)


def missing(sums: Result[Money], lang: Lang) -> tuple[str | None, ...]:
    """What is in no sum, and why."""
    apart = costless = lacks = None
    if sums.lacks_cost:
        costless = lang.pick(
            f"매수가를 모르는 매도 {sums.lacks_cost}건은 합계에 없음",
            f"{sums.lacks_cost} sales of unknown cost not counted",
        )
    if sums.apart:
        apart = lang.pick(
            f"직접 매도 {sums.apart}건은 합계에 없음", f"{sums.apart} sold by hand not counted"
        )
    if sums.lacks_entry_fee:
        lacks = lang.pick(
            f"매도 {sums.lacks_entry_fee}건은 매수 비용이 장부에 없음",
            f"buying cost of {sums.lacks_entry_fee} sales not in the book",
        )
    return apart, costless, lacks


def _ratio(value: Decimal | None) -> str:
    return "-" if value is None else f"{value:.2f}"
