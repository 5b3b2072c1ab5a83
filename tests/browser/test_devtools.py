"""The driver itself, on a page made for it: what it reports must be what happened."""

from __future__ import annotations

import html
import struct
from pathlib import Path

import pytest

from tests.browser.chromium import Browser
from tests.browser.devtools import DevToolsError
from tests.browser.page import Screen

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

BODY = """\
<!doctype html><html><head><meta charset="utf-8"><link rel="icon" href="data:,">
<meta name="viewport" content="width=device-width"></head><body>
<div style="height: 3000px"></div>
<textarea id="field">old</textarea><button id="go">Go</button>
<div style="position: relative"><button id="under">U</button>
<i style="position: absolute; inset: 0"></i></div>
<a id="file" download="표.csv">file</a>
<script>
  document.querySelector("#file").href = URL.createObjectURL(new Blob(["a,b"]));
  document.querySelector("#go").onclick = event => {
    setTimeout(() => { document.body.dataset.said = field.value + event.isTrusted; }, 30);
  };
</script></body></html>
"""


@pytest.fixture
def url(tmp_path: Path) -> str:
    file = tmp_path / "page.html"
    file.write_text(BODY, encoding="utf-8")
    return file.as_uri()


async def test_a_click_far_below_reaches_its_button_as_a_person_would(
    browser: Browser, url: str
) -> None:
    async with browser.page(url) as page:
        await page.write("#field", "가나 <b>")
        await page.click("#go")
        assert await page.wait_for("document.body.dataset.said") == "가나 <b>true"
        assert page.errors == []


async def test_a_button_that_lies_under_something_cannot_be_clicked(
    browser: Browser, url: str
) -> None:
    async with browser.page(url) as page:
        with pytest.raises(DevToolsError, match="waited in vain"):
            await page.click("#under", limit_s=0.2)


async def test_what_a_script_throws_comes_back_in_its_own_words(browser: Browser, url: str) -> None:
    async with browser.page(url) as page:
        assert await page.evaluate("Promise.resolve(6 * 7)") == 42
        with pytest.raises(DevToolsError, match="TypeError: no such thing"):
            await page.evaluate("Promise.reject(new TypeError('no such thing'))")
        await page.evaluate("setTimeout(() => { throw new Error('later') }); console.error('x', 1)")
        await page.evaluate("new Promise(done => setTimeout(done))")
        assert page.errors[0] == "x 1"
        assert page.errors[1].startswith("Error: later")


async def test_a_download_has_its_name_and_bytes(browser: Browser, url: str) -> None:
    async with browser.page(url) as page:
        await page.click("#file")
        name, path = await browser.downloaded()
        assert (name, path.read_bytes()) == ("표.csv", b"a,b")


async def test_a_screen_has_size_scale_and_colour_scheme(browser: Browser, url: str) -> None:
    dark = "matchMedia('(prefers-color-scheme: dark)').matches"
    async with browser.page(url, Screen(width=390, height=500, scale=2, theme="dark")) as page:
        assert await page.evaluate(f"[innerWidth, devicePixelRatio, {dark}]") == [390, 2, True]
        size = struct.unpack(">II", (await page.screenshot())[16:24])
        assert size == (780, 1000)
        await page.show_on(Screen(theme="light"))
        assert await page.evaluate(dark) is False


async def test_nobody_but_loopback_is_found(browser: Browser, url: str) -> None:
    outside = f"<img id=far src='http://example.com/{html.escape('x.png')}'>"
    async with browser.page(url) as page:
        await page.evaluate(f"document.body.insertAdjacentHTML('beforeend', {outside!r})")
        await page.wait_for("document.querySelector('#far').complete")
        assert await page.evaluate("document.querySelector('#far').naturalWidth") == 0
        assert page.errors == [
            "Failed to load resource: net::ERR_NAME_NOT_RESOLVED http://example.com/x.png"
        ]
