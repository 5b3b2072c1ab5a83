"""Whatever others write, messages stay valid, short and theirs only."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.format import account, asking, badge, positions, replies, status, stopping
from bot.format import settings as settings_text
from bot.format.facts import tell
from bot.format.lang import Lang
from bot.format.markup import fit, plain
from engine.model import facts
from engine.model.ids import BrokerOrderNo, Mode, Qty, Symbol
from engine.model.money import Usd
from engine.model.views import SettingView
from tests.bot.html_check import check_html, check_message
from tests.bot.samples import (
    all_facts,
    filled,
    order,
    position,
    question,
    sale,
    stats_view,
    status_view,
    us_view,
)

NASTY = st.one_of(
    st.text(max_size=400),
    st.sampled_from(
        ["<b>", "</b>", "&amp;", "<script>", "a & b < c", "&", "\u202e", "\ud800", "\n" * 9]
    ),
    st.text(alphabet="<>&\"'b/", max_size=80),
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


@given(NASTY, NASTY, LANGS)
@settings(max_examples=150, deadline=None)
def test_foreign_text_never_breaks_an_alert(symbol: str, text: str, lang: Lang) -> None:
    stock = Symbol(symbol)
    intent = replace(order(), symbol=stock)
    number = BrokerOrderNo(text)
    all_valid(
        [
            tell(replace(question(), symbol=stock, name=text), lang),
            tell(facts.OrderAccepted(intent, number), lang, {stock: text}),
            tell(facts.OrderRejected(intent, text, text), lang),
            tell(facts.OrderUnresolved(intent, text), lang),
            tell(facts.OrderResolved(intent, number), lang),
            tell(replace(filled(), order=intent), lang),
            tell(facts.TroubleBegan(facts.Trouble.API, text, text, text), lang),
            tell(facts.MismatchSeen(stock, text, text), lang),
            tell(facts.PriceBreak(stock, order().limit, order().limit), lang),
            tell(facts.QuestionClosed(question().question, stock, None), lang),
        ]
    )


@given(NASTY, NASTY, LANGS)
@settings(max_examples=150, deadline=None)
def test_foreign_text_never_breaks_a_view(symbol: str, text: str, lang: Lang) -> None:
    row = replace(position(), symbol=Symbol(symbol), name=text)
    us = replace(us_view(), positions=(row,) * 30, troubles=(text,) * 9, guard_reason=text)
    view = replace(status_view(), us=us, version=text, badge_note=text)
    setting = SettingView(symbol, text, text, text, text, settable=True)
    all_valid(
        [
            status.status(view, lang),
            positions.positions(view, lang),
            account.trades((replace(sale(), symbol=Symbol(symbol)),) * 30, lang),
            account.stats(
                replace(stats_view(), by_symbol=((Symbol(symbol), 1, row.avg_cost),)), lang
            ),
            asking.sell(row, Qty(1), lang),
            asking.sell_all((row,) * 30, 1, lang),
            stopping.menu(us, lang),
            asking.which_symbol(text, lang),
            settings_text.menu((setting,) * 40, lang),
            settings_text.how_to_set(setting, lang),
            settings_text.refused(symbol, text, text, text, lang),
            settings_text.unknown_key(symbol, text, lang),
            replies.unknown_command(text, None, lang),
            replies.unknown_symbol(text, (symbol,) * 30, lang),
            replies.failed(text, symbol, lang),
        ]
    )
    check_html(badge.badge(Mode.PAPER, text, lang))


@given(AMOUNTS, PERCENTS, st.integers(0, 10**9), LANGS)
@settings(max_examples=100, deadline=None)
def test_any_figure_can_be_shown(amount: Usd, percent: Decimal, qty: int, lang: Lang) -> None:
    sold = replace(filled(), gain=amount, avg_cost=amount, gain_pct=percent, left_qty=Qty(qty))
    elsewhere = facts.SoldElsewhere(Symbol("A"), Qty(qty), amount, amount, Qty(qty), None)
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
    check_html(fit(text))
    assert len(fit(text)) <= 4096
    assert "<b>" not in plain(text)
