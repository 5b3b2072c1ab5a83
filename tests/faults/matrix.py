"""What may go wrong, and when: every fault of the sandbox in four states of the desk."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from engine.model.state_facts import Trouble
from sandbox.model import Fault

SELL_TR, CANCEL_TR = "TTTT1006U", "TTTT1004U"
NOTICE_TR = "H0GSCNI0"


class State(StrEnum):
    """What the desk has at hand when the fault strikes."""

    IDLE = "idle"  # nothing held; the trader buys while the trouble is on
    ARMED = "armed"  # a lot far below its target
    IN_FLIGHT = "order in flight"  # the placing call is hit, or trouble comes before its answer
    OPEN = "order open"  # accepted, partly filled, the bid has fallen away from it
    RESTING = "order resting"  # at its target since the buy, by the setting
    REPRICING = "re-pricing"  # the same, while its rest is taken back to follow the bid


class Stage(StrEnum):
    """Which part of the day a row is played in."""

    PREMARKET = "premarket"  # prices and fills by REST polling
    REGULAR = "regular"  # prices and notices by the socket


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of trouble.

    ``faults`` strike at rest; ``at_order`` and ``at_cancel`` strike the call itself (empty:
    ``faults`` strike while its answer is on the way). What waits for a call is removed
    ``lasts_s`` of market time after the strike. For ``troubled_s`` nobody can be expected to
    sell in the states ``troubled_in``; then all must be sold within ``late_s``. ``tells``:
    what the trader must hear of. ``no_cell``: why a state makes no sense.
    """

    name: str
    faults: tuple[Fault, ...]
    at_order: tuple[Fault, ...] = ()
    at_cancel: tuple[Fault, ...] = ()
    stages: tuple[Stage, ...] = (Stage.REGULAR, Stage.PREMARKET)
    lasts_s: float = 60.0
    troubled_s: float = 0.0
    troubled_in: frozenset[State] = frozenset(State)
    late_s: float = 60.0
    tells: tuple[Trouble, ...] = ()
    no_cell: Mapping[State, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Cell:
    """One game to play."""

    row: Row
    stage: Stage
    state: State

    @property
    def reason(self) -> str:
        """Why there is nothing to play; empty: play."""
        return self.row.no_cell.get(self.state, "")

    @property
    def has_chat(self) -> bool:
        """Whether the bot plays along."""
        return any(fault.channel == "telegram" for fault in self.row.faults)

    @property
    def name(self) -> str:
        """For the names of tests."""
        return f"{self.row.name} / {self.stage} / {self.state}"


def _rest(kind: str, *, times: int = 6, at_order: int = 1, value: str = "") -> Row:
    """Trouble with any call: so many in a row at rest, so many of the placing call."""
    return Row(
        kind,
        (Fault("rest", kind, "*", times, value),),
        (Fault("rest", kind, SELL_TR, at_order, value),),
        (Fault("rest", kind, CANCEL_TR, at_order, value),),
    )


def _notices(kind: str, value: str = "", late_s: float = 60.0) -> Row:
    """Trouble with every notice from now on."""
    fault = Fault("ws", kind, NOTICE_TR, 0, value)
    return Row(f"notices {kind}", (fault,), stages=(Stage.REGULAR,), lasts_s=150, late_s=late_s)


def _telegram(kind: str, times: int, value: str = "", target: str = "sendMessage") -> Row:
    """Trouble with what the bot sends; the desk must not notice."""
    fault = Fault("telegram", kind, target, times, value)
    return Row(
        f"telegram {kind}" if target != "*" else "telegram away",
        (fault,),
        stages=(Stage.REGULAR,),
        lasts_s=120,
        no_cell={
            State.RESTING: "to Telegram it is an open order",
            State.REPRICING: "to Telegram it is an open order",
        },
    )


_ONLY_PLACING = "it concerns the answer to a placing call: the same as an order in flight"
_NO_MORE_PLACING = "no order is placed while one holds the shares"

_ONLY_IN_FLIGHT = {
    State.IDLE: _ONLY_PLACING,
    State.ARMED: _ONLY_PLACING,
    State.OPEN: _NO_MORE_PLACING,
    State.RESTING: _NO_MORE_PLACING,
    State.REPRICING: _NO_MORE_PLACING,
}
_LATE_LIST = Fault("rest", "fill_hidden", "*", 0, "25")
_LAYOUT = tuple(Fault("ws", "layout", tr) for tr in ("HDFSCNT0", "HDFSASP0", NOTICE_TR))

ROWS: tuple[Row, ...] = (
    _rest("refuse"),
    _rest("http500_json"),
    _rest("http500_html"),
    _rest("rate_limited", at_order=2),
    _rest("slow", value="12"),
    _rest("reset_before"),
    _rest("reset_after"),
    _rest("truncated"),
    _rest("blank_codes"),
    _rest("token_killed", times=2),
    Row(
        "frozen_price",
        (Fault("rest", "frozen_price", "*", 0),),
        stages=(Stage.PREMARKET,),
        lasts_s=300,
        late_s=150,
    ),
    Row(
        "account_failing",
        (Fault("rest", "account_failing", "*", 0),),
        lasts_s=400,
        troubled_s=480,  # the stop of ten errors ends after a minute of answers
        # A new lot must be read first, a cancel be seen; every other exit goes on.
        troubled_in=frozenset({State.IDLE, State.REPRICING}),
        tells=(Trouble.ACCOUNT,),
    ),
    Row(
        "maintenance",
        (Fault("rest", "maintenance", "*", 1, "90"),),
        (Fault("rest", "maintenance", SELL_TR, 1, "90"),),
        (Fault("rest", "maintenance", CANCEL_TR, 1, "90"),),
        lasts_s=200,
        troubled_s=100,
        late_s=130.0,  # exits at the pace of a call a minute, new lots after a minute of calm
        tells=(Trouble.ACCOUNT,),
    ),
    Row(
        "notice_before_reply",
        (),
        (Fault("rest", "notice_before_reply", SELL_TR),),
        stages=(Stage.REGULAR,),
        no_cell=_ONLY_IN_FLIGHT,
    ),
    Row(
        # The answer is lost, and the list shows no fills younger than 25 s.
        "reset_after, list late",
        (_LATE_LIST, Fault("rest", "reset_after", "*", 6)),
        (_LATE_LIST, Fault("rest", "reset_after", SELL_TR)),
        (_LATE_LIST, Fault("rest", "reset_after", CANCEL_TR)),
        lasts_s=120,
        late_s=120,
    ),
    Row(
        "refuse_later",
        (),
        (Fault("rest", "refuse_later", SELL_TR, 1, "주문거부"),),
        no_cell=_ONLY_IN_FLIGHT,
    ),
    Row(
        "duplicate_rows",
        (Fault("rest", "duplicate_rows", "*", 0),),
        stages=(Stage.PREMARKET,),
        lasts_s=120,
        no_cell={State.IN_FLIGHT: "all is sold before a balance is read that could show it"},
    ),
    Row("blank_rows", (Fault("rest", "blank_rows", "*", 0),), lasts_s=120),
    Row(
        "socket drop",
        (Fault("ws", "drop", "real"),),
        stages=(Stage.REGULAR,),
        lasts_s=200,
        tells=(Trouble.STREAM,),
    ),
    Row(
        "socket silent",
        (Fault("ws", "silent", "real", 1, "200"),),
        stages=(Stage.REGULAR,),
        lasts_s=330,
        troubled_s=150,
        tells=(Trouble.STREAM,),
    ),
    Row(
        "socket refused",
        (Fault("ws", "drop", "real"), Fault("ws", "refuse", "real", 3)),
        stages=(Stage.REGULAR,),
        lasts_s=300,
        # It has failed too often: no new lot is armed until it has held for a minute.
        troubled_s=220,
        troubled_in=frozenset({State.IDLE}),
        tells=(Trouble.STREAM,),
    ),
    Row("columns added", _LAYOUT, stages=(Stage.REGULAR,)),
    Row("quotes in a burst", (Fault("ws", "burst", "HDFSCNT0", 3, "10"),), stages=(Stage.REGULAR,)),
    Row("forged notice", (Fault("ws", "plain_notice", NOTICE_TR),), stages=(Stage.REGULAR,)),
    _notices("duplicate"),
    _notices("late", "8"),
    _notices("reorder", "8"),
    # A buy nobody told of is found by the reconciliation, every ten minutes.
    _notices("lost", late_s=615),
    _telegram("http500", 3),
    _telegram("bad_gateway", 3),
    _telegram("reset", 3),
    _telegram("black_hole", 2),
    _telegram("lost_answer", 2),
    _telegram("flood", 2, "15"),
    _telegram("reset", 0, target="*"),
)


def cells() -> tuple[Cell, ...]:
    """The whole matrix, row by row."""
    return tuple(Cell(row, stage, state) for row in ROWS for stage in row.stages for state in State)
