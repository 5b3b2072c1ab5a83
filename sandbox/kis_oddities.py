"""What KIS does now and then without being wrong about the business (kinds: sandbox/faults.py)."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace

from sandbox.faults import Faults
from sandbox.kis_gateway import gateway_refusal, rate_refusal
from sandbox.kis_wire import Answer, Call, Output, kst_date
from sandbox.model import Server
from sandbox.trouble import Target, strike

DEFAULT_CROWD_PCT = 10.0
MAIN_OUTPUTS = "output output1"


class Oddities:
    """Scripted trouble that depends on chance, or on what was answered before."""

    def __init__(self, faults: Faults, seed: int) -> None:
        self._faults = faults
        self._dice = random.Random(f"crowd:{seed}")  # noqa: S311 - guards nothing
        self._pages: dict[tuple[Server, str], Answer] = {}
        self._answered: set[tuple[Server, str, str]] = set()

    def check_crowd(self, target: Target) -> None:
        """The limiters of KIS are spread: a call below the limit may be refused as well.

        Raises:
            KisRefusal: EGW00201, by chance.
        """
        waiting = self._faults.find("rest", target.tr_id, "crowded") or self._faults.find(
            "rest", target.path, "crowded"
        )
        if waiting is None:
            return
        pct = float(waiting.value or DEFAULT_CROWD_PCT)
        if self._dice.uniform(0, 100) < pct and strike(self._faults, target, "crowded"):
            raise rate_refusal()

    def check_day(self, call: Call) -> None:
        """A TR that is meant for once a day; the pages of one reading are one call.

        Raises:
            KisRefusal: it was answered before on this Korean day.
        """
        if _of_day(call) not in self._answered or call.continued:
            return
        if strike(self._faults, call, "once_a_day"):
            raise gateway_refusal("EGW00215", "원장 조회 건수를 초과하였습니다.")

    def bend(self, call: Call, answer: Answer) -> Answer:
        """The answer as it leaves."""
        self._answered.add(_of_day(call))
        before = self._pages.get((call.server, call.tr_id))
        if call.continued and before is not None and strike(self._faults, call, "page_twice"):
            return before
        self._pages[call.server, call.tr_id] = answer
        absent = strike(self._faults, call, "output_absent")
        if absent is None:
            return answer
        return replace(answer, outputs=_without(answer.outputs, absent.value or MAIN_OUTPUTS))


def _of_day(call: Call) -> tuple[Server, str, str]:
    return call.server, call.tr_id, kst_date(call.now)


def _without(outputs: Mapping[str, Output], names: str) -> dict[str, Output]:
    return {name: output for name, output in outputs.items() if name not in names.split()}
