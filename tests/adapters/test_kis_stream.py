"""The KIS socket session against the sandbox."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Generic

import pytest

from engine.adapters.kis.endpoint import Server
from engine.model.events import NoticeSeen, StreamChanged, StreamState, TickSeen
from engine.model.fills import NoticeKind
from engine.model.ids import Symbol
from engine.model.instrument import Exchange, Instrument
from engine.model.money import M, Usd
from engine.model.orders import Accepted, Side
from engine.model.quotes import QuoteSource
from engine.ports.feed import FeedEvent
from sandbox.kis_ws import KisSocket
from sandbox.model import Side as SandboxSide
from sandbox.ws_settings import OLDER, OLDEST, TODAY, SocketSettings
from tests.adapters.kis_stage import Stage, order, stage

AAPL = Instrument(Symbol("AAPL"), Exchange.NASD)
FORD = Instrument(Symbol("F"), Exchange.NYSE)
DEADLINE_S = 8


class Heard(Generic[M]):
    """A listener that can be waited upon."""

    def __init__(self) -> None:
        self.events: list[FeedEvent[M]] = []
        self._more = asyncio.Event()

    def __call__(self, event: FeedEvent[M]) -> None:
        self.events.append(event)
        self._more.set()

    @property
    def states(self) -> list[StreamChanged]:
        return [event for event in self.events if isinstance(event, StreamChanged)]

    @property
    def ticks(self) -> list[TickSeen[M]]:
        return [event for event in self.events if isinstance(event, TickSeen)]

    @property
    def notices(self) -> list[NoticeSeen[M]]:
        return [event for event in self.events if isinstance(event, NoticeSeen)]

    @property
    def kinds(self) -> list[NoticeKind]:
        return [seen.notice.kind for seen in self.notices]

    @property
    def filled(self) -> list[int]:
        fills = [seen.notice for seen in self.notices if seen.notice.kind is NoticeKind.FILL]
        return [fill.qty for fill in fills]

    async def until(self, is_so: Callable[[], bool]) -> None:
        async with asyncio.timeout(DEADLINE_S):
            while not is_so():
                self._more.clear()
                await self._more.wait()

    async def connected(self) -> StreamChanged:
        await self.until(lambda: self.is_connected)
        return self.states[-1]

    @property
    def is_connected(self) -> bool:
        return bool(self.states) and self.states[-1].state is StreamState.CONNECTED


@asynccontextmanager
async def both(*runs: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """A listening desk and the session it listens to."""
    running = [asyncio.ensure_future(run) for run in runs]
    try:
        yield
    finally:
        for each in running:
            each.cancel()
        await asyncio.gather(*running, return_exceptions=True)


@asynccontextmanager
async def listening(at: Stage) -> AsyncIterator[Heard[Usd]]:
    heard = Heard[Usd]()
    async with both(at.feed.run(heard), at.socket.run()):
        yield heard


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while not is_so():  # noqa: ASYNC110 - the sandbox's side rings no bell
            await asyncio.sleep(0.005)


def socket_of(at: Stage) -> KisSocket:
    return at.running.sockets[at.server]


async def test_ticks_and_notices_arrive_over_one_session() -> None:
    async with stage(holdings=(("AAPL", 10, "100"),)) as at, listening(at) as heard:
        at.feed.want((AAPL, FORD), notices=True)
        state = await heard.connected()
        assert (state.has_notices, state.has_quotes) == (True, True)
        verdicts = socket_of(at).verdicts
        assert [verdict.tr_id for verdict in verdicts] == ["H0GSCNI0", "HDFSCNT0", "HDFSCNT0"]
        placed = await at.broker.place(order(qty=3, limit="1.00"))
        assert isinstance(placed, Accepted)
        await heard.until(lambda: sum(heard.filled) == 3)
        await heard.until(lambda: {seen.tick.symbol for seen in heard.ticks} == {"AAPL", "F"})
        kinds = [seen.notice.kind for seen in heard.notices]
        assert kinds[:2] == [NoticeKind.RECEIVED, NoticeKind.CONFIRMED]
        fill = heard.notices[-1].notice
        assert (fill.broker_order_no, fill.symbol, fill.side) == (
            placed.broker_order_no, "AAPL", Side.SELL,
        )  # fmt: skip
        tick = heard.ticks[-1].tick
        assert tick.source is QuoteSource.STREAM
        assert tick.bid is not None
        assert abs(tick.at - at.clock.now()) < timedelta(seconds=30)
        health = at.feed.health()
        assert (health.connected, health.registrations) == (True, 3)


async def test_a_buy_in_the_app_is_heard() -> None:
    async with stage() as at, listening(at) as heard:
        at.feed.want((), notices=True)
        state = await heard.connected()
        assert (state.has_notices, state.has_quotes) == (True, False)
        at.running.world.books.hand_order(at.server, SandboxSide.BUY, "AAPL", 7)
        await heard.until(lambda: sum(heard.filled) == 7)
        assert {seen.notice.side for seen in heard.notices} == {Side.BUY}


async def test_nothing_wanted_means_no_socket_and_no_frame() -> None:
    async with stage() as at, listening(at) as heard:
        at.feed.want((AAPL,), notices=True)
        await heard.connected()
        at.feed.want((), notices=False)
        await heard.until(lambda: not heard.is_connected)
        assert heard.states[-1].reason == ""
        await until(lambda: socket_of(at).connections == 0)
        asked = len(socket_of(at).verdicts)
        at.feed.want((AAPL,), notices=False)
        state = await heard.connected()
        assert (state.has_notices, state.has_quotes) == (False, True)
        assert len(socket_of(at).verdicts) == asked + 1  # the slot was freed by a clean Close


async def test_a_changed_wish_registers_and_releases_on_the_same_socket() -> None:
    async with stage() as at, listening(at) as heard:
        at.feed.want((AAPL,), notices=True)
        await heard.connected()
        at.feed.want((FORD,), notices=True)
        await heard.until(lambda: any(seen.tick.symbol == "F" for seen in heard.ticks))
        assert at.feed.health().registrations == 2
        codes = [verdict.msg_cd for verdict in socket_of(at).verdicts]
        assert codes == ["OPSP0000", "OPSP0000", "OPSP0001", "OPSP0000"]
        assert [state.state for state in heard.states] == [StreamState.CONNECTED]


async def test_a_dropped_socket_is_told_once_and_comes_back_with_everything() -> None:
    settings = SocketSettings(slot_hold_seconds=5)
    async with stage(socket_settings=settings) as at, listening(at) as heard:
        at.feed.want((AAPL,), notices=True)
        await heard.connected()
        at.socket_fault("drop", "real")
        await heard.until(lambda: not heard.is_connected)
        state = await heard.connected()
        assert (state.has_notices, state.has_quotes) == (True, True)
        downs = [told for told in heard.states if told.state is StreamState.DISCONNECTED]
        assert len(downs) == 1
        count = len(heard.ticks)
        await heard.until(lambda: len(heard.ticks) > count)


async def test_each_refused_connection_is_told() -> None:
    async with stage() as at:
        at.socket_fault("refuse", "real", times=3)
        async with listening(at) as heard:
            at.feed.want((AAPL,), notices=True)
            await heard.connected()
        down, up = StreamState.DISCONNECTED, StreamState.CONNECTED
        assert [told.state for told in heard.states] == [down, down, down, up]


async def test_a_held_slot_is_waited_for_with_patience() -> None:
    settings = SocketSettings(slot_hold_seconds=60)
    async with stage(socket_settings=settings, speed=300) as at, listening(at) as heard:
        at.feed.want((), notices=True)
        await heard.connected()
        at.socket_fault("drop", "real")
        await heard.until(lambda: not heard.is_connected)
        await heard.connected()
        codes = [verdict.msg_cd for verdict in socket_of(at).verdicts]
        assert codes.count("OPSP8996") in {1, 2, 3}


async def test_silence_is_noticed_by_market_time() -> None:
    async with stage(speed=300) as at, listening(at) as heard:
        at.feed.want((AAPL,), notices=True)
        await heard.connected()
        at.socket_fault("silent", "real")
        await heard.until(lambda: any(told.reason == "silent" for told in heard.states))
        await heard.connected()


async def test_pingpong_keeps_a_quiet_socket_alive() -> None:
    settings = SocketSettings(ping_seconds=20)
    async with stage(speed=300, socket_settings=settings) as at, listening(at) as heard:
        at.feed.want((), notices=True)
        await heard.connected()
        begun = at.clock.now()
        await until(lambda: at.clock.now() - begun > timedelta(seconds=400))
        assert [told.state for told in heard.states] == [StreamState.CONNECTED]
        last = at.feed.health().last_frame_at
        assert last is not None
        assert at.clock.now() - last < timedelta(seconds=60)


async def test_a_jump_of_the_clock_is_not_taken_for_silence() -> None:
    async with stage() as at, listening(at) as heard:
        at.feed.want((), notices=True)
        await heard.connected()
        await at.running.world.jump(at.clock.now() + timedelta(minutes=30))
        at.running.world.books.hand_order(at.server, SandboxSide.BUY, "AAPL", 1)
        await heard.until(lambda: bool(heard.notices))
        assert not any(told.reason == "silent" for told in heard.states)


async def test_a_dead_approval_key_is_replaced_at_once() -> None:
    async with stage() as at:
        dead = await at.approvals.key()
        at.running.world.approvals._issued.clear()
        async with listening(at) as heard:
            at.feed.want((), notices=True)
            await heard.connected()
        codes = [verdict.msg_cd for verdict in socket_of(at).verdicts]
        assert codes == ["OPSP0011", "OPSP0000"]
        assert await at.approvals.key() != dead


async def test_a_wrong_hts_id_is_told_without_naming_it() -> None:
    async with stage(hts_id="Nobody77") as at, listening(at) as heard:
        at.feed.want((AAPL,), notices=True)
        state = await heard.connected()
        assert (state.has_notices, state.has_quotes) == (False, True)
        assert "OPSP0017" in state.reason
        assert "Nobody77" not in state.reason


async def test_paper_listens_to_notices_only() -> None:
    settings = SocketSettings(paper_notices=True)
    async with stage(Server.PAPER, socket_settings=settings) as at, listening(at) as heard:
        at.feed.want((AAPL,), notices=False)
        at.feed.want((AAPL,), notices=True)
        state = await heard.connected()
        assert (state.has_notices, state.has_quotes) == (True, False)
        assert [v.tr_id for v in socket_of(at).verdicts] == ["H0GSCNI9"]
        at.running.world.books.hand_order(at.server, SandboxSide.BUY, "AAPL", 2)
        await heard.until(lambda: bool(heard.notices))


async def test_the_wish_is_cut_at_forty_registrations() -> None:
    many = tuple(Instrument(Symbol(f"S{index}"), Exchange.NASD) for index in range(50))
    async with stage(speed=300) as at, listening(at) as heard:
        at.feed.want(many, notices=True)
        state = await heard.connected()
        assert state.has_notices
        assert not state.has_quotes  # of eleven holdings no price comes: they are asked for
        assert at.feed.health().registrations == 40
        assert {verdict.msg_cd for verdict in socket_of(at).verdicts} == {"OPSP0000"}


async def test_a_forged_plain_notice_is_refused_and_reported() -> None:
    async with stage() as at, listening(at) as heard:
        at.feed.want((), notices=True)
        await heard.connected()
        at.socket_fault("plain_notice", value="AAPL")
        await heard.until(lambda: heard.states[-1].reason == "plain notice refused")
        assert heard.notices == []
        assert heard.states[-1].has_notices


@pytest.mark.parametrize("widths", [TODAY, OLDER, OLDEST, {"HDFSCNT0": 29, "H0GSCNI0": 30}])
async def test_older_and_newer_layouts_are_understood(widths: dict[str, int]) -> None:
    settings = SocketSettings(widths=widths, trailing_caret=True)
    async with stage(socket_settings=settings) as at, listening(at) as heard:
        at.feed.want((AAPL,), notices=True)
        await heard.connected()
        at.running.world.books.hand_order(at.server, SandboxSide.BUY, "AAPL", 2)
        await heard.until(lambda: bool(heard.notices) and len(heard.ticks) > 3)
        prices = [seen.tick.price.amount for seen in heard.ticks]
        assert max(prices) / min(prices) < Decimal("1.2")
        assert not any(told.reason for told in heard.states)


async def test_a_layout_changed_in_mid_session_costs_nothing() -> None:
    async with stage() as at, listening(at) as heard:
        at.feed.want((AAPL,), notices=False)
        await heard.connected()
        at.socket_fault("layout", "HDFSCNT0")
        await until(lambda: not at.running.world.faults.waiting())
        count = len(heard.ticks)
        await heard.until(lambda: len(heard.ticks) > count + 2)


async def test_doubled_notices_carry_the_same_key() -> None:
    async with stage() as at, listening(at) as heard:
        at.feed.want((), notices=True)
        await heard.connected()
        at.socket_fault("duplicate", times=0)
        at.running.world.books.hand_order(at.server, SandboxSide.BUY, "AAPL", 1)
        await heard.until(lambda: len(heard.notices) >= 6)
        keys = [seen.notice.key for seen in heard.notices]
        assert len(set(keys)) == len(keys) / 2


async def test_secrets_stay_out_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with stage() as at, listening(at) as heard:
        at.feed.want((AAPL,), notices=True)
        await heard.connected()
        at.running.world.books.hand_order(at.server, SandboxSide.BUY, "AAPL", 1)
        at.socket_fault("plain_notice")
        await heard.until(lambda: bool(heard.notices))
        owner = at.running.world.credentials[at.server]
        secrets = [
            owner.app_key, owner.app_secret, owner.account, owner.hts_id, owner.holder,
            await at.approvals.key(),
        ]  # fmt: skip
        texts = [r.getMessage() for r in caplog.records if r.name.startswith("engine")]
        texts += [r.getMessage() for r in caplog.records if r.name.startswith("websockets.client")]
        texts += [repr(event) for event in heard.events]
        for secret in secrets:
            assert not any(secret in text for text in texts)
