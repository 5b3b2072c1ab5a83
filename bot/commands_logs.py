"""/logs and /bundle: what the program wrote down of itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from bot.chat import Action, Attachment, Reply, Run, Verb
from bot.commands_act import confirm_rows
from bot.commands_view import usage
from bot.format import logs
from bot.format.markup import MAX_TEXT, plain, utf16_length
from bot.health import Ages, health_body
from bot.preferences import Preferences
from engine.ports.control import EngineControl
from engine.ports.logs import SelfReport

_DEFAULT, _MOST, _DIGITS = 20, 50, 2
_ROOM = 400  # for badge and sign


class LogCommands:
    """``report`` None: the process keeps no log. ``owner`` alone gets the bundle."""

    def __init__(
        self,
        control: EngineControl,
        preferences: Preferences,
        confirm_s: int,
        report: SelfReport | None,
        poll_age: Callable[[], float],
        *,
        owner: int | None,
    ) -> None:
        self._report = report
        self._control = control
        self._preferences = preferences
        self._poll_age = poll_age
        self._owner = owner
        self._confirm_s = confirm_s

    def commands(self) -> Mapping[str, Run]:
        """By name."""
        return {"logs": self.newest, "bundle": self.ask}

    def presses(self) -> Mapping[Verb, Run]:
        """By verb."""
        return {Verb.BUNDLE: self.bundle}

    async def newest(self, arguments: tuple[str, ...], _user_id: int) -> Reply:
        """/logs [n] [word]: a number of one or two digits is how many, anything else is sought."""
        lang = self._preferences.lang
        if self._report is None:
            return Reply(logs.unavailable(lang))
        limit, words = _DEFAULT, arguments
        if arguments and arguments[0].isascii() and arguments[0].isdigit():
            typed = arguments[0]
            if len(typed) <= _DIGITS:
                limit, words = int(typed), arguments[1:]
        if not 1 <= limit <= _MOST or len(words) > 1:
            return usage("logs", self._preferences)
        word = words[0] if words else ""
        entries = self._report.newest(limit, word)
        text = logs.newest(entries, word, lang)
        while entries and utf16_length(plain(text)) > MAX_TEXT - _ROOM:
            entries = entries[1:]  # the oldest go: what happened last is what is looked for
            text = logs.newest(entries, word, lang)
        return Reply(text)

    async def ask(self, _arguments: tuple[str, ...], user_id: int) -> Reply:
        """/bundle asks first, and only the owner."""
        lang = self._preferences.lang
        if self._report is None:
            return Reply(logs.unavailable(lang))
        if user_id != self._owner:
            return Reply(logs.owner_only(lang))
        rows = confirm_rows(Action(Verb.BUNDLE), self._preferences)
        return Reply(logs.ask_bundle(lang), rows, self._confirm_s)

    async def bundle(self, _arguments: tuple[str, ...], user_id: int) -> Reply:
        """[확인] under it."""
        lang = self._preferences.lang
        if self._report is None or user_id != self._owner:
            return Reply(logs.owner_only(lang))
        _, health = health_body(self._control.status(), Ages(self._poll_age()))
        try:
            content = await self._report.bundle(json.dumps(health, indent=1, default=str))
        except OSError:
            return Reply(logs.bundle_failed(lang))
        name = f"dolpa-bundle-{self._control.now():%Y%m%d-%H%M}.zip"
        text = logs.bundled(len(content), lang)
        return Reply(text, attachments=(Attachment(name, content),))
