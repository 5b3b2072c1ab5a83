"""Recorded days through the sandbox: sold once, in time, to the cent, or not at all.

On the socket the order must be out within a second of the first trade at or above the target.
Before the open, within a second of the first reading (a balance or a price asked for after the
lot was armed) that was answered while the bid stood at the target: no earlier reading could
have sold. That reading must come within the longest polling interval. A stretch of such bids
shorter than an interval may pass unread; the table counts it.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tests.days.cards import CARDS, PLAYED_IN_SUITE, Card
from tests.days.play import Minute, buying_minute, play
from tests.days.verdicts import broken_promises


@pytest.mark.market_data
@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    "card",
    [
        pytest.param(
            card, id=card.name, marks=() if card.name in PLAYED_IN_SUITE else pytest.mark.long
        )
        for card in CARDS
    ],
)
def test_a_recorded_day_comes_out_as_its_card_says(
    card: Card, market_data: Path, tmp_path: Path
) -> None:
    row = play(card, market_data, tmp_path)
    assert broken_promises(row) == []


def test_every_card_has_a_name_of_its_own() -> None:
    assert len({card.name for card in CARDS}) == len(CARDS) == 25
    assert {card.name for card in CARDS} >= PLAYED_IN_SUITE


def test_the_lot_is_bought_in_the_lowest_minute_before_the_highest() -> None:
    start = datetime(2025, 10, 1, 13, 30, tzinfo=UTC)
    lows_and_highs = ((9, 30), (5, 10), (3, 9), (4, 20), (1, 12))
    minutes = [
        Minute(start + timedelta(minutes=index), Decimal(low), Decimal(high), Decimal(low))
        for index, (low, high) in enumerate(lows_and_highs)
    ]
    assert buying_minute(minutes) is minutes[2]
