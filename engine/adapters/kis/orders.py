"""The one way on which an order leaves, and what its answer means."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from engine.adapters.kis.errors import HTTP_OK, OrderFate, is_business, order_fate
from engine.adapters.kis.fields import Operation
from engine.adapters.kis.http import Reply
from engine.adapters.kis.transport import KisTransport, Spender
from engine.adapters.kis.values import Body
from engine.errors import BrokerError, QuotaExhausted
from engine.model.ids import BrokerOrderNo
from engine.model.orders import Accepted, OutcomeUnknown, PlaceAnswer, Rejected

_log = logging.getLogger(__name__)

NOT_SENT = "NOT_SENT"


async def order_once(
    transport: KisTransport,
    operation: Operation,
    body: Mapping[str, str],
    spender: Spender,
    number_in: Callable[[Body], BrokerOrderNo | None],
) -> PlaceAnswer:
    """Post an order or a cancel, once; never raises what a broker may do.

    ``number_in`` reads the number out of a yes.
    """
    try:
        token = await transport.admit_order(operation, spender)
    except (BrokerError, QuotaExhausted) as error:
        return Rejected(NOT_SENT, f"not sent: {error}", is_about_order=False)
    try:
        reply = await transport.send_order(operation, body, spender, token)
    except BrokerError as error:
        _log.warning("%s: outcome unknown: %s", operation, error)
        return OutcomeUnknown(str(error))
    return _judge(operation, reply, transport.endpoint.keys.hide(reply.message), number_in)


def _judge(
    operation: Operation, reply: Reply, text: str, number_in: Callable[[Body], BrokerOrderNo | None]
) -> PlaceAnswer:
    if reply.body is not None and reply.is_yes and reply.status == HTTP_OK:
        number = number_in(reply.body)
        return OutcomeUnknown("a yes without number") if number is None else Accepted(number)
    is_no = reply.body is not None and reply.text_of("rt_cd") not in {"", "0"}
    if is_no and order_fate(reply.code, reply.status) is not OrderFate.UNKNOWN:
        return Rejected(reply.code, text, is_about_order=is_business(reply.code))
    reason = f"HTTP {reply.status}, code {reply.code or 'blank'}: {text or 'no text'}"
    _log.warning("%s: outcome unknown: %s", operation, reason)
    return OutcomeUnknown(reason)
