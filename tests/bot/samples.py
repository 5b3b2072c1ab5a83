"""Example views and facts that every chat test speaks of."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from engine.model import commands, day_facts, mismatches, order_facts, position_facts, state_facts
from engine.model.commands import Choice
from engine.model.day_facts import Window
from engine.model.digests import PeriodEnded, Stretch
from engine.model.facts import Fact
from engine.model.fills import Fill, FillSource
from engine.model.ids import (
    BrokerOrderNo,
    ClientOrderId,
    CommandId,
    DeskName,
    DeskState,
    Mode,
    Qty,
    QuestionId,
    Symbol,
)
from engine.model.instrument import Exchange
from engine.model.log_lines import LogEntry
from engine.model.mismatches import Decision, MismatchAsked, MismatchKind, MismatchSettled
from engine.model.money import ZERO_USD, FxRate, Usd
from engine.model.orders import OrderIntent, OrderReason, OrderState, Side
from engine.model.position_facts import QuestionKind
from engine.model.quota import Quota
from engine.model.readiness import ReadinessChecked, ReadyItem, ReadyLine
from engine.model.realised import BrokerDiffers, Difference
from engine.model.state_facts import Trouble
from engine.model.status import StatusView, StreamView
from engine.model.views import (
    BalanceView,
    DayView,
    GuardView,
    LotState,
    OrderView,
    PositionView,
    SaleView,
    SettingChange,
    SettingView,
    UsDeskView,
)
from engine.ports.control import SettingRefused
from tests.fakes.control import FakeControl

NOW = datetime(2026, 7, 6, 13, 45, tzinfo=UTC)  # 22:45 KST, 09:45 ET, summer time
FX = FxRate(Decimal("1388.5"), "KIS 고시", NOW - timedelta(minutes=15))
AAPL, MSFT = Symbol("AAPL"), Symbol("MSFT")


def usd(text: str) -> Usd:
    return Usd(Decimal(text))


def position(symbol: Symbol = AAPL, name: str = "애플", qty: int = 12) -> PositionView:
    return PositionView(
        symbol=symbol,
        name=name,
        exchange=Exchange.NASD,
        qty=Qty(qty),
        avg_cost=usd("200.50"),
        target_pct=Decimal("3.0"),
        target_price=usd("206.52"),
        last_price=usd("204.10"),
        priced_at=NOW - timedelta(seconds=2),
        gain_pct=Decimal("1.7955"),
        state=LotState.ARMED,
        is_shadow=False,
    )


def falling() -> PositionView:
    return replace(
        position(MSFT, "마이크로소프트", 3),
        last_price=usd("190"),
        gain_pct=Decimal("-5.2369"),
        state=LotState.EXCLUDED,
        is_shadow=True,
    )


def order_view(state: OrderState = OrderState.ACCEPTED) -> OrderView:
    return OrderView(
        client_order_id=ClientOrderId("us-20260706-1"),
        broker_order_no=BrokerOrderNo("30112345"),
        symbol=AAPL,
        side=Side.SELL,
        qty=Qty(12),
        filled_qty=Qty(0),
        limit=usd("206.55"),
        state=state,
        decided_at=NOW - timedelta(minutes=1),
    )


def us_view() -> UsDeskView:
    return UsDeskView(
        state=DeskState.RUNNING,
        user_latch=DeskState.RUNNING,
        guard_latch=DeskState.RUNNING,
        guard_reason="",
        window=Window.REGULAR,
        next_change=datetime(2026, 7, 6, 16, 0, tzinfo=UTC),
        next_window=Window.ASLEEP,
        next_poll=None,
        poll_interval_s=None,
        positions=(position(), falling()),
        orders=(order_view(),),
        questions=(),
        holdings_at=NOW - timedelta(seconds=40),
        last_event_at=NOW - timedelta(seconds=1),
        troubles=(),
        fx=FX,
        guards=(GuardView(Trouble.ACCOUNT, 3, 10),),
    )


def status_view() -> StatusView:
    return StatusView(
        version="0.1.0",
        now=NOW,
        started_at=NOW - timedelta(hours=5, minutes=3),
        modes={DeskName.US: Mode.DRY_RUN},
        us=us_view(),
        quota=Quota(812, 120, 4500, 500, 5000),
        stream=StreamView(connected=True, last_frame_age_s=1.2, registrations=3),
        journal_ok=True,
        unresolved_orders=0,
        inbox_depth=0,
        loop_lag_ms_p99=1.5,
        badge_note="",
    )


def latched(user: DeskState, guard: DeskState) -> StatusView:
    us = replace(
        us_view(),
        state=max(user, guard, key=lambda state: state.rank),
        user_latch=user,
        guard_latch=guard,
        guard_reason="" if guard is DeskState.RUNNING else "daily calls spent (4500 / 4500)",
    )
    return replace(status_view(), us=us)


def sale(*, by_bot: bool = True) -> SaleView:
    return SaleView(
        at=NOW - timedelta(hours=1),
        exchange_date=date(2026, 7, 6),
        symbol=AAPL,
        qty=Qty(5),
        price=usd("206.55") if by_bot else None,
        avg_cost=usd("200.50"),
        gain=usd("30.25") if by_bot else None,
        gain_pct=Decimal("3.0175") if by_bot else None,
        fee=usd("2.58"),
        by_bot=by_bot,
        fx=FX,
        entry_fee=usd("2.51") if by_bot else None,
    )


def balance_view() -> BalanceView:
    return BalanceView(
        at=NOW - timedelta(minutes=3),
        deposit=usd("1234.50"),
        orderable=usd("1200"),
        market_value=usd("3019.20"),
        fx=FX,
    )


def day_view() -> DayView:
    return DayView(date(2026, 7, 6), sales=2, gross=usd("30.25"), fees=usd("2.58"), apart=1)


SETTINGS = (
    SettingView(
        *("target", "3.0", "file", "0.1 - 50 (%)", "3.0"),
        settable=True,
        group="us",
        file_key="order_settings.target_profit_rate",
        names=("목표",),
    ),
    SettingView(
        *("sell_price", "bid", "default", "bid | target | last", "bid"),
        settable=True,
        group="us",
        file_key="order_settings.sell_price",
    ),
    SettingView(
        *("safe_per_day", "4500", "chat", "1 - 5000", "4500"),
        settable=True,
        group="us",
        file_key="rate_limit.safe_per_day",
    ),
    SettingView(
        *("stop", "2.0", "default", "0.2 - 15 (%)", "2.0"),
        settable=True,
        group="exits",
        file_key="domestic.exit.stop_loss_pct",
        names=("stop_loss", "손절"),
    ),
    SettingView(
        *("max_order", "2000000", "default", "10000 - 1000000000 (KRW)", "2000000"),
        settable=True,
        group="risk",
        file_key="risk.max_order_krw",
    ),
    SettingView(
        *("health.port", "8000", "file", "1 - 65535", "8000"),
        settable=False,
        file_key="health.port",
    ),
)
OWN_TARGETS = (
    SettingView("order_settings.targets.AAPL", "5", "chat", "", "", settable=False),
    SettingView("held_target:MSFT", "3.5", "chat", "", "", settable=False),
)
_TARGET_KEY = "order_settings.target_profit_rate"


def check_setting(key: str, value: str, symbol: Symbol | None) -> SettingChange | SettingRefused:
    """Allows target 0.1-50; under 2 a position qualifies; safe_per_day loosens."""
    if key == "safe_per_day" and value:
        return SettingChange(key, "4500", value, loosens=True, qualifying=())
    if key in {"language", "lang"} and value in {"ko", "en"}:
        return SettingChange("language", "ko", value, loosens=False, qualifying=())
    if key == "max_order" and value:
        return SettingChange("risk.max_order_krw", "2000000", value, loosens=False, qualifying=())
    if key != "target":
        return SettingRefused(key, value, "", "", "target" if key.startswith("t") else None)
    if symbol is not None and value == "off":
        change = SettingChange(_TARGET_KEY, "5", "3.0", loosens=False, qualifying=())
        return replace(change, symbol=symbol, was_own=True, is_back=True)
    try:
        wanted = Decimal(value)
    except ArithmeticError:
        wanted = Decimal(0)
    if not wanted.is_finite() or not Decimal("0.1") <= wanted <= 50:
        return SettingRefused(key, value, "0.1 - 50 (%)", "target 3.0", None)
    qualifying = (position(),) if wanted < 2 else ()
    change = SettingChange(_TARGET_KEY, "3.0", value, loosens=False, qualifying=qualifying)
    return replace(change, symbol=symbol)


def control() -> FakeControl:
    return FakeControl(
        view=status_view(),
        balance_view=balance_view(),
        sale_views=(sale(), sale(by_bot=False)),
        day_view=day_view(),
        setting_views=SETTINGS,
        check=check_setting,
        names={"aapl": (AAPL,), "애플": (AAPL,), "msft": (MSFT,), "소프트": (AAPL, MSFT)},
    )


def order() -> OrderIntent:
    return OrderIntent(
        client_order_id=ClientOrderId("us-20260706-1"),
        desk=DeskName.US,
        symbol=AAPL,
        exchange=Exchange.NASD,
        side=Side.SELL,
        qty=Qty(12),
        limit=usd("206.55"),
        reason=OrderReason.TARGET,
        decision_price=usd("206.60"),
        decided_at=NOW,
    )


def filled(*, is_complete: bool = True) -> order_facts.OrderFilled:
    fill = Fill(
        broker_order_no=BrokerOrderNo("30112345"),
        client_order_id=ClientOrderId("us-20260706-1"),
        symbol=AAPL,
        side=Side.SELL,
        qty=Qty(12 if is_complete else 5),
        price=usd("206.55"),
        cum_qty=Qty(12 if is_complete else 5),
        at=NOW,
        source=FillSource.EXECUTIONS,
    )
    return order_facts.OrderFilled(
        fill=fill,
        order=order(),
        avg_cost=usd("200.50"),
        gain=usd("72.60") if is_complete else usd("30.25"),
        gain_pct=Decimal("3.0175"),
        fee=usd("6.20") if is_complete else usd("2.58"),
        fx=FX,
        is_complete=is_complete,
        left_qty=Qty(0 if is_complete else 7),
        entry_fee=usd("6.02") if is_complete else usd("2.51"),
    )


def question(kind: QuestionKind = QuestionKind.EXISTING_HOLDING) -> position_facts.QuestionAsked:
    is_existing = kind is QuestionKind.EXISTING_HOLDING
    return position_facts.QuestionAsked(
        question=QuestionId("q1"),
        kind=kind,
        symbol=AAPL,
        name="애플",
        qty=Qty(12),
        avg_cost=usd("92.20"),
        seen=usd("645.10"),
        expected=usd("94.97"),
        gain_pct=Decimal("599.6746"),
        choices=(Choice.MANAGE, Choice.EXCLUDE)
        if is_existing
        else (Choice.SELL, Choice.WAIT, Choice.EXCLUDE),
    )


def readiness(*, is_ready: bool = True) -> ReadinessChecked:
    """Before a window; not ready: every line is red."""
    well = {
        ReadyItem.CLOCK: ("+1 s", "5 s"),
        ReadyItem.CALLS: ("3", "4500"),
        ReadyItem.DISK: ("7400 MB", "200 MB"),
        ReadyItem.STREAM: ("polling", ""),
    }
    bad = {
        ReadyItem.TOKEN: ("no answer", ""),
        ReadyItem.BOOKS: ("shares are missing, 2 in doubt", ""),
        ReadyItem.CLOCK: ("+9 s", "5 s"),
        ReadyItem.CALLS: ("4321", "4500"),
        ReadyItem.DISK: ("120 MB", "200 MB"),
        ReadyItem.TROUBLE: ("api, account", ""),
        ReadyItem.GUARD: ("daily calls spent (4500 / 4500)", ""),
        ReadyItem.USER_STOP: ("halted", ""),
    }
    told = well if is_ready else bad
    lines = tuple(ReadyLine(item, is_ready, *told.get(item, ("", ""))) for item in ReadyItem)
    opens = NOW + timedelta(minutes=9)
    return ReadinessChecked(NOW.date(), opens, opens + timedelta(days=1), Mode.LIVE, lines)


def all_facts() -> dict[str, Fact]:
    """One of every kind, by the name of its snapshot."""
    running, exits = DeskState.RUNNING, DeskState.EXITS_ONLY
    return {
        "buy_seen": position_facts.BuySeen(
            AAPL, "애플", Qty(12), usd("200.50"), Decimal("3.0"), usd("206.52"), Qty(20)
        ),
        "holding_excluded": position_facts.HoldingExcluded(AAPL, Qty(12), by_user=True),
        "holding_adopted": position_facts.HoldingAdopted(
            AAPL, Qty(12), usd("200.50"), usd("206.52")
        ),
        "order_accepted": order_facts.OrderAccepted(order(), BrokerOrderNo("30112345")),
        "order_rejected": order_facts.OrderRejected(
            order(), "APBK0919", "장운영시간이 아닙니다 <주문>"
        ),
        "order_unresolved": order_facts.OrderUnresolved(order(), "ReadTimeout"),
        "order_resolved_found": order_facts.OrderResolved(order(), BrokerOrderNo("30112345")),
        "order_resolved_absent": order_facts.OrderResolved(order(), None),
        "order_ended": order_facts.OrderEnded(order(), Qty(5), will_reprice=True),
        "order_filled": filled(),
        "order_filled_part": filled(is_complete=False),
        "order_filled_old_book": replace(filled(), entry_fee=None),
        "order_filled_no_cost": replace(
            filled(), avg_cost=ZERO_USD, gain=usd("2478.60"), gain_pct=Decimal(0)
        ),
        "order_filled_by_command": replace(
            filled(), order=replace(order(), reason=OrderReason.MANUAL)
        ),
        "order_filled_no_rate": replace(filled(), fx=None, gain=usd("-1.5")),
        "sold_elsewhere": order_facts.SoldElsewhere(
            AAPL, Qty(5), usd("198"), usd("200.50"), Qty(7), FX
        ),
        "sold_elsewhere_unknown": order_facts.SoldElsewhere(
            AAPL, Qty(5), None, usd("200.50"), Qty(7), None
        ),
        **{f"question_{kind}": question(kind) for kind in QuestionKind},
        "question_closed": position_facts.QuestionClosed(QuestionId("q1"), AAPL, Choice.WAIT),
        "question_gone": position_facts.QuestionClosed(QuestionId("q1"), AAPL, None),
        "price_break": position_facts.PriceBreak(AAPL, usd("645.10"), usd("92.20")),
        "readiness": readiness(),
        "readiness_red": readiness(is_ready=False),
        "window_regular": day_facts.WindowChanged(Window.REGULAR, NOW + timedelta(hours=2), 2),
        "window_asleep": day_facts.WindowChanged(Window.ASLEEP, None, 0),
        "calendar_30": day_facts.CalendarWarning(date(2026, 12, 31), 30),
        "calendar_over": day_facts.CalendarWarning(date(2026, 12, 31), 0),
        "quote_stale": position_facts.QuoteStale(AAPL, Decimal("12.50")),
        "trouble_began": state_facts.TroubleBegan(
            Trouble.STREAM, "silent", measured="2 reads, 61 s", limit="1 reads, 60 s"
        ),
        "trouble_ended": state_facts.TroubleEnded(Trouble.STREAM, 125),
        "quota_warning": state_facts.QuotaWarning(4050, 4500),
        "state_exits_only": state_facts.StateChanged(
            exits, running, exits, "daily calls spent", measured="4500", limit="4500"
        ),
        **{f"state_stop_{trouble}": stop(trouble, *why) for trouble, why in STOPS.items()},
        "state_running": state_facts.StateChanged(running, running, running, ""),
        "mismatch": mismatches.MismatchSeen(AAPL, "12 held", "10 sold"),
        "mismatch_doubt": MismatchAsked(
            QuestionId("q2"),
            MismatchKind.ORDER_IN_DOUBT,
            AAPL,
            "애플",
            "sell 12 at 206.52",
            "2 orders, 12 in the account",
            (Choice.NOT_PLACED, Choice.LINK, Choice.IGNORE),
            (BrokerOrderNo("30112345"), BrokerOrderNo("30112346")),
        ),
        "mismatch_missing": MismatchAsked(
            QuestionId("q3"),
            MismatchKind.DIFFERENT_QTY,
            AAPL,
            "애플",
            "12 held",
            "5 in the account",
            (Choice.BOOK, Choice.IGNORE, Choice.SELL),
        ),
        "mismatch_cost": MismatchAsked(
            QuestionId("q4"),
            MismatchKind.DIFFERENT_COST,
            AAPL,
            "애플",
            "10210 each",
            "9800 each",
            (Choice.BOOK, Choice.IGNORE, Choice.SELL),
        ),
        "mismatch_vanished": MismatchAsked(
            QuestionId("q5"),
            MismatchKind.VANISHED_ORDER,
            AAPL,
            "애플",
            "buy 3 at 200.5",
            "0 orders, 3 in the account",
            (Choice.BOOK, Choice.IGNORE),
        ),
        "period_ended": PeriodEnded(Stretch.WEEK, date(2026, 6, 29), date(2026, 7, 5)),
        "broker_differs": BrokerDiffers(
            date(2026, 7, 6),
            (
                Difference(
                    *(AAPL, "애플", 10, 12, usd("30.10"), usd("35.00"), usd("2.60"), usd("3.12")),
                    costs_only=False,
                ),
            ),
            usd("30.10"),
            usd("35.00"),
            by_hand=1,
        ),
        "day_summary": day_facts.DaySummary(
            date(2026, 7, 6), 3, usd("112.40"), usd("9.10"), 2, 1893, FX
        ),
    }


def stop(trouble: Trouble, reason: str, measured: str, limit: str) -> state_facts.StateChanged:
    """A guard of the desk stopped its entries."""
    exits, running = DeskState.EXITS_ONLY, DeskState.RUNNING
    return state_facts.StateChanged(exits, running, exits, reason, measured, limit, trouble=trouble)


STOPS = {
    Trouble.API: ("calls fail", "10 calls", "10 calls"),
    Trouble.SILENCE: ("no call answered", "301 s", "300 s"),
    Trouble.ACCOUNT: ("account reads fail", "10 reads, 171 s", "10 reads, 300 s"),
    Trouble.STREAM: ("stream fails", "3 times", "3 times"),
    Trouble.REFUSALS: ("calls are refused", "9 of 120 calls", "5 %"),
    Trouble.QUOTA: ("daily calls spent", "4500", "4500"),
    Trouble.CLOCK: ("clocks differ", "-12 s", "10 s"),
    Trouble.SERVICE: ("the desk's service keeps failing", "", ""),
    Trouble.CONFLICT: ("a second program listens to the chat", "", ""),
    Trouble.REJECTS: ("orders are refused", "4 orders", "4 orders in 5 min"),
    Trouble.DRIFT: ("executions are worse than decided", "3 orders, 1.8 %", "3 orders, 1 %"),
    Trouble.MISMATCH: ("books and broker disagree", "AAPL 15 min", "15 min"),
}


LOG_LINE = LogEntry(
    NOW, "WARNING", (("event", "order"), ("desk", "us"), ("symbol", "AAPL"), ("reason", "target"))
)
UNTOLD: Fact = commands.CommandAnswered(CommandId("1"), None)
SETTLED = MismatchSettled(
    MismatchKind.MISSING_HOLDING, AAPL, "12 held", "0 in the account", Decision.BOOKED, by_user=True
)
