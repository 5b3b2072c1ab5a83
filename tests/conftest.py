"""Rules for every test: loopback only, and honest words about missing market data."""

import os
import socket
import ssl
from collections.abc import Iterator
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from tests.browser.chromium import NO_CHROMIUM, found

ROOT = Path(__file__).resolve().parent.parent
MARKET_DATA = Path(os.environ.get("DOLPA_MARKET_DATA", ROOT.parent / "shared" / "data"))
NO_DATA = "recorded market data absent (looked in ../shared/data)"


@pytest.fixture(autouse=True, scope="session")
def loopback_only() -> Iterator[None]:
    """Refuse every address but loopback, whatever library asks for it."""
    real_connect, real_connect_ex = socket.socket.connect, socket.socket.connect_ex

    def checked(self: socket.socket, address: Any) -> None:
        _refuse_foreign(self, address)
        return real_connect(self, address)

    def checked_ex(self: socket.socket, address: Any) -> int:
        _refuse_foreign(self, address)
        return real_connect_ex(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", checked)
        patch.setattr(socket.socket, "connect_ex", checked_ex)
        yield


def _refuse_foreign(sock: socket.socket, address: Any) -> None:
    if sock.family not in (socket.AF_INET, socket.AF_INET6):
        return
    host = str(address[0])
    if host != "localhost" and not ip_address(host).is_loopback:
        raise AssertionError(f"a test tried to reach {host}")


@pytest.fixture(autouse=True, scope="session")
def one_list_of_authorities() -> Iterator[None]:
    """httpx reads its list for each client of the chat, for 40 ms, and nobody here speaks TLS."""
    make = ssl.create_default_context
    made_of = cache(lambda cafile: make(cafile=cafile))

    def context(*args: Any, **kwargs: Any) -> ssl.SSLContext:
        is_httpx = not args and kwargs.keys() == {"cafile"}
        return made_of(**kwargs) if is_httpx else make(*args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ssl, "create_default_context", context)
        yield


@pytest.fixture
def market_data() -> Path:
    """The recorded data; tests that use it carry the ``market_data`` marker."""
    return MARKET_DATA


@pytest.hookimpl(tryfirst=True)  # before xdist looks for groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if {"e2e", "browser"} & {mark.name for mark in item.iter_markers()}:
            # Real processes at 60x: two such tests at once would starve each other.
            item.add_marker(pytest.mark.xdist_group("e2e"))
    # Browser and chat live to the end of the session, so nothing else should come after them.
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)
    if not MARKET_DATA.is_dir():
        _skip(items, "market_data", NO_DATA)
    if found() is None:
        _skip(items, "browser", NO_CHROMIUM)


def _skip(items: list[pytest.Item], marker: str, reason: str) -> None:
    for item in items:
        if item.get_closest_marker(marker) is not None:
            item.add_marker(pytest.mark.skip(reason=reason))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    skipped = [str(report.longrepr) for report in terminalreporter.stats.get("skipped", [])]
    without_data = sum(NO_DATA in reason for reason in skipped)
    without_browser = sum(NO_CHROMIUM in reason for reason in skipped)
    ran = sum(len(terminalreporter.stats.get(key, [])) for key in ("passed", "failed"))
    terminalreporter.write_line(
        f"tests run: {ran}; skipped for lack of market data: {without_data}; "
        f"for lack of Chromium: {without_browser}; "
        f"for other reasons: {len(skipped) - without_data - without_browser}"
    )
