"""[취소] under an entry: takes the order back while it is open, offers the sale once it filled."""

from __future__ import annotations

from collections.abc import Mapping

from bot.chat import Action, Button, Reply, Rows, Run, Style, Verb
from bot.commands_act import confirm_rows
from bot.format import asking, entry_outcome
from bot.format.lang import Lang
from bot.preferences import Preferences
from engine.model.commands import CancelOpenOrder, Refusal
from engine.model.ids import ClientOrderId, DeskName, Symbol
from engine.model.krx_views import KrxPositionView
from engine.model.money import Krw, Money
from engine.model.orders import OrderIntent
from engine.model.views import OrderView
from engine.ports.control import EngineControl


class EntryCancel:
    """What a press on it means at the moment it comes."""

    def __init__(self, control: EngineControl, preferences: Preferences, confirm_s: int) -> None:
        self._control = control
        self._preferences = preferences
        self._confirm_s = confirm_s

    def presses(self) -> Mapping[Verb, Run]:
        """By verb."""
        return {Verb.CANCEL_ENTRY: self.pressed}

    async def pressed(self, arguments: tuple[str, ...], user_id: int) -> Reply:
        """Cancel what is open; what was filled before or meanwhile is offered for sale."""
        order_id, symbol = ClientOrderId(arguments[0]), Symbol(arguments[1])
        order = self._order(order_id)
        refusal: Refusal | None = Refusal.UNKNOWN_ORDER
        if order is not None and not order.state.is_final:
            command = CancelOpenOrder(order_id)
            refusal = (await self._control.command(command, user_id, DeskName.KRX)).refusal
        told = self._told(symbol, refusal)
        # Read again: the order may have been executed while the cancel was on its way.
        after = self._order(order_id) or order
        position = self._position(symbol)
        if position is None or position.is_selling or (after is not None and not after.filled_qty):
            return Reply(told)
        text, rows = self._offer(position)
        return Reply(f"{told}\n{text}", rows, self._confirm_s, desk=DeskName.KRX)

    def _offer(self, position: KrxPositionView) -> tuple[str, Rows]:
        """The sale with its confirmation, as /sell asks."""
        rows = confirm_rows(Action(Verb.SELL, (position.symbol, "")), self._preferences)
        return asking.sell(position, None, self._preferences.lang), rows

    def _told(self, symbol: Symbol, refusal: Refusal | None) -> str:
        name = self._control.name_of(symbol)
        return entry_outcome.entry_outcome(symbol, name, refusal, self._preferences.lang)

    def _order(self, order_id: ClientOrderId) -> OrderView[Krw] | None:
        krx = self._control.status().krx
        rows = () if krx is None else krx.orders
        return next((row for row in rows if row.client_order_id == order_id), None)

    def _position(self, symbol: Symbol) -> KrxPositionView | None:
        krx = self._control.status().krx
        rows = () if krx is None else krx.positions
        return next((row for row in rows if row.symbol == symbol), None)


def entry_button(order: OrderIntent[Money], lang: Lang) -> tuple[Button, ...]:
    """[취소]."""
    action = Action(Verb.CANCEL_ENTRY, (order.client_order_id, order.symbol))
    return (Button(lang.pick("취소", "Cancel"), action, Style.DANGER),)
