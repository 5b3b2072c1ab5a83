"""The demo's figures, from the sandbox's own books, beside the assistant's database."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from PIL import Image

from sandbox.demo_books import DeskBooks, booked, differences, round_trips, told_cash, written

Json = dict[str, Any]
ALERT_METHODS = frozenset({"sendMessage", "sendPhoto", "sendDocument", "sendMediaGroup"})
ENOUGH = 3
REPORT_CHARTS = 8  # four of each desk; a card for each closed trade comes on top
SIZES = {(1080, 720), (1080, 1350)}  # of a picture, as docs/reports.md states


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was counted, and every place where two records disagree.

    ``unstated``: desks whose cash the chat never told.
    """

    us_sells: int
    krx_round_trips: int
    alerts: int
    charts: int
    spoiled: int
    mismatches: tuple[str, ...]
    unstated: tuple[str, ...]

    @property
    def complaint(self) -> str:
        """Why the demo failed; empty when it did not."""
        counted = (
            ("us_sells", self.us_sells, ENOUGH),
            ("krx_round_trips", self.krx_round_trips, ENOUGH),
            ("charts", self.charts, REPORT_CHARTS + ENOUGH),
        )
        too_few = (
            f"{name}={count}, at least {due} were due"
            for name, count, due in counted
            if count < due
        )
        spoiled = [f"{self.spoiled} pictures are none, or of another size"] * bool(self.spoiled)
        untold = (f"the cash of {desk} was not told" for desk in self.unstated)
        return "; ".join((*self.mismatches, *too_few, *spoiled, *untold))

    def line(self) -> str:
        """The last line of a demo that went well."""
        return (
            f"DEMO OK us_sells={self.us_sells} krx_round_trips={self.krx_round_trips} "
            f"alerts={self.alerts} charts={self.charts} mismatches={len(self.mismatches)}"
        )


def judge(books: Json, transcript: Json, photos: Sequence[bytes], data: Path) -> Verdict:
    """Compare both markets' real accounts with the assistant's live book, opened read-only.

    ``photos``: the pictures that were sent.
    """
    accounts = {"us": books["real"], "krx": books["real"]["krx"]}
    assistant, cash = written(data / "live.db"), told_cash(transcript)
    calls = [call for call in transcript["calls"] if call["status"] == 200]  # noqa: PLR2004
    return Verdict(
        us_sells=_sells(booked(accounts["us"])),
        krx_round_trips=round_trips(accounts["krx"]),
        alerts=sum(call["method"] in ALERT_METHODS for call in calls),
        charts=sum(map(is_chart, photos)),
        spoiled=sum(not is_chart(photo) for photo in photos),
        mismatches=tuple(_mismatches(accounts, assistant, cash)),
        unstated=tuple(desk for desk in accounts if desk not in cash),
    )


def is_chart(content: bytes) -> bool:
    """Whether it is a whole PNG of the stated size."""
    try:
        with Image.open(io.BytesIO(content), formats=("PNG",)) as picture:
            picture.load()
            return picture.size in SIZES
    except (OSError, SyntaxError, ValueError):  # as Pillow tells of broken files
        return False


def _sells(books: DeskBooks) -> int:
    return sum(books.orders[number].startswith("sell") for number in books.traded)


def _mismatches(
    accounts: dict[str, Json], assistant: dict[str, DeskBooks], cash: dict[str, Decimal]
) -> Iterator[str]:
    for desk, account in accounts.items():
        for difference in differences(booked(account), assistant.get(desk, DeskBooks())):
            yield f"{desk} {difference}"
        if desk in cash and cash[desk] != Decimal(account["cash"]):
            yield f"{desk} cash: sandbox {account['cash']}, assistant {cash[desk]}"
