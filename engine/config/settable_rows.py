"""One row of the table of what may be set from chat."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum

from engine.config.checks import Check
from engine.config.keys import CHECKS
from engine.config.shown import value_text

TARGET = "order_settings.target_profit_rate"


class Looser(Enum):
    """Which change asks for a confirmation."""

    NONE = "none"
    UP = "up"
    DOWN = "down"
    OTHER = "other"  # any change to a word that is riskier than the one before
    ANY = "any"  # neither direction is the careful one


class Group(StrEnum):
    """Menus of /set."""

    STAGES = "stages"
    WEIGHTS = "weights"
    ENTRY = "entry"
    EXITS = "exits"
    RISK = "risk"
    UNIVERSE = "universe"  # and the scan
    US = "us"
    CALLS = "calls"  # to KIS, of both desks
    LIVE = "live"  # what is asked for before real money
    CHAT = "chat"


@dataclass(frozen=True, slots=True)
class Settable:
    """One key of the chat. ``name`` is the short one, ``key`` the dotted one of the file."""

    name: str
    key: str
    example: str
    aliases: tuple[str, ...] = ()
    looser: Looser = Looser.NONE
    cautious_first: tuple[str, ...] = ()  # words from the careful one to the bold one
    group: Group = Group.US

    @property
    def check(self) -> Check:
        """The same one the file passes."""
        return CHECKS[self.key]

    @property
    def allowed(self) -> str:
        """For people."""
        return self.check.allowed

    @property
    def takes_symbol(self) -> bool:
        """Whether the value may be given for one symbol."""
        return self.key == TARGET

    def loosens(self, old: str, new: str) -> bool:
        """Whether the change sells more easily or widens a limit. Values that passed the check."""
        if self.looser is Looser.NONE:
            return False
        if self.looser is Looser.OTHER:
            order = self.cautious_first
            return order.index(self.canonical(new)) > order.index(self.canonical(old))
        before, after = self.check.read(old), self.check.read(new)
        if self.looser is Looser.ANY or before == after:
            return before != after
        if before is None or after is None:
            return after is None  # a limit that is switched off
        # Only numbers move up and down; the table pairs them so, and a test walks it.
        is_higher = bool(after > before)  # type: ignore[operator]
        return is_higher == (self.looser is Looser.UP)

    def canonical(self, text: str) -> str:
        """The one spelling of a value. Raises NotAllowed or ValueError."""
        return value_text(self.check.read(text))
