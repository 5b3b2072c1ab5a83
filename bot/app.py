"""Builds the PTB application and its hooks.

PTB hosts, but owns no task of ours: ``run_outbox`` and ``run_poll_watch`` are for the supervisor.
"""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass

from telegram import LinkPreviewOptions, Update
from telegram.constants import ParseMode
from telegram.error import TelegramError
from telegram.ext import ApplicationBuilder, Defaults, TypeHandler
from telegram.request import BaseRequest, HTTPXRequest

from bot import menu
from bot.alerts import Alerts
from bot.auth import Gate
from bot.card import LiveCard
from bot.chat import ChatSettings, ChatStores, Drills, HumanTime
from bot.courier import Courier
from bot.delivery import Delivery
from bot.digests import Digests
from bot.errors import LastResort
from bot.format import fact_state
from bot.format.markup import lines
from bot.format.start_notices import DEMO, guide, start_notices
from bot.handlers import GATE, Parts, add_commands
from bot.polling import App, PollStamp, watch_poller
from bot.preferences import Preferences
from bot.presenter import Presenter
from bot.reminders import Reminders
from bot.report_pictures import ReportPictures
from bot.report_reader import ReportReader
from bot.speech import Speaker
from bot.trade_cards import TradeCards
from bot.typed_secrets import Finds, looks_secret
from engine.ports.control import EngineControl
from engine.ports.logs import SelfReport
from reports.pictures.painter import Painter

_LOG = logging.getLogger(__name__)
_CHAT = "chat"


@dataclass(frozen=True, slots=True)
class Chat:
    """The parts of a built application that others may need."""

    settings: ChatSettings
    control: EngineControl
    preferences: Preferences
    speaker: Speaker
    alerts: Alerts
    card: LiveCard
    trade_cards: TradeCards
    gate: Gate
    stamp: PollStamp
    time: HumanTime
    notices: tuple[str, ...] = ()


def build_application(
    token: str,
    settings: ChatSettings,
    control: EngineControl,
    stores: ChatStores,
    time: HumanTime,
    *,
    notices: tuple[str, ...] = (),
    drills: Drills | None = None,
    report: SelfReport | None = None,
    finds_secret: Finds = looks_secret,  # what may not stand in the chat
    request: BaseRequest | None = None,
    poll_request: BaseRequest | None = None,
) -> App:
    """The application, not yet initialized. ``request``s stand in for httpx in tests."""
    stamp = PollStamp(poll_request or _transport(settings), time.monotonic, settings.late_after_s)
    app = _bare_application(token, settings, request or _transport(settings), stamp)
    preferences = Preferences(stores.values, settings.language)
    speaker = Speaker(app.bot, control, preferences, time)
    gate = Gate(settings, stores.values, preferences, time, speaker, finds_secret)
    reminders = Reminders(stores.outbox, preferences, settings, time)
    painter, courier = Painter(stores.books / "fonts"), Courier(app.bot, speaker)
    parts = Parts(
        *(settings, control, stores.nonces, preferences, speaker, courier),
        *(time, stamp.is_late, reminders, ReportReader(stores.books, control)),
        *(ReportPictures(painter, preferences, settings), drills, report, stamp.age_s),
    )
    presenter = add_commands(app, parts)
    app.add_handler(TypeHandler(Update, gate.check), group=GATE)
    app.add_error_handler(LastResort(speaker, control, preferences, time, settings.owner).handle)
    alerts = _alerts(parts, stores, presenter)
    card = LiveCard(speaker, control, stores.values, preferences, settings, time)
    trade_cards = TradeCards(
        *(stores.books, control, preferences, painter, courier), settings=settings, time=time
    )
    app.bot_data[_CHAT] = Chat(
        *(settings, control, preferences, speaker, alerts, card, trade_cards),
        *(gate, stamp, time, notices),
    )
    return app


def _alerts(parts: Parts, stores: ChatStores, presenter: Presenter) -> Alerts:
    """What tells of itself, and what may be pressed under it."""
    return Alerts(
        *(stores.outbox, parts.control, Delivery(stores.outbox, presenter, parts.speaker)),
        Digests(stores.books, parts.control, stores.outbox, parts.time),
        *(parts.reminders, parts.preferences),
        settings=parts.settings,
        time=parts.time,
    )


def _bare_application(
    token: str, settings: ChatSettings, request: BaseRequest, poll_request: BaseRequest
) -> App:
    """PTB as we want it, without a handler."""
    # RetryAfter warns in its own constructor until told that timedeltas are understood.
    os.environ.setdefault("PTB_TIMEDELTA", "true")
    defaults = Defaults(
        parse_mode=ParseMode.HTML, link_preview_options=LinkPreviewOptions(is_disabled=True)
    )
    return (
        ApplicationBuilder()
        .token(token)
        .base_url(settings.base_url)
        .base_file_url(settings.base_file_url)
        .request(request)
        .get_updates_request(poll_request)
        .defaults(defaults)
        .job_queue(None)
        .build()
    )


def chat_of(app: App) -> Chat:
    """What build_application put together."""
    chat = app.bot_data[_CHAT]
    if not isinstance(chat, Chat):
        raise TypeError("not an application of build_application")
    return chat


def chat_link(app: App) -> str:
    """Where the chat can be opened; Telegram's own address before the bot knows its name."""
    try:
        return f"https://t.me/{app.bot.username}"
    except RuntimeError:
        return "https://t.me"


def poll_age(app: App) -> float:
    """Seconds of human time since getUpdates was last answered."""
    return chat_of(app).stamp.age_s()


async def run_outbox(app: App) -> None:
    """Tell alerts for ever; a guard of the supervisor."""
    await chat_of(app).alerts.run()


async def run_digests(app: App) -> None:
    """Put digests into the outbox as they fall due, for ever; a guard of the supervisor."""
    await chat_of(app).alerts.digests.run()


async def run_poll_watch(app: App) -> None:
    """Restart a deaf poller, for ever; a guard of the supervisor."""
    chat = chat_of(app)
    await watch_poller(app, chat.stamp, chat.settings, chat.time)


async def post_init(app: App) -> None:
    """PTB hook: what is remembered of the chat."""
    chat = chat_of(app)
    await chat.preferences.load()
    await chat.card.load()


async def draw_menus(app: App) -> None:
    """The commands menus. Never raises for Telegram's sake."""
    chat = chat_of(app)
    lang = chat.preferences.lang
    await menu.draw_default(app.bot)
    for user_id in chat.settings.user_ids:
        await menu.draw(app.bot, user_id, lang)


def start_text(chat: Chat) -> str:
    """What is told of a start: modes, what holds the desk back, odd settings."""
    lang = chat.preferences.lang
    return lines(fact_state.started(chat.control.status(), lang), start_notices(chat.notices, lang))


def guide_text(chat: Chat) -> str | None:
    """What a newcomer may try; None outside a demo."""
    return guide(chat.preferences.lang) if DEMO in chat.notices else None


async def post_stop(app: App) -> None:
    """PTB hook: the farewell; the bot is still usable here."""
    chat = chat_of(app)
    await _tell_owner(chat, fact_state.stopping(chat.control.status(), chat.preferences.lang))
    try:
        await chat.card.close()
    except TelegramError as error:
        _LOG.warning("the card does not show the stop: %s", type(error).__name__)


async def _tell_owner(chat: Chat, text: str) -> None:
    owner = chat.settings.owner
    if owner is None:
        return
    try:
        await chat.speaker.say(owner, text)
    except TelegramError as error:
        _LOG.warning("owner not told of start or stop: %s", type(error).__name__)


def _transport(settings: ChatSettings) -> HTTPXRequest:
    return HTTPXRequest(
        connection_pool_size=16,
        connect_timeout=settings.connect_timeout_s,
        read_timeout=settings.read_timeout_s,
        write_timeout=settings.write_timeout_s,
        pool_timeout=settings.pool_timeout_s,
    )
