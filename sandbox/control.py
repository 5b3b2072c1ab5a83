"""The hand on the controls: /sandbox/... as JSON. Misuse answers 400 with ``error``."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import datetime
from decimal import Decimal, InvalidOperation

from aiohttp import web

from sandbox.acceptance import Refused
from sandbox.market import Drift
from sandbox.model import Fault, Server, Side
from sandbox.world import World

Fields = dict[str, object]
Action = Callable[[Fields], Awaitable[object]]


class Control:
    """Routes that read and move a world."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        """For the root of an application."""
        return [
            web.get("/sandbox/state", self._state),
            web.get("/sandbox/books", self._books),
            web.get("/sandbox/requests", self._requests),
            web.post("/sandbox/clock", _posted(self._clock)),
            web.post("/sandbox/order", _posted(self._order)),
            web.post("/sandbox/buy", _posted(self._buy)),
            web.post("/sandbox/holding", _posted(self._holding)),
            web.post("/sandbox/nudge", _posted(self._nudge)),
            web.post("/sandbox/drift", _posted(self._drift)),
            web.get("/sandbox/faults", self._faults),
            web.post("/sandbox/fault", _posted(self._fault)),
            web.delete("/sandbox/faults", self._clear_faults),
        ]

    async def _state(self, _request: web.Request) -> web.Response:
        now = self._world.catch_up()
        quotes = {}
        for listing in self._world.market.listings():
            last = self._world.market.last(listing.symbol)
            quotes[listing.symbol] = {
                "exchange": listing.exchange,
                "name": listing.name,
                "prev_close": str(listing.prev_close),
                "last": None if last is None else str(last.price),
                "bid": None if last is None else str(last.bid),
                "ask": None if last is None else str(last.ask),
                "volume": 0 if last is None else last.cum_volume,
            }
        clock = self._world.clock.state() | {"now": now.isoformat()}
        return _json({"clock": clock, "books": self._world.books.report(), "quotes": quotes})

    async def _books(self, _request: web.Request) -> web.Response:
        self._world.catch_up()
        return _json(self._world.books.report())

    async def _requests(self, request: web.Request) -> web.Response:
        since = request.query.get("since")
        try:
            moment = None if since is None else _aware(since)
        except ValueError as error:
            return _json({"error": str(error)}, 400)
        return _json([entry.as_json() for entry in self._world.request_log.since(moment)])

    async def _clock(self, fields: Fields) -> object:
        clock = self._world.clock
        self._world.catch_up()
        if "speed" in fields:
            clock.set_speed(float(_number(fields, "speed")))
        if "freeze" in fields:
            if fields["freeze"]:
                clock.freeze()
            else:
                clock.resume()
        if "jump_to" in fields:
            await self._world.jump(_aware(_text(fields, "jump_to")))
        return clock.state() | {"now": clock.now().isoformat()}

    async def _order(self, fields: Fields) -> object:
        return self._by_hand(fields, Side[_text(fields, "side").upper()])

    async def _buy(self, fields: Fields) -> object:
        return self._by_hand(fields, Side.BUY)

    def _by_hand(self, fields: Fields, side: Side) -> object:
        self._world.catch_up()
        limit = _number(fields, "limit") if fields.get("limit") is not None else None
        result = self._world.books.hand_order(
            _server(fields), side, _text(fields, "symbol"), int(_number(fields, "qty")), limit
        )
        match result:
            case Refused(reason):
                raise ValueError(f"refused: {reason.value}")
            case order:
                return order.as_json()

    async def _holding(self, fields: Fields) -> object:
        symbol = _text(fields, "symbol")
        listing = self._world.market.listing(symbol)
        if listing is None:
            raise ValueError(f"no listing for {symbol}")
        account = self._world.books.accounts[_server(fields)]
        qty, average = int(_number(fields, "qty")), _number(fields, "average")
        account.put(symbol, listing.exchange, qty, average)
        return account.report()["holdings"]

    async def _nudge(self, fields: Fields) -> object:
        symbol, pct = _text(fields, "symbol"), _number(fields, "pct")
        if self._world.market.listing(symbol) is None:
            raise ValueError(f"no listing for {symbol}")
        self._world.market.nudge(symbol, pct)
        return {"symbol": symbol, "pct": str(pct)}

    async def _drift(self, fields: Fields) -> object:
        symbol, pct = _text(fields, "symbol"), _number(fields, "pct")
        if self._world.market.listing(symbol) is None:
            raise ValueError(f"no listing for {symbol}")
        now = self._world.catch_up()
        start = _aware(_text(fields, "at")) if "at" in fields else now
        drift = Drift(symbol, max(start, now), pct, int(_number(fields, "seconds")))
        self._world.market.schedule(drift)
        return {"symbol": symbol, "pct": str(pct), "start": drift.start.isoformat()}

    async def _faults(self, _request: web.Request) -> web.Response:
        desk = self._world.faults
        waiting = [_fault_json(fault) for fault in desk.waiting()]
        taken = [_fault_json(hit.fault) | {"hit": hit.target} for hit in desk.taken]
        return _json({"waiting": waiting, "taken": taken})

    async def _fault(self, fields: Fields) -> object:
        fault = Fault(
            channel=_text(fields, "channel"),
            kind=_text(fields, "kind"),
            target=str(fields.get("target", "*")),
            times=int(str(fields.get("times", 1))),
            value=str(fields.get("value", "")),
        )
        self._world.faults.add(fault)
        return _fault_json(fault)

    async def _clear_faults(self, _request: web.Request) -> web.Response:
        self._world.faults.clear()
        return _json({})


def _posted(action: Action) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        try:
            return _json(await action(_fields(await request.text())))
        except (KeyError, TypeError, ValueError) as error:
            return _json({"error": str(error)}, 400)

    return handle


def _fields(text: str) -> Fields:
    fields = json.loads(text or "{}")
    if not isinstance(fields, dict):
        raise TypeError("want a JSON object")
    return fields


def _json(body: object, status: int = 200) -> web.Response:
    return web.json_response(body, status=status)


def _text(fields: Fields, name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value:
        raise ValueError(f"{name}: want a text")
    return value


def _number(fields: Fields, name: str) -> Decimal:
    try:
        number = Decimal(str(fields[name]))
    except (KeyError, InvalidOperation):
        raise ValueError(f"{name}: want a number") from None
    if not number.is_finite():
        raise ValueError(f"{name}: want a number")
    return number


def _server(fields: Fields) -> Server:
    return Server(str(fields.get("server", Server.REAL.value)))


def _aware(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text}: want an offset, as in 2026-11-20T09:30:00-05:00")
    return moment


def _fault_json(fault: Fault) -> dict[str, object]:
    return {
        "channel": fault.channel,
        "kind": fault.kind,
        "target": fault.target,
        "times": fault.times,
        "value": fault.value,
    }
