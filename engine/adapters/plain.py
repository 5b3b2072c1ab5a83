"""Model values as JSON-ready ones and back: nothing is rounded, nothing loses currency or zone."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from cattrs import Converter

from engine.model.money import Krw, Money, Usd


def _time_text(moment: datetime) -> str:
    if moment.tzinfo is None:
        raise ValueError(f"time without a zone: {moment}")
    return moment.isoformat()


def _time(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"time without a zone: {text}")
    return moment


def _decimal(text: object) -> Decimal:
    if not isinstance(text, str):
        raise TypeError(f"a figure is kept as text, not as {text!r}")
    return Decimal(text)


def _money(plain: dict[str, object]) -> Money:
    if "usd" in plain:
        return Usd(_decimal(plain["usd"]))
    return Krw(_decimal(plain["krw"]))


def _money_text(money: Money) -> dict[str, str]:
    return {money.currency.lower(): str(money.amount)}


def _converter() -> Converter:
    converter = Converter(detailed_validation=False)
    converter.register_unstructure_hook(Decimal, str)
    converter.register_structure_hook(Decimal, lambda text, _: _decimal(text))
    # A generic field may be declared in dollars (the default) and hold won: the value decides.
    for currency in (Usd, Krw, Money):
        converter.register_unstructure_hook(currency, _money_text)
    converter.register_structure_hook(Usd, lambda plain, _: Usd(_decimal(plain["usd"])))
    converter.register_structure_hook(Krw, lambda plain, _: Krw(_decimal(plain["krw"])))
    converter.register_structure_hook(Money, lambda plain, _: _money(plain))
    converter.register_unstructure_hook(date, date.isoformat)
    converter.register_structure_hook(date, lambda text, _: date.fromisoformat(text))
    converter.register_unstructure_hook(datetime, _time_text)
    converter.register_structure_hook(datetime, lambda text, _: _time(text))
    return converter


CONVERTER = _converter()
