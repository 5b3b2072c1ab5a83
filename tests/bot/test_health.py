"""GET /health: the rules of the contract, and the real socket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from websockets.asyncio.server import Server

from bot.health import Ages, health_body, serve_health
from engine.model.day_facts import Window
from engine.model.entry_facts import Phase
from engine.model.ids import DeskName, DeskState, Mode
from engine.model.krx_views import KrxDeskView, KrxPositionView
from engine.model.quota import Quota
from engine.model.status import StatusView, StreamView
from engine.model.views import UsDeskView
from tests.bot.krx_samples import krx_latched, krx_position, krx_view, with_krx
from tests.bot.samples import NOW, latched, status_view, us_view

OLD = NOW - timedelta(seconds=61)
SILENT = StreamView(connected=False, last_frame_age_s=None, registrations=0)


def judged(view: StatusView, poll_s: float = 1.0) -> tuple[int, str]:
    code, body = health_body(view, Ages(poll_s))
    return code, str(body["status"])


def deaf(**changes: Any) -> StatusView:
    lots = tuple(replace(lot, priced_at=OLD) for lot in us_view().positions)
    us: UsDeskView = replace(us_view(), positions=lots, holdings_at=OLD, **changes)
    return replace(status_view(), us=us, stream=SILENT)


def krx_silent(phase: Phase) -> KrxDeskView:
    """The last sign of life is older than the limit."""
    return replace(
        krx_view(), phase=phase, holdings_at=OLD, positions=(krx_at(OLD),), last_event_at=OLD
    )


def krx_at(at: datetime) -> KrxPositionView:
    return replace(krx_position(), priced_at=at)


def with_us(**changes: Any) -> StatusView:
    return replace(status_view(), us=replace(us_view(), **changes))


def test_all_is_well() -> None:
    assert judged(status_view()) == (200, "ok")


@pytest.mark.parametrize(
    "view",
    [
        latched(DeskState.HALTED, DeskState.RUNNING),
        replace(status_view(), journal_ok=False),
        replace(with_us(last_event_at=OLD), inbox_depth=3),
        deaf(),
        deaf(window=Window.PREMARKET),
    ],
    ids=["halted", "journal", "inbox stalled", "deaf in the session", "deaf in premarket"],
)
def test_whatever_stops_trading_answers_503(view: StatusView) -> None:
    assert judged(view) == (503, "stopped")


@pytest.mark.parametrize(
    ("krx", "code"),
    [
        (replace(krx_view(), holdings_at=NOW), 200),
        (krx_latched(DeskState.HALTED, DeskState.RUNNING), 503),
        (krx_silent(Phase.ENTRIES), 503),
        (krx_silent(Phase.CLOSED), 200),
        (replace(krx_silent(Phase.ENTRIES), positions=()), 200),
    ],
    ids=["well", "halted", "deaf", "deaf after hours", "deaf with nothing to sell"],
)
def test_the_korean_desk_counts_too(krx: KrxDeskView, code: int) -> None:
    view = replace(with_krx(status_view(), krx), now=NOW, stream=SILENT)
    got, body = health_body(view, Ages(1.0))
    assert got == code
    assert body["desks"]["krx"]["window"] == krx.phase
    assert body["desks"]["krx"]["mode"] == "paper"
    assert body["quota"]["krx"]["used_today"] == 3120
    assert body["mode"] == "paper"


def test_a_deaf_poller_answers_503_after_60_seconds() -> None:
    assert judged(status_view(), 60.0)[0] == 200
    assert judged(status_view(), 60.1)[0] == 503


@pytest.mark.parametrize(
    "view",
    [
        latched(DeskState.EXITS_ONLY, DeskState.RUNNING),
        latched(DeskState.RUNNING, DeskState.EXITS_ONLY),
        replace(status_view(), unresolved_orders=1),
        with_us(troubles=("KIS",)),
        replace(status_view(), quota=Quota(4050, 10, 4500, 500, 5000)),
    ],
    ids=["user latch", "guard latch", "order in doubt", "trouble", "quota"],
)
def test_whatever_is_amiss_while_trading_goes_on_is_degraded(view: StatusView) -> None:
    assert judged(view) == (200, "degraded")


@pytest.mark.parametrize(
    "view",
    [
        deaf(window=Window.ASLEEP),
        deaf(window=Window.FOLLOW_UP),
        replace(deaf(), stream=StreamView(connected=True, last_frame_age_s=59, registrations=1)),
        replace(with_us(positions=(), holdings_at=None), stream=SILENT),
        replace(status_view(), us=None),
        with_us(last_event_at=OLD),
        replace(deaf(), started_at=NOW - timedelta(seconds=5)),
    ],
    ids=["asleep", "follow-up", "frames", "nothing armed", "disabled", "empty inbox", "start"],
)
def test_silence_without_need_is_no_trouble(view: StatusView) -> None:
    assert judged(view) == (200, "ok")


def test_exits_only_may_be_silent_for_180_seconds() -> None:
    state = {"state": DeskState.EXITS_ONLY, "guard_latch": DeskState.EXITS_ONLY}
    assert judged(deaf(**state)) == (200, "degraded")
    long_ago = NOW - timedelta(seconds=181)
    us = deaf(**state).us
    assert us is not None
    lots = tuple(replace(lot, priced_at=long_ago) for lot in us.positions)
    view = replace(deaf(), us=replace(us, positions=lots, holdings_at=long_ago))
    assert judged(view) == (503, "stopped")


def test_the_body_has_the_fields_of_the_contract_and_no_amount() -> None:
    view = replace(status_view(), modes={DeskName.US: Mode.PAPER, DeskName.KRX: Mode.LIVE})
    _, body = health_body(view, Ages(2.04))
    assert body == {
        "status": "ok",
        "version": "0.1.0",
        "mode": "live",
        "uptime_s": 18180.0,
        "desks": {
            "us": {
                "enabled": True,
                "mode": "paper",
                "state": "running",
                "latches": {"user": "running", "guard": "running"},
                "window": "regular",
                "last_event_age_s": 1.0,
                "inbox_depth": 0,
            },
            "krx": {
                "enabled": False,
                "mode": "live",
                "state": None,
                "latches": None,
                "window": None,
                "last_event_age_s": None,
                "inbox_depth": None,
            },
        },
        "telegram": {"last_poll_age_s": 2.0},
        "stream": {"connected": True, "last_frame_age_s": 1.2, "registrations": 3},
        "quota": {
            "used_today": 812,
            "cap": 4500,
            "last_hour": 120,
            "us": {"used_today": 812, "cap": 4500, "last_hour": 120},
            "krx": None,
        },
        "journal": {"ok": True},
        "unresolved_orders": 0,
        "loop_lag_ms_p99": 1.5,
    }
    assert "204.10" not in json.dumps(body)
    assert "AAPL" not in json.dumps(body)


@asynccontextmanager
async def served(view: StatusView, poll_s: float = 1.0) -> AsyncIterator[str]:
    opened: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def ready(server: Server) -> None:
        opened.set_result(next(iter(server.sockets)).getsockname()[1])

    task = asyncio.create_task(serve_health(lambda: view, lambda: poll_s, "127.0.0.1", 0, ready))
    try:
        yield f"http://127.0.0.1:{await opened}"
    finally:
        task.cancel()
        await asyncio.wait([task])


async def test_health_answers_plain_http() -> None:
    async with served(status_view()) as address, httpx.AsyncClient() as client:
        answer = await client.get(f"{address}/health")
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("application/json")
        assert answer.json()["status"] == "ok"


async def test_health_answers_503_over_http() -> None:
    async with served(status_view(), 99.0) as address, httpx.AsyncClient() as client:
        answer = await client.get(f"{address}/health?x=1")
        assert (answer.status_code, answer.json()["status"]) == (503, "stopped")


async def test_other_paths_and_websockets_are_not_served() -> None:
    handshake = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    async with served(status_view()) as address, httpx.AsyncClient() as client:
        assert (await client.get(f"{address}/")).status_code == 404
        assert (await client.get(f"{address}/health", headers=handshake)).status_code == 200
