"""What may go wrong on the way of a Korean order: every fault in six states of its life."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from engine.model.state_facts import Trouble
from sandbox.model import Fault

BUY_TR, SELL_TR, CANCEL_TR = "TTTC0012U", "TTTC0011U", "TTTC0013U"
BALANCE_TR, NOTICE_TR = "TTTC8434R", "H0STCNI0"
# The account and its orders; scans go on, or they would use the trouble up.
ACCOUNT = "inquire-balance inquire-daily-ccld inquire-psbl-order order-cash order-rvsecncl"


class State(StrEnum):
    """What the desk has at hand when the fault strikes."""

    ENTERING = "entry in flight"  # the buying call is hit, or trouble comes before its answer
    ENTRY_OPEN = "entry open"  # accepted, partly filled; timed out and taken back soon
    HELD = "held"  # a position; its stop-loss comes while the trouble is on
    EXITING = "exit in flight"
    EXIT_OPEN = "exit open"  # accepted, partly filled, the market has fallen away from it
    REPRICING = "re-pricing"  # the same, while its rest is taken back to follow the bid


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of trouble.

    ``faults`` strike at rest; ``hits`` (without their target) strike the call itself; empty:
    ``faults`` strike while its answer is on the way. What waits for a call is removed
    ``lasts_s`` of market time after the strike. For ``troubled_s`` nobody can be expected to
    sell in the states ``troubled_in``; then all must be sold within ``late_s``. ``tells``: what
    the trader must hear of. ``no_cell``: why a state makes no sense.
    """

    name: str
    faults: tuple[Fault, ...] = ()
    hits: tuple[Fault, ...] = ()
    lasts_s: float = 35.0
    troubled_s: float = 0.0
    troubled_in: frozenset[State] = frozenset(State)
    late_s: float = 60.0
    tells: tuple[Trouble, ...] = ()
    no_cell: Mapping[State, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Cell:
    """One game to play."""

    row: Row
    state: State

    @property
    def name(self) -> str:
        """For the names of tests."""
        return f"{self.row.name} / {self.state}"

    @property
    def reason(self) -> str:
        """Why there is nothing to play; empty: play."""
        return self.row.no_cell.get(self.state, "")


def _rest(kind: str, *, times: int = 6, hit: int = 1, value: str = "") -> Row:
    """Trouble with any call of the account: so many in a row at rest, so many of the call."""
    return Row(
        kind,
        (Fault("rest", kind, ACCOUNT, times, value),),
        (Fault("rest", kind, "", hit, value),),
    )


def _notices(kind: str, value: str = "", late_s: float = 60.0) -> Row:
    """Trouble with every notice from now on."""
    fault = Fault("ws", kind, NOTICE_TR, 0, value)
    return Row(f"notices {kind}", (fault,), lasts_s=60, late_s=late_s)


_CALL = "it concerns the answer to an order: the same as one in flight"
_ONLY_PLACING = dict.fromkeys(set(State) - {State.ENTERING, State.EXITING}, _CALL)
_LATE_LIST = Fault("rest", "fill_hidden", "inquire-daily-ccld", 0, "25")
_LAYOUT = tuple(Fault("ws", "layout", tr) for tr in ("H0STCNT0", "H0STASP0", NOTICE_TR))

ROWS: tuple[Row, ...] = (
    _rest("refuse"),
    _rest("http500_json"),
    _rest("http500_html"),
    _rest("rate_limited", hit=2),
    _rest("slow", value="12"),
    _rest("reset_before"),
    _rest("reset_after"),
    _rest("truncated"),
    _rest("blank_codes"),
    _rest("token_killed", times=2),
    Row(
        "reset_after, list late",
        (_LATE_LIST, Fault("rest", "reset_after", ACCOUNT, 6)),
        (Fault("rest", "reset_after"),),
        lasts_s=90,
        late_s=120,
    ),
    Row(
        "EGW00215 on the balance",
        (Fault("rest", "refuse", BALANCE_TR, 12, "EGW00215"),),
        lasts_s=90,
    ),
    Row(
        "account_failing",
        (Fault("rest", "account_failing", "*", 0),),
        lasts_s=150,
        troubled_s=150,
        # What was bought, and that a cancel was heard, only the list tells; other exits go on.
        troubled_in=frozenset({State.REPRICING, State.EXIT_OPEN, State.ENTRY_OPEN}),
        tells=(Trouble.ACCOUNT,),
    ),
    Row(
        "maintenance",
        (Fault("rest", "maintenance", "*", 1, "90"),),
        (Fault("rest", "maintenance", "", 1, "90"),),
        lasts_s=200,
        troubled_s=100,
    ),
    Row("notice_before_reply", hits=(Fault("rest", "notice_before_reply"),), no_cell=_ONLY_PLACING),
    Row(
        "refuse_later",
        hits=(Fault("rest", "refuse_later", "", 1, "주문거부"),),
        no_cell=_ONLY_PLACING,
    ),
    Row("blank_rows", (Fault("rest", "blank_rows", "*", 0),)),
    Row("zero_price", (Fault("rest", "zero_price", "*", 0),)),
    Row("socket drop", (Fault("ws", "drop", "real"),), lasts_s=150, tells=(Trouble.STREAM,)),
    Row(
        "socket silent",
        (Fault("ws", "silent", "real", 1, "200"),),
        lasts_s=300,
        tells=(Trouble.STREAM,),
    ),
    Row(
        "socket refused",
        (Fault("ws", "drop", "real"), Fault("ws", "refuse", "real", 3)),
        lasts_s=200,
        tells=(Trouble.STREAM,),
    ),
    Row("columns added", _LAYOUT),
    _notices("duplicate"),
    _notices("late", "20"),
    _notices("lost"),
    _notices("reorder", "15"),
    Row("plain_notice", (Fault("ws", "plain_notice", NOTICE_TR, 1),)),
)


def cells() -> tuple[Cell, ...]:
    """The whole matrix, row by row."""
    return tuple(Cell(row, state) for row in ROWS for state in State)
