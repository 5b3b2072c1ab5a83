"""Commands that sell or cancel. Whatever sells asks first."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TypeVar

from bot.chat import Action, Button, Reply, Rows, Run, Style, Verb
from bot.commands_view import usage
from bot.format import asking, desks, positions, replies
from bot.format.arguments import meant
from bot.format.markup import foreign
from bot.preferences import Preferences
from engine.model.commands import Answer, CancelOpenOrder, Choice, Command, Refusal, SellNow
from engine.model.ids import BrokerOrderNo, ClientOrderId, DeskName, Qty, QuestionId, Symbol
from engine.model.krx_views import KrxPositionView
from engine.model.money import Money
from engine.model.views import OrderView, PositionView
from engine.ports.control import EngineControl

_AMOUNT = re.compile(r"(?:(\d{1,9})주?|(\d{1,3}(?:\.\d{1,2})?)\s*%)")
_MAX_PICKS = 8
_HUNDRED = Decimal(100)
_Position = TypeVar("_Position", PositionView, KrxPositionView, PositionView | KrxPositionView)

# What the buttons of questions had not, before both desks asked some.
_NO_NUMBER = (DeskName.US, "")


class ActCommands:
    """/sell, /sellall, /cancel and the answers to the desk's questions."""

    def __init__(self, control: EngineControl, preferences: Preferences, confirm_s: int) -> None:
        self._control = control
        self._preferences = preferences
        self._confirm_s = confirm_s

    def commands(self) -> Mapping[str, Run]:
        """By name."""
        return {"sell": self.sell, "sellall": self.sell_all, "cancel": self.cancel}

    def presses(self) -> Mapping[Verb, Run]:
        """By verb."""
        return {
            Verb.SELL_ASK: self.sell,
            Verb.SELL: self.sell_confirmed,
            Verb.SELL_ALL: self.sell_all_confirmed,
            Verb.CANCEL_ORDER: self.cancel,
            Verb.ANSWER: self.answer,
            Verb.ANSWER_LATE: self.answer_late,
            Verb.DISMISS: self.dismiss,
        }

    async def sell(self, arguments: tuple[str, ...], _user_id: int) -> Reply:
        """/sell SYMBOL [QTY|%]; the name may have spaces."""
        lang = self._preferences.lang
        rows = desks.held(self._control.status())
        if not arguments:
            return self._pick(asking.pick_to_sell(lang), [row.symbol for row in rows], "")
        name, amount = split_amount(arguments)
        found = [symbol for symbol in self._control.find_symbol(name) if _row(rows, symbol)]
        if not found:
            held = tuple(row.symbol for row in rows)
            return Reply(replies.unknown_symbol(name, held, lang))
        if len(found) > 1:
            return self._pick(asking.which_symbol(name, lang), found, amount)
        (row,) = (one for one in rows if one.symbol == found[0])
        qty = _amount(amount, row.qty)
        if isinstance(qty, str):
            return usage("sell", self._preferences)
        action = Action(Verb.SELL, (row.symbol, "" if qty is None else str(qty)))
        return self._confirm(asking.sell(row, qty, lang), action)

    async def sell_confirmed(self, arguments: tuple[str, ...], user_id: int) -> Reply:
        """[확인] under a sale."""
        symbol, qty = arguments
        command = SellNow(Symbol(symbol), Qty(int(qty)) if qty else None)
        refusal = await self._give(command, user_id, self._control.desk_of(Symbol(symbol)))
        lang = self._preferences.lang
        what = self._called(Symbol(symbol)) + lang.pick(" 매도 지시", ": sale ordered")
        return Reply(asking.outcome(what, refusal, lang))

    async def sell_all(self, arguments: tuple[str, ...], _user_id: int) -> Reply:
        """Everything that was not excluded."""
        if arguments:
            return usage("sellall", self._preferences)
        lang = self._preferences.lang
        held = desks.held(self._control.status())
        rows = [row for row in held if not asking.is_left_alone(row)]
        if not rows:
            return Reply(lang.pick("팔 포지션이 없습니다.", "Nothing to sell."))
        text = asking.sell_all(rows, len(held) - len(rows), lang)
        # The symbols shown are the ones sold: a buy seen meanwhile is not swept along.
        return self._confirm(text, Action(Verb.SELL_ALL, tuple(row.symbol for row in rows)))

    async def sell_all_confirmed(self, arguments: tuple[str, ...], user_id: int) -> Reply:
        """[확인] under /sellall: one command a symbol, each with its own answer."""
        lang = self._preferences.lang
        told = []
        for symbol in arguments:
            shown, desk = self._called(Symbol(symbol)), self._control.desk_of(Symbol(symbol))
            try:
                refusal = await self._give(SellNow(Symbol(symbol), None), user_id, desk)
            except TimeoutError:
                told.append(f"{shown}: {replies.no_answer(lang)}")
                continue
            told.append(asking.outcome(shown, refusal, lang))
        return Reply("\n".join([lang.pick("매도 지시", "Sales ordered"), *told]))

    async def cancel(self, arguments: tuple[str, ...], user_id: int) -> Reply:
        """/cancel ORDER by our id or the broker's number; without one: buttons."""
        lang = self._preferences.lang
        orders = self._open_orders()
        if not arguments:
            return self._pick_order(orders)
        if len(arguments) > 1:
            return usage("cancel", self._preferences)
        typed = arguments[0]
        found = [order for order in orders if _is_called(order, typed)]
        if len(found) > 1:
            return self._pick_order(found)
        refusal: Refusal | None = Refusal.UNKNOWN_ORDER
        if found:
            desk = self._control.desk_of(found[0].symbol)
            refusal = await self._give(CancelOpenOrder(found[0].client_order_id), user_id, desk)
        what = lang.pick("취소 요청 ", "Cancel requested: ") + foreign(typed, 40)
        return Reply(asking.outcome(what, refusal, lang))

    async def answer(self, arguments: tuple[str, ...], user_id: int) -> Reply:
        """A press on a question of the desk."""
        question, choice_text, shown, desk, number = (*arguments, *_NO_NUMBER)[:5]
        choice, meant = Choice(choice_text), BrokerOrderNo(number) if number else None
        answer = Answer(QuestionId(question), choice, meant)
        refusal = await self._give(answer, user_id, DeskName(desk))
        return Reply(asking.outcome(foreign(shown), refusal, self._preferences.lang))

    async def answer_late(self, arguments: tuple[str, ...], user_id: int) -> Reply:
        """The question was asked long ago: before a sale, show what the figures are now."""
        question_id, choice, shown, desk, _ = (*arguments, *_NO_NUMBER)[:5]
        if Choice(choice) is not Choice.SELL:
            return await self.answer(arguments, user_id)
        lang = self._preferences.lang
        view = self._control.status()
        if DeskName(desk) is DeskName.KRX:
            return self._sell_mismatch(question_id, arguments)
        us = view.us
        question = (
            next((q for q in us.questions if q.question == question_id), None) if us else None
        )
        rows = () if us is None else us.positions
        row = None if question is None else _row(rows, question.symbol)
        if question is None or row is None:
            return Reply(asking.outcome(foreign(shown), Refusal.QUESTION_GONE, lang))
        text = asking.sell_after_all(question, row, view.now, lang)
        return self._confirm(text, Action(Verb.ANSWER, arguments))

    def _sell_mismatch(self, question_id: str, arguments: tuple[str, ...]) -> Reply:
        """As ``answer_late`` for what the KRX desk asks."""
        krx, lang = self._control.status().krx, self._preferences.lang
        asked = () if krx is None else krx.mismatches
        fact = next((fact for fact in asked if fact.question == question_id), None)
        row = None if fact is None or krx is None else _row(krx.positions, fact.symbol)
        if row is None:
            return Reply(asking.outcome(foreign(arguments[2]), Refusal.QUESTION_GONE, lang))
        return self._confirm(asking.sell(row, None, lang), Action(Verb.ANSWER, arguments))

    async def dismiss(self, _arguments: tuple[str, ...], _user_id: int) -> Reply:
        """[취소]."""
        return Reply(replies.dismissed(self._preferences.lang))

    def _confirm(self, text: str, action: Action) -> Reply:
        return Reply(text, confirm_rows(action, self._preferences), self._confirm_s)

    def _pick(self, text: str, symbols: list[Symbol], amount: str) -> Reply:
        lang = self._preferences.lang
        if not symbols:
            return Reply(lang.pick("팔 포지션이 없습니다.", "Nothing to sell."))
        extra = (amount,) if amount else ()
        rows = tuple(
            (Button(stock_label(self._control, symbol), Action(Verb.SELL_ASK, (symbol, *extra))),)
            for symbol in symbols[:_MAX_PICKS]
        )
        return Reply(text, (*rows, (dismiss_button(self._preferences),)), self._confirm_s)

    def _pick_order(self, orders: Sequence[OrderView[Money]]) -> Reply:
        lang = self._preferences.lang
        if not orders:
            return Reply(lang.pick("열린 주문이 없습니다.", "No open orders."))
        rows = tuple(
            (
                Button(
                    f"{stock_label(self._control, order.symbol)} "
                    f"{order.broker_order_no or order.client_order_id}",
                    Action(Verb.CANCEL_ORDER, (order.client_order_id,)),
                ),
            )
            for order in orders[:_MAX_PICKS]
        )
        names = {order.symbol: self._control.name_of(order.symbol) for order in orders}
        blocks = [positions.order(order, names, lang) for order in orders[:_MAX_PICKS]]
        text = "\n".join([asking.pick_to_cancel(lang), *blocks])
        return Reply(text, (*rows, (dismiss_button(self._preferences),)), self._confirm_s)

    def _open_orders(self) -> list[OrderView[Money]]:
        running = desks.running(self._control.status())
        return [row for _name, desk in running for row in desk.orders if not row.state.is_final]

    def _called(self, symbol: Symbol) -> str:
        return foreign(stock_label(self._control, symbol), 40)

    async def _give(self, command: Command, user_id: int, desk: DeskName) -> Refusal | None:
        return (await self._control.command(command, user_id, desk)).refusal


def confirm_rows(action: Action, preferences: Preferences) -> Rows:
    """[확인] [취소], the first in the colour of danger."""
    yes = Button(preferences.lang.pick("확인", "Confirm"), action, Style.DANGER)
    return ((yes, dismiss_button(preferences)),)


def dismiss_button(preferences: Preferences) -> Button:
    """[취소]: nothing is done."""
    return Button(preferences.lang.pick("취소", "Cancel"), Action(Verb.DISMISS))


def stock_label(control: EngineControl, symbol: Symbol) -> str:
    """Text of a button: Korean codes mean nothing to a reader, US codes are names."""
    if control.desk_of(symbol) is DeskName.US:
        return symbol
    return f"{control.name_of(symbol)} {symbol}"


def _row(rows: Sequence[_Position], symbol: Symbol) -> _Position | None:
    return next((row for row in rows if row.symbol == symbol), None)


def split_amount(arguments: tuple[str, ...]) -> tuple[str, str]:
    """Name and amount: the amount is the last word when it looks like one."""
    *name, last = arguments
    if name and meant(last) == "all":
        return " ".join(name), ""
    if name and any(char.isdigit() for char in last):
        return " ".join(name), last
    return " ".join(arguments), ""


def is_amount(text: str, held: Qty) -> bool:
    """Whether /sell takes it of so many shares; empty is all of them."""
    return not isinstance(_amount(text, held), str)


def _amount(text: str, held: Qty) -> Qty | str | None:
    """Shares, None for all, the text itself when it is not allowed."""
    if not text:
        return None
    found = _AMOUNT.fullmatch(text)
    if found is None:
        return text
    count, percent = found.groups()
    if count is not None:
        wanted = int(count)
    else:
        share = Decimal(percent)
        wanted = int(held * share / _HUNDRED) if share <= _HUNDRED else 0
    return Qty(wanted) if 1 <= wanted <= held else text


def _is_called(order: OrderView[Money], typed: str) -> bool:
    """Ours or the broker's number; the two desks' brokers may give the same one twice."""
    number = BrokerOrderNo(typed.lstrip("0"))
    return ClientOrderId(typed) == order.client_order_id or number == order.broker_order_no
