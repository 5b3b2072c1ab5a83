"""The last-resort handler: an id and a class to the owner, the rest to the log."""

from __future__ import annotations

import logging
import secrets
from typing import Any

from telegram import Update
from telegram.error import BadRequest, Conflict, NetworkError, RetryAfter, TelegramError

from bot.chat import HumanTime
from bot.format import replies
from bot.preferences import Preferences
from bot.speech import Speaker
from engine.model.commands import TripGuard
from engine.ports.control import EngineControl

_LOG = logging.getLogger(__name__)
_CONFLICTS_TO_STOP = 2
_STOP_AGAIN_S = 60.0
_TOGETHER_S = 600.0  # one now and one an hour later may both be our own earlier poll
_PROGRAM = 0  # nobody asked for it


class LastResort:
    """Handles what no handler handled; also polling errors, which come without an update."""

    def __init__(
        self,
        speaker: Speaker,
        control: EngineControl,
        preferences: Preferences,
        time: HumanTime,
        owner: int | None,
    ) -> None:
        self._speaker = speaker
        self._control = control
        self._preferences = preferences
        self._time = time
        self._owner = owner
        self._conflicts: list[float] = []
        self._stopped_at: float | None = None

    async def handle(self, update: object, context: Any) -> None:
        """PTB's error handler."""
        error = context.error
        if isinstance(error, Conflict):
            await self._conflict()
            return
        if _is_reach(error):
            # Telegram cannot be reached: telling it there is pointless, the poll age shows it.
            _LOG.warning("Telegram: %s", type(error).__name__)
            return
        error_id = secrets.token_hex(3)
        _LOG.error("error %s in the chat", error_id, exc_info=error)
        reader = _reader(update) or self._owner
        if reader is not None:
            text = replies.failed(error_id, type(error).__name__, self._preferences.lang)
            await self._tell(reader, text)

    async def _conflict(self) -> None:
        """Once may be our own earlier poll; twice is another program, and it may trade too.

        The desks tell the owner, and it is the owner who releases them.
        """
        now = self._time.monotonic()
        self._conflicts = [at for at in self._conflicts if now - at < _TOGETHER_S] + [now]
        is_new = self._stopped_at is None or now - self._stopped_at >= _STOP_AGAIN_S
        if len(self._conflicts) < _CONFLICTS_TO_STOP or not is_new:
            return
        self._stopped_at = now
        _LOG.error("a second program polls with this bot token")
        command = TripGuard("a second program listens to the chat", is_conflict=True)
        for desk in self._control.desks():
            try:
                await self._control.command(command, _PROGRAM, desk)
            except TimeoutError:
                _LOG.warning("%s has not answered yet", desk)

    async def _tell(self, user_id: int, text: str) -> None:
        try:
            await self._speaker.say(user_id, text)
        except TelegramError as error:
            _LOG.warning("error could not be told: %s", type(error).__name__)


def _is_reach(error: BaseException | None) -> bool:
    if isinstance(error, BadRequest):
        return False
    return isinstance(error, NetworkError | RetryAfter)


def _reader(update: object) -> int | None:
    """Whose update it was; only allowed users get so far."""
    if not isinstance(update, Update) or update.effective_user is None:
        return None
    return update.effective_user.id
