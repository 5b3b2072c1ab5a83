"""The second notifier, where the configuration wants one and its keys are given."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from engine.adapters.kakao import KakaoKeys, KakaoNotifier
from engine.adapters.secrets import Secrets, TokenStore
from engine.config import Config
from engine.errors import ConfigError
from engine.flow.supervisor import human_monotonic
from engine.model.receipts import Denial, Receipt

_MEND = {
    Denial.TOKEN: "log in again and set KAKAO_REFRESH_TOKEN",
    Denial.KEY: "check KAKAO_REST_API_KEY, KAKAO_CLIENT_SECRET",
    Denial.SCOPE: "allow talk_message in the Kakao console",
    Denial.ACCOUNT: "look at the app on developers.kakao.com",
}


def kakao_keys(secrets: Secrets) -> KakaoKeys | None:
    """None unless both are given."""
    key, token = secrets.kakao_rest_api_key, secrets.kakao_refresh_token
    if key is None or token is None:
        return None
    own = secrets.kakao_client_secret
    return KakaoKeys(key.reveal(), token.reveal(), own.reveal() if own is not None else "")


@asynccontextmanager
async def open_second(
    config: Config, secrets: Secrets, tokens: TokenStore
) -> AsyncIterator[KakaoNotifier | None]:
    """None: switched off, or without keys. Connects to nothing before it is used."""
    keys, kakao = kakao_keys(secrets), config.kakao
    if not kakao.enabled or keys is None:
        yield None
        return
    addresses = (kakao.auth_base_url, kakao.api_base_url)
    notifier = KakaoNotifier(*addresses, keys, tokens, human_monotonic)
    try:
        yield notifier
    finally:
        await notifier.close()


def second_probes(
    config: Config, notifier: KakaoNotifier | None
) -> list[tuple[str, Callable[[], Awaitable[str]]]]:
    """The doctor's line; none while it is switched off. Sends no message."""
    if not config.kakao.enabled:
        return []

    async def probe() -> str:
        if notifier is None:
            raise ConfigError("KAKAO_REST_API_KEY or KAKAO_REFRESH_TOKEN is missing")
        told = await notifier.renew()
        if told.denial is not None:
            raise ConfigError(f"{told.code}: {_MEND[told.denial]}")
        if told.receipt is not Receipt.TAKEN:
            raise ConfigError(f"no answer worth anything: {told.code}")
        return "token accepted; talk_message shows with the first message"

    return [("kakao", probe)]
