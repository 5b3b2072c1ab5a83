"""The staged score of a breakout: six stages, 0 to 100 points, and the levels that were broken.

Fractions of a stage are floats; points leave as tenths, cut, so that they add up to the total.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from engine.model.ids import Symbol
from engine.model.krx_settings import StageSettings
from engine.model.money import Krw
from engine.model.score import DAYS, ScoreCard, Stage, StageReason, StageScore, Zone
from engine.rules.krx.indicators import DayStats

_TENTHS = tuple(Decimal(n).scaleb(-1) for n in range(1001))
_FLOAT_NOISE = 1e-6  # a stage that is full in truth must not lose a tenth
WHOLE_PCT = 100


@dataclass(frozen=True, slots=True)
class BreakoutView:
    """What the score looks at. None: not known, and its stage or part of one is n/a.

    Prices and ``cum_value`` in won, ``spread`` in price steps, ``strength`` and ``index_pct`` in
    per cent. ``usual_share``: of a day's volume by now (``VolumeCurve.share_at``).
    ``range_high``: the opening range's, once it is over.
    """

    symbol: Symbol
    at: datetime
    price: int
    usual_share: float | None = None
    spread: int | None = None
    stats: DayStats | None = None
    open: int | None = None
    range_high: int | None = None
    cum_volume: int | None = None
    cum_value: int | None = None
    strength: float | None = None
    index_pct: float | None = None


_Raw = tuple[tuple[str, str], ...]
# share of the stage's points from 0 to 1, None where the stage is n/a; raw values; reason
_Finding = tuple[float | None, _Raw, StageReason]
_Levels = list[tuple[Zone, int]]


def score(view: BreakoutView, settings: StageSettings) -> ScoreCard:
    """The score of one stock at one moment."""
    levels = _levels(view, settings)
    price = view.price
    broken = [(zone, level) for zone, level in levels if price > level]
    findings: list[tuple[Stage, int, _Finding]] = []
    present = 0
    for stage, judge in _STAGES:
        weight = settings.weights[stage]
        finding = judge(view, settings, levels, broken)
        findings.append((stage, weight, finding))
        if finding[0] is not None:
            present += weight
    stages: list[StageScore] = []
    total = 0
    for stage, weight, (share, raw, reason) in findings:
        points = None
        if share is not None:
            # what is absent leaves its weight to the others, in proportion
            tenths = int(weight * 1000 / present * share + _FLOAT_NOISE) if present else 0
            total += tenths
            points = _TENTHS[tenths]
        stages.append(StageScore(stage, weight, points, raw, reason))
    return ScoreCard(
        symbol=view.symbol,
        at=view.at,
        price=Krw(Decimal(price)),
        total=_TENTHS[total],
        present_weight=present,
        stages=tuple(stages),
        broken=tuple([zone for zone, _ in broken]),
        level=Krw(Decimal(max([level for _, level in broken]))) if broken else None,
    )


def zone_levels(view: BreakoutView, settings: StageSettings) -> dict[Zone, int]:
    """The price each zone is broken above, in whole won; zones without their input are left out."""
    return dict(_levels(view, settings))


def _levels(view: BreakoutView, settings: StageSettings) -> _Levels:
    levels: _Levels = []
    stats = view.stats
    if view.range_high is not None:
        levels.append((Zone.OPENING_RANGE, view.range_high))
    if stats is not None:
        levels.append((Zone.PREV_HIGH, stats.prev_high))
        if stats.n_day_high is not None:
            levels.append((Zone.N_DAY_HIGH, stats.n_day_high))
        if view.open is not None:
            reach = float(settings.volatility_k) * stats.prev_range
            levels.append((Zone.VOLATILITY, view.open + math.ceil(reach - _FLOAT_NOISE)))
    return levels


def allowed_share(broken: Iterable[Zone], settings: StageSettings) -> int:
    """Per cent of the planned position that the broken zones allow together, at most 100."""
    return min(sum(settings.zone_shares.get(zone, 0) for zone in broken), WHOLE_PCT)


def _rise(value: float, none_at: float, full_at: float) -> float:
    """0 up to ``none_at``, 1 from ``full_at`` on, a straight line between."""
    if value >= full_at:
        return 1.0
    if value <= none_at:
        return 0.0
    return (value - none_at) / (full_at - none_at)


def _absent(*raw: tuple[str, str]) -> _Finding:
    return None, raw, StageReason.ABSENT


def _liquidity(
    view: BreakoutView, settings: StageSettings, _all: _Levels, _broken: _Levels
) -> _Finding:
    """Half for the value traded against what is wanted by now, half for a narrow spread.

    One of them without the other decides alone.
    """
    parts: list[float] = []
    raw: list[tuple[str, str]] = []
    reason = StageReason.LIQUID
    if view.cum_value is not None and view.usual_share is not None:
        wanted = settings.full_traded_value_krw * view.usual_share
        parts.append(_rise(view.cum_value, 0.0, wanted))
        raw += [("value", str(view.cum_value)), ("wanted", str(int(wanted)))]
        if view.cum_value < wanted:
            reason = StageReason.THIN
    if view.spread is not None:
        widest = settings.max_spread_ticks
        parts.append(_rise(widest + 1 - view.spread, 0.0, widest))
        raw.append(("spread", str(view.spread)))
        if view.spread > widest:
            reason = StageReason.WIDE_SPREAD
    if not parts:
        return _absent()
    return sum(parts) / len(parts), tuple(raw), reason


_TREND_REASONS = (
    *(StageReason.TREND_DOWN, StageReason.TREND_MIXED),
    *(StageReason.TREND_MIXED, StageReason.TREND_UP),
)


def _trend(
    view: BreakoutView, settings: StageSettings, _all: _Levels, _broken: _Levels
) -> _Finding:
    """A third each: price over the short average, over the long one, short over long.

    Nothing after an opening gap beyond the limit.
    """
    stats = view.stats
    if stats is None or stats.short_average is None or stats.long_average is None:
        return _absent()
    short, long = stats.short_average, stats.long_average
    raw: _Raw = (("short", f"{short:.0f}"), ("long", f"{long:.0f}"))
    if view.open is not None:
        gap = (view.open - stats.prev_close) * 100 / stats.prev_close
        raw = (*raw, ("gap", f"{gap:.2f}"))
        if abs(gap) > settings.max_gap_pct:
            return 0.0, raw, StageReason.WIDE_GAP
    signs = (view.price > short) + (view.price > long) + (short > long)
    return signs / 3, raw, _TREND_REASONS[signs]


def _volume(
    view: BreakoutView, settings: StageSettings, _all: _Levels, _broken: _Levels
) -> _Finding:
    """Today's volume against what twenty days usually bring by this minute."""
    mean = None if view.stats is None else view.stats.mean_volume
    if view.cum_volume is None or not view.usual_share or not mean:
        return _absent()
    usual = mean * view.usual_share
    surge = view.cum_volume / usual
    share = _rise(surge, float(settings.min_surge), float(settings.full_surge))
    if share >= 1.0:
        reason = StageReason.VOLUME_FULL
    else:
        reason = StageReason.VOLUME_HIGH if share > 0.0 else StageReason.VOLUME_USUAL
    raw = (("volume", str(view.cum_volume)), ("usual", str(int(usual))), ("surge", f"{surge:.2f}"))
    return share, raw, reason


def _zones(
    _view: BreakoutView, settings: StageSettings, levels: _Levels, broken: _Levels
) -> _Finding:
    """The points of the zones whose level the price is above, at most all of them."""
    if not levels:
        return _absent()
    raw = (*[(str(zone), str(level)) for zone, level in levels], (DAYS, str(settings.n_days)))
    points = sum([settings.zone_points.get(zone, 0) for zone, _ in broken])
    reason = StageReason.ZONES_BROKEN if broken else StageReason.NO_ZONE_BROKEN
    return min(points, WHOLE_PCT) / WHOLE_PCT, raw, reason


def _strength(
    view: BreakoutView, settings: StageSettings, _all: _Levels, _broken: _Levels
) -> _Finding:
    """Shares bought over shares sold."""
    if view.strength is None:
        return _absent()
    share = _rise(view.strength, float(settings.min_strength), float(settings.full_strength))
    if share >= 1.0:
        reason = StageReason.BUYERS_FULL
    else:
        reason = StageReason.BUYERS_LEAD if share > 0.0 else StageReason.SELLERS_LEAD
    return share, (("strength", f"{view.strength:.2f}"),), reason


def _market(
    view: BreakoutView, settings: StageSettings, _all: _Levels, _broken: _Levels
) -> _Finding:
    """The board's index against yesterday."""
    if view.index_pct is None:
        return _absent()
    full = float(settings.full_index_pct)
    share = _rise(view.index_pct, -full, full)
    if share >= 1.0:
        reason = StageReason.MARKET_UP
    else:
        reason = StageReason.MARKET_FLAT if share > 0.0 else StageReason.MARKET_DOWN
    return share, (("index", f"{view.index_pct:.2f}"),), reason


_Judge = Callable[[BreakoutView, StageSettings, _Levels, _Levels], _Finding]
_STAGES: tuple[tuple[Stage, _Judge], ...] = (
    (Stage.LIQUIDITY, _liquidity),
    (Stage.TREND, _trend),
    (Stage.VOLUME, _volume),
    (Stage.ZONES, _zones),
    (Stage.STRENGTH, _strength),
    (Stage.MARKET, _market),
)
