"""The wizard's part with KIS: keys that are the right ones before they are kept."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from bot.terminal.setup_telegram import Troubled
from bot.terminal.troubles import Trouble, trouble_of
from engine.adapters.kis.endpoint import KisKeys, Server
from engine.errors import BrokerError
from engine.model.ids import DeskName
from engine.wiring.first_contact import FirstContact

LEAST_KEY, MOST_KEY = 30, 60
LEAST_SECRET = 100
_ACCOUNT_DIGITS = 10
# What another answer would not change: the same is tried again.
PASSING = frozenset(
    {Trouble.KIS_AWAY, Trouble.KIS_DOWN, Trouble.TOO_MANY_CALLS, Trouble.TOKEN_TOO_SOON}
)


@dataclass(frozen=True, slots=True)
class SideNames:
    """The variables of one set of keys."""

    server: Server
    key: str
    secret: str
    account: str

    @property
    def all(self) -> tuple[str, str, str]:
        """In the order they are asked for."""
        return (self.key, self.secret, self.account)

    def to_ask_again(self, trouble: Trouble) -> tuple[str, ...]:
        """Which of them may be wrong."""
        match trouble:
            case Trouble.SECRET_REFUSED:
                return (self.secret,)
            case Trouble.ACCOUNT_REFUSED | Trouble.ACCOUNT_SHAPE | Trouble.NOT_ENTITLED:
                return (self.account,)
            case Trouble.KEY_REFUSED:
                return (self.key, self.secret)
            case _:
                return () if trouble in PASSING else self.all


REAL = SideNames(Server.REAL, "KIS_APP_KEY", "KIS_APP_SECRET", "KIS_ACCOUNT_NO")
PAPER = SideNames(Server.PAPER, "KIS_PAPER_APP_KEY", "KIS_PAPER_APP_SECRET", "KIS_PAPER_ACCOUNT_NO")


def check_shape(names: SideNames, name: str, text: str) -> None:
    """Before KIS is asked. Raises Troubled."""
    is_letters = text.isascii() and text.isprintable() and " " not in text
    if name == names.key and not (is_letters and LEAST_KEY <= len(text) <= MOST_KEY):
        raise Troubled(Trouble.KEY_SHAPE)
    if name == names.secret and not (is_letters and len(text) >= LEAST_SECRET):
        raise Troubled(Trouble.KEY_SHAPE)


def check_keys(
    contact: FirstContact, names: SideNames, values: Mapping[str, str]
) -> Mapping[DeskName, int | BrokerError]:
    """Holdings by market; one of the two markets may have refused.

    Raises:
        Troubled: no token, or no market answered.
    """
    keys = KisKeys(values[names.key], values[names.secret], values[names.account], "")
    try:
        found = asyncio.run(contact.accounts(names.server, keys))
    except BrokerError as error:
        raise _troubled(contact, names.server, keys, error) from None
    refused = [answer for answer in found.values() if isinstance(answer, BrokerError)]
    if len(refused) == len(found):
        raise _troubled(contact, names.server, keys, refused[0]) from None
    return found


def _troubled(contact: FirstContact, server: Server, keys: KisKeys, error: BrokerError) -> Troubled:
    """A key that the other server takes belongs there."""
    is_real = server is Server.REAL
    trouble = trouble_of(error)
    if trouble is Trouble.KEY_REFUSED:
        other = Server.PAPER if is_real else Server.REAL
        if asyncio.run(contact.has_token(other, keys)):
            trouble = Trouble.OTHER_SERVER
    if trouble is Trouble.OTHER_SERVER:
        trouble = Trouble.PAPER_KEY if is_real else Trouble.REAL_KEY
    return Troubled(trouble, error.code)
