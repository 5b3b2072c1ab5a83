"""Money with its currency in its type: adding won to dollars is a type error."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import ClassVar, Self

from typing_extensions import TypeVar


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount or a price per share. Never constructed itself: use a currency."""

    amount: Decimal
    currency: ClassVar[str] = ""
    decimals: ClassVar[int] = 0

    def __post_init__(self) -> None:
        if not self.amount.is_finite():
            raise ValueError(f"money needs a finite Decimal, not {self.amount!r}")

    def _same(self, other: Money) -> None:
        if type(other) is not type(self):
            raise TypeError(f"{self.currency} with {type(other).__name__}")

    def __add__(self, other: Self) -> Self:
        self._same(other)
        return type(self)(self.amount + other.amount)

    def __sub__(self, other: Self) -> Self:
        self._same(other)
        return type(self)(self.amount - other.amount)

    def plus(self, others: Iterable[Self]) -> Self:
        """This and all of those, without a value for each step."""
        amount = self.amount
        for other in others:
            self._same(other)
            amount += other.amount
        return type(self)(amount)

    def __neg__(self) -> Self:
        return type(self)(-self.amount)

    def __mul__(self, factor: int | Decimal) -> Self:
        return type(self)(self.amount * factor)

    def __bool__(self) -> bool:
        return self.amount != 0

    def ratio(self, other: Self) -> Decimal:
        """This divided by another amount of the same currency."""
        self._same(other)
        return self.amount / other.amount

    def rounded(self, rounding: str) -> Self:
        """To the currency's smallest unit; ``rounding`` is a decimal module constant."""
        return type(self)(self.amount.quantize(Decimal(1).scaleb(-self.decimals), rounding))

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"


@dataclass(frozen=True, slots=True, order=True)
class Usd(Money):
    """US dollars."""

    currency: ClassVar[str] = "USD"
    decimals: ClassVar[int] = 2


@dataclass(frozen=True, slots=True, order=True)
class Krw(Money):
    """Korean won; it has no decimals."""

    currency: ClassVar[str] = "KRW"
    decimals: ClassVar[int] = 0


@dataclass(frozen=True, slots=True)
class FxRate:
    """Won per dollar, with where and when it was read."""

    krw_per_usd: Decimal
    source: str
    at: datetime

    def to_krw(self, amount: Usd) -> Krw:
        """Dollars in won, to the nearest won."""
        return Krw(amount.amount * self.krw_per_usd).rounded(ROUND_HALF_UP)


# What is priced in one currency says in which: Tick[Krw]. The US desk came first, so a type without
# one is in dollars (docs/adr/0013). Values are frozen, hence covariant: Tick[Krw] is a Tick[Money].
M = TypeVar("M", bound=Money, default=Usd)
M_co = TypeVar("M_co", bound=Money, covariant=True, default=Usd)

ZERO_USD = Usd(Decimal(0))
ZERO_KRW = Krw(Decimal(0))
