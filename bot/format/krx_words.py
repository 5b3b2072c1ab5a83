"""The trader's words for what only the KRX desk has: stages, zones, gates, phases, buckets."""

from __future__ import annotations

from decimal import Decimal

from bot.format.lang import Lang
from engine.model.entry_facts import HoldReason, Phase
from engine.model.score import Bucket, Gate, Stage, StageReason, Unfit, Zone

_Pairs = tuple[str, str]
_EVEN = 100  # per cent

_PHASES: dict[Phase, _Pairs] = {
    Phase.CLOSED: ("장 마감 (주문 차단)", "closed, orders blocked"),
    Phase.PREPARING: ("개장 준비", "preparing"),
    Phase.OPENING: ("개장, 시가 범위 관찰", "opening range"),
    Phase.ENTRIES: ("진입 탐색", "looking for entries"),
    Phase.MANAGING: ("보유 관리 (신규 없음)", "managing, no new entries"),
    Phase.FLATTENING: ("장 마감 전 청산", "flattening"),
    Phase.CLOSING_AUCTION: ("종가 동시호가", "closing auction"),
}
_STAGES: dict[Stage, _Pairs] = {
    Stage.LIQUIDITY: ("유동성", "liquidity"),
    Stage.TREND: ("추세", "trend"),
    Stage.VOLUME: ("거래량", "volume"),
    Stage.ZONES: ("돌파", "breakout"),
    Stage.STRENGTH: ("강도", "strength"),
    Stage.MARKET: ("지수", "index"),
}
_ZONES: dict[Zone, _Pairs] = {
    Zone.OPENING_RANGE: ("시가 범위", "opening range"),
    Zone.PREV_HIGH: ("전일 고가", "previous high"),
    Zone.N_DAY_HIGH: ("며칠 고가", "high of some days"),  # where nobody tells of how many
    Zone.VOLATILITY: ("변동성 돌파", "volatility"),
}
_GATES: dict[Gate, _Pairs] = {
    Gate.CLOSED: ("장이 닫혀 있음", "the market is closed"),
    Gate.TOO_EARLY: ("시가 범위가 아직 없음", "before the opening range is known"),
    Gate.TOO_LATE: ("진입 마감 시간이 지남", "after the last entry"),
    Gate.TRADING_HALT: ("거래 정지", "trading halt"),
    Gate.VOLATILITY_HALT: ("VI 발동 중", "volatility halt"),
    Gate.UPPER_LIMIT: ("상한가", "at the upper limit"),
    Gate.SPREAD: ("호가 차이가 큼", "spread too wide"),
    Gate.STALE_PRICE: ("시세가 오래됨", "price too old"),
    Gate.LOCKED: ("진입 금지 종목", "locked by you"),
    Gate.ORDER_OPEN: ("열린 주문이 있음", "an order is open"),
    Gate.ORDER_IN_DOUBT: ("결과를 확인 중인 주문", "an order is in doubt"),
    Gate.TOO_LITTLE_KNOWN: ("점수를 낼 자료가 부족함", "too little is known"),
    Gate.NO_ZONE: ("돌파한 구간 없음", "no zone broken"),
    Gate.SCORE: ("점수 부족", "score too low"),
    Gate.DESK_STATE: ("신규 진입을 멈춘 상태", "entries are stopped"),
    Gate.MAX_TRADES: ("하루 매매 횟수 한도", "trades of the day used up"),
    Gate.DAILY_LOSS: ("하루 손실 한도", "daily loss limit"),
    Gate.MAX_POSITIONS: ("보유 종목 수 한도", "positions at their limit"),
    Gate.ORDER_VALUE: ("주문 금액 한도", "order value limit"),
    Gate.ORDERS_PER_MINUTE: ("분당 주문 수 한도", "orders a minute"),
    Gate.LOSS_STREAK: ("연속 손실 휴식", "resting after losses"),
    Gate.SYMBOL_COOLDOWN: ("종목 휴식 시간", "the stock rests"),
    Gate.INDEX_DOWN: ("지수 하락", "the index falls"),
    Gate.NO_CASH: ("주문 가능 금액 부족", "not enough cash"),
    Gate.TOO_SMALL: ("1주도 살 수 없음", "not one share fits"),
}
_UNFIT: dict[Unfit, _Pairs] = {
    Unfit.SEGMENT: ("제외한 시장", "market not wanted"),
    Unfit.KIND: ("보통주가 아님", "no common share"),
    Unfit.HALTED: ("거래 정지", "halted"),
    Unfit.LIQUIDATION: ("정리 매매", "liquidation"),
    Unfit.MANAGED: ("관리 종목", "managed issue"),
    Unfit.WARNING: ("시장 경보", "market warning"),
    Unfit.OVERHEATED: ("단기 과열", "overheated"),
    Unfit.LOCKED: ("진입 금지", "locked"),
    Unfit.PRICE: ("가격 범위 밖", "price out of range"),
    Unfit.TRADED_VALUE: ("거래대금 부족", "too little traded"),
    Unfit.MARKET_CAP: ("시가총액 부족", "too small"),
    Unfit.NEW_LISTING: ("신규 상장", "newly listed"),
}
_BUCKETS: dict[Bucket, _Pairs] = {
    Bucket.UNFIT: ("대상 아님", "unfit"),
    Bucket.QUIET: ("조용함", "quiet"),
    Bucket.CANDIDATE: ("후보", "candidates"),
    Bucket.WATCHED: ("실시간 감시", "watched"),
    Bucket.GATED: ("막힘", "held back"),
    Bucket.ORDERED: ("주문 중", "ordered"),
    Bucket.HELD: ("보유", "held"),
    Bucket.DONE: ("매매 마침", "done"),
}
_FINDINGS: dict[StageReason, _Pairs] = {
    StageReason.ABSENT: ("자료 없음", "no data"),
    StageReason.LIQUID: ("충분함", "liquid"),
    StageReason.THIN: ("거래대금이 적음", "little traded so far"),
    StageReason.WIDE_SPREAD: ("호가 차이가 큼", "wide spread"),
    StageReason.TREND_UP: ("상승 추세", "trend up"),
    StageReason.TREND_MIXED: ("추세 엇갈림", "trend mixed"),
    StageReason.TREND_DOWN: ("하락 추세", "trend down"),
    StageReason.WIDE_GAP: ("시가 갭이 큼", "opening gap too wide"),
    StageReason.VOLUME_FULL: ("거래 폭증", "volume at full points"),
    StageReason.VOLUME_HIGH: ("거래 증가", "volume high"),
    StageReason.VOLUME_USUAL: ("평소 거래", "usual volume"),
    StageReason.ZONES_BROKEN: ("돌파함", "zones broken"),
    StageReason.NO_ZONE_BROKEN: ("돌파 없음", "no zone broken"),
    StageReason.BUYERS_FULL: ("만점 기준을 넘음", "at full points"),
    StageReason.BUYERS_LEAD: ("점수 기준을 넘음", "above the least that counts"),
    StageReason.SELLERS_LEAD: ("점수 기준을 넘지 못함", "not above the least that counts"),
    StageReason.MARKET_UP: ("지수 상승", "index up"),
    StageReason.MARKET_FLAT: ("지수 보합", "index flat"),
    StageReason.MARKET_DOWN: ("지수 하락", "index down"),
}
_VALUES: dict[str, _Pairs] = {
    "value": ("거래대금", "value"),
    "wanted": ("기준", "wanted"),
    "spread": ("호가 차", "spread"),
    "short": ("단기 평균", "short average"),
    "long": ("장기 평균", "long average"),
    "gap": ("시가 갭", "gap"),
    "volume": ("거래량", "volume"),
    "usual": ("평소", "usual"),
    "surge": ("배율", "times"),
    "strength": ("체결강도", "strength"),
    "index": ("지수", "index"),
    **{zone.value: pair for zone, pair in _ZONES.items()},
}
_WON, _TICKS, _SHARES = ("원", " won"), ("틱", " ticks"), ("주", " sh")
_UNITS: dict[str, _Pairs] = {
    **dict.fromkeys(("value", "wanted", "short", "long"), _WON),
    **dict.fromkeys((zone.value for zone in Zone), _WON),
    **dict.fromkeys(("volume", "usual"), _SHARES),
    **dict.fromkeys(("gap", "strength", "index"), (" %", " %")),
    "spread": _TICKS,
    "surge": ("배", "x"),
}
_GATE_UNITS: dict[Gate, _Pairs] = {
    Gate.SPREAD: _TICKS,
    Gate.STALE_PRICE: ("초", " s"),
    Gate.SCORE: ("점", " points"),
    Gate.UPPER_LIMIT: _WON,
    Gate.TOO_LATE: ("분 전", " min before the close"),
}
_HOLDS: dict[HoldReason, _Pairs] = {
    HoldReason.UPPER_LIMIT: ("상한가라서 들고 갑니다", "held at the upper limit"),
    HoldReason.TRADING_HALT: ("거래 정지라 팔 수 없습니다", "cannot be sold while halted"),
}


def phase(value: Phase, lang: Lang) -> str:
    """What the desk does by the clock."""
    return lang.pick(*_PHASES[value])


def stage(value: Stage, lang: Lang) -> str:
    """A stage of the score."""
    return lang.pick(*_STAGES[value])


def zone(value: Zone, lang: Lang, days: str = "") -> str:
    """A level whose breaking counts. ``days``: of how many days the high is, where it is known."""
    if value is Zone.N_DAY_HIGH and days:
        return lang.pick(f"{days}일 고가", f"{days}-day high")
    return lang.pick(*_ZONES[value])


def gate(value: Gate, lang: Lang) -> str:
    """Why nothing is entered."""
    return lang.pick(*_GATES[value])


def bucket(value: Bucket, lang: Lang) -> str:
    """Where a scanned name ended."""
    return lang.pick(*_BUCKETS[value])


def hold(value: HoldReason, lang: Lang) -> str:
    """Why a position is not sold."""
    return lang.pick(*_HOLDS[value])


def finding(code: str, lang: Lang) -> str | None:
    """What a stage found, told by its code; None for a code without words."""
    known = set(StageReason)
    return lang.pick(*_FINDINGS[StageReason(code)]) if code in known else None


def value_name(name: str, lang: Lang) -> str | None:
    """Name of a measured value; None for one without words."""
    return lang.pick(*_VALUES[name]) if name in _VALUES else None


def lead(strength: Decimal, lang: Lang) -> str:
    """Who leads: shares bought over shares sold, 100 per cent where they are equal."""
    if strength == _EVEN:
        return lang.pick("균형", "balanced")
    if strength > _EVEN:
        return lang.pick("매수 우위", "buyers lead")
    return lang.pick("매도 우위", "sellers lead")


def unit(name: str | Gate, lang: Lang) -> str:
    """Unit of a measured value, or of a gate's measure and limit; empty where there is none."""
    pair = _GATE_UNITS.get(name) if isinstance(name, Gate) else _UNITS.get(name)
    return "" if pair is None else lang.pick(*pair)


def detail(text: str, lang: Lang) -> str | None:
    """The Unfit or Gate behind a bucket, told by its code; None for anything else."""
    if text in set(Gate):
        return gate(Gate(text), lang)
    return lang.pick(*_UNFIT[Unfit(text)]) if text in set(Unfit) else None
