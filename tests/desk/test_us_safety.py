from engine.model.commands import ApplySettings, ReleaseGuard
from engine.model.events import FetchKind, StreamChanged, StreamState
from engine.model.facts import (
    CommandAnswered,
    OrderFilled,
    QuotaWarning,
    Refusal,
    StateChanged,
    Trouble,
    TroubleBegan,
    TroubleEnded,
)
from engine.model.ids import DeskState
from engine.model.settings import UsSettings
from tests.desk.world import World, et


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
