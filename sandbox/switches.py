"""Faults under a name, to be switched on and off one by one: for the panel and for tests.

A *toggle* lasts until it is switched off. Any other switch arms a fault that strikes a given
number of times: ``waiting`` until the first hit that uses it up, then ``struck``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from aiohttp import web

from sandbox.faults import Faults
from sandbox.model import Fault, Server


@dataclass(frozen=True, slots=True)
class Switch:
    """A name for some faults. ``cuts_polls``: the bot's waiting long poll ends with it."""

    faults: tuple[Fault, ...]
    cuts_polls: bool = False

    @property
    def is_toggle(self) -> bool:
        """Lasts until switched off."""
        return any(fault.times == 0 for fault in self.faults)


SWITCHES = {
    # The slot is freed, or the line would come back after two minutes only.
    "socket": Switch((Fault("ws", "drop", Server.REAL.value, 1, "free"),)),
    "answer": Switch((Fault("rest", "reset_after", "/trading/order /trading/order-cash"),)),
    "telegram": Switch((Fault("telegram", "bad_gateway", "*", 0),), cuts_polls=True),
    "account": Switch((Fault("rest", "account_failing", "*", 0),)),
    "slow": Switch((Fault("rest", "slow", "*", 0, "2"),)),
    "notices": Switch((Fault("ws", "lost", "*", 0),)),
    "flood": Switch(
        (
            Fault("telegram", "flood", "sendMessage", 3, "3"),
            Fault("telegram", "flood", "editMessageText", 3, "3"),
        )
    ),
    "alert_answer": Switch((Fault("telegram", "lost_answer", "sendMessage"),)),
}


# What the assistant's /drill throws: each is a cause for which it stops by itself.
DRILLS = {
    "errors": Switch((Fault("rest", "http500_html", "*", 0),)),
    "silence": Switch((Fault("rest", "reset_before", "*", 0),)),
    "account": Switch((Fault("rest", "account_failing", "*", 0),)),
    "socket": Switch(
        (
            Fault("ws", "drop", Server.REAL.value, 1, "free"),
            Fault("ws", "refuse", Server.REAL.value, 3),
        )
    ),
    "refusals": Switch((Fault("rest", "crowded", "*", 0, "25"),)),
    "clock": Switch((Fault("rest", "skew", "*", 0, "15"),)),
    "poller": Switch((Fault("telegram", "conflict", "getUpdates", 2),), cuts_polls=True),
}


class Switches:
    """The state of every switch of a table, told and changed under ``path``.

    ``interrupt_polls`` ends the bot's waiting long poll.
    """

    def __init__(
        self,
        faults: Faults,
        interrupt_polls: Callable[[], None],
        table: Mapping[str, Switch] = MappingProxyType(SWITCHES),
        path: str = "/sandbox/switches",
    ) -> None:
        self._faults = faults
        self._interrupt_polls = interrupt_polls
        self._table = table
        self._path = path
        self._numbers: dict[str, list[int]] = {}

    def routes(self) -> list[web.RouteDef]:
        """Of its path: GET tells all, POST takes ``name`` and ``on``."""
        return [web.get(self._path, self._get), web.post(self._path, self._post)]

    def report(self) -> list[dict[str, object]]:
        """Name, whether it is a toggle, state and hits since it was last switched on."""
        return [
            {
                "name": name,
                "toggle": switch.is_toggle,
                "state": self.state(name),
                "hits": sum(self._faults.hits(number) for number in self._numbers.get(name, ())),
            }
            for name, switch in self._table.items()
        ]

    def state(self, name: str) -> str:
        """``on`` or ``off`` for a toggle; ``off``, ``waiting`` or ``struck`` for the others."""
        numbers = self._numbers.get(name, [])
        if any(self._faults.is_waiting(number) for number in numbers):
            return "on" if self._table[name].is_toggle else "waiting"
        return "struck" if any(self._faults.hits(number) for number in numbers) else "off"

    def turn_on(self, name: str) -> None:
        """Let its faults strike from now on; one that is on or waits stays as it is.

        Raises:
            ValueError: There is no such switch.
        """
        switch = self._known(name)
        if self.state(name) in {"on", "waiting"}:
            return
        self._numbers[name] = [self._faults.add(fault) for fault in switch.faults]
        if switch.cuts_polls:
            self._interrupt_polls()

    def turn_off(self, name: str) -> None:
        """Withdraw its faults and forget its hits; everybody else's stay.

        Raises:
            ValueError: There is no such switch.
        """
        self._known(name)
        for number in self._numbers.pop(name, ()):
            self._faults.withdraw(number)

    async def _get(self, _request: web.Request) -> web.Response:
        return web.json_response(self.report())

    async def _post(self, request: web.Request) -> web.Response:
        try:
            fields = json.loads(await request.text())
            turn = {True: self.turn_on, False: self.turn_off}[fields["on"]]
            turn(str(fields["name"]))
        except KeyError as missing:
            return web.json_response({"error": f"want name and on, not {missing}"}, status=400)
        except (TypeError, ValueError) as misuse:
            return web.json_response({"error": str(misuse)}, status=400)
        return web.json_response(self.report())

    def _known(self, name: str) -> Switch:
        if name not in self._table:
            raise ValueError(f"no switch {name}; there are {', '.join(self._table)}")
        return self._table[name]
