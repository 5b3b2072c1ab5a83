"""Scripted trouble, waiting to be taken by whoever answers the next call or sends a frame.

Channel ``rest`` (target: tr_id, tail of the path, several of them with blanks between, or ``*``):

| kind | value | what happens |
|---|---|---|
| refuse | msg_cd | business refusal, HTTP 500 for a gateway code (token calls: 403), nothing done |
| http500_json | msg_cd | gateway error, nothing done |
| http500_html | | HTML instead of JSON, nothing done |
| rate_limited | | EGW00201 as HTTP 500, nothing done |
| crowded | per cent, 10 | the same by chance, below the limit too |
| once_a_day | | a call answered before on this Korean day: EGW00215 as HTTP 500 |
| slow | seconds of real time | the answer leaves late |
| reset_before | | connection dies, nothing done |
| reset_after | | done, then the connection dies |
| truncated | | done, half of the JSON arrives |
| blank_codes | | rt_cd 1 with empty msg_cd and msg1, nothing done |
| echo | msg_cd | refused (401 for a gateway code) in words that repeat headers, body, account |
| token_killed | | the token in use dies: EGW00121 until a new one is issued |
| frozen_price | | the prices of inquire-balance stand still while the fault lasts |
| zero_price | | the domestic inquire-balance has no prices: prpr is 0 |
| fill_hidden | seconds | executions younger than this are missing from the lists of orders |
| account_failing | | account inquiries answer HTTP 500 EGW00300 |
| maintenance | market seconds | HTTP 503 HTML from the first hit for so long |
| notice_before_reply | | order notices leave before the answer of the order call |
| refuse_later | reason text | sent, then refused by the exchange |
| page_twice | | a further page is the one before once more, with its key |
| output_absent | names, output output1 | done, and these are missing from the answer |
| duplicate_rows | | inquire-balance shows each holding under two exchange codes |
| blank_rows | | a blank row trails the lists |
| skew | seconds | Date shows the server's clock so far ahead (target ``*``) |

Channels ``ws`` and ``telegram`` are described where they are taken.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import count

from sandbox.model import Fault


@dataclass(frozen=True, slots=True)
class TakenFault:
    """A fault that has struck. ``number`` is the one it was given when added."""

    fault: Fault
    target: str
    number: int


class Faults:
    """The desk where faults wait. First in, first taken."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._waiting: dict[int, Fault] = {}
        self.taken: list[TakenFault] = []

    def add(self, fault: Fault) -> int:
        """Let it strike the next calls or frames that fit; answers its number."""
        if fault.times < 0:
            raise ValueError(f"times must be 0 (until removed) or more, got {fault.times}")
        number = next(self._numbers)
        self._waiting[number] = fault
        return number

    def take(self, channel: str, target: str, *kinds: str) -> Fault | None:
        """The next fault for this target among ``kinds`` (any if none named); counts down."""
        for number, fault in self._waiting.items():
            if _fits(fault, channel, target, kinds):
                self._count_down(number, fault)
                self.taken.append(TakenFault(fault, target, number))
                return fault
        return None

    def find(self, channel: str, target: str, kind: str) -> Fault | None:
        """The next fault of this kind for this target, left where it is."""
        fits = (fault for fault in self._waiting.values() if _fits(fault, channel, target, (kind,)))
        return next(fits, None)

    def waiting(self) -> tuple[Fault, ...]:
        """What has not been used up."""
        return tuple(self._waiting.values())

    def is_waiting(self, number: int) -> bool:
        """Whether the fault of this number may still strike."""
        return number in self._waiting

    def hits(self, number: int) -> int:
        """How often the fault of this number has struck."""
        return sum(1 for hit in self.taken if hit.number == number)

    def withdraw(self, number: int) -> None:
        """Remove one, if it still waits; the others stay."""
        self._waiting.pop(number, None)

    def clear(self) -> None:
        """Remove all that wait; what was taken stays on record."""
        self._waiting.clear()

    def _count_down(self, number: int, fault: Fault) -> None:
        if fault.times == 1:
            del self._waiting[number]
        elif fault.times > 1:
            self._waiting[number] = replace(fault, times=fault.times - 1)


def _fits(fault: Fault, channel: str, target: str, kinds: tuple[str, ...]) -> bool:
    if fault.channel != channel or (kinds and fault.kind not in kinds):
        return False
    return any(
        wanted in {"*", target} or target.endswith("/" + wanted.lstrip("/"))
        for wanted in fault.target.split()
    )
