"""A slice of the campaign; ``python -m tests.campaign`` plays thousands."""

from pathlib import Path

import pytest

from tests.campaign.plan import draw
from tests.campaign.play import play

# Both markets, with and without restarts; the rest of the first hundred is for the long runs.
SEEDS = (2, 5, 9, 11, 23, 45)


@pytest.mark.parametrize(
    "seed",
    [*SEEDS, *(pytest.param(seed, marks=pytest.mark.long) for seed in (7, 31, *range(100, 140)))],
)
def test_no_promise_is_broken_in_a_random_day(seed: int, tmp_path: Path) -> None:
    played = play(draw(seed), tmp_path)
    assert not played.findings.broken, "\n".join([*played.findings.trace[-60:]])


def test_a_plan_is_the_same_for_ever() -> None:
    assert draw(7) == draw(7)
    assert draw(7) != draw(8)
