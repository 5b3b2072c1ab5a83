"""Words, round figures, colours and what is taken of a report, before anything is drawn."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.format import words as chat_words
from bot.format.lang import Lang as ChatLang
from bot.format.numbers import signed, usd
from bot.format.times import span
from engine.model.ids import DeskName, Mode
from engine.model.money import ZERO_KRW, Krw, Money, Usd
from reports import stats
from reports.periods import Period, Span
from reports.pictures.drawing import equity, palette, ticks, words
from reports.pictures.drawing.palette import contrast
from reports.pictures.subjects import Colours, Kind, Lang, Theme
from tests.reports import subjects

LOOKS = list(product(Theme, Colours))
calm = settings(deadline=None)  # a busy machine is no fault
AMOUNTS = st.decimals(-(10**12), 10**12, allow_nan=False, places=2)


@pytest.mark.parametrize("lang", list(Lang))
def test_words_are_those_of_the_chat(lang: Lang) -> None:
    for mode in Mode:
        assert words.mode(mode, lang) == chat_words.mode(mode, ChatLang(lang))
    for desk in DeskName:
        assert words.desk(desk, lang) == chat_words.desk(desk, ChatLang(lang))
    for length in (timedelta(), timedelta(seconds=61), timedelta(days=3, hours=5, minutes=9)):
        assert words.span(length, lang) == span(length, ChatLang(lang))


@calm
@given(AMOUNTS, st.sampled_from([Krw, Usd]), st.sampled_from(list(Lang)))
def test_amounts_in_full_are_those_of_the_chat(
    amount: Decimal, currency: type[Money], lang: Lang
) -> None:
    value = currency(amount).rounded(ROUND_HALF_UP)
    assert words.amount(value, lang) == signed(value, ChatLang(lang))


@pytest.mark.parametrize(
    ("figure", "korean", "english", "dollars"),
    [
        ("0", "0", "₩0", "$0"),
        ("9.5", "+9.5", "+₩9.5", "+$9.50"),
        ("-873", "-873", "-₩873", "-$873"),
        ("12345", "+1.23만", "+₩12.3K", "+$12.3K"),
        ("-1234567", "-123만", "-₩1.23M", "-$1.23M"),
        ("123456789", "+1.23억", "+₩123M", "+$123M"),
        ("-9870000000000000", "-9,870조", "-₩9,870T", "-$9,870T"),
        ("99999999", "+1억", "+₩100M", "+$100M"),
        ("9999.6", "+1만", "+₩10K", "+$10K"),
        ("999.999", "+1,000", "+₩1K", "+$1K"),
        ("0.004", "0", "₩0", "$0"),
    ],
)
def test_short_figures(figure: str, korean: str, english: str, dollars: str) -> None:
    value = Decimal(figure)
    assert words.short(value, Lang.KO, is_won=True) == korean
    assert words.short(value, Lang.EN, is_won=True) == english
    assert words.short(value, Lang.EN, is_won=False) == dollars


@calm
@given(st.floats(-1e15, 1e15), st.floats(1e-3, 1e15), st.integers(2, 8))
def test_round_figures_are_few_and_within(low: float, length: float, most: int) -> None:
    high = low + length
    if high - low < abs(low) * 1e-9:
        return
    found = ticks.figures(low, high, most)
    assert len(found) <= most
    assert all(low - length * 1e-6 <= value <= high + length * 1e-6 for value in found)


@calm
@given(st.integers(0, 20_000), st.integers(2, 6))
def test_round_times_are_few_and_within(minutes: int, most: int) -> None:
    first = datetime(2026, 10, 14, 9, 2, tzinfo=subjects.KST)
    last = first + timedelta(minutes=minutes)
    found = ticks.times(first, last, most)
    assert 1 <= len(found) <= most
    assert all(first <= at <= last for at in found)


@pytest.mark.parametrize(("theme", "colours"), LOOKS)
def test_colours_stand_out(theme: Theme, colours: Colours) -> None:
    found = palette.palette(theme, colours)
    for ink in (found.text, found.muted, found.up, found.down, found.line, found.stop):
        assert contrast(ink, found.back) >= 4.5
        assert found.stop == ink or contrast(ink, found.panel) >= 3
    for ink in (found.target, found.zone):
        assert contrast(ink, found.back) >= 4.5


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)
    assert contrast("#FF0000", "#FF0000") == 1


@calm
@given(st.tuples(*[st.integers(0, 255)] * 3))
def test_one_of_black_and_white_is_always_readable(channels: tuple[int, int, int]) -> None:
    back = "#" + "".join(f"{channel:02X}" for channel in channels)
    assert contrast(palette.readable_on(back), back) >= 4.5


# Machado, Oliveira, Fernandes (2009), severity 1.0, on linear RGB.
BLINDNESS = {
    "protan": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deutan": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritan": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}


@pytest.mark.parametrize("kind", BLINDNESS)
@pytest.mark.parametrize(("theme", "colours"), LOOKS)
def test_up_and_down_differ_for_every_eye(theme: Theme, colours: Colours, kind: str) -> None:
    found = palette.palette(theme, colours)
    up, down = (lab(np.array(BLINDNESS[kind]) @ linear(ink)) for ink in (found.up, found.down))
    assert float(np.linalg.norm(up - down)) >= 20  # CIE 1976; 2.3 is just noticeable


def linear(colour: str) -> np.ndarray:
    parts = np.array([int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)])
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    to_xyz = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    x, y, z = np.cbrt(to_xyz @ np.clip(rgb, 0, 1) / np.array([0.9505, 1.0, 1.089]))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@calm
@given(st.lists(st.integers(-1000, 1000), min_size=1, max_size=40))
def test_the_marked_fall_is_that_of_the_report(nets: list[int]) -> None:
    wanted = Period(Span.RANGE, date(2026, 1, 1), date(2026, 3, 31))
    shown = subjects.view(wanted, [subjects.won(net) for net in nets])
    days = [mark.at.date() for mark in shown.marks]
    told = stats.drawdown({day: Krw(net) for day, net in shown.days.items()}, ZERO_KRW)
    curve = [0.0, *np.cumsum([float(mark.net.amount) for mark in shown.marks])]
    found = equity.deepest(curve)
    assert (told is None) is (found is None)
    if told is None or found is None:
        return
    assert found.amount == told.amount.amount
    assert days[found.trough - 1] == told.trough_on
    assert (days[found.peak - 1] if found.peak else None) == told.peak_on
    recovered = None if found.recovered is None else days[found.recovered - 1]
    assert recovered == told.recovered_on


def test_days_of_a_view_add_up() -> None:
    shown = subjects.month()
    assert sum(shown.days.values()) == shown.net.amount
    assert shown.kinds == tuple(Kind)


@pytest.mark.parametrize(
    "text", ["0.1234", "0.0049", "0.5", "0.99995", "1.2345", "12.5", "1234.567"]
)
def test_a_price_is_as_fine_as_in_the_chat(text: str) -> None:
    price = Usd(Decimal(text))
    assert words.price(price, Lang.KO) == usd(price)
