"""GET /health on loopback. No secret, account number or amount."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Any

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from bot.format.desks import DeskView, of, running
from engine.model.day_facts import Window
from engine.model.entry_facts import Phase
from engine.model.ids import DeskName, DeskState
from engine.model.krx_views import KrxDeskView
from engine.model.quota import Quota
from engine.model.status import StatusView
from engine.model.views import LotState, UsDeskView

_QUIET_S, _QUIET_EXITS_ONLY_S = 60.0, 180.0
_POLL_DEAD_S = 60.0
_INBOX_STALLED_S = 60.0
_QUOTA_WARNING = 0.9
_ARMING = frozenset({Window.PREMARKET, Window.REGULAR})
_ORDERLESS = frozenset({Phase.CLOSED, Phase.PREPARING})
_ARMED = frozenset({LotState.ARMED, LotState.SELLING, LotState.UNCONFIRMED})


class Health(StrEnum):
    """ok and degraded answer 200, stopped 503."""

    OK = "ok"
    DEGRADED = "degraded"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Ages:
    """What the view does not know: seconds of human time since getUpdates was answered."""

    poll_s: float


def health_body(view: StatusView, ages: Ages) -> tuple[int, dict[str, Any]]:
    """Status code and JSON of operator-contract section 6."""
    health = judge(view, ages)
    quota = _quota(view.quota)
    krx_quota = None if view.krx_quota is None else _quota(view.krx_quota)
    body = {
        "status": health,
        "version": view.version,
        "mode": max(view.modes.values(), key=lambda mode: mode.rank, default=None),
        "uptime_s": _seconds(view.started_at, view.now),
        "desks": {name: _desk(view, name) for name in DeskName},
        "telegram": {"last_poll_age_s": round(ages.poll_s, 1)},
        "stream": {
            "connected": view.stream.connected,
            "last_frame_age_s": view.stream.last_frame_age_s,
            "registrations": view.stream.registrations,
        },
        "quota": {**quota, "us": quota, "krx": krx_quota},
        "journal": {"ok": view.journal_ok},
        "unresolved_orders": view.unresolved_orders,
        "loop_lag_ms_p99": view.loop_lag_ms_p99,
    }
    code = HTTPStatus.SERVICE_UNAVAILABLE if health is Health.STOPPED else HTTPStatus.OK
    return code, body


def judge(view: StatusView, ages: Ages) -> Health:
    """Stopped when the contract wants 503, degraded when something is amiss."""
    if not view.journal_ok or ages.poll_s > _POLL_DEAD_S:
        return Health.STOPPED
    for name, desk in running(view):
        is_stalled = _is_inbox_stalled(view, name, desk)
        if desk.state is DeskState.HALTED or is_stalled or _is_deaf(view, desk):
            return Health.STOPPED
    return Health.DEGRADED if _is_amiss(view) else Health.OK


def _is_amiss(view: StatusView) -> bool:
    if view.unresolved_orders:
        return True
    if view.quota.used_today >= view.quota.safe_per_day * _QUOTA_WARNING:
        return True
    return any(
        desk.state is not DeskState.RUNNING or desk.troubles for _name, desk in running(view)
    )


def _inbox_depth(view: StatusView, name: DeskName) -> int:
    return view.krx_inbox_depth if name is DeskName.KRX else view.inbox_depth


def _is_inbox_stalled(view: StatusView, name: DeskName, desk: DeskView) -> bool:
    age = _age(desk.last_event_at, view.now)
    return _inbox_depth(view, name) > 0 and age is not None and age > _INBOX_STALLED_S


def _is_deaf(view: StatusView, desk: DeskView) -> bool:
    """An armed window without an answered poll or a frame of any kind."""
    if not _is_armed(desk):
        return False
    # A start counts as a sign of life: the first poll needs its time.
    ages = [
        _seconds(view.started_at, view.now),
        _age(desk.holdings_at, view.now),
        *(_age(row.priced_at, view.now) for row in desk.positions),
    ]
    if view.stream.connected:
        ages.append(view.stream.last_frame_age_s)
    heard = min(age for age in ages if age is not None)
    # Without detection polling the US desk is quieter; the KRX desk goes on watching.
    is_slow = isinstance(desk, UsDeskView) and desk.state is not DeskState.RUNNING
    return heard > (_QUIET_EXITS_ONLY_S if is_slow else _QUIET_S)


def _is_armed(desk: DeskView) -> bool:
    """Whether something would be sold now if prices said so."""
    if isinstance(desk, KrxDeskView):
        return desk.phase not in _ORDERLESS and bool(desk.positions)
    return desk.window in _ARMING and any(lot.state in _ARMED for lot in desk.positions)


def _desk(view: StatusView, name: DeskName) -> dict[str, Any]:
    desk = of(view, name)
    window: str | None = None
    if desk is not None:
        window = desk.phase if isinstance(desk, KrxDeskView) else desk.window
    return {
        "enabled": desk is not None,
        "mode": view.modes.get(name),
        "state": None if desk is None else desk.state,
        "latches": None if desk is None else {"user": desk.user_latch, "guard": desk.guard_latch},
        "window": window,
        "last_event_age_s": None if desk is None else _age(desk.last_event_at, view.now),
        "inbox_depth": None if desk is None else _inbox_depth(view, name),
    }


def _quota(value: Quota) -> dict[str, int]:
    return {
        "used_today": value.used_today,
        "cap": value.safe_per_day,
        "last_hour": value.used_last_hour,
    }


def _age(at: datetime | None, now: datetime) -> float | None:
    return None if at is None else _seconds(at, now)


def _seconds(at: datetime, now: datetime) -> float:
    return round((now - at).total_seconds(), 1)


async def serve_health(
    status: Callable[[], StatusView],
    poll_age: Callable[[], float],
    host: str,
    port: int,
    ready: Callable[[Server], None] | None = None,
) -> None:
    """Answer until cancelled. Raises OSError when the port is taken.

    The WebSocket server answers plain HTTP before any handshake, as its documentation shows for
    health checks; a handshake is never accepted.
    """

    def answer(_connection: ServerConnection, request: Request) -> Response:
        if request.path.partition("?")[0] != "/health":
            return _response(HTTPStatus.NOT_FOUND, {"error": "only /health"})
        code, body = health_body(status(), Ages(poll_age()))
        return _response(HTTPStatus(code), body)

    async def refuse(connection: ServerConnection) -> None:
        await connection.close()

    async with serve(refuse, host, port, process_request=answer) as server:
        if ready is not None:
            ready(server)
        await server.serve_forever()


def _response(code: HTTPStatus, body: dict[str, Any]) -> Response:
    text = json.dumps(body, ensure_ascii=False).encode()
    headers = Headers()
    headers["Content-Type"] = "application/json; charset=utf-8"
    headers["Content-Length"] = str(len(text))
    headers["Cache-Control"] = "no-store"
    headers["Connection"] = "close"
    return Response(code.value, code.phrase, headers, text)
