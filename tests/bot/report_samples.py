"""Reports of a few days, for texts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from engine.model.ids import ClientOrderId, DeskName, Mode, Symbol
from engine.model.money import Krw, Money, Usd
from engine.model.orders import OrderReason, Side
from engine.model.realised import Realised
from engine.model.score import Gate
from reports.broker import agreement
from reports.digest import Digest
from reports.executions import Execution
from reports.periods import Span, period
from reports.report import ZERO, Report, make
from reports.stats import Drawdown
from reports.together import Together
from reports.uptime import Uptime
from reports.us_tax import TaxYear, rule_of
from tests.bot.samples import NOW

SAMSUNG, MICRON, APPLE = Symbol("005930"), Symbol("MU"), Symbol("AAPL")
NAMES = {SAMSUNG: "삼성전자", MICRON: "마이크론", APPLE: "애플"}
DAY = date(2026, 11, 20)


def krx(names: Any = NAMES) -> Report[Money]:
    """A win in two parts, a loss with a sale by hand, in one month."""
    rows = (
        _buy(1, 10, 71_000, 0),
        _sale(2, (4, 6), 73_000, 71_000, OrderReason.SCALE_OUT, 60),
        _sale(3, (6, 0), 74_000, 71_000, OrderReason.TRAILING_STOP, 95),
        _buy(4, 5, 74_000, 200),
        _sale(5, (3, 2), 72_000, 74_000, OrderReason.STOP_LOSS, 230),
        _by_hand(6, 2, 74_000, 0, 240),
    )
    return make(rows[0].desk, rows, names, Mode.LIVE, period(Span.MONTH, DAY))


def us(names: Any = NAMES) -> Report[Money]:
    """Sales of a book that does not know what buying cost."""
    rows = tuple(
        Execution(
            *(seq, DeskName.US, DAY, _at(seq * 30), symbol, Side.SELL, 5, _usd(price), _usd("100")),
            *(_usd(gain), _usd("0.26"), None, None, 0, ClientOrderId(f"us-o{seq}")),
            *(OrderReason.TARGET, _usd(price), None, Decimal("1383.5")),
        )
        for seq, symbol, price, gain in ((1, MICRON, "103.1", "15.5"), (2, APPLE, "97.2", "-14"))
    )
    return make(rows[0].desk, rows, names, Mode.LIVE, period(Span.DAY, DAY))


def us_year(names: Any = NAMES) -> Report[Money]:
    """The year of the same sales, with what is owed for it and how long the desk ran."""
    found = make(DeskName.US, us().executions, names, Mode.LIVE, period(Span.YEAR, DAY))
    ran = Uptime(date(2026, 11, 2), timedelta(minutes=5_850), timedelta(minutes=5_741))
    return replace(found, uptime=ran)


def tax_years() -> tuple[TaxYear, ...]:
    """Under the allowance, above it with much that is not in it, and nothing but that."""
    rule = rule_of(2026)
    return (
        TaxYear(2026, rule, _won(1_234_000), 0, 0, 0, 0),
        TaxYear(2026, rule, _won(6_400_000), 3, 2, 1, 4),
        TaxYear(2026, rule, _won(-350_000), 0, 0, 0, 12),
    )


def fallen() -> Drawdown[Money]:
    """A fall that was made good."""
    return Drawdown(_won(420_000), DAY, date(2026, 11, 23), date(2026, 12, 2))


def both() -> Together:
    """Both desks, some sales without a rate and some without the cost of their buy."""
    by_desk = {DeskName.KRX: _won(1_250_000), DeskName.US: _won(-310_500)}
    fall = Drawdown(_won(640_000), None, DAY, None)
    return Together(by_desk, {DAY: _won(939_500)}, fall, 2, 5)


def empty() -> Report[Money]:
    """A month without a trade."""
    found = krx()
    return make(
        found.desk, found.executions, NAMES, Mode.LIVE, period(Span.MONTH, date(2026, 9, 1))
    )


def digest(names: Any = NAMES) -> Digest[Money]:
    """The month of the Korean desk with what was held back."""
    held_back = (
        *((Gate.MAX_POSITIONS, pct) for pct in (Decimal("-2.1"), Decimal("0.4"), None)),
        (Gate.INDEX_DOWN, None),
    )
    return Digest(krx(names), (812, 1_204), {"spread": 3, "max_trades": 1}, held_back)


def week() -> Digest[Money]:
    """A week of the American desk, with its tax year and no other figure beside the executions."""
    found = us()
    told = make(found.desk, found.executions, NAMES, Mode.LIVE, period(Span.WEEK, DAY))
    return Digest(told, (), {}, tax=tax_years()[0])


def agreed(names: Any = NAMES) -> Report[Money]:
    """All days by the broker's figures too, a cent off at one sale."""
    rows = [_told(MICRON, "500", "515.5", "0.26"), _told(APPLE, "500", "486", "0.27")]
    return _compared(us(names), {DAY: rows})


def differing(names: Any = NAMES) -> Report[Money]:
    """A sale the broker does not know, one for less, one with other costs, one not in the book."""
    rows = [_told(MICRON, "500", "515.48", "1.30"), _told(Symbol("KO"), "10", "11", "0.03")]
    return _compared(us(names), {DAY: rows})


def by_hand(names: Any = NAMES) -> Report[Money]:
    """The trader sold some of it too."""
    return _compared(krx(names), {DAY: ()})


def without_cost(names: Any = NAMES) -> Report[Money]:
    """Nobody told what the shares cost."""
    found = us(names)
    rows = tuple(replace(row, avg_cost=_usd("0")) for row in found.executions)
    return _compared(replace(found, executions=rows), {DAY: [_told(MICRON, "1", "2", "0.26")]})


def waiting(names: Any = NAMES) -> Report[Money]:
    """A day the broker was not asked for yet."""
    return _compared(us(names), {})


def on_paper(names: Any = NAMES) -> Report[Money]:
    """KIS has no such figures there."""
    return replace(us(names), mode=Mode.PAPER)


def _compared(found: Report[Money], told: Any) -> Report[Money]:
    return replace(found, broker=agreement(found.executions, told, ZERO[found.desk]))


def _told(symbol: Symbol, cost: str, proceeds: str, fee: str) -> Realised[Money]:
    net = Decimal(proceeds) - Decimal(cost) - Decimal(fee)
    figures = (_usd(cost), _usd(proceeds), _usd(fee))
    return Realised(DAY, symbol, 5, *figures, tax=None, realised=_usd(f"{net}"))


def _buy(seq: int, qty: int, price: int, minutes: int) -> Execution[Money]:
    return Execution(
        *(seq, DeskName.KRX, DAY, _at(minutes), SAMSUNG, Side.BUY, qty, _won(price), _won(price)),
        *(None, _won(106), None, None, qty, ClientOrderId(f"krx-o{seq}"), OrderReason.BREAKOUT),
        *(_won(price - 100), 74, None),
    )


def _sale(
    seq: int, shares: tuple[int, int], price: int, cost: int, reason: OrderReason, minutes: int
) -> Execution[Money]:
    qty, left = shares
    return Execution(
        *(seq, DeskName.KRX, DAY, _at(minutes), SAMSUNG, Side.SELL, qty, _won(price), _won(cost)),
        *(_won((price - cost) * qty), _won(44), _won(584), _won(43), left),
        *(ClientOrderId(f"krx-o{seq}"), reason, _won(price + 100), None, None),
    )


def _by_hand(seq: int, qty: int, cost: int, left: int, minutes: int) -> Execution[Money]:
    sold = _sale(seq, (qty, left), cost, cost, OrderReason.MANUAL, minutes)
    unknown = replace(sold, price=None, gain=None, fee=None, tax=None, entry_fee=None)
    return replace(unknown, order=None, reason=None, decision_price=None)


def _at(minutes: int) -> datetime:
    return NOW.replace(hour=0, minute=10) + timedelta(minutes=minutes)


def _won(amount: int) -> Krw:
    return Krw(Decimal(amount))


def _usd(amount: str) -> Usd:
    return Usd(Decimal(amount))
