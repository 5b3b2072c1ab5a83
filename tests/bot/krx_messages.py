"""What the chat says of the KRX desk, and of both desks at once, for the snapshots."""

from __future__ import annotations

from dataclasses import replace

from bot.format import (
    account,
    asking,
    card,
    entry_outcome,
    fact_state,
    held,
    positions,
    quota,
    replies,
    scan,
    status,
    stopping,
)
from bot.format.lang import Lang
from engine.model.commands import Refusal
from engine.model.entry_facts import Phase
from engine.model.ids import DeskName, DeskState, Mode, Qty
from engine.model.krx_views import ScanView, SmallView, WhyView
from engine.model.orders import OrderReason, OrderState
from tests.bot.krx_samples import (
    AT,
    HYNIX,
    KRX_NAMES,
    SAMSUNG,
    krx_balance,
    krx_day,
    krx_latched,
    krx_order_view,
    krx_position,
    krx_quota,
    krx_sale,
    krx_view,
    plan_view,
    scan_view,
    why_entered,
    why_view,
    with_krx,
    won,
)
from tests.bot.samples import balance_view, day_view, latched, order_view, sale, status_view

EXITS_ONLY, HALTED, RUNNING = DeskState.EXITS_ONLY, DeskState.HALTED, DeskState.RUNNING


def krx_messages(lang: Lang) -> dict[str, str]:
    """By the name of the file."""
    return {**_views(lang), **_scans(lang), **_questions(lang)}


def _views(lang: Lang) -> dict[str, str]:
    both = with_krx(status_view())
    guarded = with_krx(status_view(), krx_latched(EXITS_ONLY, EXITS_ONLY))
    closed = replace(
        *(krx_view(),), phase=Phase.CLOSED, next_change=None, positions=(), orders=(), foreign=()
    )
    alone = replace(with_krx(status_view(), closed), us=None, modes={DeskName.KRX: Mode.PAPER})
    live = replace(alone, modes={DeskName.KRX: Mode.LIVE})
    small = replace(live, krx=replace(closed, small=SmallView(won(300_000), 2, 5)))
    sales = (krx_sale(), krx_sale(OrderReason.MANUAL), sale())
    names = {**KRX_NAMES, order_view().symbol: "애플"}
    books = {
        DeskName.KRX: card.Books(krx_balance(), krx_day()),
        DeskName.US: card.Books(balance_view(), day_view()),
    }
    capped = replace(krx_quota(), daily_limit=20_000, safe_per_day=18_000, safe_per_hour=3_000)
    return {
        "both_status": status.status(both, lang),
        "both_status_guarded": status.status(guarded, lang),
        "krx_status_closed": status.status(alone, lang),
        "krx_status_small": status.status(small, lang),
        "both_positions": held.positions(both, lang),
        "krx_positions_none": held.positions(alone, lang),
        "no_desk": held.positions(replace(status_view(), us=None), lang),
        "both_orders": positions.orders((krx_order_view(), order_view()), names, lang),
        "both_trades": account.trades(sales, names, lang),
        "krx_balance": account.balance(krx_balance(), AT, lang, DeskName.KRX),
        "krx_quota": quota.krx_quota(krx_quota(), plan_view(), lang),
        "krx_quota_capped": quota.krx_quota(capped, None, lang),
        "both_card": card.dated(card.card(both, books, lang), AT, lang),
        "krx_card_closed": card.dated(card.card(alone, books, lang), AT, lang),
        "both_started": fact_state.started(guarded, lang),
    }


def _scans(lang: Lang) -> dict[str, str]:
    empty = ScanView(None, (), (), ())
    unknown = WhyView(HYNIX, "SK하이닉스", None, "", None, None, None)
    locked = ((SAMSUNG, "삼성전자"), (HYNIX, ""))
    return {
        "scan": scan.scan(scan_view(), AT, lang),
        "scan_empty": scan.scan(empty, AT, lang),
        "why_nothing": scan.why_nothing(scan_view(), AT, lang),
        "why_nothing_empty": scan.why_nothing(empty, AT, lang),
        "why": scan.why(why_view(), lang),
        "why_entered": scan.why(why_entered(), lang),
        "why_unknown": scan.why(unknown, lang),
        "why_never_seen": scan.never_seen(SAMSUNG, "삼성전자", lang),
        "locks": scan.locks(locked, lang),
        "locks_none": scan.locks((), lang),
        "locked": scan.locked(SAMSUNG, "삼성전자", lang, is_new=True),
        "locked_already": scan.locked(SAMSUNG, "삼성전자", lang, is_new=False),
        "ask_unlock": scan.ask_unlock(SAMSUNG, "삼성전자", lang),
        "unlocked": scan.unlocked(SAMSUNG, "삼성전자", lang, was_locked=True),
        "unlocked_already": scan.unlocked(SAMSUNG, "삼성전자", lang, was_locked=False),
        "unknown_stock": replies.unknown_stock("NOPE <b>", (), lang),
        "unknown_stock_seen": replies.unknown_stock(
            "NOPE <b>",
            [(SAMSUNG, "삼성전자"), ("820030", "SK <b>"), (HYNIX, ""), ("810150", "LG")],
            lang,
        ),
    }


def _questions(lang: Lang) -> dict[str, str]:
    both = with_krx(status_view())
    guarded = krx_latched(EXITS_ONLY, EXITS_ONLY)
    us = both.us
    assert us is not None
    halted = with_krx(status_view(), krx_latched(HALTED, RUNNING))
    alike = with_krx(latched(EXITS_ONLY, RUNNING), krx_latched(EXITS_ONLY, RUNNING))
    names = (DeskName.KRX, DeskName.US)
    outcome = entry_outcome.entry_outcome
    return {
        "krx_ask_sell": asking.sell(krx_position(), Qty(10), lang),
        "both_ask_sellall": asking.sell_all((krx_position(), *us.positions), 0, lang),
        "krx_ask_release": asking.release_guard(DeskName.KRX, guarded, lang),
        "both_ask_resume": asking.resume([(DeskName.KRX, guarded), (DeskName.US, us)], lang),
        "which_desk": asking.which_desk(lang),
        "both_ask_stop": stopping.menu(both, lang),
        "both_stopped": stopping.stopped("entries", halted, lang),
        "both_paused": stopping.paused(halted, names, lang),
        "both_paused_alike": stopping.paused(alike, names, lang),
        "entry_cancelled": outcome(SAMSUNG, "삼성전자", None, lang),
        "entry_ended": outcome(SAMSUNG, "삼성전자", Refusal.UNKNOWN_ORDER, lang),
        "entry_in_doubt": outcome(SAMSUNG, "삼성전자", Refusal.ORDER_IN_DOUBT, lang),
        "krx_order_part": positions.order(krx_order_view(OrderState.PARTIAL, 10), KRX_NAMES, lang),
    }
