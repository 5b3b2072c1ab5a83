"""Two messengers, either of them away: neither waits for the other."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from sandbox.model import Fault
from sandbox.scenario import Scenario
from tests.faults.chat import Telephone, chat_stage
from tests.faults.matrix import Stage as Part
from tests.faults.play import LISTING, STARTS, SYMBOL, UP, SteadyTape
from tests.faults.verdict import SHARES
from tests.harness.stage import Stage
from tests.harness.stepped_loop import SteppedLoop, run_stepped

Story = Callable[[Stage, Telephone], Awaitable[None]]


def play(tmp_path: Path, trouble: Fault, story: Story) -> None:
    async def main(loop: SteppedLoop) -> None:
        start = STARTS[Part.REGULAR]
        scenario = Scenario(start=start, listings=(LISTING,), tape=SteadyTape(start))
        stage = chat_stage(loop, tmp_path, scenario, (trouble,), with_kakao=True)
        async with stage as (s, telephone):
            await story(s, telephone)

    run_stepped(main)


async def sell(s: Stage) -> None:
    await s.wait(6)
    s.buy(SYMBOL, SHARES)
    await s.wait(10)
    s.world.market.nudge(SYMBOL, UP)
    assert await s.until(lambda: not s.books()["holdings"], 10)


def test_a_fill_is_told_by_kakao_while_telegram_is_away(tmp_path: Path) -> None:
    async def story(s: Stage, telephone: Telephone) -> None:
        await sell(s)
        await s.wait(30)
        assert not telephone.api.chat.from_bot(10_001)
        (told,) = telephone.talk.store.messages
        assert told["text"].startswith("[실전]")
        assert "체결" in told["text"]
        assert SYMBOL in told["text"]
        assert "<" not in told["text"]

    play(tmp_path, Fault("telegram", "reset", "*", 0), story)


def test_telegram_is_on_time_while_kakao_is_away_and_kakao_follows(tmp_path: Path) -> None:
    async def story(s: Stage, telephone: Telephone) -> None:
        await sell(s)
        await s.wait(15)
        assert not telephone.complaints(s, may_repeat=False)
        assert telephone.talk.store.messages == []

        s.world.faults.clear()
        await s.wait(310)

        assert ["체결" in told["text"] for told in telephone.talk.store.messages] == [True]

    play(tmp_path, Fault("kakao", "reset", "*", 0), story)
