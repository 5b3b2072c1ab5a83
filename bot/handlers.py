"""Joins commands and buttons to PTB: /stop in a group of its own, before all others.

Every handler runs with ``block=False``: nothing, least of all /stop, waits for another's answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from telegram import Message, Update
from telegram.ext import CallbackQueryHandler, CommandHandler, MessageHandler, filters

from bot import menu
from bot.chat import ChatSettings, Drills, HumanTime, Reply, Run
from bot.commands_act import ActCommands
from bot.commands_change import ChangeCommands
from bot.commands_drill import DrillCommands
from bot.commands_krx import KrxCommands
from bot.commands_logs import LogCommands
from bot.commands_mode import ModeCommands
from bot.commands_report import ReportCommands
from bot.commands_set import SetCommands
from bot.commands_stats import StatsCommands
from bot.commands_stop import StopCommands
from bot.commands_view import ViewCommands
from bot.confirm import Presses
from bot.courier import Courier
from bot.entry_cancel import EntryCancel
from bot.format import replies
from bot.format.command_list import BY_NAME, spoken
from bot.offers import Offers
from bot.plain_words import PlainWords
from bot.polling import App
from bot.preferences import Preferences
from bot.presenter import Presenter
from bot.reminders import Reminders
from bot.report_pictures import ReportPictures
from bot.report_reader import ReportReader
from bot.speech import Speaker
from engine.ports.chat_store import NonceStore
from engine.ports.control import EngineControl
from engine.ports.logs import SelfReport

GATE, STOP, REST = -1, 0, 1
_NEW = filters.UpdateType.MESSAGE
_KNOWN = re.compile(rf"/(?:{'|'.join(BY_NAME)})(?:@\w+)?(?:\s|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Parts:
    """What the commands are made of."""

    settings: ChatSettings
    control: EngineControl
    nonces: NonceStore
    preferences: Preferences
    speaker: Speaker
    courier: Courier
    time: HumanTime
    is_late: Callable[[int], bool]
    reminders: Reminders
    reader: ReportReader
    pictures: ReportPictures
    drills: Drills | None = None
    report: SelfReport | None = None
    poll_age: Callable[[], float] = float


def add_commands(app: App, parts: Parts) -> Presenter:
    """Register every command, word and button; returns what shows replies."""

    async def redraw(user_id: int) -> None:
        await menu.draw(app.bot, user_id, parts.preferences.lang)

    basics = (parts.control, parts.preferences, parts.settings.confirm_s)
    view = ViewCommands(parts.control, parts.preferences)
    stop = StopCommands(*basics)
    groups = (
        *(view, ActCommands(*basics), ChangeCommands(*basics), ModeCommands(*basics)),
        *(SetCommands(*basics, redraw), KrxCommands(*basics)),
        ReportCommands(parts.reader, parts.pictures, parts.preferences),
        StatsCommands(parts.reader, parts.preferences),
        LogCommands(*basics, parts.report, parts.poll_age, owner=parts.settings.owner),
        DrillCommands(parts.drills, parts.preferences, parts.control),
    )
    presses = {
        **stop.presses(),
        **parts.reminders.presses(),
        **EntryCancel(*basics).presses(),
    }
    runs: dict[str, Run] = {"stop": stop.stop}
    for group in groups:
        presses.update(group.presses())
        runs.update(group.commands())
    offers = Offers(parts.nonces, parts.time)
    speaker, preferences = parts.speaker, parts.preferences
    presenter = Presenter(offers, parts.control, speaker, parts.courier, preferences)
    buttons = Presses(
        *(offers, parts.control, speaker, preferences, presenter, presses), is_late=parts.is_late
    )
    for name, run in runs.items():
        _add(app, name, _Command(run, presenter, parts.preferences))
    app.add_handler(CallbackQueryHandler(buttons.pressed, block=False), group=STOP)
    unknown = _Unknown(PlainWords(*basics), presenter, parts.preferences)
    app.add_handler(
        MessageHandler(_NEW & ~filters.StatusUpdate.ALL, unknown.handle, block=False), group=REST
    )
    return presenter


def _add(app: App, name: str, command: _Command) -> None:
    group = STOP if name == "stop" else REST
    app.add_handler(CommandHandler(name, command.handle, filters=_NEW, block=False), group=group)
    if BY_NAME[name].words:
        said = _Spoken(name) & _NEW
        app.add_handler(MessageHandler(said, command.handle_spoken, block=False), group=group)


class _Spoken(filters.MessageFilter):
    """Texts without a slash that mean this command."""

    def __init__(self, name: str) -> None:
        super().__init__(f"spoken {name}")
        self._meant = name

    def filter(self, message: Message) -> bool:
        found = spoken(message.text or "")
        return found is not None and found[0] == self._meant


class _Command:
    """Joins one command to PTB."""

    def __init__(self, run: Run, presenter: Presenter, preferences: Preferences) -> None:
        self._run = run
        self._presenter = presenter
        self._preferences = preferences

    async def handle(self, update: Update, context: Any) -> None:
        """Run it and show its reply."""
        await self._answer(update, tuple(context.args or ()))

    async def handle_spoken(self, update: Update, _context: Any) -> None:
        """The same, said without a slash."""
        message = update.message
        found = None if message is None else spoken(message.text or "")
        await self._answer(update, () if found is None else found[1])

    async def _answer(self, update: Update, arguments: tuple[str, ...]) -> None:
        user = update.effective_user
        if user is None:
            return
        await self._preferences.load()
        try:
            reply = await self._run(arguments, user.id)
        except TimeoutError:
            reply = Reply(replies.no_answer(self._preferences.lang))
        await self._presenter.show(user.id, reply)


class _Unknown:
    """Answers what no command takes."""

    def __init__(self, words: PlainWords, presenter: Presenter, preferences: Preferences) -> None:
        self._words = words
        self._presenter = presenter
        self._preferences = preferences

    async def handle(self, update: Update, _context: Any) -> None:
        """The handler; known texts belong to other groups."""
        user, message = update.effective_user, update.message
        if user is None or message is None:
            return
        typed = message.text or ""
        if _KNOWN.match(typed) or spoken(typed):
            return
        await self._preferences.load()
        await self._presenter.show(user.id, self._words.answer(typed))
