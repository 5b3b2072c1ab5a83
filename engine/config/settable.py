"""What may be set from chat, under which names, and which direction is the riskier one."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from types import MappingProxyType

from engine.config.domestic_settable import DOMESTIC
from engine.config.settable_rows import TARGET, Group, Looser, Settable
from engine.config.shown import shown
from engine.errors import ConfigError

_OS = "order_settings."
_NEAR = 0.6

SETTABLE: tuple[Settable, ...] = (
    Settable("target", TARGET, "3.0", ("목표", "목표수익률")),
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
    Settable("language", "language", "ko", ("lang", "언어"), group=Group.CHAT),
    Settable(
        *("krx_fee", "costs.krx_fee_pct", "0.015", ("국내수수료",), Looser.DOWN), group=Group.RISK
    ),
    *(
        Settable(name, key, example, (), Looser.UP, group=Group.CALLS)
        for name, key, example in (
            ("calls_per_second", "rate_limit.safe_per_second", "15"),
            ("us_daily_limit", "rate_limit.daily_limit", "5000"),
            ("krx_daily_limit", "domestic.daily_limit", "20000"),
        )
    ),
    *(
        Settable(f"live_{name}", f"live.{key}", example, (), looser, group=Group.LIVE)
        for name, key, example, looser in (
            ("days", "min_days", "3", Looser.DOWN),
            ("trades", "min_trades", "5", Looser.DOWN),
            ("small_krw", "small_order_krw", "300000", Looser.UP),
            ("round_trips", "small_round_trips", "5", Looser.DOWN),
        )
    ),
    *DOMESTIC,
)


def _index() -> Mapping[str, Settable]:
    """The last part of a key names the first that ends so; names of its own go before."""
    found: dict[str, Settable] = {}
    for one in SETTABLE:
        for name in (one.name, one.key, *one.aliases):
            found[name] = one
    for one in SETTABLE:
        found.setdefault(one.key.rpartition(".")[2], one)
    return MappingProxyType(found)


_BY_NAME = _index()


def find_settable(text: str) -> Settable | None:
    """By short name, alias, dotted key or its last part; case and hyphens do not matter."""
    return _BY_NAME.get(_folded(text))


def nearest_settable(text: str) -> str | None:
    """The short name most like a misspelt one; None where none is near."""
    found = get_close_matches(_folded(text), list(_BY_NAME), n=1, cutoff=_NEAR)
    return _BY_NAME[found[0]].name if found else None


def check_value(settable: Settable, text: str) -> str:
    """The value as it is stored. ConfigError names key, value and what is allowed."""
    try:
        return settable.canonical(text)
    except ValueError:
        raise ConfigError(
            f"{settable.name}: {shown(text)} is not allowed; allowed: {settable.allowed}"
        ) from None


def _folded(text: str) -> str:
    return text.strip().casefold().replace("-", "_")
