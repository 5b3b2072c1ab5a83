"""What the demo's side panel shows, in one answer: clock, prices, the broker's app, switches."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal

from aiohttp import web

from sandbox.accounts import Holding
from sandbox.model import Server
from sandbox.orders import Order
from sandbox.session import (
    at,
    next_trading_day,
    phase,
    session_day,
    trading_day_on_or_after,
    us_date,
)
from sandbox.switches import Switches
from sandbox.world import World

WINDOW_END = time(12, 0)  # until then the demo's assistant watches the regular session


class Panel:
    """The route ``/sandbox/panel``; amounts are exact texts in USD."""

    def __init__(self, world: World, switches: Switches) -> None:
        self._world = world
        self._switches = switches

    def routes(self) -> list[web.RouteDef]:
        """For the root of an application."""
        return [web.get("/sandbox/panel", self._get)]

    async def _get(self, _request: web.Request) -> web.Response:
        now = self._world.catch_up()
        account = self._world.books.accounts[Server.REAL]
        return web.json_response(
            {
                "clock": self._clock(now),
                "quotes": self._quotes(),
                "cash": str(account.buying_power()),
                "realised": str(account.realised),
                "holdings": [self._holding(item) for item in account.holdings.values()],
                "orders": [
                    _order(order) for order in account.orders.values() if order.open_qty > 0
                ],
                "switches": self._switches.report(),
            }
        )

    def _clock(self, now: datetime) -> dict[str, object]:
        clock = self._world.clock
        jumps = {name: moment.isoformat() for name, moment in upcoming(now).items()}
        return {
            "now": now.isoformat(),
            "speed": clock.speed,
            "frozen": clock.frozen,
            "phase": phase(now).value,
            "jumps": jumps,
            "next": min(jumps, key=lambda name: jumps[name]),
        }

    def _quotes(self) -> list[dict[str, object]]:
        market = self._world.market
        found: list[dict[str, object]] = []
        for listing in market.listings():
            last = market.last(listing.symbol)
            found.append(
                {
                    "symbol": listing.symbol,
                    "name": listing.name,
                    "price": str(market.price(listing.symbol)),
                    "prev_close": str(listing.prev_close),
                    "ask": None if last is None else str(last.ask),
                }
            )
        return found

    def _holding(self, holding: Holding) -> dict[str, object]:
        price = self._world.market.price(holding.symbol)
        gain = (price / holding.average - 1) * 100 if holding.average else Decimal(0)
        return {
            "symbol": holding.symbol,
            "qty": holding.qty,
            "average": str(holding.average),
            "price": str(price),
            "gain_pct": f"{gain:.2f}",
        }


def upcoming(now: datetime) -> dict[str, datetime]:
    """The next moment of each kind after ``now``, aware UTC."""
    found: dict[str, datetime] = {}
    day = trading_day_on_or_after(us_date(now))
    while len(found) < len(_moments(day)):
        for name, moment in _moments(day).items():
            if moment > now:
                found.setdefault(name, moment)
        day = next_trading_day(day)
    return found


def _moments(day: date) -> dict[str, datetime]:
    hours = session_day(day)
    return {
        "premarket": hours.premarket_open,
        "open": hours.open,
        "window_end": at(day, WINDOW_END),
        "close": hours.close,
    }


def _order(order: Order) -> dict[str, object]:
    return {
        "side": order.request.side.name.lower(),
        "symbol": order.request.symbol,
        "open": order.open_qty,
        "limit": str(order.request.limit),
        "media": order.request.media,
    }
