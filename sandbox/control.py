"""The hand on the controls: /sandbox/... as JSON. Misuse answers 400 with ``error``."""

from __future__ import annotations

from decimal import Decimal

from aiohttp import web

from sandbox import acceptance
from sandbox.control_body import Body, aware, posted
from sandbox.krx import acceptance as krx_acceptance
from sandbox.krx.market import KrxMarket
from sandbox.krx.model import KrxTrade
from sandbox.krx.orders import KRX
from sandbox.krx.side import KrxSide
from sandbox.market import Drift, Market
from sandbox.model import Fault, Side, Trade
from sandbox.world import World


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
            web.post("/sandbox/clock", posted(self._clock)),
            web.post("/sandbox/order", posted(self._order)),
            web.post("/sandbox/buy", posted(self._buy)),
            web.post("/sandbox/holding", posted(self._holding)),
            web.post("/sandbox/nudge", posted(self._nudge)),
            web.post("/sandbox/drift", posted(self._drift)),
            web.post("/sandbox/halt", posted(self._halt)),
            web.post("/sandbox/vi", posted(self._vi)),
            web.get("/sandbox/faults", self._faults),
            web.post("/sandbox/fault", posted(self._fault)),
            web.delete("/sandbox/faults", self._clear_faults),
        ]

    async def _state(self, _request: web.Request) -> web.Response:
        now = self._world.catch_up()
        clock = self._world.clock.state() | {"now": now.isoformat()}
        return web.json_response(
            {"clock": clock, "books": self._report(), "quotes": self._quotes()}
        )

    async def _books(self, _request: web.Request) -> web.Response:
        self._world.catch_up()
        return web.json_response(self._report())

    def _report(self) -> dict[str, object]:
        """Both markets' books by server, the Korean ones under ``krx``."""
        world = self._world
        return {
            server.value: account.report() | {"krx": world.krx.books.accounts[server].report()}
            for server, account in world.books.accounts.items()
        }

    def _quotes(self) -> dict[str, object]:
        world = self._world
        quotes: dict[str, object] = {}
        for listing in world.market.listings():
            last = world.market.last(listing.symbol)
            quotes[listing.symbol] = {
                **_quote(listing.exchange, listing.name, listing.prev_close),
                **_seen(last),
            }
        for share in world.krx.market.listings():
            state = world.krx.market.state(share.symbol)
            quotes[share.symbol] = {
                **_quote(KRX, share.name, share.base_price),
                **_seen(world.krx.market.last(share.symbol)),
                "halted": state.halted,
                "vi": state.vi_since is not None,
            }
        return quotes

    async def _requests(self, request: web.Request) -> web.Response:
        since = request.query.get("since")
        try:
            moment = None if since is None else aware(since)
        except ValueError as error:
            return web.json_response({"error": str(error)}, status=400)
        return web.json_response(
            [entry.as_json() for entry in self._world.request_log.since(moment)]
        )

    async def _clock(self, body: Body) -> object:
        clock = self._world.clock
        self._world.catch_up()
        if body.has("speed"):
            clock.set_speed(float(body.number("speed")))
        if body.has("freeze"):
            if body.flag("freeze"):
                clock.freeze()
            else:
                clock.resume()
        if body.has("jump_to"):
            await self._world.jump(body.moment("jump_to"))
        return clock.state() | {"now": clock.now().isoformat()}

    async def _order(self, body: Body) -> object:
        return self._by_hand(body, Side[body.text("side").upper()])

    async def _buy(self, body: Body) -> object:
        return self._by_hand(body, Side.BUY)

    def _by_hand(self, body: Body, side: Side) -> object:
        self._world.catch_up()
        symbol, qty = body.text("symbol"), int(body.number("qty"))
        limit = body.number("limit") if body.has("limit") else None
        books = (self._korean(symbol) or self._world).books
        match books.hand_order(body.server(), side, symbol, qty, limit):
            case acceptance.Refused(reason) | krx_acceptance.Refused(reason):
                raise ValueError(f"refused: {reason.value}")
            case order:
                return order.as_json()

    async def _holding(self, body: Body) -> object:
        symbol, server = body.text("symbol"), body.server()
        qty, average = int(body.number("qty")), body.number("average")
        if korean := self._korean(symbol):
            share_account = korean.books.accounts[server]
            share_account.put(symbol, qty, average)
            return share_account.report()["holdings"]
        listing = self._world.market.listing(symbol)
        if listing is None:
            raise ValueError(f"no listing for {symbol}")
        account = self._world.books.accounts[server]
        account.put(symbol, listing.exchange, qty, average)
        return account.report()["holdings"]

    async def _nudge(self, body: Body) -> object:
        symbol, pct = body.text("symbol"), body.number("pct")
        self._market(symbol).nudge(symbol, pct)
        return {"symbol": symbol, "pct": str(pct)}

    async def _drift(self, body: Body) -> object:
        symbol, pct = body.text("symbol"), body.number("pct")
        market = self._market(symbol)
        now = self._world.catch_up()
        start = body.moment("at") if body.has("at") else now
        drift = Drift(symbol, max(start, now), pct, int(body.number("seconds")))
        market.schedule(drift)
        return {"symbol": symbol, "pct": str(pct), "start": drift.start.isoformat()}

    async def _halt(self, body: Body) -> object:
        symbol, is_on = body.text("symbol"), body.flag("on")
        market, now = self._korean_market(symbol), self._world.catch_up()
        (market.halt if is_on else market.resume)(symbol, now)
        return {"symbol": symbol, "halted": market.state(symbol).halted}

    async def _vi(self, body: Body) -> object:
        symbol, is_on = body.text("symbol"), body.flag("on")
        market, now = self._korean_market(symbol), self._world.catch_up()
        (market.start_vi if is_on else market.end_vi)(symbol, now)
        self._world.catch_up()
        if (market.state(symbol).vi_since is not None) is not is_on:
            raise ValueError("a volatility interruption needs continuous trading")
        return {"symbol": symbol, "vi": is_on}

    def _korean(self, symbol: str) -> KrxSide | None:
        """The Korean side, if the symbol is listed there."""
        krx = self._world.krx
        return None if krx.market.listing(symbol) is None else krx

    def _korean_market(self, symbol: str) -> KrxMarket:
        if (korean := self._korean(symbol)) is None:
            raise ValueError(f"no KRX listing for {symbol}")
        return korean.market

    def _market(self, symbol: str) -> Market | KrxMarket:
        if korean := self._korean(symbol):
            return korean.market
        if self._world.market.listing(symbol) is None:
            raise ValueError(f"no listing for {symbol}")
        return self._world.market

    async def _faults(self, _request: web.Request) -> web.Response:
        desk = self._world.faults
        waiting = [_fault_json(fault) for fault in desk.waiting()]
        taken = [_fault_json(hit.fault) | {"hit": hit.target} for hit in desk.taken]
        return web.json_response({"waiting": waiting, "taken": taken})

    async def _fault(self, body: Body) -> object:
        fault = Fault(
            channel=body.text("channel"),
            kind=body.text("kind"),
            target=body.loose("target", "*"),
            times=int(body.loose("times", "1")),
            value=body.loose("value", ""),
        )
        self._world.faults.add(fault)
        return _fault_json(fault)

    async def _clear_faults(self, _request: web.Request) -> web.Response:
        self._world.faults.clear()
        return web.json_response({})


def _quote(exchange: str, name: str, prev_close: Decimal) -> dict[str, object]:
    return {"exchange": exchange, "name": name, "prev_close": str(prev_close)}


def _seen(last: Trade | KrxTrade | None) -> dict[str, object]:
    """What the last trade showed: nothing before the first one, no price where nobody stands."""
    if last is None:
        return {"last": None, "bid": None, "ask": None, "volume": 0}
    return {
        "last": str(last.price),
        "bid": str(last.bid) if last.bid else None,
        "ask": str(last.ask) if last.ask else None,
        "volume": last.cum_volume,
    }


def _fault_json(fault: Fault) -> dict[str, object]:
    return {
        "channel": fault.channel,
        "kind": fault.kind,
        "target": fault.target,
        "times": fault.times,
        "value": fault.value,
    }
