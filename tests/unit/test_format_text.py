"""Numbers, times and markup as the trader reads them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from bot.format import badge, markup, numbers, times
from bot.format.lang import Lang
from bot.preferences import QuietHours
from engine.model.ids import Mode, Qty
from engine.model.money import FxRate, Krw, Usd

KO, EN = Lang.KO, Lang.EN


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("1234.5", "$1,234.50"),
        ("0.4321", "$0.4321"),
        ("-3", "-$3.00"),
        ("200.123456", "$200.12"),
        ("0", "$0.00"),
    ],
)
def test_dollars(amount: str, text: str) -> None:
    assert numbers.usd(Usd(Decimal(amount))) == text


def test_a_cost_is_never_finer_than_a_cent() -> None:
    assert numbers.cents(Usd(Decimal("0.1234"))) == "$0.12"
    assert numbers.cents(Usd(Decimal("3.6480"))) == "$3.65"


def test_signed_amounts() -> None:
    assert numbers.signed_usd(Usd(Decimal("72.6"))) == "+$72.60"
    assert numbers.signed_usd(Usd(Decimal("-0.004"))) == "$0.00"
    assert numbers.signed_krw(Krw(Decimal(-1234500)), KO) == "-1,234,500원"
    assert numbers.krw(Krw(Decimal(1234500)), KO) == "1,234,500원"
    assert numbers.krw(Krw(Decimal(-5)), EN) == "-₩5"


def test_won_needs_a_rate() -> None:
    rate = FxRate(Decimal("1388.5"), "KIS", datetime(2026, 7, 6, tzinfo=UTC))
    assert numbers.in_won(Usd(Decimal(10)), rate, KO) == " (13,885원)"
    assert numbers.in_won(Usd(Decimal(10)), rate, KO, signed=True) == " (+13,885원)"
    assert numbers.in_won(Usd(Decimal(10)), None, KO) == ""


@pytest.mark.parametrize(
    ("value", "text"),
    [("3.0175", "+3.02 %"), ("-1.2", "-1.20 %"), ("0.001", "0.00 %"), ("1234.5", "+1,234.50 %")],
)
def test_per_cent(value: str, text: str) -> None:
    assert numbers.pct(Decimal(value)) == text


def test_red_is_up_and_blue_is_down() -> None:
    assert numbers.mark(Decimal("0.1")) == "🔴"
    assert numbers.mark(Usd(Decimal(-1))) == "🔵"
    assert numbers.mark(Decimal(0)) == "⚪"
    assert numbers.mark(None) == "⚪"


def test_shares() -> None:
    assert numbers.shares(Qty(1200), KO) == "1,200주"


def test_summer_time_is_marked_in_both_seasons() -> None:
    summer = datetime(2026, 7, 6, 13, 30, tzinfo=UTC)
    winter = datetime(2026, 12, 7, 14, 30, tzinfo=UTC)
    assert markup.plain(times.both(summer, KO)) == "07-06 22:30 KST (09:30 ET 서머타임)"
    assert markup.plain(times.both(winter, KO)) == "12-07 23:30 KST (09:30 ET)"
    assert times.both(summer, EN).endswith("</tg-time> (09:30 ET DST)")


def test_a_moment_carries_itself_for_readers_in_other_zones() -> None:
    at = datetime(2026, 7, 6, 13, 30, tzinfo=UTC)
    assert times.kst(at) == '<tg-time unix="1783344600" format="dt">07-06 22:30 KST</tg-time>'
    assert markup.without_times(f"<b>x</b> {times.kst(at)}") == "<b>x</b> 07-06 22:30 KST"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0초"),
        (59, "59초"),
        (61, "1분 1초"),
        (7500, "2시간 5분"),
        (90000, "1일 1시간"),
        (-5, "0초"),
    ],
)
def test_spans_have_two_units_at_most(seconds: int, text: str) -> None:
    assert times.span(timedelta(seconds=seconds), KO) == text


def test_an_age_that_never_was() -> None:
    now = datetime(2026, 7, 6, tzinfo=UTC)
    assert times.age(None, now, KO) == "아직 없음"
    assert times.age(now - timedelta(seconds=3), now, EN) == "3 s ago"


def test_foreign_text_is_one_short_escaped_line() -> None:
    assert markup.foreign("a\n<b>&\x00 x") == "a &lt;b&gt;&amp; x"
    assert markup.foreign("x" * 500).endswith("…")
    assert len(markup.foreign("x" * 500)) == markup.MAX_FOREIGN


@pytest.mark.parametrize(
    "text",
    ["/stopall", "https://evil.com/x", "evil.com", "@durov1", "#tag", "$AAPL", "10.0.0.1:80"],
)
def test_nothing_foreign_can_be_pressed_but_code_copies_as_it_is(text: str) -> None:
    assert markup.foreign(text) != text
    assert markup.foreign(text).replace("\u2060", "") == text
    assert markup.code(markup.foreign(text)) == f"<code>{text}</code>"


@pytest.mark.parametrize("text", ["BRK/B 12.5", "0.1.0", "3.02 %", "$206.55", "18:00", "x@ y"])
def test_what_cannot_be_pressed_is_left_as_it_is(text: str) -> None:
    assert markup.foreign(text) == text


def test_a_long_text_is_cut_between_lines() -> None:
    text = "\n".join(["<b>line</b> 🔴"] * 1000)
    cut = markup.fit(text)
    assert cut.endswith("</b> 🔴\n…")
    assert markup.MAX_TEXT - 20 < markup.utf16_length(markup.plain(cut)) <= markup.MAX_TEXT
    assert markup.fit("short") == "short"


def test_a_cut_table_is_closed() -> None:
    cut = markup.fit("head\n" + markup.pre("\n".join(["<row>"] * 1000)))
    assert cut.endswith("&lt;row&gt;</pre>\n…")


def test_one_endless_line_is_cut_as_well() -> None:
    cut = markup.fit("<b>" + "&amp;🔴" * 4000 + "</b>")
    assert cut.startswith("&amp;🔴&amp;🔴")
    assert markup.utf16_length(markup.plain(cut)) <= markup.MAX_TEXT


def test_a_message_is_never_longer_in_bytes_than_the_server_reads() -> None:
    cut = markup.fit("\n".join([times.kst(datetime(2026, 7, 6, tzinfo=UTC))] * 900), 30_000)
    assert len(cut.encode()) <= markup.MAX_RAW


def test_plain_text_shows_what_was_escaped() -> None:
    text = '<b>a</b> &lt;b&gt; <code>x</code> <tg-time unix="1">t</tg-time> <pre>&amp;</pre>'
    assert markup.plain(text) == "a <b> x t &"


@pytest.mark.parametrize(
    ("span", "clock", "is_quiet"),
    [
        ("23:00-07:00", "23:00", True),
        ("23:00-07:00", "06:59", True),
        ("23:00-07:00", "07:00", False),
        ("09:00-18:00", "12:00", True),
        ("09:00-18:00", "18:00", False),
        ("00:00-00:00", "12:00", True),
    ],
)
def test_quiet_hours_are_korean_time_and_may_cross_midnight(
    span: str, clock: str, is_quiet: bool
) -> None:
    hour, minute = (int(part) for part in clock.split(":"))
    local = times.KST.localize(datetime(2026, 7, 6, hour, minute))  # noqa: DTZ001 - localized
    quiet = QuietHours.parse(span)
    assert quiet is not None
    assert quiet.cover(local.astimezone(UTC)) is is_quiet
    assert str(quiet) == span


@pytest.mark.parametrize("text", ["", "25:00-07:00", "23:00", "23:60-01:00", "a-b"])
def test_wrong_quiet_hours_are_none(text: str) -> None:
    assert QuietHours.parse(text) is None


@pytest.mark.parametrize("lang", list(Lang))
def test_a_badge_says_in_words_where_paper_quotes_come_from(lang: Lang) -> None:
    for note in ("paper_real_quotes", "paper_polling"):
        assert "_" not in badge.badge(Mode.PAPER, note, lang)
