"""What systemd is told: ready, alive, stopping. A datagram to its socket, sd_notify(3).

Silence is the alarm: it restarts the process when no WATCHDOG came for WatchdogSec.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Awaitable, Callable, Mapping

log = logging.getLogger(__name__)

_LOOK_EVERY_S = 5.0
_MICROSECONDS = 1_000_000
_PINGS = 3  # within the time after which systemd would act


class Systemd:
    """Says nothing where nobody asked for it (no NOTIFY_SOCKET in ``environment``)."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        address = environment.get("NOTIFY_SOCKET", "")
        # A leading @ means the abstract namespace.
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        patience = environment.get("WATCHDOG_USEC", "")
        patience_s = int(patience) / _MICROSECONDS if patience.isdigit() else 0.0
        self._every_s = min(_LOOK_EVERY_S, patience_s / _PINGS) or _LOOK_EVERY_S
        self._is_ready = False

    async def watch(
        self, is_serviced: Callable[[], bool], pause: Callable[[float], Awaitable[None]]
    ) -> None:
        """Ping for as long as the desks are serviced. Runs until cancelled.

        On the loop on purpose: a stuck loop must be silent, a thread would not be.
        """
        while True:
            if is_serviced():
                if not self._is_ready:
                    self._is_ready = True
                    self._say("READY=1")
                self._say("WATCHDOG=1")
            await pause(self._every_s)

    def stopping(self) -> None:
        """The clean end has begun."""
        self._say("STOPPING=1")

    def _say(self, text: str) -> None:
        if not self._address:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
                line.settimeout(0)  # never waits for a full queue
                line.sendto(text.encode(), self._address)
        except OSError as error:
            log.warning("systemd was not told %s: %s", text, type(error).__name__)
