"""Colours that keep apart for colour-blind eyes and stand out from what is behind them."""

from __future__ import annotations

from dataclasses import dataclass

from reports.pictures.subjects import Colours, Theme

_LINEAR, _GAMMA = 0.04045, 2.4
_WEIGHTS = (0.2126, 0.7152, 0.0722)
BLACK, WHITE = "#000000", "#FFFFFF"  # of these two one always has a contrast over 4.5


@dataclass(frozen=True, slots=True)
class Palette:
    """``up`` and ``down`` of money and prices; ``line``: a curve that is neither."""

    back: str
    panel: str
    text: str
    muted: str
    grid: str
    up: str
    down: str
    line: str
    stop: str
    target: str
    zone: str


# Red against blue, green-blue against orange: apart in all three kinds of colour blindness.
_UP_DOWN = {
    (Theme.LIGHT, Colours.KOREAN): ("#C62828", "#1F5FBF"),
    (Theme.DARK, Colours.KOREAN): ("#FF7A70", "#74B0FF"),
    (Theme.LIGHT, Colours.WESTERN): ("#00735C", "#B8410B"),
    (Theme.DARK, Colours.WESTERN): ("#3FD1AE", "#FF9A5C"),
}
_THEMES = {
    Theme.LIGHT: ("#FFFFFF", "#F1F3F7", "#12161E", "#586072", "#DDE1E9", "#12161E"),
    Theme.DARK: ("#12151C", "#1D222C", "#F3F5F9", "#A3ACBD", "#2E3542", "#F3F5F9"),
}
_LEVELS = {
    Theme.LIGHT: ("#7A3E9D", "#00695C", "#7A5A00"),
    Theme.DARK: ("#D6A4F5", "#5FD6C3", "#E8C15A"),
}


def palette(theme: Theme, colours: Colours) -> Palette:
    """The one the trader asked for."""
    back, panel, text, muted, grid, line = _THEMES[theme]
    up, down = _UP_DOWN[theme, colours]
    stop, target, zone = _LEVELS[theme]
    return Palette(back, panel, text, muted, grid, up, down, line, stop, target, zone)


def contrast(one: str, other: str) -> float:
    """Of two ``#RRGGBB`` (WCAG 2.2, contrast ratio): 1 to 21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def readable_on(back: str) -> str:
    """Black or white, whichever is clearer."""
    return max((BLACK, WHITE), key=lambda ink: contrast(ink, back))


def mixed(colour: str, back: str, part: float) -> str:
    """``part`` 1 is the colour, 0 what is behind it."""
    pairs = zip(_channels(colour), _channels(back), strict=True)
    return "#" + "".join(f"{round(a * part + b * (1 - part)):02X}" for a, b in pairs)


def _channels(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[place : place + 2], 16) for place in (1, 3, 5))


def _luminance(colour: str) -> float:
    parts = (channel / 255 for channel in _channels(colour))
    linear = (
        part / 12.92 if part <= _LINEAR else ((part + 0.055) / 1.055) ** _GAMMA for part in parts
    )
    return sum(weight * part for weight, part in zip(_WEIGHTS, linear, strict=True))
