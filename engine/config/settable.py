"""What may be set from chat, under which names, and which direction is the riskier one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import Enum
from types import MappingProxyType

from engine.config.checks import Check
from engine.config.keys import CHECKS
from engine.config.shown import shown, value_text
from engine.errors import ConfigError


class Looser(Enum):
    """Which change asks for a confirmation."""

    NONE = "none"
    UP = "up"
    DOWN = "down"
    OTHER = "other"  # any change to a word that is riskier than the one before


@dataclass(frozen=True, slots=True)
class Settable:
    """One key of the chat. ``name`` is the short one, ``key`` the dotted one of the file."""

    name: str
    key: str
    example: str
    aliases: tuple[str, ...] = ()
    looser: Looser = Looser.NONE
    cautious_first: tuple[str, ...] = ()  # words from the careful one to the bold one

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
        return self.key == _TARGET

    def loosens(self, old: str, new: str) -> bool:
        """Whether the change sells more easily or widens a limit. Values that passed the check."""
        if self.looser is Looser.NONE:
            return False
        if self.looser is Looser.OTHER:
            order = self.cautious_first
            return order.index(_canonical(self, new)) > order.index(_canonical(self, old))
        before, after = self.check.read(old), self.check.read(new)
        # Only numbers move up and down; the table pairs them so, and a test walks it.
        is_higher = bool(after > before)  # type: ignore[operator]
        return before != after and is_higher == (self.looser is Looser.UP)


_TARGET = "order_settings.target_profit_rate"
_OS = "order_settings."

SETTABLE: tuple[Settable, ...] = (
    Settable("target", _TARGET, "3.0", ("목표", "목표수익률")),
    Settable("sell_price", _OS + "sell_price", "bid", ("매도가",)),
    Settable(
        "execution", _OS + "execution", "monitor", ("실행",), Looser.OTHER, ("monitor", "resting")
    ),
    Settable(
        *("include_costs", _OS + "include_costs", "true", ("costs", "비용"), Looser.OTHER),
        cautious_first=("true", "false"),
    ),
    Settable(
        *("existing", _OS + "existing_holdings", "ask", ("기존보유",), Looser.OTHER),
        cautious_first=("never", "ask", "always"),
    ),
    Settable(
        *("window_end", _OS + "at_window_end", "follow", (), Looser.OTHER),
        cautious_first=("cancel", "follow"),
    ),
    Settable("max_gain", _OS + "max_gain_pct", "15", (), Looser.UP),
    Settable("max_day_move", _OS + "max_day_move_pct", "30", (), Looser.UP),
    Settable("quote_age", _OS + "max_quote_age_s", "60", ("max_quote_age",), Looser.UP),
    Settable("reprice_after", _OS + "reprice_after_s", "5"),
    Settable("max_reprices", _OS + "max_reprices", "5", ("reprices",), Looser.UP),
    Settable("stale_gap", _OS + "stale_gap_pct", "0.3", (), Looser.UP),
    Settable("poll_min", "trading.polling_min_s", "3", ("polling_min",)),
    Settable("poll_max", "trading.polling_max_s", "10", ("polling_max",)),
    Settable("safe_per_hour", "rate_limit.safe_per_hour", "500", (), Looser.UP),
    Settable("safe_per_day", "rate_limit.safe_per_day", "4500", (), Looser.UP),
    Settable("fee", "costs.us_fee_pct", "0.25", ("us_fee", "수수료"), Looser.DOWN),
    Settable("language", "language", "ko", ("lang", "언어")),
)


def _index() -> Mapping[str, Settable]:
    found: dict[str, Settable] = {}
    for one in SETTABLE:
        last = one.key.rpartition(".")[2]
        for name in (one.name, one.key, last, *one.aliases):
            found[name] = one
    return MappingProxyType(found)


_BY_NAME = _index()


def find_settable(text: str) -> Settable | None:
    """By short name, alias, dotted key or its last part; case and hyphens do not matter."""
    return _BY_NAME.get(_folded(text))


def nearest_settable(text: str) -> str | None:
    """The short name most like a misspelt one."""
    found = get_close_matches(_folded(text), list(_BY_NAME), n=1, cutoff=0.5)
    return _BY_NAME[found[0]].name if found else None


def check_value(settable: Settable, text: str) -> str:
    """The value as it is stored. ConfigError names key, value and what is allowed."""
    try:
        return _canonical(settable, text)
    except ValueError:
        raise ConfigError(
            f"{settable.name}: {shown(text)} is not allowed; allowed: {settable.allowed}"
        ) from None


def _canonical(settable: Settable, text: str) -> str:
    return value_text(settable.check.read(text))


def _folded(text: str) -> str:
    return text.strip().casefold().replace("-", "_")
