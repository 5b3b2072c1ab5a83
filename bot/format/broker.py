"""How the book agrees with the broker's own figures: below a report, and as an alert."""

from __future__ import annotations

from collections.abc import Sequence

from bot.format import numbers, times, words
from bot.format.lang import Lang
from bot.format.markup import bold, foreign, lines
from engine.model.ids import DeskName, Mode
from engine.model.money import Krw, Money
from engine.model.realised import BrokerDiffers, Difference
from reports.broker import Agreement, DayCheck, Line, Verdict
from reports.report import Report

_MOST, _NAME_COLUMNS = 5, 30


def agreement(found: Report[Money], lang: Lang) -> str | None:
    """Below a report: whether KIS says the same of its days; None where there is nothing to say."""
    if found.mode is not Mode.LIVE:
        name = words.mode(found.mode, lang)
        return lang.pick(
            f"KIS 집계와 비교: {name}에는 없음", f"No figures of KIS to compare with in {name}"
        )
    if found.broker is None or not (found.broker.checks or found.broker.waiting):
        return None
    told = found.broker
    return lines(
        _verdict(told, lang),
        *_differences(found, told, lang),
        _costs(told, lang),
        *_left_out(told, lang),
    )


def differs(fact: BrokerDiffers[Money], lang: Lang) -> str:
    """A finished day brought something else at the broker."""
    desk = DeskName.KRX if isinstance(fact.realised, Krw) else DeskName.US
    title = lang.pick("브로커 집계와 차이", "Not what the broker says")
    shown = [_symbol(one, lang) for one in fact.symbols[:_MOST]]
    more = len(fact.symbols) - len(shown)
    only_costs = all(one.costs_only for one in fact.symbols)
    hint = lang.pick(
        "매매손익은 같고 비용만 다릅니다. 설정의 수수료율을 확인하세요.",
        "Gains agree, costs do not: check the commission in your settings.",
    )
    return lines(
        f"⚖️ {bold(words.desk(desk, lang))} {bold(title)} {times.day(fact.day)}",
        *shown,
        lang.pick(f"외 {more}종목", f"and {more} more") if more else None,
        lang.pick("합계(매도 비용 후) ", "In all, after sale costs ")
        + _both(fact.realised, fact.broker_realised, lang),
        hint if only_costs else None,
        _more_there(fact.symbols, lang),
        _by_hand(fact.by_hand, lang),
    )


def _verdict(told: Agreement[Money], lang: Lang) -> str | None:
    days = sum(any(line.is_compared for line in check.lines) for check in told.checks)
    if not days:
        return None
    wrong = sum(not check.agrees for check in told.checks)
    if wrong:
        return lang.pick(
            f"⚠️ KIS 집계와 차이: {days}일 중 {wrong}일",
            f"⚠️ KIS differs: {wrong} of {_many(days, 'day')}",
        )
    return lang.pick(f"✅ KIS 집계와 일치 ({days}일)", f"✅ Agrees with KIS ({_many(days, 'day')})")


def _differences(found: Report[Money], told: Agreement[Money], lang: Lang) -> Sequence[str]:
    wrong = [
        (check, line) for check in told.checks for line in check.of(Verdict.DIFFERS, Verdict.COSTS)
    ]
    if not wrong:
        return ()
    shown = [_line(found, check, line, lang) for check, line in wrong[:_MOST]]
    more = len(wrong) - len(shown)
    rest = [lang.pick(f"외 {more}건", f"and {more} more")] if more else []
    sums = lang.pick("합계(매도 비용 후) ", "In all, after sale costs ")
    return (*shown, *rest, sums + _both(told.realised, told.broker_realised, lang))


def _line(found: Report[Money], check: DayCheck[Money], line: Line[Money], lang: Lang) -> str:
    name = foreign(found.names.get(line.symbol, line.symbol), _NAME_COLUMNS)
    figures = _figures(line, lang)
    return f"{check.day:%m-%d} {name} {figures}"


def _costs(told: Agreement[Money], lang: Lang) -> str | None:
    """What the broker took: the report's own costs are estimates."""
    if not any(line.is_compared for check in told.checks for line in check.lines):
        return None
    broker, ours = (numbers.amount(value, lang) for value in (told.broker_costs, told.costs))
    return lang.pick(
        f"KIS의 실제 비용·세금 {broker} (장부 추정 {ours})",
        f"Costs and tax by KIS {broker} (estimated {ours})",
    )


def _left_out(told: Agreement[Money], lang: Lang) -> Sequence[str | None]:
    waiting, strange = len(told.waiting), 0
    hands = lacking = 0
    for check in told.checks:
        hands += len(check.of(Verdict.BY_HAND))
        lacking += len(check.of(Verdict.NO_COST))
        strange += len(check.of(Verdict.NOT_IN_BOOK))
    return (
        lang.pick(f"아직 비교 전: {waiting}일", f"Not compared yet: {_many(waiting, 'day')}")
        if waiting
        else None,
        _by_hand(hands, lang),
        lang.pick(
            f"매수가를 몰라 비교하지 못함: {lacking}종목",
            f"Not compared, cost unknown: {_many(lacking, 'stock')}",
        )
        if lacking
        else None,
        lang.pick(
            f"장부에 없는 매도 {strange}건은 직접 매도로 봅니다",
            f"{_many(strange, 'sale')} not in the book: taken for yours",
        )
        if strange
        else None,
    )


def _more_there(symbols: Sequence[Difference[Money]], lang: Lang) -> str | None:
    if not any(one.broker_qty > one.qty for one in symbols):
        return None
    return lang.pick(
        "KIS의 수량이 더 많으면 앱에서 직접 판 주식일 수 있습니다.",
        "More shares at KIS: you may have sold them in the app.",
    )


def _by_hand(count: int, lang: Lang) -> str | None:
    if not count:
        return None
    return lang.pick(
        f"직접 매도가 섞여 비교하지 못함: {count}종목",
        f"Not compared, you sold it too: {_many(count, 'stock')}",
    )


def _symbol(one: Difference[Money], lang: Lang) -> str:
    name = foreign(one.name or one.symbol, _NAME_COLUMNS)
    qty = ""
    if one.qty != one.broker_qty and one.broker_qty:
        ours, theirs = (numbers.shares(shares, lang) for shares in (one.qty, one.broker_qty))
        qty = lang.pick(f" (매도 {ours} / {theirs})", f" (sold {ours} / {theirs})")
    costs = ""
    if one.costs_only:
        ours, theirs = (numbers.amount(cost, lang) for cost in (one.costs, one.broker_costs))
        costs = lang.pick(f" (비용 {ours} / {theirs})", f" (costs {ours} / {theirs})")
    return f"{name} {_figures(one, lang)}{qty}{costs}"


def _both(ours: Money, broker: Money, lang: Lang) -> str:
    book, kis = numbers.signed(ours, lang), numbers.signed(broker, lang)
    return lang.pick(f"장부 {book} / KIS {kis}", f"book {book} / KIS {kis}")


def _figures(one: Line[Money] | Difference[Money], lang: Lang) -> str:
    """What both say; where the broker knows of no sale, there is no figure of its."""
    if one.broker_qty:
        return _both(one.realised, one.broker_realised, lang)
    book = numbers.signed(one.realised, lang)
    return lang.pick(f"장부 {book} / KIS에 없음", f"book {book} / not at KIS")


def _many(count: int, one: str) -> str:
    return f"{count:,} {one}" if count == 1 else f"{count:,} {one}s"
