"""One socket session with KIS, from the first registration to its end."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum

from websockets.exceptions import ConnectionClosed

from engine.adapters.kis.crypt import parse_notice_key
from engine.adapters.kis.endpoint import KisEndpoint
from engine.adapters.kis.frames import Answer, Ping, parse_frame
from engine.adapters.kis.inlet import Inlet, Outlets
from engine.adapters.kis.network import Line
from engine.adapters.kis.registrations import Registrations, Step, Verdict, judge
from engine.adapters.kis.wishes import Allotment, Registration
from engine.errors import PayloadError
from engine.model.events import StreamChanged, StreamState
from engine.model.ids import DeskName
from engine.ports.clock import Clock

_log = logging.getLogger(__name__)

_ANSWER_S = 3.0
_SPACING = timedelta(milliseconds=60)
_SILENCE = timedelta(seconds=150)
_LOOK_AGAIN = timedelta(seconds=20)
_DOUBT_EVERY = timedelta(minutes=1)
_ALREADY = "OPSP0002"


class End(StrEnum):
    """Why a session ended."""

    ASLEEP = "asleep"  # nothing is wanted any more
    LOST = "lost"
    IN_USE = "in_use"
    BAD_APPROVAL = "bad_approval"


class SessionOver(Exception):
    """Ends the session's tasks."""

    def __init__(self, end: End, reason: str) -> None:
        super().__init__(reason)
        self.end = end
        self.reason = reason


class Session:
    """Reads, registers and watches one open socket; ``run`` ends with SessionOver."""

    def __init__(
        self,
        line: Line,
        approval_key: str,
        endpoint: KisEndpoint,
        clock: Clock,
        registrations: Registrations,
        *,
        outlets: Outlets,
        tell: Callable[[DeskName, StreamChanged], None],
    ) -> None:
        self._line = line
        self._approval_key = approval_key
        self._clock = clock
        self.registrations = registrations
        self._tell = tell
        self._inlet = Inlet(endpoint, registrations, outlets, self._doubt)
        self._hide = endpoint.keys.hide
        self._changed = asyncio.Event()
        self._asked: tuple[Registration, asyncio.Future[Answer]] | None = None
        self._told: dict[DeskName, StreamChanged] = {}
        self._doubted: dict[tuple[DeskName, str], datetime] = {}
        self._generation = clock.generation
        self.last_frame_at = clock.now()
        self._is_proven = True
        self._recovered: set[str] = set()

    def want(self, allotment: Allotment) -> None:
        """Change what the session carries."""
        self.registrations.want(allotment)
        self._changed.set()

    def tell_again(self, desk: DeskName) -> None:
        """Somebody new listens for that desk: say how things are."""
        self._told.pop(desk, None)
        self._changed.set()

    async def run(self) -> None:
        """Serve until the session ends.

        Raises:
            ExceptionGroup: of SessionOver.
        """
        async with asyncio.TaskGroup() as group:
            group.create_task(self._read())
            group.create_task(self._register())
            group.create_task(self._watch())
            group.create_task(self._notice_jumps())

    async def _read(self) -> None:
        try:
            async for raw in self._line:
                self._hear()
                await self._take(raw if isinstance(raw, str) else raw.decode(errors="replace"))
        except ConnectionClosed as error:
            raise SessionOver(End.LOST, f"dropped: {type(error).__name__}") from None
        raise SessionOver(End.LOST, "closed by the server")

    def _hear(self) -> None:
        self.last_frame_at = self._clock.now()
        if not self._is_proven:
            self._is_proven = True
            self._changed.set()

    async def _take(self, raw: str) -> None:
        try:
            frame = parse_frame(raw)
        except PayloadError as error:
            self._inlet.spoil(error)
            return
        if isinstance(frame, tuple):
            self._inlet.take(frame, self.last_frame_at)
        elif isinstance(frame, Ping):
            await self._line.send(raw)
        elif isinstance(frame, Answer):
            self._take_answer(frame)
        else:
            self._inlet.take_sealed(frame, self.last_frame_at)

    def _take_answer(self, answer: Answer) -> None:
        key = parse_notice_key(answer.key, answer.iv)
        is_notices = self._inlet.reads_notices(answer.tr_id)
        if key is not None and is_notices and judge(answer) is Verdict.DONE:
            # Before anything else: the next frame may already be sealed with it.
            self._inlet.take_key(answer.tr_id, key, self.last_frame_at)
        if self._asked is None or self._asked[1].done():
            _log.warning("answer to nothing: %s", answer.code)
            return
        asked, waiting = self._asked
        # Failures may name nothing: with one question at a time they still find it.
        if answer.tr_id in {asked.tr_id, "(null)", ""} and answer.tr_key in {asked.tr_key, ""}:
            waiting.set_result(answer)

    async def _register(self) -> None:
        while True:
            self._changed.clear()
            if not self.registrations.wanted:
                raise SessionOver(End.ASLEEP, "nothing wanted")
            self._tell_settled()
            step = self.registrations.next_step(self._clock.now())
            if step is None:
                await self._changed.wait()
            else:
                await self._perform(*step)
                await self._clock.sleep_for(_SPACING)

    async def _perform(self, step: Step, registration: Registration) -> None:
        answer = await self._ask(step, registration)
        if answer is None:
            verdict, code = Verdict.LATER, "no answer"
        else:
            verdict, code = judge(answer), answer.code
        if verdict is Verdict.IN_USE:
            raise SessionOver(End.IN_USE, f"{code}: another session holds the app key")
        if verdict is Verdict.BAD_APPROVAL:
            raise SessionOver(End.BAD_APPROVAL, f"{code}: approval key refused")
        if answer is not None and verdict is not Verdict.DONE:
            _log.warning("%r: %s %s", registration, code, self._hide(answer.text))
        is_notices = self._inlet.reads_notices(registration.tr_id)
        if code == _ALREADY and is_notices and not self._inlet.has_key(registration.tr_id):
            verdict = await self._recover_key(registration)
        self.registrations.settle(step, registration, verdict, code, self._clock.now())
        if verdict is Verdict.REFUSED and self.registrations.has_leak(code):
            raise SessionOver(End.LOST, f"{code}: places leaked")

    async def _recover_key(self, registration: Registration) -> Verdict:
        """Registered, but the key was lost with the first answer: release, register anew, once."""
        tr_id = registration.tr_id
        if tr_id in self._recovered:
            return Verdict.REFUSED  # registering without end gets the app key blocked
        self._recovered.add(tr_id)
        await self._ask(Step.RELEASE, registration)
        answer = await self._ask(Step.REGISTER, registration)
        is_done = answer is not None and self._inlet.has_key(tr_id)
        return Verdict.DONE if is_done else Verdict.REFUSED

    async def _ask(self, step: Step, registration: Registration) -> Answer | None:
        waiting: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._asked = (registration, waiting)
        try:
            await self._line.send(request_text(self._approval_key, step, registration))
            async with asyncio.timeout(_ANSWER_S):
                return await waiting
        except TimeoutError:
            return None
        except ConnectionClosed as error:
            raise SessionOver(End.LOST, f"dropped: {type(error).__name__}") from None
        finally:
            self._asked = None

    async def _watch(self) -> None:
        while True:
            self._allow_for_jump()
            patience = self.last_frame_at + _SILENCE - self._clock.now()
            if patience <= timedelta(0):
                raise SessionOver(End.LOST, "silent")
            self._changed.set()  # a registration put off may be due
            await self._clock.sleep_for(min(patience, _LOOK_AGAIN))

    async def _notice_jumps(self) -> None:
        while True:
            await self._clock.next_jump()
            self._allow_for_jump()

    def _allow_for_jump(self) -> None:
        """A jump of the clock is no silence of the server.

        Whether the socket outlived it (a suspended machine) only the next frame tells: until then
        it counts as bringing nothing, and prices and fills are polled.
        """
        if self._clock.generation != self._generation:
            self._generation, self.last_frame_at = self._clock.generation, self._clock.now()
            self._is_proven = False
            self.registrations.put_nothing_off()
            self._changed.set()

    def _tell_settled(self) -> None:
        """Each desk hears when everything of its own was asked for, not when all of both was."""
        now = self._clock.now()
        for desk in DeskName:
            if not self.registrations.is_settled(desk, now):
                continue
            state = self._state(desk, self._refusals(desk))
            if state != self._told.get(desk):
                self._told[desk] = state
                self._tell(desk, state)

    def _refusals(self, desk: DeskName) -> str:
        refused = self.registrations.refused.items()
        return ", ".join(f"{one!r} refused: {code}" for one, code in refused if one.desk is desk)

    def _doubt(self, desk: DeskName, reason: str) -> None:
        now = self._clock.now()
        last = self._doubted.get((desk, reason))
        if last is None or not timedelta(0) <= now - last < _DOUBT_EVERY:
            self._doubted[desk, reason] = now
            _log.warning("%s: %s", desk, reason)
            self._tell(desk, self._state(desk, reason))

    def _state(self, desk: DeskName, reason: str) -> StreamChanged:
        has, is_proven = self.registrations, self._is_proven
        if not has.wants(desk):
            return StreamChanged(StreamState.DISCONNECTED, has_notices=False, has_quotes=False)
        return StreamChanged(
            StreamState.CONNECTED,
            has_notices=is_proven and has.has_notices(desk),
            has_quotes=is_proven and has.has_quotes(desk),
            reason=reason,
        )


def request_text(approval_key: str, step: Step, registration: Registration) -> str:
    """What KIS is sent to register or release something."""
    header = {
        "approval_key": approval_key,
        "custtype": "P",
        "tr_type": step.value,
        "content-type": "utf-8",
    }
    inputs = {"tr_id": registration.tr_id, "tr_key": registration.tr_key}
    return json.dumps({"header": header, "body": {"input": inputs}}, separators=(",", ":"))
