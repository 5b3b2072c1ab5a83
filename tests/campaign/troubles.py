"""The kinds of trouble a run may meet: every fault of the sandbox's KIS side, and its switches."""

from __future__ import annotations

from random import Random

from sandbox.model import Fault
from sandbox.switches import SWITCHES

BUYS, SELLS = "TTTC0012U", "TTTC0011U TTTT1006U"
CANCELS = "TTTC0013U TTTT1004U"
ORDERS = f"{BUYS} {SELLS} {CANCELS}"
LISTS = "inquire-daily-ccld inquire-ccnl"
ACCOUNT = f"inquire-balance {LISTS} inquire-psbl-order inquire-psamount {ORDERS}"
NOTICES = ("H0STCNI0", "H0GSCNI0")
TARGETS = (BUYS, SELLS, CANCELS, ORDERS, ORDERS, ORDERS, LISTS, ACCOUNT, "*")
# kind: values it may have, how often at most.
_REST = {
    "refuse": (("", "EGW00215", "APBK0952"), 6),
    "http500_json": (("", "EGW00301", "EGW00302"), 6),
    "http500_html": (("",), 6),
    "rate_limited": (("",), 6),
    "slow": (("1", "5", "12"), 6),
    "reset_before": (("",), 3),
    "reset_after": (("",), 3),
    "truncated": (("",), 3),
    "blank_codes": (("",), 3),
    "token_killed": (("",), 2),
    "refuse_later": (("주문거부",), 2),
    "notice_before_reply": (("",), 4),
    "page_twice": (("",), 4),
    "output_absent": (("output", "output1"), 2),
}
# Until withdrawn.
_LASTING = {
    "crowded": "20",
    "frozen_price": "",
    "zero_price": "",
    "fill_hidden": "25",
    "account_failing": "",
    "duplicate_rows": "",
    "blank_rows": "",
    "once_a_day": "",
}
_SOCKET = {
    "drop": ("", "free"),
    "silent": ("30", "200"),
    "refuse": ("",),
}
_NOTICE = {"duplicate": "", "late": "20", "lost": "", "reorder": "15"}
_QUOTES = ("HDFSCNT0", "HDFSASP0", "H0STCNT0", "H0STASP0")
_SORTS = {"rest": 60, "lasting": 15, "socket": 12, "notice": 12, "odd": 8, "switch": 8}

Drawn = tuple[float, float, tuple[Fault, ...]]


def every_kind() -> frozenset[tuple[str, str]]:
    """(channel, kind) of everything that may be drawn."""
    return frozenset(
        {("rest", kind) for kind in (*_REST, *_LASTING, "maintenance")}
        | {("ws", kind) for kind in (*_SOCKET, *_NOTICE, "plain_notice", "layout", "burst")}
        | {("ws", "unanswered")}
    )


def draw_troubles(dice: Random, seconds: float) -> list[Drawn]:
    """None up to a dozen of them, at any time, several at once."""
    count = dice.choices((0, 2, 4, 8, 12), (10, 20, 30, 25, 15))[0]
    return [
        (dice.uniform(0, seconds), dice.choice((5.0, 30.0, 90.0, 240.0, 600.0)), _draw(dice))
        for _ in range(count)
    ]


def _draw(dice: Random) -> tuple[Fault, ...]:
    match dice.choices(
        ("rest", "lasting", "socket", "notice", "odd", "switch"), (45, 15, 12, 12, 8, 8)
    )[0]:
        case "rest":
            kind = dice.choice(tuple(_REST))
            values, most = _REST[kind]
            times = dice.randint(1, most)
            return (Fault("rest", kind, dice.choice(TARGETS), times, dice.choice(values)),)
        case "lasting":
            kind = dice.choice((*_LASTING, "maintenance"))
            if kind == "maintenance":
                return (Fault("rest", kind, "*", 1, dice.choice(("20", "120"))),)
            target = LISTS if kind in {"fill_hidden", "once_a_day"} else "*"
            return (Fault("rest", kind, target, 0, _LASTING[kind]),)
        case "socket":
            kind = dice.choice(tuple(_SOCKET))
            return (Fault("ws", kind, "real", dice.randint(1, 3), dice.choice(_SOCKET[kind])),)
        case "notice":
            kind = dice.choice(tuple(_NOTICE))
            return tuple(
                Fault("ws", kind, notice, dice.choice((0, 1, 3)), _NOTICE[kind])
                for notice in NOTICES
            )
        case "odd":
            return _draw_odd(dice)
        case _:
            names = [name for name in SWITCHES if SWITCHES[name].faults[0].channel != "telegram"]
            return SWITCHES[dice.choice(names)].faults


def _draw_odd(dice: Random) -> tuple[Fault, ...]:
    """Frames that are not what they were."""
    match dice.choice(("plain_notice", "layout", "burst", "unanswered")):
        case "plain_notice":
            return tuple(Fault("ws", "plain_notice", notice) for notice in NOTICES)
        case "layout":
            return tuple(Fault("ws", "layout", tr) for tr in (*_QUOTES, *NOTICES))
        case "unanswered":
            heard = dice.choice(("", "unheard"))
            return tuple(Fault("ws", "unanswered", tr, 2, heard) for tr in (*_QUOTES, *NOTICES))
        case _:
            return tuple(Fault("ws", "burst", tr, 2, "10") for tr in _QUOTES[::2])
