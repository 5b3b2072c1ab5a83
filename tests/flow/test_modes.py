"""Three modes on two desks as rows of one table: whose account, whose market, which book."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from engine.adapters.secrets import Secrets
from engine.adapters.sim.broker import SimBroker
from engine.adapters.sim.krx import KrxSimBroker
from engine.flow.feeds import NoFeed, QuotesOnly
from engine.flow.session import Parts
from engine.model.ids import DeskName, Mode
from engine.model.money import ZERO_KRW
from engine.wiring.kis import KisSide
from engine.wiring.modes import ModeTable, Sides
from tests.adapters.test_sim_broker import HandClock
from tests.fakes.chat_store import FakeValues
from tests.flow.test_start_mode import BOTH, LOOPBACK, REAL, sides

KRX, US = DeskName.KRX, DeskName.US
both_desks = pytest.mark.parametrize("desk", list(DeskName))


@asynccontextmanager
async def table(data: Path, secrets: Secrets = BOTH) -> AsyncIterator[tuple[ModeTable, Sides]]:
    data.chmod(0o700)
    both = sides(data, LOOPBACK, secrets)
    made = ModeTable(both, data, HandClock(), FakeValues(), lambda *_: ZERO_KRW)
    try:
        yield made, both
    finally:
        await made.close()
        for side in both.all():
            await side.http.close()


async def parts_of(modes: ModeTable, desk: DeskName, mode: Mode) -> Parts[Any]:
    return await (modes.build_krx(mode) if desk is KRX else modes.build_us(mode))


def broker_of(side: KisSide | None, desk: DeskName) -> object:
    assert side is not None
    return side.krx.broker if desk is KRX else side.broker


def quotes_of(side: KisSide | None, desk: DeskName) -> object:
    assert side is not None
    return side.krx.quotes if desk is KRX else side.quotes


@both_desks
async def test_live_trades_the_real_account(tmp_path: Path, desk: DeskName) -> None:
    async with table(tmp_path) as (modes, both):
        parts = await parts_of(modes, desk, Mode.LIVE)
        assert parts.broker is broker_of(both.real, desk)
        assert parts.quotes is quotes_of(both.real, desk)
        assert parts.on_tick is None


@both_desks
async def test_a_dry_run_sees_the_real_market_and_orders_nothing_there(
    tmp_path: Path, desk: DeskName
) -> None:
    async with table(tmp_path) as (modes, both):
        parts = await parts_of(modes, desk, Mode.DRY_RUN)
        broker: object = parts.broker
        assert isinstance(broker, SimBroker | KrxSimBroker)
        assert parts.quotes is quotes_of(both.real, desk)
        assert parts.on_tick is not None


@both_desks
async def test_paper_trades_the_paper_account_on_real_quotes_without_real_notices(
    tmp_path: Path, desk: DeskName
) -> None:
    async with table(tmp_path) as (modes, both):
        parts = await parts_of(modes, desk, Mode.PAPER)
        assert parts.broker is broker_of(both.paper, desk)
        assert parts.quotes is quotes_of(both.real, desk)
        assert isinstance(parts.feed, QuotesOnly)


async def test_a_paper_key_alone_has_no_american_stream(tmp_path: Path) -> None:
    alone = Secrets(
        paper_app_key=BOTH.paper_app_key,
        paper_app_secret=BOTH.paper_app_secret,
        paper_account=BOTH.paper_account,
    )
    async with table(tmp_path, alone) as (modes, both):
        assert isinstance((await modes.build_us(Mode.PAPER)).feed, NoFeed)
        assert not isinstance((await modes.build_krx(Mode.PAPER)).feed, NoFeed)
        assert [both.refusal(mode) for mode in Mode] == ["no_keys", "", "no_keys"]
        with pytest.raises(ValueError, match="no keys for live"):
            await modes.build_us(Mode.LIVE)


async def test_without_a_paper_key_paper_cannot_be_had(tmp_path: Path) -> None:
    async with table(tmp_path, REAL) as (_, both):
        assert [both.refusal(mode) for mode in Mode] == ["", "no_keys", ""]


@pytest.mark.parametrize(("live", "paper"), [(US, KRX), (KRX, US)])
async def test_one_desk_in_live_beside_the_other_in_paper_share_nothing_of_kis(
    tmp_path: Path, live: DeskName, paper: DeskName
) -> None:
    async with table(tmp_path) as (modes, both):
        assert (await parts_of(modes, live, Mode.LIVE)).broker is broker_of(both.real, live)
        assert (await parts_of(modes, paper, Mode.PAPER)).broker is broker_of(both.paper, paper)
        assert both.real is not None
        assert both.paper is not None
        for name in ("http", "tokens", "limiter", "socket", "account_hash"):
            assert getattr(both.real, name) is not getattr(both.paper, name)
        assert {path.name for path in tmp_path.glob("*.db")} == {"live.db", "paper.db"}


@both_desks
async def test_each_mode_has_a_book_of_its_own(tmp_path: Path, desk: DeskName) -> None:
    async with table(tmp_path) as (modes, _):
        for mode in Mode:
            await parts_of(modes, desk, mode)
        assert {path.stem for path in tmp_path.glob("*.db")} == set(Mode)
