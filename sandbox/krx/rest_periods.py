"""Days put together to weeks, months and years, and the days a chart call asks for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby

from sandbox.kis_wire import Call
from sandbox.krx.model import DayBar
from sandbox.krx.rest_codes import input_refusal

_PERIODS: dict[str, Callable[[date], tuple[int, ...]]] = {
    "D": lambda day: (day.toordinal(),),
    "W": lambda day: day.isocalendar()[:2],
    "M": lambda day: (day.year, day.month),
    "Y": lambda day: (day.year,),
}
DATE_WIDTH = 8


def by_period(bars: Sequence[DayBar], call: Call) -> list[DayBar]:
    """Bars of the period a call asks for; each carries the last day in it."""
    period = _PERIODS.get(call["FID_PERIOD_DIV_CODE"])
    if period is None:
        raise input_refusal("FID_PERIOD_DIV_CODE")
    return [_joined(list(days)) for _, days in groupby(bars, key=lambda bar: period(bar.day))]


def asked_days(bars: Sequence[DayBar], call: Call) -> list[DayBar]:
    """Those between the two dates of a call, both included."""
    first, last = call["FID_INPUT_DATE_1"], call["FID_INPUT_DATE_2"]
    for key, text in (("FID_INPUT_DATE_1", first), ("FID_INPUT_DATE_2", last)):
        if not (text.isdigit() and len(text) == DATE_WIDTH):
            raise input_refusal(key)
    # Compared as text: a published client begins at 00000101.
    return [bar for bar in bars if first <= f"{bar.day:%Y%m%d}" <= last]


def _joined(days: list[DayBar]) -> DayBar:
    return DayBar(
        day=days[-1].day,
        open=days[0].open,
        high=max(bar.high for bar in days),
        low=min(bar.low for bar in days),
        close=days[-1].close,
        volume=sum(bar.volume for bar in days),
        value=sum((bar.value for bar in days), Decimal(0)),
    )
