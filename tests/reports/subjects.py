"""Reports and trades to draw, made up from a seed: friendly ones and hostile ones."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

from engine.model.candles import MinuteCandle
from engine.model.ids import DeskName, Mode, Symbol
from engine.model.money import Krw, Money, Usd
from engine.model.orders import Side
from reports.periods import Period, Span, period
from reports.pictures.subjects import (
    CardFill,
    Kind,
    Lang,
    Mark,
    ReportView,
    Share,
    Stop,
    TradeCard,
    Zone,
)

KST, ET = ZoneInfo("Asia/Seoul"), ZoneInfo("America/New_York")
NAMES = (
    *("삼성전자", "SK하이닉스", "한미반도체", "에코프로비엠", "두산에너빌리티", "알테오젠"),
    *("HD현대일렉트릭", "셀트리온", "카카오", "NAVER", "포스코퓨처엠", "레인보우로보틱스"),
)
LONG_NAME = (
    "KODEX 미국S&P500배당귀족커버드콜(합성 H) 액티브 레버리지 2X 인버스 선물 ETN 상장지수증권"
)
HOSTILE_NAME = 'O\'Reilly "Auto" $5 & $6 <b>Söhne</b>\n\t🚀 नमस्ते \\alpha_{x}^2 %s'


def won(amount: float) -> Krw:
    return Krw(Decimal(round(amount)))


def dollars(amount: float) -> Usd:
    return Usd(Decimal(str(round(amount, 2))))


def weekdays(first: date, last: date) -> list[date]:
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return [day for day in days if day.weekday() < 5]


def view(
    wanted: Period,
    nets: Sequence[Money],
    *,
    desk: DeskName = DeskName.KRX,
    mode: Mode = Mode.PAPER,
    names: Sequence[str] = NAMES,
    kinds: Sequence[Kind] = tuple(Kind),
) -> ReportView:
    """Nets by weekday from the beginning of the period, then shared among the names."""
    zone = KST if desk is DeskName.KRX else ET
    zero = nets[0] * 0 if nets else (won(0) if desk is DeskName.KRX else dollars(0))
    if wanted.span is Span.DAY:
        open_ = datetime.combine(wanted.first, datetime.min.time(), zone) + timedelta(hours=9)
        at = [open_ + timedelta(minutes=7 * number) for number in range(len(nets))]
    else:
        days = weekdays(wanted.first, wanted.last)
        at = [datetime.combine(day, datetime.min.time(), zone) for day in days]
    marks = tuple(Mark(moment, net) for moment, net in zip(at, nets, strict=False))
    sums: dict[str, list[Money]] = {}
    for number, mark in enumerate(marks):
        sums.setdefault(names[number % len(names)], []).append(mark.net)
    shares = [
        Share(Symbol(f"{number:06d}"), name, len(some), sum(some, zero))
        for number, (name, some) in enumerate(sums.items())
    ]
    won_ = sum(mark.net.amount > 0 for mark in marks)
    return ReportView(
        desk=desk,
        mode=mode,
        period=wanted,
        kinds=tuple(kinds),
        net=sum((mark.net for mark in marks), zero),
        trades=len(marks),
        win_rate=Decimal(won_ * 100) / len(marks) if marks else None,
        marks=marks,
        shares=tuple(sorted(shares, key=lambda share: share.net, reverse=True)),
    )


def month(seed: int = 3, *, mode: Mode = Mode.PAPER) -> ReportView:
    """A friendly one."""
    ways = Random(seed)
    nets = [won(ways.gauss(38_000, 150_000)) for _ in range(23)]
    return view(period(Span.MONTH, date(2026, 10, 1)), nets, mode=mode)


def year(seed: int = 5, desk: DeskName = DeskName.US) -> ReportView:
    """The same, of the US desk."""
    ways = Random(seed)
    nets = [dollars(ways.gauss(18, 120)) for _ in range(261)]
    names = ("NVIDIA", "Apple", "Micron", "Tesla", "Broadcom", "AMD", "Palantir", "Meta", "IonQ")
    wanted = period(Span.YEAR, date(2026, 5, 1))
    return view(wanted, nets, desk=desk, mode=Mode.LIVE, names=names)


def trade(
    *,
    is_gain: bool = True,
    minutes: int = 95,
    base: int = 71_200,
    name: str = "한미반도체",
    lang: Lang = Lang.KO,
) -> TradeCard:
    """A breakout that went well, or one that went back through its stop."""
    tick = 100 if base >= 50_000 else 1
    step = max(1, base // 700)
    entry = minutes // 3
    candles = _candles(minutes, base, entry, is_gain=is_gain)
    bought = candles[entry]
    stop = _at_tick(float(bought.close.amount) - 6 * step, tick)
    last = max(entry, minutes * 5 // 6)
    if not is_gain:
        below = (place for place in range(entry + 1, minutes) if candles[place].low <= stop)
        last = next(below, last)
    sold = candles[last]
    paid = sold.close if is_gain else min(stop, sold.high)
    stops = [Stop(bought.at, stop)]
    for number in range(entry + 10, last if is_gain else 0, 9):
        level = _at_tick(float(candles[number].low.amount) - 8 * step, tick)
        stops.append(Stop(candles[number].at, max(stops[-1].price, level)))
    qty = 42
    net = won(float(paid.amount - bought.close.amount) * qty - base * qty * 0.0023)
    zone = _at_tick(base - 2 * step, tick), _at_tick(base + 3 * step, tick)
    return TradeCard(
        desk=DeskName.KRX,
        mode=Mode.PAPER,
        symbol=Symbol("042700"),
        name=name,
        candles=candles,
        fills=(
            CardFill(bought.at + timedelta(seconds=31), Side.BUY, qty, bought.close),
            CardFill(sold.at + timedelta(seconds=12), Side.SELL, qty, paid),
        ),
        zones=(Zone(*zone, lang.pick("돌파 구간", "Breakout")),),
        stops=tuple(stops),
        target=_at_tick(float(bought.close.amount) + (75 if is_gain else 12) * step, tick),
        reason=lang.pick("추적손절", "trailing stop")
        if is_gain
        else lang.pick("손절", "stop-loss"),
        facts=(lang.pick("점수 82", "score 82"),),
        net=net,
        net_pct=net.ratio(bought.close * qty) * 100,
        held_for=sold.at - bought.at,
    )


def _candles(
    minutes: int, base: int, entry: int, *, is_gain: bool
) -> tuple[MinuteCandle[Krw], ...]:
    ways, step = Random(11 if is_gain else 7), max(1, base // 700)
    tick = 100 if base >= 50_000 else 1
    begin = datetime(2026, 10, 14, 9, 2, tzinfo=KST)
    price = float(base)
    candles: list[MinuteCandle[Krw]] = []
    for number in range(minutes):
        before = price
        if number < entry:
            drift = math.sin(number / 4) * 0.8
        elif number < minutes * 5 // 6:
            drift = 1.1 if is_gain else (1.4 if number < entry + 4 else -0.35)
        else:
            drift = -0.6
        price += (drift + ways.gauss(0, 1.1)) * step
        high = max(before, price) + abs(ways.gauss(0, 0.8)) * step
        low = min(before, price) - abs(ways.gauss(0, 0.8)) * step
        volume = round(ways.lognormvariate(9, 0.5) * (3 if number == entry else 1))
        at = begin + timedelta(minutes=number)
        open_, high_, low_, close = (_at_tick(one, tick) for one in (before, high, low, price))
        candles.append(MinuteCandle(at, open_, high_, low_, close, volume))
    return tuple(candles)


def _at_tick(price: float, tick: int) -> Krw:
    return won(max(1, round(price / tick)) * tick)


def us_trade() -> TradeCard:
    """No minute candles, a buy the desk did not see, parts on two days."""
    begin = datetime(2026, 3, 6, 10, 31, tzinfo=ET)
    fills = (
        CardFill(begin, Side.BUY, 30, dollars(187.425)),
        CardFill(begin + timedelta(days=3, hours=1), Side.SELL, 10, dollars(193.05)),
        CardFill(begin + timedelta(days=3, hours=2), Side.SELL, 20, dollars(193.1)),
    )
    return TradeCard(
        desk=DeskName.US,
        mode=Mode.LIVE,
        symbol=Symbol("NVDA"),
        name="NVIDIA",
        candles=(),
        fills=fills,
        zones=(),
        stops=(),
        target=dollars(193.05),
        reason="목표 도달",
        facts=(),
        net=dollars(160.2),
        net_pct=Decimal("2.849"),
        held_for=timedelta(days=3, hours=2),
    )


def bare(card: TradeCard) -> TradeCard:
    """Nothing known but what it brought."""
    known = replace(card, candles=(), fills=(), zones=(), stops=(), facts=())
    return replace(known, target=None, held_for=None, reason="")


def hostile_reports() -> dict[str, ReportView]:
    """What might not fit: by name."""
    all_ = Period(Span.ALL, date(2025, 1, 2), date(2026, 12, 31))
    seven = Period(Span.ALL, date(2020, 1, 1), date(2026, 12, 31))
    month_ = period(Span.MONTH, date(2026, 10, 1))
    ways = Random(2)
    huge = [won(ways.gauss(0, 9e14)) for _ in range(22)]
    names = [f"{LONG_NAME} {number}" for number in range(30)]
    weekend = period(Span.MONTH, date(2026, 2, 1))
    return {
        "none": view(month_, []),
        "one": view(month_, [won(12_340)]),
        "zero": view(month_, [won(0)]),
        "five hundred": view(all_, [won(ways.gauss(3e4, 4e5)) for _ in range(500)]),
        "seven years": view(seven, [won(ways.gauss(3e4, 4e6)) for _ in range(1_800)]),
        "huge": view(month_, huge, names=names),
        "huge year": view(
            all_, [dollars(ways.gauss(0, 9e12)) for _ in range(500)], desk=DeskName.US
        ),
        "tiny": view(month_, [dollars(ways.choice((-0.01, 0.01, 0.02))) for _ in range(22)]),
        "all losses": view(month_, [won(-ways.randint(1, 9) * 10_001) for _ in range(22)]),
        "all gains": view(month_, [won(ways.randint(1, 9) * 10_001) for _ in range(22)]),
        "hostile names": view(month_, huge[:9], names=[HOSTILE_NAME, "", "🚀" * 9, "$$"]),
        "quarter": view(
            period(Span.QUARTER, date(2026, 8, 1)),
            [won(ways.gauss(0, 2e6)) for _ in range(66)],
            mode=Mode.DRY_RUN,
        ),
        "week": view(period(Span.WEEK, date(2026, 1, 1)), [won(-3e5), won(2e5), won(9)]),
        "day": view(
            period(Span.DAY, date(2026, 1, 2)),
            [won(ways.gauss(0, 2e5)) for _ in range(40)],
            kinds=(Kind.EQUITY, Kind.SYMBOLS),
        ),
        "a sale on a day": view(
            period(Span.DAY, date(2026, 1, 2)), [won(-5)], kinds=(Kind.EQUITY, Kind.SYMBOLS)
        ),
        "range": view(
            Period(Span.RANGE, date(2025, 12, 30), date(2026, 1, 5)),
            [won(-3e5), won(-2e5), won(9e5)],
        ),
        "six weeks": view(weekend, [dollars(ways.gauss(0, 900)) for _ in range(20)]),
        "year": year(),
    }


def hostile_cards() -> dict[str, TradeCard]:
    """What might not fit on a trade card: by name."""
    good = trade()
    levels = tuple(
        Zone(won(70_000 + 300 * number), won(70_100 + 300 * number), LONG_NAME)
        for number in range(12)
    )
    far = replace(good, target=won(9e9), stops=(Stop(good.fills[0].at, won(1)),))
    return {
        "up": good,
        "down": trade(is_gain=False),
        "whole day": trade(minutes=390),
        "one candle": trade(minutes=1),
        "two candles": trade(minutes=2, is_gain=False),
        "penny": trade(base=3),
        "dear": trade(base=987_654_321),
        "flat": replace(good, candles=good.candles[:1] * 3, fills=()),
        "no volume": replace(good, candles=tuple(replace(one, volume=0) for one in good.candles)),
        "no candles": us_trade(),
        "bare": bare(good),
        "many zones": replace(good, zones=levels, facts=(LONG_NAME,) * 3),
        "far": far,
        "long": replace(good, name=LONG_NAME, reason=LONG_NAME, mode=Mode.DRY_RUN),
        "hostile": replace(good, name=HOSTILE_NAME, reason=HOSTILE_NAME),
        "huge": replace(good, net=won(-9.87e15), net_pct=Decimal("-123456789.5")),
        "nothing won": replace(good, net=won(0), net_pct=Decimal(0)),
    }
