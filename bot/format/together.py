"""Both desks in won, under their reports."""

from __future__ import annotations

from bot.format import numbers, words
from bot.format.lang import Lang
from bot.format.markup import bold, lines
from bot.format.report import drawdown
from reports.together import Together


def together(found: Together, lang: Lang) -> str:
    """What they brought in all, and how deep it fell on the way."""
    title = lang.pick("💰 두 데스크 합계(원화)", "💰 Both desks, in won")
    net = lang.pick("순손익 ", "Net ") + bold(numbers.signed(found.net, lang))
    desks = (
        f"{words.desk(desk, lang)} {numbers.signed(amount, lang)}"
        for desk, amount in found.by_desk.items()
    )
    rate = lacks = None
    if found.lacks_rate:
        rate = lang.pick(
            f"환율이 없는 미국 체결 {found.lacks_rate}건은 빠짐",
            f"{found.lacks_rate} US executions without a rate are not in it",
        )
    if found.lacks_entry_fee:
        lacks = lang.pick(
            f"{found.lacks_entry_fee}건은 매수 비용 빼기 전",
            f"{found.lacks_entry_fee} before buying costs",
        )
    return lines(
        bold(title),
        f"{numbers.mark(found.net)} {net}",
        " · ".join(desks),
        drawdown(found.drawdown, lang),
        lang.pick("달러는 매도 때 환율로", "Dollars at the rate of each sale"),
        rate,
        lacks,
    )
