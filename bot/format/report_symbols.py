"""What each stock contributed, a page at a time."""

from __future__ import annotations

from bot.format import numbers, words
from bot.format.lang import Lang
from bot.format.markup import bold, lines
from bot.format.table import table
from engine.model.ids import Symbol
from engine.model.money import Money
from reports.report import Report
from reports.trades import total

ROWS = 15  # of one desk; two of them fit in a message


def pages(found: Report[Money]) -> int:
    """How many pages its stocks fill; one at least."""
    return max(1, -(-len(found.by_symbol) // ROWS))


def symbols(found: Report[Money], page: int, lang: Lang) -> str:
    """One desk's stocks, best first; ``page`` from 0. A desk with fewer pages has no row there."""
    parts = list(found.by_symbol.items())
    head = lang.pick("종목별", "by stock")
    title = f"📊 {bold(f'{words.desk(found.desk, lang)} {head}')} {found.period.label}"
    if not parts:
        return lines(title, lang.pick("끝난 거래 없음", "No trade closed"))
    net = total((part.net for _, part in parts), parts[0][1].net * 0)
    begin = page * ROWS
    rows = [
        (
            numbers.mark(part.net),
            found.names.get(Symbol(symbol), symbol),
            f"{part.wins}/{part.trades}",
            numbers.signed(part.net, lang),
        )
        for symbol, part in parts[begin : begin + ROWS]
    ]
    shown = lang.pick("종목 · 이익/거래 · 순손익", "Stock · wins/trades · net")
    return lines(
        title,
        lang.pick(
            f"끝난 거래의 종목 {len(parts)}개 · ", f"{len(parts)} stocks with closed trades · "
        )
        + numbers.signed(net, lang),
        f"{shown}\n{table(rows, '<<>>')}" if rows else None,
    )
