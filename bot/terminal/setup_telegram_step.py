"""The wizard's questions about Telegram: the bot's token, and pairing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from telegram import User

from bot.chat import HumanTime
from bot.terminal import setup_words as words
from bot.terminal.setup_answers import Answers
from bot.terminal.setup_telegram import (
    CODE_LIFE_S,
    Addresses,
    Troubled,
    check_token,
    identify,
    link,
    new_code,
    pair,
)
from engine.adapters.secrets import USERS, checked

TOKEN = "TELEGRAM_BOT_TOKEN"  # noqa: S105 - a name


class TelegramSteps:
    """Gives what is new by name. ``kept``: what is there already, and where."""

    def __init__(
        self,
        answers: Answers,
        kept: Mapping[str, tuple[str, str]],
        addresses: Addresses,
        time: HumanTime,
    ) -> None:
        self._answers = answers
        self._kept = kept
        self._addresses = addresses
        self._time = time

    def run(self, say_step: Callable[[int], None]) -> dict[str, str]:
        """Both steps."""
        say_step(1)
        token, username = self._bot()
        fresh = {} if token == self._kept.get(TOKEN, ("", ""))[0] else {TOKEN: token}
        say_step(2)
        return fresh | self._users(token, username, is_new_bot=bool(fresh))

    def _bot(self) -> tuple[str, str]:
        answers, lang = self._answers, self._answers.lang
        text, where = self._kept.get(TOKEN, ("", ""))
        if text and TOKEN not in answers.given:
            question = words.keep_what_is_there(TOKEN, where, lang)
            if answers.yes(question, default=True):
                try:
                    return self._known(text)
                except Troubled as error:
                    answers.tell(error)
        return answers.until_right(answers.hidden(TOKEN, words.ask_token(lang)), self._known)

    def _known(self, token: str) -> tuple[str, str]:
        check_token(token)
        username = asyncio.run(identify(token, self._addresses))
        self._answers.console.say(words.bot_found(username, self._answers.lang))
        return token, username

    def _users(self, token: str, username: str, *, is_new_bot: bool) -> dict[str, str]:
        answers = self._answers
        given = answers.given.get(USERS, "")
        if given:
            return {USERS: checked(USERS, given)}
        text, where = self._kept.get(USERS, ("", ""))
        if text and not is_new_bot:
            question = words.keep_what_is_there(USERS, where, answers.lang)
            if answers.yes(question, default=True):
                return {}
        return {USERS: answers.until_right(str, lambda _: self._paired(token, username))}

    def _paired(self, token: str, username: str) -> str:
        answers, code = self._answers, new_code()
        minutes = int(CODE_LIFE_S // 60)

        async def show_and_wait() -> User:
            # Shown by the loop: a Ctrl-C that answers it is the loop's to take, none is lost.
            shown = words.pair_now(username, code, link(username, code), minutes, answers.lang)
            answers.console.say(shown)
            return await pair(
                *(token, self._addresses, code, self._time),
                tell=lambda trouble: answers.console.say(answers.shown(Troubled(trouble))),
                greeting=words.PAIRED_GREETING,
            )

        user = asyncio.run(show_and_wait())
        answers.console.say(words.paired(user.id, answers.lang))
        return str(user.id)
