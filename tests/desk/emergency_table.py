"""Condition x desk: the table of docs/runbook.md, and how each row is played to a desk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from engine.model.calls import CallTally
from engine.model.commands import ApplySettings, TripGuard
from engine.model.events import CallsSeen, FetchKind
from engine.model.ids import DeskName
from engine.model.quota import NO_CAP, Quota
from engine.model.state_facts import Trouble
from tests.desk.krx_world import KrxWorld
from tests.desk.world import World

AnyWorld = World | KrxWorld
Act = Callable[[AnyWorld], None]

US, KRX = DeskName.US, DeskName.KRX
LOTS = "new lots, detection, lower targets"
ENTRIES = "entries; open ones are taken back"
SCANS = f"{ENTRIES}; scans and charts"
SOCKET_US = "the socket, else the account once a minute"
SOCKET_KRX = "the socket, else price calls"
ASKED_US, ASKED_KRX = "the account once a minute", "price calls every 3 s"
MINUTE = "by itself, a minute after it is gone (doubled by each relapse)"
NOBODY = "none"
BY_HAND = "[가드 해제] under /resume"


@dataclass(frozen=True)
class Row:
    """``trips``, ``stops``, ``exits``, ``probe``, ``release``: as the runbook says it.

    ``measured`` and ``limit``: what the alert shows. ``over_after_s``: how long after its end the
    cause is released; None: by hand only, or with the next day.
    """

    condition: str
    desk: DeskName
    trouble: Trouble
    trips: str
    stops: str
    exits: str
    probe: str
    release: str
    begin: Act
    end: Act
    measured: str = ""
    limit: str = ""
    over_after_s: int | None = 60
    probe_every_s: int | None = None
    holds: bool = True

    @property
    def cells(self) -> tuple[str, ...]:
        """A line of the runbook."""
        name = "US" if self.desk is US else "KRX"
        return self.condition, name, self.trips, self.stops, self.exits, self.probe, self.release


HEAD = ("Condition", "Desk", "Trips at", "What stops", "Exits use", "Probe", "Release")


def tally(
    errors: int = 0,
    since: datetime | None = None,
    *,
    calls: int = 0,
    refused: int = 0,
    skew_s: int | None = None,
    until: datetime | None = None,
) -> CallsSeen:
    """How the calls fare; ``since``: when the first of those was sent that nobody answered.

    ``until``: the latest of them, where it is not the first.
    """
    return CallsSeen(CallTally(errors, since, calls, refused, skew_s, until or since))


def spent(world: AnyWorld) -> None:
    if isinstance(world, World):
        world.safe_per_day = sum(world.used.values())
        world.run_for(310)
    else:
        world.quota = Quota(900, 100, 900, NO_CAP, 1_000)
        world.run_for(310)


def cap_raised(world: AnyWorld) -> None:
    if isinstance(world, World):
        world.safe_per_day = 4_500
        world.command(ApplySettings(world.settings))
    else:
        world.quota = Quota(900, 100, 1_800, NO_CAP, 2_000)
        world.run_for(310)


def refused(world: AnyWorld) -> None:
    world.give(tally(errors=1, calls=100, refused=6))


def erring(world: AnyWorld) -> None:
    world.give(tally(errors=9, calls=30))
    world.give(tally(errors=10, calls=31))


def answered(world: AnyWorld) -> None:
    world.give(tally(calls=40, skew_s=0))


def dropping(world: AnyWorld) -> None:
    for _ in range(3):
        world.run_for(5)
        world.drop_stream()


def back(world: AnyWorld) -> None:
    world.raise_stream()


def account_fails(world: AnyWorld) -> None:
    world.failing = {FetchKind.HOLDINGS, FetchKind.REPORTS, FetchKind.CASH}
    world.run_for(200 if isinstance(world, KrxWorld) else 400)


def account_works(world: AnyWorld) -> None:
    world.failing = set()


def unanswered(world: AnyWorld) -> None:
    since = world.now
    for errors in range(1, 6):
        world.give(tally(errors, since, until=world.now))
        world.run_for(61 if errors == 5 else 60)


def skewed(world: AnyWorld) -> None:
    world.give(tally(skew_s=-12))


def second_program(world: AnyWorld) -> None:
    world.command(TripGuard("a second program listens to the chat", is_conflict=True))


def broken_service(world: AnyWorld) -> None:
    world.command(TripGuard("the desk's service keeps failing"))


def nothing(_world: AnyWorld) -> None:
    """Nothing a desk could see."""


ACCOUNT_PROBE = {
    US: "an account read every 60 s",
    KRX: "an account read every 30 s (dry run: the indices)",
}
PROBE_S = {US: 60, KRX: 30}
RETRIES = "the reads that fail, after 2 to 30 s"
NEXT_DAY = "by itself with the next day; by hand once the cap is higher"


def _plain(desk: DeskName) -> Row:
    """What most rows of a desk have in common; a row names the rest."""
    return Row(
        condition="",
        desk=desk,
        trouble=Trouble.SERVICE,
        trips="",
        stops=LOTS if desk is US else ENTRIES,
        exits=SOCKET_US if desk is US else SOCKET_KRX,
        probe=NOBODY,
        release=MINUTE,
        begin=nothing,
        end=nothing,
    )


def _rows(desk: DeskName) -> dict[Trouble, Row]:
    """The rows that both desks have."""
    plain = _plain(desk)
    asked = replace(
        plain,
        stops=LOTS if desk is US else SCANS,
        probe=ACCOUNT_PROBE[desk],
        probe_every_s=PROBE_S[desk],
    )
    by_hand = replace(plain, release=BY_HAND, over_after_s=None, holds=False)
    rows = (
        replace(
            asked,
            condition="Errors in a row",
            trouble=Trouble.API,
            trips="10 calls of any kind",
            begin=erring,
            end=answered,
            measured="10 calls",
            limit="10 calls",
        ),
        replace(
            plain,
            condition="Socket failing",
            trouble=Trouble.STREAM,
            trips="3 failures within the regular session",
            exits=ASKED_US if desk is US else ASKED_KRX,
            probe="the socket itself, after 1 to 60 s",
            begin=dropping,
            end=back,
            measured="3 times",
            limit="3 times",
        ),
        replace(
            plain,
            condition="Account failing",
            trouble=Trouble.ACCOUNT,
            trips="10 reads in a row, or 5 minutes",
            probe=RETRIES,
            release="by itself, with the next answer",
            begin=account_fails,
            end=account_works,
            limit="10 reads, 300 s",
            over_after_s=0,
        ),
        replace(
            asked,
            condition="Silence",
            trouble=Trouble.SILENCE,
            trips="5 minutes of calls, 2 minutes apart at most, none answered",
            begin=unanswered,
            end=answered,
            measured="300 s",
            limit="300 s",
        ),
        replace(
            plain,
            condition="Clock",
            trouble=Trouble.CLOCK,
            trips="more than 10 s beside KIS's, three times in a row",
            probe="every answer",
            begin=skewed,
            end=answered,
            measured="-12 s",
            limit="10 s",
        ),
        replace(
            by_hand,
            condition="Second program",
            trouble=Trouble.CONFLICT,
            trips="Telegram's Conflict, twice",
            begin=second_program,
        ),
        replace(
            by_hand,
            condition="Desk's service",
            trouble=Trouble.SERVICE,
            trips="5 failures in 10 minutes",
            begin=broken_service,
        ),
    )
    return {row.trouble: row for row in rows}


BOTH = {desk: _rows(desk) for desk in (US, KRX)}
TABLE: tuple[Row, ...] = (
    replace(
        _plain(US),
        condition="Daily calls",
        trouble=Trouble.QUOTA,
        trips="4,500 of 5,000 calls (warning at 4,050)",
        release=NEXT_DAY,
        begin=spent,
        end=cap_raised,
        over_after_s=None,
    ),
    replace(
        _plain(KRX),
        condition="Daily calls",
        trouble=Trouble.QUOTA,
        trips="90 % of domestic.daily_limit (warning at 81 %)",
        release=NEXT_DAY,
        begin=spent,
        end=cap_raised,
        measured="900",
        limit="900",
        over_after_s=None,
    ),
    replace(
        _plain(KRX),
        condition="Sustained refusals",
        trouble=Trouble.REFUSALS,
        trips="EGW00201 on more than 5 % of the calls of 60 s, and on 3 at least",
        stops=SCANS,
        probe=ACCOUNT_PROBE[KRX],
        begin=refused,
        end=answered,
        measured="6 of 100 calls",
        limit="5 %",
        probe_every_s=30,
    ),
    *(BOTH[desk][trouble] for trouble in BOTH[US] for desk in (US, KRX)),
)


def row_of(trouble: Trouble, desk: DeskName) -> Row:
    """One row of the table."""
    return next(row for row in TABLE if (row.trouble, row.desk) == (trouble, desk))
