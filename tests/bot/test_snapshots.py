"""Every message as a text file, reviewed like code. DOLPA_WRITE_SNAPSHOTS=1 rewrites them."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import get_args, get_origin

import pytest

from bot.format import (
    account,
    alert_settings,
    asking,
    badge,
    command_list,
    digest,
    drill,
    fact_day,
    fact_state,
    held,
    hints,
    logs,
    positions,
    quota,
    reloaded,
    replies,
    report,
    report_asked,
    report_symbols,
    second,
    settings,
    start_notices,
    stats,
    status,
    stopping,
    typed_secret,
)
from bot.format.facts import tell
from bot.format.kinds import DEFAULTS, AlertKind, Loudness, kind_of, name
from bot.format.lang import Lang
from bot.format.markup import plain
from engine.model.commands import Choice, CommandAnswered, Refusal
from engine.model.day_facts import DaySummary, Window
from engine.model.facts import AnyFact
from engine.model.ids import DeskName, DeskState, Mode, Qty
from engine.model.mismatches import MismatchSettled
from engine.model.orders import OrderReason, OrderState
from engine.model.receipts import Denial
from engine.model.state_facts import Trouble
from engine.model.status import StreamView
from engine.model.views import (
    BalanceView,
    SettingChange,
)
from engine.ports.control import StopKind
from tests.bot import report_samples
from tests.bot.cards import cards
from tests.bot.html_check import check_message
from tests.bot.krx_messages import krx_messages
from tests.bot.krx_samples import KRX_NAMES, krx_facts
from tests.bot.mode_messages import mode_messages
from tests.bot.report_messages import report_messages
from tests.bot.samples import (
    AAPL,
    LOG_LINE,
    NOW,
    OWN_TARGETS,
    SETTINGS,
    SETTLED,
    UNTOLD,
    all_facts,
    balance_view,
    falling,
    latched,
    order_view,
    position,
    question,
    sale,
    status_view,
    us_view,
    usd,
)

FOLDER = Path(__file__).resolve().parent.parent / "snapshots"
IS_WRITING = os.environ.get("DOLPA_WRITE_SNAPSHOTS") == "1"
NAMES = {AAPL: "애플"}
NOTICES = (
    "live_needs_confirmation", "live:no_keys", "dry_run:no_keys",
    "paper:no_keys", "no_hts_id", "us_disabled", "krx_disabled", "token_in_memory",
    "old_key:KIS_APP_SECRET:97",
    "kakao_no_keys", "kakao_in_memory",
    "restored:2026-11-20T03:00:00+00:00",
)  # fmt: skip
RUNNING, EXITS_ONLY = DeskState.RUNNING, DeskState.EXITS_ONLY
CHANGE = SettingChange(
    *("order_settings.target_profit_rate", "3.0", "1.5"),
    loosens=False,
    qualifying=(position(), falling()),
)
OWN = replace(CHANGE, new="5", symbol=AAPL)
BACK = replace(OWN, old="5", new="3.0", was_own=True, is_back=True)


def views(lang: Lang) -> dict[str, str]:
    troubled = replace(
        latched(EXITS_ONLY, EXITS_ONLY),
        stream=StreamView(connected=False, last_frame_age_s=None, registrations=0),
        journal_ok=False,
        unresolved_orders=1,
    )
    assert troubled.us is not None
    troubled = replace(troubled, us=replace(troubled.us, troubles=(Trouble.STREAM, "KIS <500>")))
    premarket = replace(us_view(), window=Window.PREMARKET, poll_interval_s=Decimal("4.25"))
    asleep = replace(us_view(), window=Window.ASLEEP, positions=(), orders=(), next_change=None)
    bare = replace(position(), last_price=None, priced_at=None, gain_pct=None, name="")
    reached = replace(position(), last_price=usd("207"), gain_pct=Decimal("3.24"))
    no_cash = BalanceView(None, None, None, usd("0"), None)
    day_summary = krx_facts()["krx_day_summary"]
    assert isinstance(day_summary, DaySummary)
    states = tuple(order_view(state) for state in OrderState)
    return {
        "status": status.status(status_view(), lang),
        "status_troubled": status.status(troubled, lang),
        "status_premarket": status.status(replace(status_view(), us=premarket), lang),
        "status_asleep": status.status(replace(status_view(), us=asleep), lang),
        "status_disabled": status.status(replace(status_view(), us=None), lang),
        "quota": quota.quota(status_view().quota, lang),
        "version": status.version(status_view(), lang),
        "positions": held.positions(status_view(), lang),
        "positions_bare": held.positions(
            replace(status_view(), us=replace(us_view(), positions=(bare, reached))), lang
        ),
        "positions_none": held.positions(
            replace(status_view(), us=replace(asleep, holdings_at=None)), lang
        ),
        "positions_disabled": held.positions(replace(status_view(), us=None), lang),
        "orders": positions.orders(states, NAMES, lang),
        "orders_none": positions.orders((), NAMES, lang),
        "balance": account.balance(balance_view(), NOW, lang, None),
        "balance_unread": account.balance(no_cash, NOW, lang, None),
        "trades": account.trades(
            (
                *(sale(), sale(by_bot=False)),
                replace(sale(), reason=OrderReason.MANUAL),
                replace(sale(), entry_fee=None),
            ),
            NAMES,
            lang,
        ),
        "trades_none": account.trades((), NAMES, lang),
        "stats": stats.stats(DeskName.KRX, (report_samples.krx(), report_samples.empty()), lang),
        "digest_month": digest.period(report_samples.digest(), lang),
        "digest_week": digest.period(report_samples.week(), lang),
        "digest_day": fact_day.day_summary(day_summary, lang, report_samples.digest()),
        "stats_us": stats.stats(DeskName.US, (report_samples.us(), report_samples.us_year()), lang),
        "stats_none": stats.stats(DeskName.US, (), lang),
        "stats_reasons": stats.reasons(report_samples.krx(), lang),
        "stats_reasons_none": stats.reasons(report_samples.empty(), lang),
        "stats_further": stats.further(lang),
        "report_krx": report.report(report_samples.krx(), lang),
        "report_us": report.report(report_samples.us(), lang),
        "report_empty": report.report(report_samples.empty(), lang),
        "report_agreed": report.report(report_samples.agreed(), lang),
        "report_differing": report.report(report_samples.differing(), lang),
        "report_by_hand": report.report(report_samples.by_hand(), lang),
        "report_without_cost": report.report(report_samples.without_cost(), lang),
        "report_waiting": report.report(report_samples.waiting(), lang),
        "report_on_paper": report.report(report_samples.on_paper(), lang),
        "report_none": report.nothing(DeskName.KRX, lang),
        "report_menu": report.which(lang),
        "report_unreadable": report.unreadable(lang),
        "report_symbols": report_symbols.symbols(report_samples.us(), 0, lang),
        "report_symbols_none": report_symbols.symbols(report_samples.empty(), 0, lang),
        "report_no_such_day": report_asked.no_such_day(lang),
        "report_backwards": report_asked.backwards(lang),
        "report_future": report_asked.future(NOW.date(), lang),
        "report_switched_off": report_asked.switched_off(DeskName.KRX, lang),
        "report_files_not_sent": replies.files_not_sent(lang),
        "report_files_too_large": replies.files_too_large(("krx-live-all-fills.csv",), lang),
        "started": fact_state.started(status_view(), lang),
        "started_held_back": fact_state.started(latched(EXITS_ONLY, RUNNING), lang),
        "stopping": fact_state.stopping(status_view(), lang),
    }


def questions(lang: Lang) -> dict[str, str]:
    both = (position(), falling())
    guarded = latched(EXITS_ONLY, EXITS_ONLY).us
    halted = latched(DeskState.HALTED, RUNNING)
    nobody = replace(status_view(), us=None)
    assert guarded is not None
    return {
        **mode_messages(lang),
        **report_messages(lang),
        "ask_sell": asking.sell(position(), Qty(5), lang),
        "ask_sell_all_of_one": asking.sell(position(), None, lang),
        "ask_sell_after_all": asking.sell_after_all(question(), position(), NOW, lang),
        "ask_sellall": asking.sell_all(both, 1, lang),
        "ask_resume": asking.resume([(DeskName.US, guarded)], lang),
        "ask_release": asking.release_guard(DeskName.US, guarded, lang),
        "ask_stop": stopping.menu(status_view(), lang),
        "ask_stop_halted": stopping.menu(halted, lang),
        "ask_stop_program": stopping.ask_program(
            replace(status_view(), us=replace(us_view(), positions=())), lang
        ),
        "ask_stop_program_halted": stopping.ask_program(halted, lang),
        "ask_stop_program_unknown": stopping.ask_program(nobody, lang),
        **{f"stopped_{kind}": stopping.stopped(kind, status_view(), lang) for kind in StopKind},
        "stopped_entries_halted": stopping.stopped(StopKind.ENTRIES, halted, lang),
        "ask_loosening": settings.ask_loosening(CHANGE, "", lang),
        "ask_qualifying": settings.ask_qualifying(CHANGE, "", lang),
        **{f"refusal_{refusal}": asking.outcome("AAPL", refusal, lang) for refusal in Refusal},
        "outcome_done": asking.outcome("AAPL", None, lang),
        "paused": stopping.paused(latched(EXITS_ONLY, RUNNING), [DeskName.US], lang),
        "paused_halted": stopping.paused(halted, [DeskName.US], lang),
        "paused_disabled": stopping.paused(nobody, [DeskName.US], lang),
        "pick_to_sell": asking.pick_to_sell(lang),
        "pick_to_cancel": asking.pick_to_cancel(lang),
        "which_symbol": asking.which_symbol("소프트", lang),
    }


def short(lang: Lang) -> dict[str, str]:
    return {
        "welcome": replies.welcome(
            lang, positions.mode_line(status_view().modes, lang), asking.responsibility(lang)
        ),
        "help": command_list.help_text(lang),
        "usage": replies.usage("sell", "SYMBOL [QTY|%]", "/sell AAPL 50%", lang),
        "unknown_command": replies.unknown_command("/statsu <b>", "status", lang),
        "unknown_health": replies.unknown_command("/health", "status", lang),
        "unknown_help": replies.unknown_command("/halp", "help", lang),
        "hint_sale": hints.sale("AAPL 팔아", "AAPL", "50%", lang),
        "hint_sale_by": hints.sale_by("전부 팔아", "sellall", lang),
        "hint_stop_loss": hints.stop_loss("AAPL 2%", lang),
        "hint_stock": hints.stock("삼성전자", lang, is_korean=True),
        "hint_us_stock": hints.us_stock("AAPL", lang, is_held=True),
        "hint_us_stock_not_held": hints.us_stock("TSLA", lang, is_held=False),
        "unknown_symbol": replies.unknown_symbol("NOPE", (AAPL,), lang),
        "expired": replies.expired(lang),
        "working": replies.working(lang),
        "dismissed": replies.dismissed(lang),
        "skipped": replies.skipped("/sellall", timedelta(minutes=3), lang),
        "edited": replies.edited(lang),
        "strangers": replies.strangers(3, lang),
        "no_answer": replies.no_answer(lang),
        "no_buttons": replies.no_buttons(lang),
        "desk_disabled": replies.desk_disabled(DeskName.US, lang),
        "failed": replies.failed("a1b2c3", "ValueError", lang),
        "refresh_failed": replies.refresh_failed(lang),
        "language": replies.language(lang),
        "repeated": replies.repeated(lang),
        "reminder": replies.reminder(3, lang),
        "acknowledged": replies.acknowledged(lang),
        "drill_menu": drill.menu(lang),
        "drill_no_demo": drill.no_demo(lang),
        "drill_not_done": drill.not_done(lang),
        "drill_ended": drill.ended(drill.Drill.SOCKET, lang),
        "drill_ended_calls": drill.ended(drill.Drill.CALLS, lang),
        **{f"drill_{one}": drill.begun(one, lang) for one in drill.Drill},
        "other_mode": replies.other_mode(Mode.DRY_RUN, Mode.PAPER, lang),
        "skipped_press": replies.skipped_press(lang.pick("팔기", "Sell"), lang),
        "reloaded": reloaded.reloaded(("us.target",), ("health.port", "mode"), lang),
        "reload_refused": reloaded.refused(
            "config.yaml: us.target: <0> is not allowed; allowed: 0.1-50", lang
        ),
        "logs": logs.newest((LOG_LINE, LOG_LINE), "AAPL", lang),
        "logs_nothing": logs.newest((), "AAPL", lang),
        "logs_unavailable": logs.unavailable(lang),
        "bundle_ask": logs.ask_bundle(lang),
        "bundle": logs.bundled(123_456, lang),
        "bundle_failed": logs.bundle_failed(lang),
        "bundle_owner_only": logs.owner_only(lang),
        "demo_guide": start_notices.guide(lang),
        "start_notices": start_notices.start_notices((*NOTICES, "unheard_of"), lang) or "",
        **{f"second_denied_{one}": second.denied(one, lang) for one in Denial},
        "second_spent": second.spent(lang),
        "second_again": second.again(lang),
        "second_brief": second.brief(tell(all_facts()["order_filled"], lang) or "", 3, 200, lang),
        "typed_secret_removed": typed_secret.removed(lang),
        "typed_secret_still_there": typed_secret.still_there(lang),
        "settings_groups": settings.groups(lang),
        "settings_menu": settings.menu("us", SETTINGS[:3], lang),
        "settings_contradict": settings.refused(
            "trail", "2.5", "below domestic.exit.trailing_arm_pct (2.5)", "trail 1.2", lang
        ),
        "settings_weights": settings.refused("weights", "1,2", "together 100", "weights 1", lang),
        "settings_config": "\n".join(settings.config(SETTINGS, lang)),
        "settings_key": settings.config_key(SETTINGS[0], SETTINGS, lang),
        "settings_key_own": settings.config_key(SETTINGS[0], (*SETTINGS, *OWN_TARGETS), lang),
        "settings_key_won": settings.config_key(SETTINGS[4], SETTINGS, lang),
        "settings_key_of_file": settings.config_key(SETTINGS[-1], SETTINGS, lang),
        "settings_changed": settings.changed(CHANGE, "", lang, is_new_only=True),
        "settings_changed_own": settings.changed(OWN, "애플", lang, is_new_only=False),
        "settings_changed_back": settings.changed(BACK, "애플", lang, is_new_only=False),
        "settings_not_held": settings.not_held("APPL", lang),
        "settings_refused": settings.refused("target", "99", "0.1 - 50", "target 3.0", lang),
        "settings_nothing_back": settings.refused(
            *("target", "off", "0.1 - 50 (%); it has no target of its own", "3.0"), lang
        ),
        "settings_back_in_file": settings.refused(
            *("target", "off", "0.1 - 50 (%); its own target stands in config.yaml", "3.0"), lang
        ),
        "settings_unknown": settings.unknown_key("tagret", "target", lang),
        "alerts": alert_settings.overview(DEFAULTS, "23:00-07:00", lang),
        "alerts_changed": alert_settings.changed(AlertKind.ORDER, Loudness.OFF, lang),
        "alerts_never_muted": alert_settings.never_muted(AlertKind.ERROR, lang),
        "quiet_none": alert_settings.quiet_line(None, lang),
    }


def alerts(lang: Lang) -> dict[str, str]:
    told = {f"alert_{key}": tell(fact, lang, NAMES) for key, fact in all_facts().items()}
    for key, fact in krx_facts().items():
        told[f"alert_{key}"] = tell(fact, lang, KRX_NAMES, DeskName.KRX)
    return {key: text for key, text in told.items() if text is not None}


def all_messages(lang: Lang) -> dict[str, str]:
    every = {**views(lang), **cards(lang), **questions(lang), **short(lang), **alerts(lang)}
    told = {key: badge.under_badge(text, Mode.DRY_RUN, "", lang) for key, text in every.items()}
    modes = {DeskName.KRX: Mode.PAPER, DeskName.US: Mode.DRY_RUN}
    for key, text in krx_messages(lang).items():
        told[key] = badge.under_badge(text, modes, "", lang)
    return told


@pytest.mark.parametrize("lang", list(Lang))
def test_messages_are_as_reviewed(lang: Lang) -> None:
    folder = FOLDER / lang
    messages = all_messages(lang)
    if IS_WRITING:
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("*.txt"):
            old.unlink()
        for key, text in messages.items():
            (folder / f"{key}.txt").write_text(text + "\n", encoding="utf-8")
    kept = {
        path.stem: path.read_text(encoding="utf-8").removesuffix("\n")
        for path in folder.glob("*.txt")
    }
    assert messages == kept


@pytest.mark.parametrize("lang", list(Lang))
def test_messages_are_valid_and_short(lang: Lang) -> None:
    for text in all_messages(lang).values():
        check_message(text)


def test_english_has_no_korean_but_names_and_what_kis_says() -> None:
    foreign = (
        *NAMES.values(),
        *report_samples.NAMES.values(),
        "마이크로소프트",
        *("AAPL 팔아", "전부 팔아"),
        "KIS 고시",
        "장운영시간이 아닙니다",
        "주문>",
        "소프트",
        *KRX_NAMES.values(),
        "하이닉스",
        start_notices.INVENTED,
        "주문가능금액 초과",
    )
    english = all_messages(Lang.EN)
    assert all_messages(Lang.KO).keys() == english.keys()
    for key, text in english.items():
        shown = plain(text).partition("Words without a slash")[0]
        for word in foreign:
            shown = shown.replace(word, "")
        assert not any("가" <= char <= "힣" for char in shown), key


def test_korean_has_no_english_sentences() -> None:
    for key, text in all_messages(Lang.KO).items():
        prose = re.sub(r"<code>.*?</code>|/[a-z]+ .*|python3 run.py stop", "", text)
        found = re.findall(r"[a-z]{2,} [a-z]{2,}", plain(prose))
        assert not found, (key, found)


@pytest.mark.parametrize("lang", list(Lang))
def test_an_accepted_order_is_never_called_a_fill(lang: Lang) -> None:
    text = tell(all_facts()["order_accepted"], lang)
    assert text is not None
    assert "체결" not in text
    assert "fill" not in text
    assert "sold" not in text


def test_only_executions_speak_of_fills() -> None:
    for key, text in alerts(Lang.KO).items():
        if "_filled" not in key:
            assert "체결" not in text, key


def test_every_kind_of_fact_is_told_and_has_a_kind() -> None:
    kinds = {type(fact) for fact in (*all_facts().values(), *krx_facts().values())}
    assert kinds == {get_origin(kind) or kind for kind in get_args(AnyFact)} - {
        CommandAnswered,
        MismatchSettled,
    }
    assert tell(UNTOLD, Lang.KO) is None
    assert kind_of(UNTOLD) is None
    assert tell(SETTLED, Lang.KO) is None
    assert kind_of(SETTLED) is None
    for fact in (*all_facts().values(), *krx_facts().values()):
        assert kind_of(fact) is not None


def test_every_kind_has_a_name_in_both_languages() -> None:
    for kind in AlertKind:
        assert name(kind, Lang.KO) != name(kind, Lang.EN)


def test_a_question_shows_both_figures() -> None:
    text = tell(question(), Lang.KO)
    assert text is not None
    assert "$645.10" in text
    assert "$94.97" in text
    assert Choice.MANAGE in question().choices


def test_long_lists_are_cut_and_say_so() -> None:
    many = replace(status_view(), us=replace(us_view(), positions=(position(),) * 50))
    text = held.positions(many, Lang.KO)
    check_message(text)
    assert "외 38개" in text
    check_message(account.trades((sale(),) * 500, NAMES, Lang.KO))
    check_message(positions.orders((order_view(),) * 500, NAMES, Lang.KO))


def test_every_setting_is_shown_however_many_there_are() -> None:
    texts = settings.config(SETTINGS * 100, Lang.KO)
    assert sum(text.count("·") for text in texts) == len(SETTINGS) * 100
    for text in texts:
        check_message(badge.under_badge(text, Mode.LIVE, "x" * 40, Lang.KO))
