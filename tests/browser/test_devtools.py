"""The driver itself, on a page made for it: what it reports must be what happened."""

from __future__ import annotations

import struct
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.browser.chromium import Browser
from tests.browser.devtools import DevToolsError
from tests.browser.page import Page, Screen

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.timeout(60),
]

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


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def tab(browser: Browser) -> AsyncIterator[Page]:
    async with browser.page("about:blank") as found:
        yield found


@pytest_asyncio.fixture(loop_scope="session")
async def page(tab: Page, tmp_path: Path) -> Page:
    """The page below, freshly loaded."""
    file = tmp_path / "page.html"
    file.write_text(BODY, encoding="utf-8")
    await tab.go(file.as_uri())
    tab.errors.clear()
    return tab


async def test_a_click_far_below_reaches_its_button_as_a_person_would(page: Page) -> None:
    await page.write("#field", "가나 <b>")
    await page.click("#go")
    assert await page.wait_for("document.body.dataset.said") == "가나 <b>true"
    assert page.errors == []


async def test_a_button_that_lies_under_something_cannot_be_clicked(page: Page) -> None:
    with pytest.raises(DevToolsError, match="waited in vain"):
        await page.click("#under", limit_s=0.2)


async def test_what_a_script_throws_comes_back_in_its_own_words(page: Page) -> None:
    assert await page.evaluate("Promise.resolve(6 * 7)") == 42
    with pytest.raises(DevToolsError, match="TypeError: no such thing"):
        await page.evaluate("Promise.reject(new TypeError('no such thing'))")
    await page.evaluate("setTimeout(() => { throw new Error('later') }); console.error('x', 1)")
    await page.evaluate("new Promise(done => setTimeout(done))")
    said, thrown = page.errors
    assert said == "x 1"
    assert thrown.startswith("Error: later")


async def test_a_download_has_its_name_and_bytes(page: Page, browser: Browser) -> None:
    await page.click("#file")
    name, path = await browser.downloaded()
    assert (name, path.read_bytes()) == ("표.csv", b"a,b")


async def test_a_screen_has_size_scale_and_colour_scheme(page: Page) -> None:
    dark = "matchMedia('(prefers-color-scheme: dark)').matches"
    await page.show_on(Screen(width=390, height=500, scale=2, theme="dark"))
    assert await page.evaluate(f"[innerWidth, devicePixelRatio, {dark}]") == [390, 2, True]
    size = struct.unpack(">II", (await page.screenshot())[16:24])
    assert size == (780, 1000)
    await page.show_on(Screen(theme="light"))
    assert await page.evaluate(dark) is False


async def test_the_browser_finds_nobody_by_name(page: Page) -> None:
    for name in ("example.com", "localhost"):
        with pytest.raises(DevToolsError, match="ERR_NAME_NOT_RESOLVED"):
            await page.go(f"http://{name}:8099/")
    assert "http://example.com:8099/" in page.addresses
