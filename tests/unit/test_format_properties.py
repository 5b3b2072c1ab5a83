"""Whatever the figures are, messages stay valid and short."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.format import badge, positions
from bot.format.facts import tell
from bot.format.lang import Lang
from bot.format.markup import fit, plain
from engine.model import facts, order_facts
from engine.model.ids import Mode, Qty, Symbol
from engine.model.money import Usd
from tests.bot.html_check import check_message
from tests.bot.samples import (
    all_facts,
    filled,
    position,
    status_view,
)

LANGS = st.sampled_from(list(Lang))
AMOUNTS = st.decimals(
    min_value=Decimal("-1e9"), max_value=Decimal("1e9"), allow_nan=False, places=6
).map(Usd)
PERCENTS = st.decimals(min_value=-100, max_value=100000, allow_nan=False, places=4)


def all_valid(texts: list[str | None]) -> None:
    for text in texts:
        assert text is not None
        check_message(fit(badge.under_badge(text, Mode.LIVE, "", Lang.KO)))


@given(AMOUNTS, PERCENTS, st.integers(0, 10**9), LANGS)
@settings(max_examples=100, deadline=None)
def test_any_figure_can_be_shown(amount: Usd, percent: Decimal, qty: int, lang: Lang) -> None:
    sold = replace(filled(), gain=amount, avg_cost=amount, gain_pct=percent, left_qty=Qty(qty))
    elsewhere = order_facts.SoldElsewhere(Symbol("A"), Qty(qty), amount, amount, Qty(qty), None)
    row = replace(position(), last_price=amount, gain_pct=percent, qty=Qty(qty))
    all_valid(
        [
            tell(sold, lang),
            tell(elsewhere, lang),
            positions.position(row, status_view().now, lang),
        ]
    )


@given(st.lists(st.sampled_from(list(all_facts().values())), max_size=60), LANGS)
@settings(max_examples=50, deadline=None)
def test_joined_messages_are_cut_to_fit(many: list[facts.Fact], lang: Lang) -> None:
    text = "\n".join(filter(None, (tell(fact, lang) for fact in many)))
    check_message(fit(f"x\n{text}"))
    assert "<b>" not in plain(text)
