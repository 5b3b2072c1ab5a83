"""A slice of what ``python -m tests.fuzz`` plays, and what the player itself promises."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from random import Random

import pytest

from tests.fuzz.__main__ import surfaces
from tests.fuzz.play import Result, play, play_again, rng_of
from tests.fuzz.surface import Broken, Outcome, Surface

# About half a second of a core each.
SLICE = {"config": 250, "frames": 500, "replies": 250, "chat": 250, "callback": 100}
SEED = 20_261_127


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Hostile inputs make pages of warnings."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("name", SLICE)
def test_a_slice_of_hostile_inputs_breaks_nothing(name: str) -> None:
    said: list[str] = []
    result = play(surfaces()[name], SEED, SLICE[name], said.append)
    assert said == []
    assert result.inputs == SLICE[name]
    assert result.deep > SLICE[name] // 5  # not all refused at the first look
    assert len(result.outcomes) > 1


@pytest.mark.long
@pytest.mark.timeout(540)
@pytest.mark.parametrize("name", SLICE)
def test_more_of_them(name: str) -> None:
    said: list[str] = []
    play(surfaces()[name], SEED + 1, 10 * SLICE[name], said.append)
    assert said == []


@pytest.mark.parametrize("name", SLICE)
def test_an_input_depends_on_its_number_alone(name: str) -> None:
    surface, again = surfaces()[name], surfaces()[name]
    surface.open()
    again.open()
    try:
        for index in (0, 7, 123):
            first = surface.draw(rng_of(5, surface, index))
            assert repr(first) == repr(again.draw(rng_of(5, again, index)))
    finally:
        surface.close()
        again.close()


class Glass:
    """Breaks at the input that says so; each block begins anew."""

    name = "glass"
    first_check = "none"

    def __init__(self, at: str) -> None:
        self._at = at
        self.fed = 0

    def open(self) -> None:
        return None

    def close(self) -> None:
        return None

    def renew(self) -> None:
        self.fed = 0

    def draw(self, rng: Random) -> str:
        return f"{rng.random():.3f}"

    def feed(self, given: str) -> Outcome:
        self.fed += 1
        if given == self._at:
            raise Broken(f"the {self.fed}th of its block")
        return Outcome("ok", is_deep=True)


def test_a_failure_says_how_to_play_it_again() -> None:
    surface: Surface = Glass("")
    wanted = surface.draw(rng_of(3, surface, 142))
    said: list[str] = []
    result = play(Glass(wanted), 3, 200, said.append)
    assert [failure.index for failure in result.failures] == [142]
    assert "--surface glass --seed 3 --at 142" in said[0]
    assert "the 43th of its block" in said[0]
    assert "failures=1" in result.line()


def test_an_input_is_played_again_after_those_of_its_block() -> None:
    wanted = Glass("").draw(rng_of(3, Glass(""), 142))
    said: list[str] = []
    result = play_again(Glass(wanted), 3, 142, said.append)
    assert "the 43th of its block" in result.failures[0].error


class Greedy(Glass):
    """Takes more memory, or time, than an input may."""

    def feed(self, given: str) -> Outcome:
        kept = b"x" * 100_000_000
        return Outcome(str(len(kept)), is_deep=True)


def test_an_input_that_takes_too_much_is_a_failure() -> None:
    said: list[str] = []
    result: Result = play(Greedy(""), 1, 1, said.append)
    assert len(result.failures) == 1
    assert "MB are allowed" in said[0]
