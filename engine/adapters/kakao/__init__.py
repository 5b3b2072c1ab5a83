"""KakaoTalk messages to oneself (나에게 보내기) as a second notifier (ADR 0026)."""

from engine.adapters.kakao.notifier import KakaoNotifier
from engine.adapters.kakao.tokens import KEPT_UNDER, KakaoKeys

__all__ = ["KEPT_UNDER", "KakaoKeys", "KakaoNotifier"]
