"""One page: look at it, wait for it, and use it with a mouse and a keyboard."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any, Literal, Self

from tests.browser.devtools import DevToolsError, Json, Wire

PATIENCE_S = 20.0
_LOOK_MS = 20
_SHIFT = 8

# Resolves to the first true value; rejects with the last one (or the error) when time is up.
_WAIT = """
new Promise((resolve, reject) => {{
  const deadline = performance.now() + {limit_ms};
  const look = () => {{
    let found;
    try {{ found = ({condition}); }} catch (error) {{ found = null; }}
    if (found) resolve(found);
    else if (performance.now() > deadline) reject(new Error("waited in vain"));
    else setTimeout(look, {look_ms});
  }};
  look();
}})
"""

# Where to press: the middle of what is seen, stands still, and lies under nothing else.
_AIM = """
(() => {{
  const all = [...document.querySelectorAll({selector})];
  const target = all.{which}(one => one.getClientRects().length);
  if (!target) return null;
  target.scrollIntoView({{block: "nearest", inline: "nearest", behavior: "instant"}});
  const box = target.getBoundingClientRect();
  const at = [box.left + box.width / 2, box.top + box.height / 2];
  const before = window.aimedAt;
  window.aimedAt = String(at);
  if (before !== String(at)) return null;
  const hit = document.elementFromPoint(...at);
  return target.contains(hit) ? at : null;
}})()
"""


@dataclass(frozen=True, slots=True)
class Screen:
    """What the page is shown on; a phone unless told. Sizes are CSS pixels."""

    width: int = 390
    height: int = 844
    scale: float = 1.0
    theme: Literal["light", "dark"] = "light"

    @property
    def is_phone(self) -> bool:
        """Whether the page is laid out as on a phone."""
        return self.width < 600


class Page:
    """A page under control. Selectors are CSS; conditions are JavaScript expressions."""

    def __init__(self, wire: Wire, session: str) -> None:
        self._wire = wire
        self._session = session
        self.errors: list[str] = []
        self.addresses: set[str] = set()
        for event, listener in (
            ("Runtime.exceptionThrown", self._threw),
            ("Runtime.consoleAPICalled", self._logged),
            ("Log.entryAdded", self._complained),
            ("Network.requestWillBeSent", self._requested),
        ):
            wire.listen(event, listener, session)

    @classmethod
    async def opened(cls, wire: Wire, context: str, screen: Screen) -> Self:
        """An empty page on such a screen."""
        made = await wire.call("Target.createTarget", url="about:blank", browserContextId=context)
        attached = await wire.call("Target.attachToTarget", targetId=made["targetId"], flatten=True)
        page = cls(wire, attached["sessionId"])
        for domain in ("Page", "Runtime", "Log", "Network"):
            await page.call(f"{domain}.enable")
        await page.call("Emulation.setFocusEmulationEnabled", enabled=True)
        await page.call("Emulation.setTimezoneOverride", timezoneId="Asia/Seoul")
        await page.show_on(screen)
        return page

    async def call(self, method: str, /, **params: object) -> Json:
        """A call of the protocol for this page."""
        return await self._wire.call(method, self._session, **params)

    async def show_on(self, screen: Screen) -> None:
        """Another screen or colour scheme; the page stays."""
        await self.call(
            "Emulation.setDeviceMetricsOverride",
            width=screen.width,
            height=screen.height,
            deviceScaleFactor=screen.scale,
            mobile=screen.is_phone,
        )
        scheme = {"name": "prefers-color-scheme", "value": screen.theme}
        await self.call("Emulation.setEmulatedMedia", features=[scheme])

    async def go(self, url: str) -> None:
        """Load ``url`` to its end."""
        answer = await self.call("Page.navigate", url=url)
        if answer.get("errorText"):
            raise DevToolsError(f"{url}: {answer['errorText']}")
        await self.wait_for("document.readyState === 'complete'")

    # looking

    async def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression; a promise is awaited.

        Raises:
            DevToolsError: It threw; the text is the page's.
        """
        answer = await self.call(
            "Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True
        )
        if "exceptionDetails" in answer:
            raise DevToolsError(_story(answer["exceptionDetails"]))
        return answer["result"].get("value")

    async def wait_for(self, condition: str, limit_s: float = PATIENCE_S) -> Any:
        """Wait within the page until a condition is true; returns its value."""
        script = _WAIT.format(condition=condition, limit_ms=int(limit_s * 1000), look_ms=_LOOK_MS)
        try:
            return await self.evaluate(script)
        except DevToolsError as error:
            seen = await self.evaluate("document.body.innerText.slice(-700)")
            raise DevToolsError(
                f"{condition} within {limit_s:.0f} s: {error}\n"
                f"errors: {self.errors}\nthe page ends with: {seen}"
            ) from None

    async def text(self, selector: str) -> str:
        """The text a reader sees in the first such element."""
        found = await self.evaluate(f"document.querySelector({json.dumps(selector)}).innerText")
        return str(found)

    async def count(self, selector: str) -> int:
        """How many such elements there are."""
        script = f"document.querySelectorAll({json.dumps(selector)}).length"
        return int(await self.evaluate(script))

    async def screenshot(self) -> bytes:
        """What is on the screen, as PNG."""
        answer = await self.call("Page.captureScreenshot", format="png")
        return base64.b64decode(answer["data"])

    # using

    async def click(
        self, selector: str, *, last: bool = False, limit_s: float = PATIENCE_S
    ) -> None:
        """Press the mouse on the first (or last) element of that kind that can be seen.

        Raises:
            DevToolsError: There is none, it never stands still, or something lies over it.
        """
        aim = _AIM.format(selector=json.dumps(selector), which="findLast" if last else "find")
        x, y = await self.wait_for(aim.strip(), limit_s)
        for kind, buttons in (("mouseMoved", 0), ("mousePressed", 1), ("mouseReleased", 0)):
            await self.call(
                "Input.dispatchMouseEvent",
                type=kind,
                x=x,
                y=y,
                button="none" if kind == "mouseMoved" else "left",
                buttons=buttons,
                clickCount=0 if kind == "mouseMoved" else 1,
            )

    async def write(self, selector: str, text: str) -> None:
        """Click into a field, empty it and type."""
        await self.click(selector)
        await self.evaluate("document.activeElement.select()")
        await self.call("Input.insertText", text=text)

    async def choose(self, selector: str, value: str) -> None:
        """Choose an option of a list; its pop-up belongs to the system, not to the page."""
        chosen = await self.evaluate(
            f"(list => {{ list.value = {json.dumps(value)};"
            " for (const kind of ['input', 'change'])"
            " list.dispatchEvent(new Event(kind, {bubbles: true}));"
            f" return list.value; }})(document.querySelector({json.dumps(selector)}))"
        )
        if chosen != value:
            raise DevToolsError(f"{selector} offers no {value}")

    async def press(self, key: str, *, shift: bool = False) -> None:
        """Press a key that has a name: Enter, Escape, Tab."""
        code = {"Enter": 13, "Escape": 27, "Tab": 9}[key]
        text = {"text": "\r"} if key == "Enter" else {}
        for kind in ("keyDown", "keyUp"):
            await self.call(
                "Input.dispatchKeyEvent",
                type=kind,
                key=key,
                code=key,
                windowsVirtualKeyCode=code,
                modifiers=_SHIFT if shift else 0,
                **(text if kind == "keyDown" else {}),
            )

    # hearing

    def _threw(self, event: Json) -> None:
        self.errors.append(_story(event["exceptionDetails"]))

    def _logged(self, event: Json) -> None:
        if event["type"] in {"error", "assert"}:
            said = [str(part.get("value", part.get("description"))) for part in event["args"]]
            self.errors.append(" ".join(said))

    def _complained(self, event: Json) -> None:
        entry = event["entry"]
        if entry["level"] == "error":
            self.errors.append(f"{entry['text']} {entry.get('url', '')}".strip())

    def _requested(self, event: Json) -> None:
        self.addresses.add(event["request"]["url"])


def _story(details: Json) -> str:
    """What was thrown, in the page's words."""
    thrown = details.get("exception", {})
    return str(thrown.get("description") or thrown.get("value") or details["text"])
