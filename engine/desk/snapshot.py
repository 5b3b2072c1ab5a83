"""How a desk's book becomes JSON-ready primitives, and values again."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from cattrs import Converter

from engine.model.money import Krw, Usd


def converter() -> Converter:
    """One for a desk's book; each desk has one currency, so amounts stand alone."""
    made = Converter()
    made.register_unstructure_hook(Usd, lambda usd: str(usd.amount))
    made.register_structure_hook(Usd, lambda text, _: Usd(Decimal(text)))
    made.register_unstructure_hook(Krw, lambda krw: str(krw.amount))
    made.register_structure_hook(Krw, lambda text, _: Krw(Decimal(text)))
    made.register_unstructure_hook(Decimal, str)
    made.register_structure_hook(Decimal, lambda text, _: Decimal(text))
    made.register_unstructure_hook(datetime, datetime.isoformat)
    made.register_structure_hook(datetime, lambda text, _: datetime.fromisoformat(text))
    made.register_unstructure_hook(date, date.isoformat)
    made.register_structure_hook(date, lambda text, _: date.fromisoformat(text))
    return made
