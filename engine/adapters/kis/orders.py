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
from engine.model.orders import Accepted, OutcomeUnknown, PlaceAnswer, Rejected

_log = logging.getLogger(__name__)

NOT_SENT = "NOT_SENT"


async def order_once(
    transport: KisTransport,
    operation: Operation,
    body: Mapping[str, str],
    spender: Spender,
    read_yes: Callable[[Body], Accepted | None],
) -> PlaceAnswer:
    """Post an order or a cancel, once; never raises what a broker may do.

    ``read_yes`` reads a yes; None: it names no order.
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
    return _judge(operation, reply, transport.endpoint.keys.hide(reply.message), read_yes)


def _judge(
    operation: Operation, reply: Reply, text: str, read_yes: Callable[[Body], Accepted | None]
) -> PlaceAnswer:
    if reply.body is not None and reply.is_yes and reply.status == HTTP_OK:
        return read_yes(reply.body) or OutcomeUnknown("a yes without number")
    is_no = reply.body is not None and reply.text_of("rt_cd") not in {"", "0"}
    if is_no and order_fate(reply.code, reply.status) is not OrderFate.UNKNOWN:
        return Rejected(reply.code, text, is_about_order=is_business(reply.code))
    reason = f"HTTP {reply.status}, code {reply.code or 'blank'}: {text or 'no text'}"
    _log.warning("%s: outcome unknown: %s", operation, reason)
    return OutcomeUnknown(reason)
