"""Days that the desks traded by themselves, compared with the broker's own figures a day later."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from engine.model.ids import DeskName, Mode
from engine.model.money import Money
from reports.broker import Agreement, Verdict
from reports.periods import Span
from reports.report import read
from sandbox.krx.side import KrxScenario
from sandbox.model import Server, Side
from sandbox.names import DEFAULT_UNIVERSE
from sandbox.scenario import Scenario, rising
from tests.days.korean import CONFIG, KST, kst, listings
from tests.harness.stage import TRADER, Stage, et, stage
from tests.harness.stepped_loop import SteppedLoop, run_stepped

DOMESTIC, OVERSEAS = "TTTC8715R", "TTTS3039R"
MONDAY = date(2026, 11, 23)
REAL_FEE = "costs: {krx_fee_pct: 0.0140527}\n"  # what the sandbox takes
US_DAY, US_NEXT = date(2026, 9, 16), date(2026, 9, 17)


def asked(s: Stage, tr_id: str) -> list[datetime]:
    return [call.at for call in s.world.request_log.since() if call.tr_id == tr_id]


def told(s: Stage, desk: DeskName) -> Agreement[Money]:
    found = read(s.data, desk, Mode.LIVE, Span.ALL)
    assert found is not None
    assert found.broker is not None
    return found.broker


def play_korean(folder: Path, costs: str) -> tuple[Agreement[Money], list[datetime], Decimal]:
    """A morning, and what the broker is said to say on Monday; with the sandbox's own gain."""
    market = KrxScenario(listings=listings())
    scenario = Scenario(start=kst(time(8, 58)), seed=1, listings=(), krx=market)

    async def main(loop: SteppedLoop) -> tuple[Agreement[Money], list[datetime], Decimal]:
        async with stage(
            *(loop, folder, scenario), mode=Mode.DRY_RUN, config=CONFIG + costs, jumps=True
        ) as s:
            offer = await s.assembly.control.switch_mode(DeskName.KRX, Mode.LIVE, TRADER)
            assert not offer.refusal, offer
            await s.go_to(kst(time(9, 30)))
            assert told(s, DeskName.KRX).waiting == (date(2026, 11, 20),)
            await s.world.jump(datetime.combine(MONDAY, time(8, 28), KST))
            await s.wait(90)
            assert asked(s, DOMESTIC) == []  # the desk sleeps until 08:30
            await s.wait(120)
            account = s.world.krx.books.accounts[Server.REAL]
            gain = sum((one.realised for one in account.executions), Decimal(0))
            return told(s, DeskName.KRX), asked(s, DOMESTIC), gain

    return run_stepped(main)


@pytest.mark.long
@pytest.mark.timeout(120)
def test_a_korean_day_is_the_brokers_to_the_won(tmp_path: Path) -> None:
    found, calls, gain = play_korean(tmp_path, REAL_FEE)
    assert len(calls) == 1
    assert calls[0].astimezone(KST).date() == MONDAY
    (check,) = found.checks
    assert len(check.lines) >= 2
    assert {line.verdict for line in check.lines} == {Verdict.AGREES}
    assert found.waiting == ()
    assert abs(found.broker_realised.amount - gain) <= len(check.lines)
    assert abs(found.realised.amount - gain) <= len(check.lines)


@pytest.mark.long
@pytest.mark.timeout(120)
def test_another_commission_than_the_account_has_is_found(tmp_path: Path) -> None:
    found, _, _ = play_korean(tmp_path, "costs: {krx_fee_pct: 0.15}\n")
    (check,) = found.checks
    assert {line.verdict for line in check.lines} == {Verdict.COSTS}
    assert found.costs.amount > found.broker_costs.amount


@pytest.mark.timeout(60)
@pytest.mark.parametrize("by_hand", [False, True])
def test_an_american_morning_is_the_brokers_to_the_cent(tmp_path: Path, by_hand: bool) -> None:
    begin = et(US_DAY, 9, 28)
    scenario = Scenario(
        start=begin,
        listings=tuple(entry for entry in DEFAULT_UNIVERSE if entry.symbol in ("MU", "KO")),
        drifts=rising(("MU",), et(US_DAY, 9, 31), Decimal(5), 60),
    )

    async def main(loop: SteppedLoop) -> None:
        async with stage(loop, tmp_path, scenario, jumps=True) as s:
            await s.go_to(et(US_DAY, 9, 30, 30))
            s.buy("MU", 10)
            if by_hand:
                await s.wait(30)
                s.world.books.hand_order(Server.REAL, Side.SELL, "MU", 3)
            await s.go_to(et(US_DAY, 9, 34))
            await s.world.jump(et(US_NEXT, 3, 58))
            await s.wait(90)
            assert asked(s, OVERSEAS) == []
            await s.wait(120)
            (call,) = asked(s, OVERSEAS)
            assert et(US_NEXT, 4, 0) <= call <= et(US_NEXT, 4, 2)
            found = told(s, DeskName.US)
            (check,) = found.checks
            (line,) = check.lines
            assert line.broker_qty == 10
            if by_hand:
                assert (line.verdict, line.qty) == (Verdict.BY_HAND, 7)
                assert not found.broker_realised
            else:
                assert line.verdict is Verdict.AGREES
                gain = s.world.books.accounts[Server.REAL].realised
                assert found.broker_realised.amount == gain
                assert abs(found.realised.amount - gain) <= Decimal("0.01")
            await s.go_to(s.now() + timedelta(minutes=30))
            assert len(asked(s, OVERSEAS)) == 1

    run_stepped(main)
