from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from engine.model.ids import Symbol
from engine.model.krx_settings import UniverseSettings
from engine.model.listing import Listing, SecurityKind, Segment
from engine.model.money import Krw
from engine.model.score import Unfit
from engine.rules.krx.universe import find, fit, select

TODAY = date(2026, 1, 7)
SETTINGS = UniverseSettings()
FINE = Listing(
    symbol=Symbol("000001"),
    name="한빛전자",
    segment=Segment.KOSPI,
    kind=SecurityKind.COMMON,
    base_price=Krw(Decimal(10_000)),
    prev_volume=100_000,
    shares=5_000_000,
    market_cap=Krw(Decimal(50_000_000_000)),
    listed_on=TODAY - timedelta(days=20),
    is_halted=False,
    is_managed=False,
    is_liquidation=False,
    warning="00",
    is_overheated=False,
)
# in the order in which they are told
FLAWS: list[tuple[Unfit, dict[str, Any]]] = [
    (Unfit.SEGMENT, {"segment": Segment.KOSDAQ}),
    (Unfit.KIND, {"kind": SecurityKind.PREFERRED}),
    (Unfit.HALTED, {"is_halted": True}),
    (Unfit.LIQUIDATION, {"is_liquidation": True}),
    (Unfit.MANAGED, {"is_managed": True}),
    (Unfit.WARNING, {"warning": "01"}),
    (Unfit.OVERHEATED, {"is_overheated": True}),
    (Unfit.LOCKED, {"symbol": Symbol("000002")}),
    (Unfit.PRICE, {"base_price": Krw(Decimal(999))}),
    (Unfit.TRADED_VALUE, {"prev_volume": 1}),
    (Unfit.MARKET_CAP, {"market_cap": Krw(Decimal(49_999_999_999))}),
    (Unfit.NEW_LISTING, {"listed_on": TODAY - timedelta(days=19)}),
]
KOSPI_ONLY = replace(SETTINGS, segments=frozenset({Segment.KOSPI}))
LOCKS = frozenset({Symbol("000002")})


def test_the_reasons_are_told_in_the_order_of_their_list() -> None:
    assert [reason for reason, _ in FLAWS] == list(Unfit)
    worst = FINE
    for reason, flaw in reversed(FLAWS):
        worst = replace(worst, **flaw)
        assert fit(worst, KOSPI_ONLY, LOCKS, TODAY) is reason


@pytest.mark.parametrize(("reason", "flaw"), FLAWS)
def test_one_flaw_alone_keeps_a_name_out(reason: Unfit, flaw: dict[str, Any]) -> None:
    assert fit(FINE, KOSPI_ONLY, LOCKS, TODAY) is None
    assert fit(replace(FINE, **flaw), KOSPI_ONLY, LOCKS, TODAY) is reason


def test_a_name_the_exchange_cautions_against_counts_as_warned() -> None:
    assert fit(replace(FINE, is_caution=True), SETTINGS, LOCKS, TODAY) is Unfit.WARNING


@pytest.mark.parametrize(
    ("kind", "setting"),
    [
        (SecurityKind.ETF, "include_etf"),
        (SecurityKind.ETN, "include_etn"),
        (SecurityKind.PREFERRED, "include_preferred"),
        (SecurityKind.SPAC, "include_spac"),
    ],
)
def test_what_is_no_common_share_comes_in_only_when_asked_for(
    kind: SecurityKind, setting: str
) -> None:
    asked: dict[str, Any] = {setting: True}
    listing = replace(FINE, kind=kind)
    assert fit(listing, SETTINGS, LOCKS, TODAY) is Unfit.KIND
    assert fit(listing, replace(SETTINGS, **asked), LOCKS, TODAY) is None


def test_what_is_neither_share_nor_fund_never_comes_in() -> None:
    everything = replace(
        SETTINGS, include_etf=True, include_etn=True, include_preferred=True, include_spac=True
    )
    other = replace(FINE, kind=SecurityKind.OTHER)
    assert fit(other, everything, LOCKS, TODAY) is Unfit.KIND


def test_the_ends_of_the_price_range_belong_to_it() -> None:
    def at(price: int) -> Unfit | None:
        priced = replace(FINE, base_price=Krw(Decimal(price)), prev_volume=10_000_000)
        return fit(priced, SETTINGS, LOCKS, TODAY)

    assert (at(1_000), at(500_000)) == (None, None)
    assert (at(999), at(500_001)) == (Unfit.PRICE, Unfit.PRICE)


def test_an_unknown_listing_date_may_be_a_new_one_unless_nobody_asks() -> None:
    unknown = replace(FINE, listed_on=None)
    assert fit(unknown, SETTINGS, LOCKS, TODAY) is Unfit.NEW_LISTING
    assert fit(unknown, replace(SETTINGS, min_listed_days=0), LOCKS, TODAY) is None


def test_every_listed_name_is_either_kept_or_has_its_reason() -> None:
    managed = replace(FINE, symbol=Symbol("000003"), is_managed=True)
    assert select([FINE, managed], SETTINGS, LOCKS, TODAY) == (
        (FINE,),
        {Symbol("000003"): Unfit.MANAGED},
    )


def named(symbol: str, name: str, cap: int) -> Listing:
    return replace(FINE, symbol=Symbol(symbol), name=name, market_cap=Krw(Decimal(cap)))


MARKET = (
    named("000010", "한빛", 1),
    named("000011", "한빛전자", 5),
    named("000012", "한빛전자우", 3),
    named("00001K", "Nova 한빛", 2),
    named("000014", "새벽바이오", 9),
    named("000015", "코리아새벽바이오", 20),
)


@pytest.mark.parametrize(
    ("text", "symbols"),
    [
        ("000012", ["000012"]),
        ("00001k", ["00001K"]),
        ("한빛", ["000010"]),  # the exact name, though others begin with it
        ("한빛전", ["000011", "000012"]),  # ambiguous, the larger company first
        (" 새벽 ", ["000014"]),  # its beginning, though a larger one has it as a part
        ("바이오", ["000015", "000014"]),  # a part, where none begins so
        ("nova한빛", ["00001K"]),
        ("전자우", ["000012"]),
        ("없는 이름", []),
        ("  ", []),
    ],
)
def test_a_text_finds_the_names_it_may_mean(text: str, symbols: list[str]) -> None:
    assert [listing.symbol for listing in find(MARKET, text)] == symbols
