"""One socket session for two desks, against the sandbox."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import pytest

from engine.adapters.kis import session
from engine.adapters.kis.endpoint import Server
from engine.model.events import StreamState
from engine.model.fills import NoticeKind
from engine.model.ids import Symbol
from engine.model.instrument import Exchange, Instrument
from engine.model.market_events import OperationSeen
from engine.model.money import Krw, Usd
from engine.model.orders import Accepted
from sandbox.model import Side as SandboxSide
from sandbox.ws_settings import SocketSettings
from tests.adapters.krx_stage import NAME, KrxStage, krx_order, krx_stage
from tests.adapters.test_kis_stream import Heard, both, socket_of, until
from tests.sandbox.krx_desk import OTHER, SHARE, kst, trade

AAPL = Instrument(Symbol("AAPL"), Exchange.NASD)
SECOND = Instrument(Symbol(OTHER), Exchange.KRX)
STEPS = [timedelta(seconds=second) for second in range(1, 3600)]
PRINTS = {
    SHARE: [trade(kst(10) + step, 10_000 + 10 * (place % 9)) for place, step in enumerate(STEPS)],
    OTHER: [trade(kst(10) + step, 9_900) for step in STEPS],
}


@dataclass
class Two:
    """Both desks' ears."""

    us: Heard[Usd]
    krx: Heard[Krw]


@asynccontextmanager
async def listening(at: KrxStage) -> AsyncIterator[Two]:
    heard, socket = Two(Heard(), Heard()), at.at.socket
    async with both(socket.us.run(heard.us), socket.krx.run(heard.krx), socket.run()):
        yield heard


async def test_both_desks_share_one_session_and_hear_their_own() -> None:
    async with krx_stage(tape=PRINTS) as at, listening(at) as heard:
        at.at.socket.us.want((AAPL,), notices=True)
        at.feed.want((NAME, SECOND), notices=True, candidates=1)
        await heard.us.connected()
        state = await heard.krx.connected()
        assert (state.has_notices, state.has_quotes) == (True, True)
        asked = [(verdict.tr_id, verdict.msg_cd) for verdict in socket_of(at.at).verdicts]
        assert len(asked) == len(set(asked)) + 1  # two names under one TR
        assert {code for _, code in asked} == {"OPSP0000"}
        assert (at.feed.health().registrations, at.at.feed.health().registrations) == (4, 2)
        await heard.krx.until(lambda: len(heard.krx.ticks) > 5)
        tick = heard.krx.ticks[0].tick
        assert tick.day is not None
        assert tick.day.is_regular
        assert {seen.tick.symbol for seen in heard.krx.ticks} <= {SHARE, OTHER}
        at.at.running.world.krx.books.hand_order(at.at.server, SandboxSide.BUY, SHARE, 1)
        await heard.krx.until(lambda: NoticeKind.FILL in heard.krx.kinds)
        assert (heard.us.ticks, heard.us.kinds) == ([], [])


async def test_a_desk_does_not_wait_for_the_candidates_of_the_other() -> None:
    many = tuple(Instrument(Symbol(f"{index:06d}"), Exchange.KRX) for index in range(36))
    async with krx_stage(tape=PRINTS) as at, listening(at) as heard:
        at.at.socket.us.want((AAPL,), notices=True)
        at.feed.want(many, notices=True, candidates=36)
        await heard.us.connected()
        assert heard.krx.states == []
        assert at.feed.health().registrations < 36


async def test_the_paper_socket_brings_korean_prices_and_notices() -> None:
    async with krx_stage(Server.PAPER, PRINTS) as at, listening(at) as heard:
        at.feed.want((NAME,), notices=True)
        state = await heard.krx.connected()
        assert (state.has_notices, state.has_quotes) == (True, True)
        await heard.krx.until(lambda: bool(heard.krx.ticks))


async def test_halts_of_what_is_held_are_heard() -> None:
    async with krx_stage(tape=PRINTS) as at, listening(at) as heard:
        at.feed.want((NAME, SECOND), notices=False, candidates=1)
        await heard.krx.connected()
        at.at.running.world.krx.market.halt(SHARE, at.at.clock.now())
        await heard.krx.until(
            lambda: any(isinstance(e, OperationSeen) and e.is_halted for e in heard.krx.events)
        )
        (seen,) = [e for e in heard.krx.events if isinstance(e, OperationSeen)]
        assert seen.symbol == SHARE


async def test_a_desk_that_wants_nothing_is_not_told_of_the_others_troubles() -> None:
    async with krx_stage(tape=PRINTS) as at, listening(at) as heard:
        at.feed.want((NAME,), notices=False)
        await heard.krx.connected()
        at.at.socket_fault("drop")
        await heard.krx.until(lambda: heard.krx.states[-1].state is StreamState.DISCONNECTED)
        assert heard.krx.states[-1].reason
        assert not any(told.reason for told in heard.us.states)
        assert {told.state for told in heard.us.states} <= {StreamState.DISCONNECTED}


async def test_one_desks_change_of_mode_leaves_the_other_its_stream() -> None:
    async with krx_stage(tape=PRINTS) as at:
        socket, krx, first, second = at.at.socket, Heard[Krw](), Heard[Usd](), Heard[Usd]()
        async with both(socket.run(), socket.krx.run(krx)):
            at.feed.want((NAME,), notices=True)
            async with both(socket.us.run(first)):
                socket.us.want((AAPL,), notices=True)
                await first.connected()
                await krx.connected()
            # Nobody listens for the US desk: what it had is released, the session goes on.
            await until(lambda: socket.us.health().registrations == 0)
            async with both(socket.us.run(second)):
                socket.us.want((AAPL,), notices=True)
                await second.connected()
            assert all(told.state is StreamState.CONNECTED for told in krx.states)
            assert len(krx.states) == 1


async def test_a_desk_that_comes_late_hears_how_things_are() -> None:
    async with krx_stage(tape=PRINTS) as at:
        socket, late = at.at.socket, Heard[Krw]()
        socket.us.want((AAPL,), notices=True)
        socket.krx.want((NAME,), notices=True)
        async with both(socket.run()):
            await until(lambda: socket.krx.health().registrations == 3)
            async with both(socket.krx.run(late)):
                assert (await late.connected()).has_notices


async def test_candidates_come_and_go_without_a_word() -> None:
    async with krx_stage(tape=PRINTS) as at, listening(at) as heard:
        at.feed.want((NAME,), notices=True)
        await heard.krx.connected()
        at.feed.want((NAME, SECOND), notices=True, candidates=1)
        await heard.krx.until(lambda: any(s.tick.symbol == OTHER for s in heard.krx.ticks))
        at.feed.want((NAME,), notices=True)
        await until(lambda: at.feed.health().registrations == 3)
        assert len(heard.krx.states) == 1


@pytest.mark.parametrize("width", [46, 47, 50])
async def test_layouts_of_trades_old_and_new_are_understood(width: int) -> None:
    settings = SocketSettings(widths={"H0STCNT0": width}, trailing_caret=True)
    async with krx_stage(tape=PRINTS, settings=settings) as at, listening(at) as heard:
        at.feed.want((NAME,), notices=False)
        await heard.krx.connected()
        await heard.krx.until(lambda: len(heard.krx.ticks) > 3)
        assert {seen.tick.symbol for seen in heard.krx.ticks} == {SHARE}


async def test_a_doubled_korean_notice_carries_the_same_key() -> None:
    async with krx_stage(tape=PRINTS) as at, listening(at) as heard:
        at.feed.want((), notices=True)
        await heard.krx.connected()
        at.at.socket_fault("duplicate", times=0)
        at.at.running.world.krx.books.hand_order(at.at.server, SandboxSide.BUY, SHARE, 1)
        await heard.krx.until(lambda: len(heard.krx.kinds) >= 4)
        keys = [seen.notice.key for seen in heard.krx.notices]
        assert len(set(keys)) == len(keys) / 2


async def test_a_forged_korean_notice_concerns_the_korean_desk_only() -> None:
    async with krx_stage(tape=PRINTS) as at, listening(at) as heard:
        at.at.socket.us.want((), notices=True)
        at.feed.want((), notices=True)
        await heard.us.connected()
        await heard.krx.connected()
        at.at.socket_fault("plain_notice", value=SHARE)
        await heard.krx.until(lambda: heard.krx.states[-1].reason == "plain notice refused")
        assert not any(told.reason for told in heard.us.states)


async def test_a_notice_of_the_app_with_our_number_names_another_branch() -> None:
    async with krx_stage(tape=PRINTS) as at, listening(at) as heard:
        at.feed.want((NAME,), notices=True)
        await heard.krx.connected()
        placed = await at.broker.place(krx_order(limit=9_000))
        assert isinstance(placed, Accepted)
        await heard.krx.until(lambda: bool(heard.krx.notices))
        at.at.running.world.krx.books.hand_order(at.at.server, SandboxSide.BUY, SHARE, 3)
        await heard.krx.until(lambda: bool(heard.krx.filled))
        told = {(seen.notice.broker_order_no, seen.notice.branch) for seen in heard.krx.notices}
        number = placed.broker_order_no
        assert told == {(number, placed.branch), (number, "00950")}
        fill = next(seen.notice for seen in heard.krx.notices if seen.notice.kind == "fill")
        assert fill.branch == "00950"


@pytest.mark.parametrize("value", ["unheard", ""])
async def test_a_release_without_an_answer_is_asked_for_until_the_place_is_free(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setattr(session, "_ANSWER_S", 0.05)
    async with krx_stage(tape=PRINTS, speed=300) as at, listening(at) as heard:
        at.feed.want((NAME, SECOND), notices=False, candidates=1)
        await heard.krx.connected()
        at.at.socket_fault("unanswered", "H0STCNT0", value=value)
        at.feed.want((NAME,), notices=False)
        await until(lambda: not at.at.running.world.faults.waiting())
        done = ["OPSP0000"] * 3  # two names, and the market operation of what is held
        await until(lambda: len(socket_of(at.at).verdicts) == len(done) + (1 if value else 2))
        codes = [verdict.msg_cd for verdict in socket_of(at.at).verdicts]
        assert codes == done + (["OPSP0001"] if value else ["OPSP0001", "OPSP0003"])
