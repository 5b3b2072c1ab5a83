"""The wizard's questions about KIS: two sets of keys, the HTS id."""

from __future__ import annotations

from collections.abc import Mapping

from bot.format import words as names_of
from bot.format.lang import Lang
from bot.terminal import setup_words as words
from bot.terminal.setup_answers import Answers
from bot.terminal.setup_kis import PAPER, PASSING, REAL, SideNames, check_keys, check_shape
from bot.terminal.setup_telegram import Troubled
from bot.terminal.troubles import Trouble, explain_broker
from engine.adapters.secrets import checked
from engine.errors import BrokerError, ConfigError
from engine.model.ids import DeskName
from engine.wiring.first_contact import FirstContact

HTS_ID = "KIS_HTS_ID"


class KeySteps:
    """Gives what is new by name. ``kept``: what is there already, and where."""

    def __init__(
        self, answers: Answers, kept: Mapping[str, tuple[str, str]], contact: FirstContact
    ) -> None:
        self._answers = answers
        self._kept = kept
        self._contact = contact

    def run(self) -> dict[str, str]:
        """Real and paper; at least one of them."""
        while True:
            fresh: dict[str, str] = {}
            is_there = False
            for names in (REAL, PAPER):
                found = self._side(names)
                is_there = is_there or found is not None
                fresh |= found or {}
            if is_there:
                return fresh
            if not self._answers.is_attended:
                raise ConfigError(words.missing("KIS_APP_KEY", "KIS_APP_KEY=…", self._lang))
            self._answers.console.say(words.one_side_is_needed(self._lang))

    def hts_id(self) -> dict[str, str]:
        """Optional; what it is good for only the socket can tell."""
        answers = self._answers
        if given := answers.given.get(HTS_ID, ""):
            return {HTS_ID: answers.until_right(answers.hidden(HTS_ID, "", given), _hts_id)}
        text, where = self._kept.get(HTS_ID, ("", ""))
        if text and answers.yes(words.keep_what_is_there(HTS_ID, where, self._lang), default=True):
            return {}
        if not answers.is_attended:
            return {}
        typed = answers.until_right(
            lambda: answers.console.ask_hidden(words.ask_hts_id(self._lang)),
            _hts_id,
        )
        return {HTS_ID: typed} if typed else {}

    def _side(self, names: SideNames) -> dict[str, str] | None:
        """What is new; None where this side stays without keys."""
        answers, lang = self._answers, self._lang
        is_given = any(answers.given.get(name) for name in names.all)
        is_kept = all(name in self._kept for name in names.all)
        if is_kept and not is_given:
            where = self._kept[names.key][1]
            listed = ", ".join(names.all)
            if answers.yes(words.keep_what_is_there(listed, where, lang), default=True):
                return {}
        elif not is_given:
            is_real = names is REAL
            question = words.ask_side(is_paper=not is_real, is_default=is_real, lang=lang)
            if not answers.is_attended or not answers.yes(question, default=is_real):
                return None
        return self._asked(names)

    def _asked(self, names: SideNames) -> dict[str, str]:
        """Keys that KIS takes; what may be wrong is asked again."""
        values: dict[str, str] = {}
        given = dict(self._answers.given)
        to_ask: tuple[str, ...] = names.all
        while True:
            for name in to_ask:
                values[name] = self._value(names, name, given.pop(name, ""))
            self._answers.console.say(words.checking(self._lang))
            try:
                found = check_keys(self._contact, names, values)
            except Troubled as error:
                self._answers.tell(error)
                to_ask = names.to_ask_again(error.trouble)
                if error.trouble in PASSING:
                    self._answers.console.ask(words.ask_try_again(self._lang))
                continue
            self._tell(found)
            return values

    def _value(self, names: SideNames, name: str, given: str) -> str:
        answers = self._answers

        def check(text: str) -> str:
            try:
                value = checked(name, text)
            except ConfigError:
                is_account = name == names.account
                raise Troubled(Trouble.ACCOUNT_SHAPE if is_account else Trouble.KEY_SHAPE) from None
            if name == names.account and not value:
                raise Troubled(Trouble.ACCOUNT_SHAPE)
            check_shape(names, name, value)
            return value

        return answers.until_right(
            answers.hidden(name, words.ask_hidden(name, self._lang), given), check
        )

    def _tell(self, found: Mapping[DeskName, int | BrokerError]) -> None:
        say, lang = self._answers.console.say, self._lang
        counts: dict[DeskName, int] = {}
        for desk, answer in found.items():
            if isinstance(answer, BrokerError):
                reason = explain_broker(answer, lang)
                say(words.market_refused(names_of.desk(desk, lang), reason, lang))
            else:
                counts[desk] = answer
        say(words.account_found(counts.get(DeskName.KRX), counts.get(DeskName.US), lang))

    @property
    def _lang(self) -> Lang:
        return self._answers.lang


def _hts_id(text: str) -> str:
    try:
        return checked(HTS_ID, text)
    except ConfigError:
        raise Troubled(Trouble.HTS_SHAPE) from None
