"""The live card in its states, for the snapshots."""

from __future__ import annotations

from dataclasses import replace

from bot.format import card
from bot.format.lang import Lang
from engine.model.day_facts import Window
from engine.model.ids import DeskName, DeskState
from engine.model.state_facts import Trouble
from engine.model.status import StatusView
from engine.model.views import (
    BalanceView,
    DayView,
    LotState,
)
from tests.bot.samples import (
    NOW,
    balance_view,
    day_view,
    latched,
    position,
    question,
    status_view,
    us_view,
    usd,
)


def cards(lang: Lang) -> dict[str, str]:
    """Names are those of the files."""
    quiet = DayView(NOW.date(), 0, usd("0"), usd("0"), 0)
    asleep = replace(
        us_view(), window=Window.ASLEEP, next_window=Window.PREMARKET, positions=(), orders=()
    )
    unread = replace(asleep, holdings_at=None, next_change=None, fx=None)
    priceless = replace(position(), last_price=None, priced_at=None, gain_pct=None)
    reached = replace(position(), last_price=usd("207"))
    selling = replace(position(), state=LotState.SELLING)
    rows = (priceless, reached, selling, replace(priceless, state=LotState.ASKING))
    many = replace(us_view(), positions=rows * 4, questions=(question(),))
    troubled = latched(DeskState.HALTED, DeskState.EXITS_ONLY)
    assert troubled.us is not None
    spent = "daily calls spent (4500 / 4500)"
    in_trouble = replace(troubled.us, guard_reason=spent, troubles=(Trouble.ACCOUNT.value,))
    troubled = replace(troubled, us=in_trouble, unresolved_orders=1)

    def drawn(view: StatusView, balance: BalanceView, day: DayView | None) -> str:
        books = {DeskName.US: card.Books(balance, day)}
        return card.dated(card.card(view, books, lang), view.now, lang)

    idle = BalanceView(NOW, usd("1234.50"), usd("1200"), usd("0"), None)
    blank = BalanceView(None, None, None, usd("0"), None)
    dated = replace(balance_view(), is_outdated=True)
    return {
        "card": drawn(status_view(), balance_view(), day_view()),
        "card_asleep": drawn(replace(status_view(), us=asleep), idle, quiet),
        "card_unread": drawn(replace(status_view(), us=unread), blank, quiet),
        "card_many": drawn(
            replace(status_view(), us=many), dated, replace(day_view(), lacks_cost=1)
        ),
        "card_troubled": drawn(troubled, balance_view(), None),
        "card_disabled": drawn(replace(status_view(), us=None), blank, quiet),
        "card_switched_off": card.switched_off(NOW, lang),
    }
