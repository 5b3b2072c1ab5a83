"""Example views and facts of the KRX desk, for every chat test."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from engine.model import day_facts, entry_facts, order_facts, state_facts
from engine.model.entry_facts import HeldBack, HoldReason, Phase
from engine.model.facts import AnyFact
from engine.model.fills import Fill, FillSource
from engine.model.ids import (
    BrokerOrderNo,
    ClientOrderId,
    DeskName,
    DeskState,
    Mode,
    Qty,
    Symbol,
)
from engine.model.instrument import Exchange
from engine.model.krx_views import (
    CallPurpose,
    KrxDayView,
    KrxDeskView,
    KrxPositionView,
    PlanView,
    ScanView,
    WhyView,
)
from engine.model.money import Krw, Money
from engine.model.orders import OrderIntent, OrderKind, OrderReason, OrderState, Side
from engine.model.quota import NO_CAP, Quota
from engine.model.realised import BrokerDiffers, Difference
from engine.model.score import (
    Bucket,
    Candidate,
    Gate,
    Refused,
    ScoreCard,
    Stage,
    StageReason,
    StageScore,
    Unfit,
    Zone,
)
from engine.model.state_facts import Trouble
from engine.model.status import StatusView
from engine.model.views import (
    BalanceView,
    DayView,
    GuardView,
    OrderView,
    SaleView,
)
from tests.fakes.control import FakeControl

AT = datetime(2026, 7, 6, 1, 31, tzinfo=UTC)  # 10:31 KST, a Monday
SAMSUNG, HYNIX = Symbol("005930"), Symbol("000660")
KRX_NAMES = {SAMSUNG: "삼성전자", HYNIX: "SK하이닉스"}
TODAY = date(2026, 7, 6)
RUNNING = DeskState.RUNNING


def won(amount: int) -> Krw:
    return Krw(Decimal(amount))


def krx_position(symbol: Symbol = SAMSUNG) -> KrxPositionView:
    return KrxPositionView(
        symbol=symbol,
        name=KRX_NAMES.get(symbol, ""),
        qty=Qty(28),
        avg_cost=won(71_200),
        last_price=won(72_300),
        priced_at=AT - timedelta(seconds=1),
        gain_pct=Decimal("1.5449"),
        stop_price=won(69_800),
        target_price=won(74_800),
        trailing_price=None,
        opened_at=AT - timedelta(minutes=12, seconds=5),
        zones=(Zone.OPENING_RANGE, Zone.PREV_HIGH),
        level=won(71_000),
        is_selling=False,
        held=None,
    )


def krx_falling() -> KrxPositionView:
    return replace(
        krx_position(HYNIX),
        last_price=None,
        priced_at=None,
        gain_pct=None,
        target_price=None,
        trailing_price=won(70_500),
        held=HoldReason.UPPER_LIMIT,
        zones=(),
    )


def krx_order_view(state: OrderState = OrderState.ACCEPTED, filled: int = 0) -> OrderView[Krw]:
    return OrderView(
        client_order_id=ClientOrderId("krx-20260706-3"),
        broker_order_no=BrokerOrderNo("17011"),
        symbol=SAMSUNG,
        side=Side.BUY,
        qty=Qty(28),
        filled_qty=Qty(filled),
        limit=won(71_200),
        state=state,
        decided_at=AT - timedelta(seconds=4),
    )


def krx_view() -> KrxDeskView:
    return KrxDeskView(
        state=RUNNING,
        user_latch=RUNNING,
        guard_latch=RUNNING,
        guard_reason="",
        guard_until=None,
        phase=Phase.ENTRIES,
        next_change=datetime(2026, 7, 6, 6, 10, tzinfo=UTC),
        next_phase=Phase.MANAGING,
        positions=(krx_position(), krx_falling()),
        orders=(krx_order_view(),),
        foreign=((Symbol("035420"), "NAVER", Qty(3)),),
        today=KrxDayView(
            day=TODAY,
            entries=4,
            round_trips=2,
            wins=1,
            realized=won(12_300),
            open_gain=won(-3_000),
            start_equity=won(10_000_000),
            index_pct=Decimal("0.42"),
        ),
        guards=(GuardView(Trouble.TRADES, 4, 10), GuardView(Trouble.DAILY_LOSS, 41_000, 200_000)),
        universe=1204,
        watched=38,
        holdings_at=AT - timedelta(seconds=20),
        last_event_at=AT,
        troubles=(),
    )


def krx_quota() -> Quota:
    return Quota(3120, 940, NO_CAP, NO_CAP, NO_CAP)


def krx_latched(user: DeskState, guard: DeskState) -> KrxDeskView:
    is_guarded = guard is not RUNNING
    return replace(
        krx_view(),
        state=max(user, guard, key=lambda state: state.rank),
        user_latch=user,
        guard_latch=guard,
        guard_reason="the day's loss is reached (₩210,000 / ₩200,000)" if is_guarded else "",
        guard_until=AT + timedelta(minutes=30) if is_guarded else None,
    )


def with_krx(view: StatusView, krx: KrxDeskView | None = None) -> StatusView:
    """Both desks, in two modes."""
    return replace(
        view,
        now=AT,
        modes={DeskName.KRX: Mode.PAPER, **view.modes},
        krx=krx or krx_view(),
        krx_quota=krx_quota(),
    )


def score_card() -> ScoreCard:
    def stage(kind: Stage, weight: int, points: str, reason: StageReason, raw: str) -> StageScore:
        shown = tuple(tuple(pair.split("=")) for pair in raw.split())
        return StageScore(
            kind, weight, Decimal(points), tuple((one, two) for one, two in shown), reason.value
        )

    return ScoreCard(
        symbol=SAMSUNG,
        at=AT,
        price=won(71_200),
        total=Decimal("78.5"),
        present_weight=90,
        stages=(
            stage(
                *(Stage.LIQUIDITY, 10, "11.1", StageReason.LIQUID),
                "value=8123456789 wanted=1200000000 spread=1",
            ),
            stage(Stage.TREND, 15, "11.1", StageReason.TREND_MIXED, "short=70100 long=70900"),
            stage(Stage.VOLUME, 25, "20.0", StageReason.VOLUME_HIGH, "surge=3.25 gap=-1.20"),
            stage(
                Stage.ZONES,
                30,
                "25.2",
                StageReason.ZONES_BROKEN,
                "opening_range=70900 prev_high=70500 n_day_high=72400 n_days=20",
            ),
            StageScore(Stage.STRENGTH, 10, None, (), StageReason.ABSENT.value),
            stage(Stage.MARKET, 10, "11.1", StageReason.MARKET_UP, "index=0.42 odd=7"),
        ),
        broken=(Zone.OPENING_RANGE, Zone.PREV_HIGH),
        level=won(70_900),
    )


def candidate(symbol: Symbol = SAMSUNG) -> Candidate:
    return Candidate(
        symbol=symbol,
        name=KRX_NAMES.get(symbol, ""),
        bucket=Bucket.GATED,
        detail=Gate.SPREAD,
        price=won(71_200),
        change_pct=Decimal("3.19"),
        card=score_card(),
    )


def scan_view() -> ScanView:
    bare = replace(
        candidate(HYNIX), bucket=Bucket.WATCHED, detail="", price=None, change_pct=None, card=None
    )
    counts = (1472, 1128, 30, 36, 2, 1, 1, 1)
    return ScanView(
        at=AT - timedelta(seconds=8),
        counts=tuple(zip(Bucket, counts, strict=True)),
        unfit=((Unfit.PRICE, 310), (Unfit.TRADED_VALUE, 1002), ("unheard_of", 1)),
        top=(candidate(), bare),
    )


def why_view() -> WhyView:
    """A stock that was not bought."""
    return WhyView(
        symbol=SAMSUNG,
        name="삼성전자",
        bucket=Bucket.GATED,
        detail=Gate.SPREAD,
        card=score_card(),
        entered=None,
        refused=Refused(Gate.SPREAD, "5", "3"),
    )


def why_entered() -> WhyView:
    now = replace(score_card(), total=Decimal(61))
    return replace(
        *(why_view(),), bucket=Bucket.HELD, detail="", card=now, entered=score_card(), refused=None
    )


def plan_view() -> PlanView:
    return PlanView(
        purposes=(
            CallPurpose("scan", Decimal("36.5"), 1210),
            CallPurpose("chart", Decimal(15), 905),
            CallPurpose("order", Decimal(30), 14),
        ),
        per_second=Decimal(10),
        shared_per_second=Decimal(15),
        given_up=("sweep",),
    )


def krx_balance() -> BalanceView[Krw]:
    return BalanceView(
        at=AT - timedelta(minutes=3),
        deposit=won(8_450_000),
        orderable=won(8_400_000),
        market_value=won(2_024_400),
        fx=None,
    )


def krx_day() -> DayView[Krw]:
    return DayView(TODAY, 2, won(20_000), won(3_100), apart=0, tax=won(4_600))


def krx_sale(reason: OrderReason = OrderReason.TRAILING_STOP) -> SaleView[Money]:
    return SaleView(
        at=AT,
        exchange_date=TODAY,
        symbol=SAMSUNG,
        qty=Qty(28),
        price=won(72_300),
        avg_cost=won(71_200),
        gain=won(30_800),
        gain_pct=Decimal("1.5449"),
        fee=won(304),
        by_bot=True,
        fx=None,
        tax=won(4_049),
        reason=reason,
        entry_fee=won(299),
    )


def entry(kind: OrderKind = OrderKind.LIMIT) -> OrderIntent[Krw]:
    return OrderIntent(
        client_order_id=ClientOrderId("krx-20260706-3"),
        desk=DeskName.KRX,
        symbol=SAMSUNG,
        exchange=Exchange.KRX,
        side=Side.BUY,
        qty=Qty(28),
        limit=won(71_200),
        reason=OrderReason.BREAKOUT,
        decision_price=won(71_100),
        decided_at=AT,
        kind=kind,
        score=78,
    )


def exit_order(reason: OrderReason) -> OrderIntent[Krw]:
    return replace(
        entry(),
        client_order_id=ClientOrderId("krx-20260706-4"),
        side=Side.SELL,
        limit=won(72_300),
        reason=reason,
        score=None,
    )


def krx_fill(side: Side) -> Fill[Krw]:
    return Fill(
        broker_order_no=BrokerOrderNo("17012"),
        client_order_id=ClientOrderId("krx-20260706-4"),
        symbol=SAMSUNG,
        side=side,
        qty=Qty(28),
        price=won(72_300),
        cum_qty=Qty(28),
        at=AT,
        source=FillSource.EXECUTIONS,
    )


def krx_filled(reason: OrderReason) -> order_facts.OrderFilled[Krw]:
    return order_facts.OrderFilled(
        fill=krx_fill(Side.SELL),
        order=exit_order(reason),
        avg_cost=won(71_200),
        gain=won(30_800),
        gain_pct=Decimal("1.5449"),
        fee=won(304),
        fx=None,
        is_complete=True,
        left_qty=Qty(0),
        tax=won(4_049),
        entry_fee=won(299),
    )


def day_planned() -> entry_facts.DayPlanned:
    return entry_facts.DayPlanned(
        day=TODAY,
        opens_at=datetime(2026, 7, 6, 0, 0, tzinfo=UTC),
        last_entry_at=datetime(2026, 7, 6, 6, 10, tzinfo=UTC),
        flatten_at=datetime(2026, 7, 6, 6, 15, tzinfo=UTC),
        closes_at=datetime(2026, 7, 6, 6, 30, tzinfo=UTC),
        universe=1204,
        threshold=70,
        max_trades=10,
        max_positions=5,
        max_order=won(2_000_000),
        max_daily_loss=won(200_000),
        is_special=False,
    )


def krx_facts() -> dict[str, AnyFact]:
    """What the KRX desk tells, by the name of its snapshot."""
    refused = Refused(Gate.SPREAD, "5", "3")
    phase = entry_facts.PhaseChanged
    halted = entry_facts.SymbolHalted
    filled = entry_facts.EntryFilled(
        fill=krx_fill(Side.BUY),
        order=entry(),
        name="삼성전자",
        fee=won(304),
        avg_cost=won(71_200),
        held_qty=Qty(28),
        stop_price=won(69_800),
        target_price=won(74_800),
        is_complete=True,
    )
    exits = {
        f"krx_order_filled_{reason}": krx_filled(reason)
        for reason in list(OrderReason)[list(OrderReason).index(OrderReason.STOP_LOSS) :]
    }
    return {
        "krx_entry_decided": entry_facts.EntryDecided(entry(), "삼성전자", score_card(), 1),
        "krx_entry_market": entry_facts.EntryDecided(
            entry(OrderKind.MARKET), "", replace(score_card(), broken=(), level=None), 2
        ),
        "krx_entry_refused": entry_facts.EntryRefused(
            SAMSUNG, "삼성전자", Decimal("78.5"), refused
        ),
        "krx_entry_late": entry_facts.EntryRefused(
            SAMSUNG, "삼성전자", Decimal(70), Refused(Gate.TOO_LATE, Phase.MANAGING.value, "20")
        ),
        "krx_entry_cooling": entry_facts.EntryRefused(
            SAMSUNG,
            "삼성전자",
            Decimal(70),
            Refused(Gate.SYMBOL_COOLDOWN, until=AT + timedelta(minutes=9)),
        ),
        "krx_entry_filled": filled,
        "krx_entry_filled_part": replace(filled, is_complete=False, target_price=None),
        "krx_phase_entries": phase(Phase.ENTRIES, AT + timedelta(hours=4)),
        "krx_phase_closed": phase(Phase.CLOSED, None),
        "krx_day_planned": day_planned(),
        "krx_day_special": replace(day_planned(), is_special=True, max_daily_loss=None),
        "krx_halted": halted(SAMSUNG, "삼성전자", is_volatility=False, is_over=False),
        "krx_halt_over": halted(SAMSUNG, "삼성전자", is_volatility=False, is_over=True),
        "krx_vi": halted(SAMSUNG, "삼성전자", is_volatility=True, is_over=False),
        "krx_vi_over": halted(SAMSUNG, "삼성전자", is_volatility=True, is_over=True),
        **{
            f"krx_held_{reason}": entry_facts.PositionHeld(SAMSUNG, "삼성전자", Qty(28), reason)
            for reason in HoldReason
        },
        "krx_small_ended": entry_facts.SmallEnded(5, won(2_000_000)),
        "krx_order_accepted": order_facts.OrderAccepted(entry(), BrokerOrderNo("17011")),
        "krx_order_rejected": order_facts.OrderRejected(entry(), "APBK0952", "주문가능금액 초과"),
        "krx_order_ended": order_facts.OrderEnded(entry(), Qty(10), will_reprice=True),
        **exits,
        "krx_sold_elsewhere": order_facts.SoldElsewhere(
            SAMSUNG, Qty(5), won(70_000), won(71_200), Qty(23), None
        ),
        "krx_state": state_facts.StateChanged(
            *(DeskState.EXITS_ONLY, RUNNING, DeskState.EXITS_ONLY, "losses in a row"),
            measured="3",
            limit="3",
            until=AT + timedelta(minutes=30),
        ),
        "krx_limit": state_facts.StateChanged(
            *(DeskState.EXITS_ONLY, RUNNING, DeskState.EXITS_ONLY, "the day's loss is reached"),
            measured="₩210,000",
            limit="₩200,000",
            until=AT + timedelta(hours=22),
            trouble=Trouble.DAILY_LOSS,
        ),
        "krx_broker_differs": BrokerDiffers(
            TODAY,
            tuple(
                Difference(
                    *(symbol, KRX_NAMES[symbol], 30, 30, won(31_000), won(30_400), won(1_600)),
                    broker_costs=won(2_200),
                    costs_only=True,
                )
                for symbol in (SAMSUNG, HYNIX)
            ),
            won(62_000),
            won(60_800),
            by_hand=0,
        ),
        "krx_day_summary": day_facts.DaySummary(
            *(TODAY, 3, won(31_000), won(3_100), 0, 8120, None),
            tax=won(4_600),
            entries=3,
            held_back=(
                HeldBack(SAMSUNG, Gate.LOSS_STREAK, won(71_000), Decimal("-1.37")),
                HeldBack(SAMSUNG, Gate.MAX_TRADES, won(71_000)),
            ),
        ),
    }


def both_desks(fake: FakeControl) -> FakeControl:
    """The same door with a KRX desk behind it."""
    fake.view = with_krx(fake.view)
    fake.called = {**KRX_NAMES, Symbol("AAPL"): "애플"}
    fake.names = {
        **fake.names,
        "삼성전자": (SAMSUNG,),
        "005930": (SAMSUNG,),
        "하이닉스": (HYNIX,),
        "전자": (SAMSUNG, HYNIX),
    }
    fake.krx_balance, fake.krx_day = krx_balance(), krx_day()
    fake.sale_views = (krx_sale(), *fake.sale_views)
    fake.scan_view, fake.plan_view = scan_view(), plan_view()
    fake.why_views = {SAMSUNG: why_view()}
    return fake
