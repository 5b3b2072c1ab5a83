"""Tables that a phone shows without wrapping."""

from __future__ import annotations

import pytest

from bot.format import markup
from bot.format.table import MAX_COLUMNS, cut, table, width


def rows_of(text: str) -> list[str]:
    return markup.plain(text).split("\n")


def test_figures_stand_under_each_other_on_the_right() -> None:
    shown = rows_of(
        table([("🔴", "AAPL", "12", "+1.80 %"), ("🔵", "V", "1,200", "-5.24 %")], "<<>>")
    )
    assert shown == ["🔴 AAPL    12 +1.80 %", "🔵 V    1,200 -5.24 %"]


@pytest.mark.parametrize(
    ("text", "columns"), [("AAPL", 4), ("애플", 4), ("🔴", 2), ("e\u0301", 1), ("…", 1), ("", 0)]
)
def test_hangul_and_emoji_take_two_columns(text: str, columns: int) -> None:
    assert width(text) == columns


@pytest.mark.parametrize(
    ("text", "columns", "kept"),
    [
        ("마이크로소프트", 7, "마이크…"),
        ("마이크로소프트", 8, "마이크…"),
        ("AAPL", 4, "AAPL"),
        ("AAPL", 1, "…"),
    ],
)
def test_a_cut_says_so_and_never_halves_a_syllable(text: str, columns: int, kept: str) -> None:
    assert cut(text, columns) == kept
    assert width(kept) <= columns


def test_names_give_way_before_figures() -> None:
    shown = rows_of(table([("마이크로소프트 코퍼레이션", "1,234,567", "+12,345.67 %")], "<>>"))
    assert shown == ["마이크로소… 1,234,567 +12,345.67 %"]


def test_figures_that_are_too_wide_together_are_cut_visibly() -> None:
    (shown,) = rows_of(table([("V", "9" * 30, "8" * 30)], "<>>"))
    assert width(shown) <= MAX_COLUMNS
    assert shown.count("…") == 2


def test_cells_cannot_break_out_of_their_table() -> None:
    text = table([("</pre>\n<b>", "1")], "<>")
    assert text == "<pre>&lt;/pre&gt; &lt;b&gt; 1</pre>"
