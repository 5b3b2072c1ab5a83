"""Where things are and what they add up to: paths, addresses, KIS sides, the mode to start in."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

from engine.adapters.clocks import DemoClock, SystemClock
from engine.adapters.kis.budget import CallBudget, CallCaps, CallCounts
from engine.adapters.kis.endpoint import KisEndpoint, KisKeys, Server
from engine.adapters.kis.krx.master import MasterFiles
from engine.adapters.kis.limiter import RateLimiter
from engine.adapters.kis.network import Network
from engine.adapters.secrets import Redactor, Secret, Secrets, TokenStore
from engine.config import Config, is_loopback_url, krx_settings
from engine.errors import ConfigError, JournalFailed
from engine.model.ids import DeskName, Mode
from engine.ports.chat_store import ChatValues
from engine.ports.clock import Clock
from engine.ports.settings import SettingsStore
from engine.rules.krx.sessions import kst_date
from engine.rules.rate_limit import Rate, rate_of
from engine.rules.sessions import exchange_date
from engine.wiring.kis import Budgets, KisSide, make_kis_side
from engine.wiring.modes import Sides
from engine.wiring.second import kakao_keys

log = logging.getLogger(__name__)

DEMO_FILE = "demo.json"
LIVE_KEYS = {desk: f"live.confirmed.{desk}" for desk in DeskName}
RESTORED = "restored.made_at"  # of the backup in force, until a start finds every stop released
PAPER_SPACING = timedelta(milliseconds=1100)


@dataclass(frozen=True, slots=True)
class Paths:
    """``data`` is private to one process; ``config`` None means defaults.

    ``recordings``: where to keep what the desks are given, to play it again; None: nowhere.
    """

    data: Path
    config: Path | None
    recordings: Path | None = None


def make_clock(data: Path, config: Config) -> Clock:
    """The machine's clock, or a demo directory's. Such a directory talks to loopback only.

    Raises:
        ConfigError: a demo directory with an address outside loopback.
    """
    path = data / DEMO_FILE
    if not path.exists():
        return SystemClock()
    foreign = [url for url in addresses(config) if not is_loopback_url(url)]
    if foreign:
        raise ConfigError(f"{path}: a demo directory refuses {foreign[0]}; allowed: loopback")
    return DemoClock(path)


def sandbox_of(data: Path, config: Config) -> str | None:
    """Root address of the sandbox of a demo directory that talks to loopback only; else None."""
    is_demo = (data / DEMO_FILE).exists()
    if not is_demo or not all(is_loopback_url(url) for url in addresses(config)):
        return None
    parts = urlsplit(config.api.base_url)
    return f"{parts.scheme}://{parts.netloc}"


def addresses(config: Config) -> tuple[str, ...]:
    """Every address that orders, quotes, lists, chat or alerts come from or go to."""
    api, telegram, kakao = config.api, config.telegram, config.kakao
    return (
        api.base_url,
        api.websocket_url,
        api.paper_base_url,
        api.paper_websocket_url,
        api.master_url,
        telegram.base_url,
        telegram.base_file_url,
        *((kakao.auth_base_url, kakao.api_base_url) if kakao.enabled else ()),
    )


def make_sides(
    config: Config,
    secrets: Secrets,
    paths: Paths,
    counts: CallCounts,
    clock: Clock,
    network: Network,
    *,
    cache: TokenStore,
) -> Sides:
    """The KIS sides whose keys are given. A desk's caps count over both."""
    us_caps, krx_caps = _caps(config)
    krx_share = RateLimiter(clock, _krx_share(config))
    budgets = Budgets(
        us=CallBudget(DeskName.US, us_caps, counts, clock, exchange_date),
        krx=CallBudget(DeskName.KRX, krx_caps, counts, clock, kst_date, krx_share),
    )
    masters = MasterFiles(config.api.master_url, paths.data / "masters", network.transport)

    def side(server: Server, keys: KisKeys | None) -> KisSide | None:
        if keys is None:
            return None
        return make_kis_side(
            endpoint_of(config, server, keys),
            rate_for(config, server),
            budgets,
            masters=masters,
            cache=cache,
            clock=clock,
            network=network,
        )

    hts_id = secrets.kis_hts_id
    hide = Redactor(secrets).hide
    real = kis_keys(secrets.kis_app_key, secrets.kis_app_secret, secrets.kis_account, hts_id, hide)
    paper = kis_keys(
        *(secrets.paper_app_key, secrets.paper_app_secret, secrets.paper_account, hts_id), hide
    )
    return Sides(side(Server.REAL, real), side(Server.PAPER, paper))


def endpoint_of(config: Config, server: Server, keys: KisKeys) -> KisEndpoint:
    """Where one side is reached, and with what."""
    api = config.api
    if server is Server.PAPER:
        return KisEndpoint(server, api.paper_base_url, api.paper_websocket_url, keys)
    return KisEndpoint(server, api.base_url, api.websocket_url, keys)


def apply_rates(config: Config, sides: Sides) -> None:
    """Limits of an edited file, from the next call on."""
    us_caps, krx_caps = _caps(config)
    for side in sides.all():
        side.limiter.apply(rate_for(config, side.server))
        side.budgets.us.apply(us_caps)
        side.budgets.krx.apply(krx_caps, _krx_share(config))


def rate_for(config: Config, server: Server) -> Rate:
    """How often one side may be called."""
    rates = config.rate_limit
    if server is Server.PAPER:
        return rate_of(Decimal(rates.paper_requests_per_second), PAPER_SPACING)
    return rate_of(Decimal(min(rates.requests_per_second, rates.safe_per_second)))


def _caps(config: Config) -> tuple[CallCaps, CallCaps]:
    rates = config.rate_limit
    us = CallCaps(rates.safe_per_hour, rates.safe_per_day, rates.daily_limit)
    return us, CallCaps.of_day(config.domestic.daily_limit)


def _krx_share(config: Config) -> Rate:
    return rate_of(krx_settings(config).scan.calls_per_second)


def kis_keys(
    key: Secret | None,
    secret: Secret | None,
    account: Secret | None,
    hts_id: Secret | None,
    hide: Callable[[str], str] = str,
) -> KisKeys | None:
    """The keys of one side, None unless all three are given. The HTS ID may be missing.

    ``hide`` takes every secret out of what the broker says.
    """
    if key is None or secret is None or account is None:
        return None
    hts = hts_id.reveal() if hts_id else ""
    return KisKeys(key.reveal(), secret.reveal(), account.reveal(), hts, hide)


def absences(config: Config, secrets: Secrets, data: Path) -> tuple[str, ...]:
    """What the assistant does without, and that it is a demo, as codes for the start message."""
    is_demo = (data / DEMO_FILE).exists()
    found = {
        "demo": is_demo,
        "no_hts_id": secrets.kis_hts_id is None,
        "token_in_memory": secrets.master_passphrase is None and not is_demo,
        "kakao_no_keys": config.kakao.enabled and kakao_keys(secrets) is None,
        "kakao_in_memory": config.kakao.enabled and secrets.master_passphrase is None,
        "us_disabled": not config.trading.enabled,
        "krx_disabled": not config.domestic.enabled,
    }
    return tuple(code for code, is_so in found.items() if is_so)


def live_mark(sides: Sides) -> str:
    """What a LIVE confirmation is given for: the account and the addresses in use."""
    return "" if sides.real is None else f"{sides.real.account_hash} {sides.real.addresses}"


async def start_mode(
    desk: DeskName,
    config: Config,
    store: SettingsStore,
    values: ChatValues,
    sides: Sides,
    clock: Clock,
) -> tuple[Mode, tuple[str, ...]]:
    """The mode a desk comes up in, never higher than last confirmed, with what to say.

    A lower one is written down: what it fell back from must be confirmed anew.

    Raises:
        ConfigError: no keys for any mode.
        JournalFailed: state.db cannot be read.
    """
    own = config.trading.mode if desk is DeskName.US else config.domestic.mode
    wish = own or config.mode
    last = await store.mode(desk)
    mode, notices = (last or wish), []
    confirmed = await values.get(LIVE_KEYS[desk])
    if mode is Mode.LIVE and (last is None or confirmed != live_mark(sides)):
        mode = Mode.DRY_RUN
        notices.append("live_needs_confirmation")
    refusal = sides.refusal(mode)
    if refusal:
        notices.append(f"{mode}:{refusal}")
        mode = Mode.DRY_RUN if sides.real is not None else Mode.PAPER
    if sides.refusal(mode):
        raise ConfigError(
            "KIS_APP_KEY, KIS_APP_SECRET, KIS_ACCOUNT_NO (or the KIS_PAPER_ ones) are missing"
        )
    if last is not None and mode is not last:
        try:
            await store.set_mode(desk, mode, None, clock.now())
        except JournalFailed:  # the other desk's exits do not wait for it
            log.exception("the mode %s came up in could not be written", desk)
    return mode, tuple(notices)


async def start_modes(
    config: Config, store: SettingsStore, values: ChatValues, sides: Sides, clock: Clock
) -> tuple[dict[DeskName, Mode], tuple[str, ...]]:
    """The mode each desk comes up in, with what to say. Raises as ``start_mode``."""
    modes: dict[DeskName, Mode] = {}
    notices: list[str] = []
    desks = [DeskName.US, *([DeskName.KRX] if config.domestic.enabled else [])]
    for desk in desks:
        mode, said = await start_mode(desk, config, store, values, sides, clock)
        modes[desk] = mode
        notices += [notice for notice in said if notice not in notices]
    return modes, tuple(notices)
