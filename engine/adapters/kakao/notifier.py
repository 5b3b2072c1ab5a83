"""KakaoTalk's message to oneself as a Notifier."""

from __future__ import annotations

from collections.abc import Callable

from engine.adapters.kakao.contract import (
    LONGEST_TEXT,
    SEND_PATH,
    TOKEN_REFUSED,
    read_answer,
    template,
)
from engine.adapters.kakao.http import KakaoHttp, NoAnswer
from engine.adapters.kakao.tokens import KakaoKeys, KakaoTokens, Kept
from engine.model.receipts import Receipt, Told


class KakaoNotifier:
    """Addresses without a trailing slash. A refused token is renewed once, then it is a denial."""

    def __init__(
        self,
        auth_base_url: str,
        api_base_url: str,
        keys: KakaoKeys,
        kept: Kept,
        monotonic: Callable[[], float],
        http: KakaoHttp | None = None,
    ) -> None:
        self._http = http or KakaoHttp()
        self._tokens = KakaoTokens(auth_base_url, keys, self._http, kept, monotonic)
        self._url = api_base_url + SEND_PATH

    @property
    def longest_text(self) -> int:
        """In UTF-16 units."""
        return LONGEST_TEXT

    async def notify(self, text: str, link: str) -> Told:
        """Send it once."""
        told = await self._try(text, link)
        if told.receipt is Receipt.DENIED and told.code == TOKEN_REFUSED:
            told = await self._try(text, link)
        return told

    async def renew(self) -> Told:
        """A new access token."""
        return await self._tokens.renew()

    async def close(self) -> None:
        """Let go of the connections."""
        await self._http.close()

    async def _try(self, text: str, link: str) -> Told:
        token = await self._tokens.token()
        if isinstance(token, Told):
            return token
        try:
            answer = await self._http.post(
                self._url, {"template_object": template(text, link)}, token
            )
        except NoAnswer as trouble:
            return Told(Receipt.LOST if trouble.was_sent else Receipt.LATER, str(trouble))
        told = read_answer(answer.status, answer.body)
        if told.code == TOKEN_REFUSED:
            self._tokens.forget(token)
        return told
