"""What the chat says on the way into another mode, for the snapshots."""

from __future__ import annotations

from dataclasses import replace

from bot.format import modes
from bot.format.lang import Lang
from engine.model.ids import DeskName, Mode
from engine.model.live import CheckItem, Finding, LiveCheck, Verdict
from engine.model.views import SettingView
from tests.bot.krx_samples import won
from tests.bot.samples import SETTINGS

KRX, US = DeskName.KRX, DeskName.US
_MEASURED = {
    CheckItem.CLOCK: ("+0 s", "5 s"),
    CheckItem.CALENDAR: ("400", "30"),
    CheckItem.DISK: ("8123 MB", "200 MB"),
    CheckItem.NO_DOUBT: ("0", "0"),
    CheckItem.DAYS: ("3", "3"),
    CheckItem.TRADES: ("12", "5"),
}
_LACKING = {CheckItem.DAYS: ("1", "3"), CheckItem.TRADES: ("0", "5")}
_FAILED = {
    CheckItem.TOKEN: ("no token; not asking again yet", ""),
    CheckItem.ACCOUNT: ("no answer", ""),
    CheckItem.CLOCK: ("no time told", "5 s"),
    CheckItem.CALENDAR: ("12", "30"),
    CheckItem.DATABASE: ("live.db is of another account", ""),
    CheckItem.DISK: ("180 MB", "200 MB"),
    CheckItem.LIMITS: ("no daily loss limit", ""),
    CheckItem.RECONCILED: ("account not read, shares are missing", ""),
    CheckItem.NO_DOUBT: ("2", "0"),
}
_REFUSALS = (
    *("no_keys", "already", "order_in_flight", "positions_held", "disabled", "book_unreadable"),
    *("checklist", "small", "called_off"),
)
_KRX_SETTINGS = tuple(
    SettingView(name, value, "default", "", "", settable=True, file_key=f"risk.{key}")
    for name, key, value in (
        ("max_order", "max_order_krw", "2000000"),
        ("max_loss", "max_daily_loss_pct", "2.0"),
        ("max_loss_krw", "max_daily_loss_krw", "null"),
        ("max_positions", "max_positions", "5"),
        ("max_trades", "max_trades", "10"),
    )
)


def live_check(*, lacks: bool = False, fails: bool = False, desk: DeskName = US) -> LiveCheck:
    """As the engine finds it."""
    findings = {item: Finding(item, Verdict.WELL) for item in CheckItem}
    found = [(_MEASURED, Verdict.WELL)]
    found += [(_LACKING, Verdict.LACKING)] if lacks else []
    found += [(_FAILED, Verdict.FAILED)] if fails else []
    for figures, verdict in found:
        for item, pair in figures.items():
            findings[item] = Finding(item, verdict, *pair)
    small = won(300_000) if desk is KRX else None
    return LiveCheck(
        tuple(findings.values()),
        is_blocked=fails,
        is_small=lacks,
        small_order=small,
        small_round_trips=5,
    )


def mode_messages(lang: Lang) -> dict[str, str]:
    """By the name of the file."""
    well, small = live_check(), live_check(lacks=True, desk=KRX)
    at_once = replace(small, small_round_trips=0)
    small_us, failed = live_check(lacks=True), live_check(lacks=True, fails=True)
    return {
        "ask_mode_paper": modes.change(US, Mode.DRY_RUN, Mode.PAPER, SETTINGS, 90, lang),
        "ask_mode_live": modes.go_live(US, Mode.DRY_RUN, well, SETTINGS, 90, lang),
        "ask_mode_live_krx": modes.go_live(KRX, Mode.PAPER, small, _KRX_SETTINGS, 60, lang),
        "ask_mode_live_small": modes.go_live_small(KRX, small, 60, lang),
        "ask_mode_live_at_once": modes.go_live_small(KRX, at_once, 60, lang),
        "ask_mode_live_small_us": modes.go_live_small(US, small_us, 60, lang),
        "mode_blocked": modes.blocked(US, failed, lang),
        **{f"mode_refused_{why[:8]}": modes.refused(why, lang) for why in _REFUSALS},
        "mode_switched": modes.switched(US, Mode.PAPER, None, lang),
        "mode_switched_small": modes.switched(KRX, Mode.LIVE, small, lang),
    }
