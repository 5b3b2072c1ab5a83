"""Texts, numbers and names that have broken programs before, and changes to texts that work."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

_LONGEST = 40_000
_HUGE_DIGITS = 1_000_000  # once in a while: it costs a megabyte

SHORT: tuple[str, ...] = (
    *("", " ", "\t", "\n", "\r\n", "\x00", "\x1b[31m", "\x7f", "\x85", "\u2028", "\ufeff"),
    *("0", "00", "-0", "1", "-1", "+1", "1.5", ".5", "5.", "1e5", "1e999", "-1e999", "1_000"),
    *("NaN", "nan", "sNaN", "Infinity", "-inf", "0x1f", "0b1", "0o7", "1,000", "1/2", "50%"),
    *("9" * 19, "9" * 29, "9" * 40, "9" * 41, "0." + "0" * 37 + "1", "-" + "9" * 39),
    *("\uff11\uff12", "\u0663", "\u00b2", "\u2460", "\u4e09", "\u0967", "\U0001d7d8"),
    *("true", "no", "null", "None", "~", "(null)", "undefined", "[]", "{}", "__class__"),
    *("00000000", "99991231", "00010101", "20261301", "20260230", "235959", "246060", "99:99"),
    *("2026-02-30", "0000-00-00", "9999-12-31", "10000-01-01", "-001-01-01"),
    *("\ud800", "\udfff", "a\ud83d", "\U0010ffff", "\ufffe"),
)
NAMES: tuple[str, ...] = (
    *("<b>", "</b>", "<script>alert(1)</script>", "<a href='tg://x'>x</a>", "&lt;", "&#x1F;", "&"),
    *("*bold*", "_i_", "`code`", "[x](http://evil.example)", "~s~", "||spoiler||", "```"),
    *("\u202eABC", "\u2066x\u2069", "a\u200bb", "e" + "\u0301" * 300, "\u1100\u1161\u11a8"),
    *("/stopall", "@everyone", "#tag", "$AAPL", "evil.com", "http://evil.example/", "a@b.cc"),
    *("../../etc/passwd", "..\\..\\x", "/etc/passwd", "C:\\con", "nul", "a\x00b", "~root", "a/b"),
    *("=1+1", "+cmd|' /C calc'!A0", "@SUM(1)", "-2+3", "\t=1", "'; DROP TABLE fills; --", '"'),
    *("%s%n%x", "{0}", "{x.__class__}", "$HOME", "$(id)", "`id`", "line\nline", "\\", "\\u0000"),
    *(
        "삼성전자",
        "\u1109\u1161\u11b7",
        "株",
        "\U0001f600",
        "\U0001f468\u200d\U0001f469",
        "한" * 60,
    ),
)
_Change = Callable[[Random, str], str]


def text(rng: Random) -> str:
    """Anything at all."""
    pick = rng.random()
    if pick < 0.45:
        return rng.choice(SHORT)
    if pick < 0.8:
        return rng.choice(NAMES)
    if pick < 0.985:
        return "".join(char(rng) for _ in range(rng.randint(1, 30)))
    return rng.choice((*SHORT[18:30], *NAMES)) * rng.randint(20, 400)


def char(rng: Random) -> str:
    """Any character, the odd ones often."""
    low, high = rng.choice(((32, 126), (32, 126), (0, 31), (128, 0x2FF), (0xAC00, 0xD7A3),
                            (0x200B, 0x206F), (0xD7FE, 0xE001), (0x1F300, 0x1F9FF)))  # fmt: skip
    return chr(rng.randint(low, high))


def digits(rng: Random) -> str:
    """A number of up to a million digits, or nearly one."""
    size = rng.choice((1, 2, 8, 15, 16, 19, 28, 29, 39, 40, 41, 310, 4299, 4301, 5000))
    if rng.random() < 0.002:
        size = _HUGE_DIGITS
    body = rng.choice("123456789") + rng.choice(("0", "9")) * (size - 1)
    return rng.choice(("", "", "-", "+", "0", " ")) + body + rng.choice(("", "", ".5", "e9", " "))


def value(rng: Random) -> str:
    """A text where a figure or a word belongs."""
    return digits(rng) if rng.random() < 0.3 else text(rng)


def changed(rng: Random, good: str) -> str:
    """A text that works, bent a little."""
    return rng.choice(_CHANGES)(rng, good)[:_LONGEST]


def damaged(rng: Random, good: bytes) -> bytes:
    """Bytes that work, with some of them lost, doubled, replaced or flipped."""
    data = bytearray(good)
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(data) + 1)
        match rng.randrange(5):
            case 0:
                del data[at:]
            case 1:
                del data[at : at + rng.randint(1, 9)]
            case 2:
                data[at:at] = data[at : at + rng.randint(1, 40)]
            case 3:
                data[at : at + 1] = rng.randbytes(rng.randint(1, 4))
            case _:
                data[at:at] = text(rng).encode("utf-8", "surrogatepass")
    return bytes(data)


def _cut(rng: Random, good: str) -> str:
    return good[: rng.randint(0, len(good))]


def _without(rng: Random, good: str) -> str:
    at = rng.randint(0, len(good))
    return good[:at] + good[at + rng.randint(1, 8) :]


def _twice(rng: Random, good: str) -> str:
    at = rng.randint(0, len(good))
    piece = good[at : at + rng.randint(1, 40)]
    return good[:at] + piece * rng.choice((1, 2, 30)) + good[at:]


def _with(rng: Random, good: str) -> str:
    at = rng.randint(0, len(good))
    return good[:at] + text(rng) + good[at:]


def _instead(rng: Random, good: str) -> str:
    at = rng.randint(0, len(good))
    return good[:at] + char(rng) + good[at + 1 :]


def _cased(rng: Random, good: str) -> str:
    return rng.choice((good.upper(), good.lower(), good.swapcase(), good[::-1], f" {good} "))


_CHANGES: tuple[_Change, ...] = (_cut, _without, _twice, _with, _instead, _cased)
