"""Names and reasons that a broker wrote, as the chat, a log and a spreadsheet get them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bot.format import badge, numbers, replies
from bot.format.lang import Lang
from bot.format.markup import code, fit, foreign, lines
from bot.format.positions import title
from bot.format.table import table
from engine.model.account import Holding
from engine.model.ids import Mode
from engine.model.listing import Listing
from engine.model.orders import OrderReport, Rejected
from reports.csv_files import _cell
from tests.bot.html_check import check_message
from tests.fuzz.surface import Broken

_SHOWN = 5
_RECKONED = ("=", "+", "-", "@", "\t", "\r")


def check_shown(value: object) -> None:
    """Messages made of it pass Telegram's own parser and hold nothing that can be pressed."""
    texts = [text for one in _several(value)[:_SHOWN] for text in _texts(one)]
    if not texts:
        return
    body = fit(badge.under_badge(lines(*texts), Mode.LIVE, "", Lang.KO))
    pressable = check_message(body).pressable()
    if pressable.total():
        raise Broken(f"{pressable} can be pressed in {body!r}")


def check_words(text: str) -> None:
    """Words that somebody typed, echoed."""
    check_message(
        fit(badge.under_badge(replies.unknown_command(text, None, Lang.EN), Mode.LIVE, "", Lang.EN))
    )


def _several(value: object) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)


def _texts(one: object) -> Iterator[str]:
    match one:
        case Holding():
            yield title(one.symbol, one.name)
            yield f"{numbers.shares(one.qty, Lang.KO)} × {numbers.price(one.avg_cost, Lang.KO)}"
            yield table([("1", one.name, f"{one.qty:,}", "-")], "<<>>")
            yield from _lines(one.name)
        case OrderReport():
            yield f"{title(one.symbol, '')} {code(foreign(one.broker_order_no, 40))}"
            yield foreign(one.reject_reason)
            if one.avg_price is not None:
                yield numbers.price(one.avg_price, Lang.EN)
            yield from _lines(one.broker_order_no)
        case Rejected():
            yield f"{foreign(one.code)} {foreign(one.text)}"
            yield from _lines(one.text)
        case Listing():
            yield title(one.symbol, one.name)
            yield numbers.price(one.base_price, Lang.KO)
            yield from _lines(one.name)


def _lines(text: str) -> Iterator[str]:
    """Nothing is shown for these; a log line stays one, a cell is no formula."""
    if len(text.splitlines()) > 1:
        raise Broken(f"a name of several lines: {text!r}")
    cell = _cell(text)
    if cell.startswith(_RECKONED) and not cell[1:].replace(".", "", 1).isdecimal():
        raise Broken(f"a formula in a cell: {cell!r}")
    yield from ()
