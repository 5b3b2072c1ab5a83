"""What must hold of a played card; each broken promise is a line of text."""

from collections.abc import Iterator

from tests.days.cards import Expect
from tests.days.rows import Row

MOST_DELAY_S = 1.0
# The longest polling interval, and what the calls of a cycle take.
MOST_READING_S = 10.5
GATE_CHOICES = ("sell", "wait", "exclude")


def broken_promises(row: Row) -> list[str]:
    """Empty when the card came out as it must."""
    return [*_of_every_card(row), *_of_outcome(row)]


def _of_every_card(row: Row) -> Iterator[str]:
    if row.armed_at is None:
        yield "the lot was never armed"
    if row.is_below_target:
        yield "an order was limited below the target"
    yield from row.differences


def _of_outcome(row: Row) -> Iterator[str]:
    expect = row.card.expect
    if len(row.orders) != int(expect.is_sale):
        yield f"{len(row.orders)} orders"
    if len(row.questions) != int(expect is Expect.QUESTION):
        yield f"{len(row.questions)} questions"
    if row.breaks != int(expect is Expect.BREAK):
        yield f"{row.breaks} price breaks told"
    if any(choices != GATE_CHOICES for choices in row.questions):
        yield f"asked with {row.questions}"
    if expect.is_sale:
        yield from _of_sale(row)
    elif expect is Expect.NO_SALE and row.reached_at is not None:
        yield "the target was reached, which the card denies"


def _of_sale(row: Row) -> Iterator[str]:
    if row.delay_s is None:
        yield "the target was not reached in the window, or nothing was ordered"
    elif not 0 <= row.delay_s <= MOST_DELAY_S:
        yield f"the order was {row.delay_s} s late"
    if row.gain_pct is None or row.sold_at is None or row.sold_at < row.target:
        yield f"sold at {row.sold_at}"
    if row.reading_s is not None and row.reading_s > MOST_READING_S:
        yield f"the bid was read {row.reading_s} s after it was there"
