"""``python -m sandbox``: KIS, Telegram and Kakao on loopback until stopped."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import signal
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path

from sandbox.http import DEFAULT_HOST, Running, require_loopback, serve
from sandbox.kakao_api import KakaoApi
from sandbox.kakao_store import KakaoApp, KakaoStore
from sandbox.kis_rest import KisRest
from sandbox.krx import hours as krx_hours
from sandbox.krx import recorded as krx_recorded
from sandbox.krx.listings import DEFAULT_KRX
from sandbox.krx.side import KrxScenario
from sandbox.model import Credentials, Server
from sandbox.recorded import find, load
from sandbox.scenario import Scenario, build, recorded_listings
from sandbox.session import at, is_trading_day
from sandbox.telegram_api import TelegramApi
from sandbox.telegram_chat import ChatUser

DEFAULT_PORT = 8090
DEFAULT_DATE = date(2026, 11, 20)
DEFAULT_START = "09:28"
KOREAN = "KST"
BOT_TOKEN = "424242:SandboxOnlyBotTokenOfNoValueAtAll00"  # noqa: S105 - opens nothing
KAKAO = KakaoApp("sandboxkakaorestapikey0000000000", "sandbox-kakao-refresh-token-of-no-value")
OWNER = ChatUser(user_id=10_001, first_name="트레이더", username="trader")
STRANGER = ChatUser(user_id=10_002, first_name="낯선이", username="stranger")


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT; 2 for bad arguments."""
    known = parser()
    options = known.parse_args(arguments)
    try:
        require_loopback(options.host)
        scenario = scenario_of(options)
    except ValueError as error:
        known.error(str(error))
    return asyncio.run(_serve(scenario, options))


def scenario_of(options: argparse.Namespace) -> Scenario:
    """What the arguments ask for.

    Raises:
        ValueError: The date is no trading day where the start is, or nothing was recorded for it.
    """
    day: date = options.date
    clock_time, korean = options.start
    if not (krx_hours.is_trading_day(day) if korean else is_trading_day(day)):
        raise ValueError(f"{day} is not a {'KRX' if korean else 'US'} trading day")
    scenario = Scenario(
        start=krx_hours.at(day, clock_time) if korean else at(day, clock_time),
        seed=options.seed,
        speed=options.speed,
        clock_file=options.clock_file,
        krx=_krx_scenario(options, day),
    )
    if options.data_dir is None:
        return scenario
    recorded: date = options.recorded or day
    files = find(options.data_dir, recorded, ticks=options.ticks)
    if not files:
        raise ValueError(f"nothing recorded for {recorded} in {options.data_dir}")
    tape = load(files, shift_to=day, keep_suspicious=options.keep_suspicious)
    return replace(scenario, listings=recorded_listings(tape), tape=tape)


def _krx_scenario(options: argparse.Namespace, day: date) -> KrxScenario:
    if options.krx_data_dir is None:
        return KrxScenario(DEFAULT_KRX)
    tape = krx_recorded.load(options.krx_data_dir, options.krx_recorded or day, shift_to=day)
    return KrxScenario(tape.listings, tape)


def start_time(text: str) -> tuple[time, bool]:
    """``09:28`` in New York, or ``08:58KST``; the second value says whether it is Korean.

    Raises:
        ValueError: Neither.
    """
    clock_time = text.removesuffix(KOREAN).rstrip()
    return time.fromisoformat(clock_time), text.endswith(KOREAN)


def env_lines(credentials: dict[Server, Credentials]) -> list[str]:
    """The .env a bot needs to talk to this sandbox."""
    real, paper = credentials[Server.REAL], credentials[Server.PAPER]
    values = {
        "KIS_APP_KEY": real.app_key,
        "KIS_APP_SECRET": real.app_secret,
        "KIS_ACCOUNT_NO": _dashed(real.account),
        "KIS_HTS_ID": real.hts_id,
        "KIS_PAPER_APP_KEY": paper.app_key,
        "KIS_PAPER_APP_SECRET": paper.app_secret,
        "KIS_PAPER_ACCOUNT_NO": _dashed(paper.account),
        "TELEGRAM_BOT_TOKEN": BOT_TOKEN,
        "TELEGRAM_CHAT_ID": str(OWNER.user_id),
        "KAKAO_REST_API_KEY": KAKAO.rest_api_key,
        "KAKAO_REFRESH_TOKEN": KAKAO.refresh_token,
    }
    return [f"{name}={value}" for name, value in values.items()]


async def _serve(scenario: Scenario, options: argparse.Namespace) -> int:
    world = build(scenario)
    telegram = TelegramApi(
        world.faults, token=BOT_TOKEN, users=[OWNER, STRANGER], now=lambda: datetime.now(UTC)
    )
    kakao = KakaoApi(world.faults, KakaoStore(KAKAO, lambda: datetime.now(UTC)))
    rest = KisRest(world, seed=scenario.seed)
    places = {"host": options.host, "port": options.port}
    try:
        running = await serve(world, rest=rest, telegram=telegram, kakao=kakao, **places)
    except OSError as error:
        sys.stderr.write(f"cannot serve on {options.host}:{options.port}: {error}\n")
        return 1
    if options.credentials_file is not None:
        write_private(options.credentials_file, env_lines(world.credentials))
    sys.stdout.write(f"READY {running.url}\n")
    sys.stdout.flush()
    try:
        await _until_stopped(running)
    finally:
        await running.close()
    return 0


async def _until_stopped(running: Running) -> None:
    """Return on a signal; a market that broke raises here."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        # Windows loops take no handlers; there Ctrl-C ends the run by itself.
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, stop.set)
    stopped = asyncio.ensure_future(stop.wait())
    await asyncio.wait({stopped, running.market}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if running.market.done():
        running.market.result()


def write_private(path: Path, lines: list[str]) -> None:
    """A file that only its owner can read."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        path.chmod(0o600)
        stream.write("\n".join(lines) + "\n")


def _dashed(account: str) -> str:
    return f"{account[:8]}-{account[8:]}"


def parser() -> argparse.ArgumentParser:
    """The arguments of ``python -m sandbox``."""
    known = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    known.add_argument("--host", default=DEFAULT_HOST, help="loopback address")
    known.add_argument("--port", type=int, default=DEFAULT_PORT, help="0 takes a free one")
    known.add_argument("--seed", type=int, default=1)
    known.add_argument(
        "--date", type=date.fromisoformat, default=DEFAULT_DATE, help="where --start is"
    )
    known.add_argument(
        "--start", type=start_time, default=DEFAULT_START, help="New York time, or as 08:58KST"
    )
    known.add_argument("--speed", type=float, default=1.0, help="market seconds per second")
    known.add_argument("--data-dir", type=Path, help="recorded days instead of invented ones")
    known.add_argument("--recorded", type=date.fromisoformat, help="recorded day, if not --date")
    known.add_argument("--ticks", action="store_true", help="recorded ticks instead of minutes")
    known.add_argument("--keep-suspicious", action="store_true", help="play bad ticks too")
    known.add_argument("--krx-data-dir", type=Path, help="a recorded Korean day instead")
    known.add_argument("--krx-recorded", type=date.fromisoformat, help="that day, if not --date")
    known.add_argument("--clock-file", type=Path, help="publish the clock's state here")
    known.add_argument("--credentials-file", type=Path, help="write a .env for a bot here")
    return known


if __name__ == "__main__":
    sys.exit(main())
