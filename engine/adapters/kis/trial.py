"""One look at the socket: connect, register something, hear the answer, say goodbye."""

from __future__ import annotations

import asyncio
from typing import NoReturn

from websockets.exceptions import WebSocketException

from engine.adapters.kis.auth import ApprovalKeeper
from engine.adapters.kis.endpoint import KisEndpoint
from engine.adapters.kis.frames import Answer, Ping, parse_frame
from engine.adapters.kis.network import Line, OpenLine
from engine.adapters.kis.registrations import Step, Verdict, judge
from engine.adapters.kis.session import request_text
from engine.adapters.kis.wishes import Registration, trial
from engine.errors import BrokerRefused, PayloadError
from engine.model.checkup import Unwell

PATIENCE_S = 10.0
AWAY, SILENT, IN_USE = "socket_away", "socket_silent", "socket_in_use"
KEY_REFUSED, HTS_REFUSED = "socket_key", "hts_refused"


async def try_line(
    connect: OpenLine,
    endpoint: KisEndpoint,
    approvals: ApprovalKeeper,
    patience_s: float = PATIENCE_S,
) -> str:
    """The code of KIS's yes.

    Raises:
        Unwell: no connection, no answer, or a no.
        BrokerError: KIS could not be asked for an approval key.
    """
    try:
        key = await approvals.key()
    except BrokerRefused as error:
        raise Unwell(KEY_REFUSED, error.code) from None
    wanted, is_open = trial(endpoint), False
    try:
        async with asyncio.timeout(patience_s), connect(endpoint.websocket_url) as line:
            is_open = True
            await line.send(request_text(key, Step.REGISTER, wanted))
            code = await _yes(line, wanted)
            await line.send(request_text(key, Step.RELEASE, wanted))
            await line.close()
            return code
    except (OSError, TimeoutError, WebSocketException) as error:
        raise Unwell(SILENT if is_open else AWAY, type(error).__name__) from None


async def _yes(line: Line, wanted: Registration) -> str:
    async for raw in line:
        text = raw if isinstance(raw, str) else raw.decode(errors="replace")
        try:
            frame = parse_frame(text)
        except PayloadError:
            continue
        if isinstance(frame, Ping):
            await line.send(text)
        elif isinstance(frame, Answer):
            if judge(frame) is Verdict.DONE:
                return frame.code
            _refuse(frame, wanted)
    raise Unwell(SILENT, "closed")


def _refuse(answer: Answer, wanted: Registration) -> NoReturn:
    reasons = {Verdict.IN_USE: IN_USE, Verdict.BAD_APPROVAL: KEY_REFUSED, Verdict.LATER: SILENT}
    of_others = HTS_REFUSED if wanted.symbol is None else SILENT
    raise Unwell(reasons.get(judge(answer), of_others), answer.code)
