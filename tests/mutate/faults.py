"""Deliberate faults of the order path, each with the tests that must notice it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mutation:
    """``before`` occurs once in ``path`` and becomes ``after``; ``tests`` are pytest ids."""

    name: str
    path: str
    before: str
    after: str
    tests: tuple[str, ...]


def case(path: str, name: str) -> str:
    """A pytest id; ``path`` within tests, without its end."""
    return f"tests/{path}.py::{name}"


MUTATIONS = (
    Mutation(
        "an order without an answer is sent again",
        "engine/adapters/kis/transport.py",
        "        first = await self._post(call, body, spender, token)\n",
        "        try:\n"
        "            first = await self._post(call, body, spender, token)\n"
        "        except BrokerUnavailable:\n"
        "            first = await self._post(call, body, spender, token)\n",
        (
            case("adapters/test_kis_transport", "test_a_lost_order_is_unknown_and_posted_once"),
            case(
                "adapters/test_kis_broker",
                "test_an_order_taken_but_not_answered_is_unknown_and_not_repeated",
            ),
        ),
    ),
    Mutation(
        "no answer is taken for a no",
        "engine/adapters/kis/orders.py",
        "        return OutcomeUnknown(str(error))\n",
        '        return Rejected("LOST", str(error))\n',
        (
            case(
                "adapters/test_kis_broker",
                "test_trouble_leaves_an_order_unknown_and_it_is_sent_once",
            ),
        ),
    ),
    Mutation(
        "a fill told twice counts twice",
        "engine/desk/krx/fills.py",
        "    if notice.key in order.notice_keys:\n        return\n",
        "",
        (case("desk/test_krx_fills", "test_a_doubled_notice_of_a_part_counts_once"),),
    ),
    Mutation(
        "an order leaves before it was journalled",
        "engine/flow/desk_runner.py",
        "        told: tuple[NumberedFact, ...] = ()\n",
        "        for early in decision.outcome.intents:\n"
        "            await self._send(early)\n"
        "        told: tuple[NumberedFact, ...] = ()\n",
        (
            case(
                "flow/test_desk_runner",
                "test_journal_comes_before_sending_and_sending_before_telling",
            ),
        ),
    ),
    Mutation(
        "an accepted order is taken for filled",
        "engine/desk/blotter.py",
        "    order.broker_order_no, order.branch = number, branch\n    order.open_since = now\n",
        "    order.broker_order_no, order.branch = number, branch\n    order.open_since = now\n"
        "    record_fill(order, order.intent.qty, now)\n",
        ("tests/desk/test_order_life.py",),
    ),
    Mutation(
        "the account is not compared with the books",
        "engine/desk/krx/intake.py",
        "    account.on_holdings(state, turn, event.holdings, event.asked_at)\n",
        "",
        ("tests/desk/test_reconciliation.py",),
    ),
    Mutation(
        "a restart forgets the user's stop",
        "engine/flow/briefing.py",
        "        return stricter(written, desk.user_latch)\n",
        "        return DeskState.RUNNING\n",
        (case("faults/test_restart", "test_the_users_latch_and_the_mode_outlive_the_plug"),),
    ),
    Mutation(
        "a guard keeps the Korean desk from an exit",
        "engine/desk/krx/exits.py",
        "session is None or state.desk_state is DeskState.HALTED:",
        "session is None or state.desk_state is not DeskState.RUNNING:",
        (case("desk/test_krx_latches", "test_who_may_enter_and_who_may_leave"),),
    ),
    Mutation(
        "a guard keeps the US desk from an exit",
        "engine/desk/us/exits.py",
        "    if state.desk_state is DeskState.HALTED or position.exchange is None:\n",
        "    if state.desk_state is not DeskState.RUNNING or position.exchange is None:\n",
        (case("desk/test_us_latches", "test_only_a_halt_of_the_user_s_keeps_a_lot_from_its_sale"),),
    ),
    Mutation(
        "one list without an order is proof that it was never placed",
        "engine/desk/doubt.py",
        "    if asked_at < since + APART:\n        return since + APART\n",
        "",
        (case("desk/test_krx_lost", "test_two_lists_ten_seconds_apart_must_lack_an_order"),),
    ),
    Mutation(
        "the balance alone is proof that a sale of US shares was never placed",
        "engine/desk/us/resolver.py",
        "        if asked_at < seen + LIST_LATE:\n",
        "        if asked_at < seen:\n",
        (case("desk/test_us_hand_trades", "test_as_many_bought_by_hand_hide_no_executed_sale"),),
    ),
    Mutation(
        "spent calls refuse an exit",
        "engine/rules/rate_limit.py",
        "    if priority <= Priority.EXIT:\n        return None\n",
        "",
        (case("unit/test_rate_limit", "test_nothing_keeps_an_exit_from_going_out"),),
    ),
    Mutation(
        "a restart raises the mode",
        "engine/wiring/places.py",
        "    if mode is Mode.LIVE and (last is None or confirmed != live_mark(sides)):\n",
        "    if mode is Mode.LIVE and last is None and not confirmed:\n",
        (case("flow/test_start_mode", "test_a_confirmation_for_another_account_is_none"),),
    ),
    Mutation(
        "somebody else may press a button",
        "engine/adapters/sqlite/chat.py",
        "WHERE nonce = ? AND user_id = ? AND",
        "WHERE nonce = ? AND 0 < ? AND",
        (case("adapters/test_sqlite_chat", "test_foreign_late_and_misplaced_presses_do_nothing"),),
    ),
)
