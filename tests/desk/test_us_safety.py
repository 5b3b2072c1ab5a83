import pytest

from engine.model.commands import ApplySettings, CommandAnswered, Pause, Refusal, ReleaseGuard
from engine.model.events import FetchKind, StreamChanged, StreamState
from engine.model.ids import DeskState, Symbol
from engine.model.intents import FetchHoldings
from engine.model.order_facts import OrderFilled
from engine.model.position_facts import QuoteStale
from engine.model.settings import UsSettings
from engine.model.state_facts import QuotaWarning, StateChanged, Trouble, TroubleBegan, TroubleEnded
from tests.desk.world import World, et, usd


def test_an_account_that_fails_is_told_once_and_its_recovery_once(armed: World) -> None:
    armed.failing = {FetchKind.HOLDINGS, FetchKind.REPORTS}
    armed.run_until(et("09:59:00"))
    assert [fact.trouble for fact in armed.told(TroubleBegan)] == [Trouble.ACCOUNT]
    view = armed.desk.view(armed.now)
    assert view.state is DeskState.EXITS_ONLY
    assert "account" in view.guard_reason
    armed.command(ReleaseGuard())
    assert armed.told(CommandAnswered)[-1].refusal is Refusal.CAUSE_HOLDS
    armed.failing = set()
    armed.run_for(70)
    assert len(armed.told(TroubleEnded)) == 1
    assert armed.desk.view(armed.now).state is DeskState.RUNNING
    assert [fact.state for fact in armed.told(StateChanged)] == [
        DeskState.EXITS_ONLY,
        DeskState.RUNNING,
    ]


def test_a_guard_never_skips_an_exit(armed: World) -> None:
    armed.failing = {FetchKind.HOLDINGS, FetchKind.REPORTS}
    armed.run_until(et("09:59:00"))
    assert armed.desk.view(armed.now).state is DeskState.EXITS_ONLY
    armed.price("MU", "103.05")
    armed.run_for(2)
    assert sum(f.fill.qty for f in armed.told(OrderFilled)) == 10


def sold(world: World) -> int:
    return sum(fact.fill.qty for fact in world.told(OrderFilled))


@pytest.mark.parametrize("has_restart", [False, True])
@pytest.mark.parametrize("start", ["04:30:00", "09:45:00"])
def test_spent_calls_never_skip_an_exit(start: str, has_restart: bool) -> None:
    world = World(now=et("03:45:00"))
    world.start()
    world.run_until(et(start))
    world.price("MU", "100")
    world.buy("MU", 10, "100")
    world.run_for(30)
    world.safe_per_day = world.daily_limit = sum(world.used.values())
    world.run_for(120)
    if has_restart:
        world.restart()
        world.run_for(70)
    for _ in range(200):
        world.price("MU", "103.50")
        world.run_for(1)
    assert sold(world) == 10


def test_a_start_with_nothing_to_sell_waits_for_the_next_days_calls() -> None:
    world = World(now=et("09:35:00"), safe_per_day=0, daily_limit=0)
    world.start()
    world.run_until(et("11:00:00"))
    assert world.calls == []
    asked = [at for at, intent in world.intents if isinstance(intent, FetchHoldings)]
    assert len(asked) < 100
    world.daily_limit = world.safe_per_day = 4500
    world.run_for(70)
    assert world.desk.view(world.now).holdings_at is not None


def test_a_stale_balance_price_and_a_guard_never_skip_an_exit(premarket: World) -> None:
    for symbol in ("MU", "AMD"):
        premarket.price(symbol, "100")
        premarket.buy(symbol, 10, "100")
        premarket.frozen[Symbol(symbol)] = usd(100)
    for minute in range(16):
        for symbol in ("MU", "AMD"):
            premarket.price(symbol, f"101.{minute:02}")
        premarket.run_for(60)
    assert len(premarket.told(QuoteStale)) == 2
    premarket.command(Pause())
    for symbol in ("MU", "AMD"):
        premarket.price(symbol, "103.50")
    premarket.run_for(250)
    assert sold(premarket) == 20


def test_the_quota_warns_stops_and_lets_exits_go_on(premarket: World) -> None:
    premarket.price("MU", "100")
    premarket.buy("MU", 10, "100")
    premarket.run_for(30)
    premarket.safe_per_day = len(premarket.calls) + 40
    premarket.run_until(et("05:00:00"))
    assert len(premarket.told(QuotaWarning)) == 1
    assert premarket.desk.view(premarket.now).state is DeskState.EXITS_ONLY
    before = len(premarket.calls)
    premarket.run_until(et("05:30:00"))
    assert len(premarket.calls) - before <= 31
    premarket.price("MU", "103.50")
    premarket.run_for(130)
    assert sum(f.fill.qty for f in premarket.told(OrderFilled)) == 10


def test_spent_calls_hold_until_the_next_day_or_a_higher_cap(premarket: World) -> None:
    premarket.safe_per_day = len(premarket.calls)
    premarket.run_for(20)
    premarket.command(ReleaseGuard())
    assert premarket.told(CommandAnswered)[-1].refusal is Refusal.CAUSE_HOLDS
    premarket.run_until(et("04:30:00", "2026-03-11"))
    assert premarket.told(StateChanged)[1].state is DeskState.RUNNING


def test_a_socket_nobody_wanted_is_no_trouble(armed: World) -> None:
    armed.give(StreamChanged(StreamState.DISCONNECTED, has_notices=False, has_quotes=False))
    armed.run_for(30)
    assert armed.told(TroubleBegan) == []


def test_a_dropped_socket_is_told_once_and_its_return_once(armed: World) -> None:
    armed.drop_stream()
    armed.drop_stream()
    armed.run_for(30)
    armed.raise_stream()
    armed.run_for(5)
    assert [fact.trouble for fact in armed.told(TroubleBegan)] == [Trouble.STREAM]
    assert [fact.trouble for fact in armed.told(TroubleEnded)] == [Trouble.STREAM]


def test_a_trouble_told_before_a_restart_is_not_told_again(armed: World) -> None:
    armed.failing = {FetchKind.HOLDINGS, FetchKind.REPORTS}
    armed.run_until(et("09:46:00"))
    armed.restart()
    armed.run_for(60)
    assert len(armed.told(TroubleBegan)) == 1


def test_settings_reach_the_desk_before_it_starts() -> None:
    world = World(now=et("09:40:00"))
    world.command(ApplySettings(UsSettings()))
    assert world.intents == []
    assert len(world.told(CommandAnswered)) == 1
