"""Every key of config.yaml can be set from the phone, or is listed here with the reason why not."""

from __future__ import annotations

from engine.config.keys import CHECKS
from engine.config.settable import SETTABLE

NOT_FROM_THE_PHONE: dict[str, tuple[str, ...]] = {
    "/mode asks and measures; a file's wish alone never raises it": (
        *("mode", "trading.mode", "domestic.mode"),
    ),
    "a desk comes up or stays away at a start": ("trading.enabled", "domestic.enabled"),
    "where servers are: an address typed in a chat could lead keys and orders astray": (
        *("api.base_url", "api.websocket_url", "api.paper_base_url", "api.paper_websocket_url"),
        *("api.master_url", "telegram.base_url", "telegram.base_file_url"),
        *("kakao.auth_base_url", "kakao.api_base_url", "health.host", "health.port"),
    ),
    "its keys stand on the machine as well": ("kakao.enabled",),
    "the chat is built with it at the start": (
        *("telegram.confirm_s", "telegram.late_after_s", "telegram.remind_s"),
        *("telegram.chart_theme", "telegram.chart_colours"),
    ),
    "kept for the files of the system before; what is so anyway": (
        *("trading.timezone", "trading.exchange_code", "trading.premarket_start"),
        *("trading.market_open", "trading.window_end"),
    ),
    "nothing is counted with it: the US desk makes no entries, and won are told at KIS's rate": (
        *("live.small_order_usd", "costs.fx_spread_pct"),
    ),
    "KIS grants these to the key": (
        *("rate_limit.requests_per_second", "rate_limit.paper_requests_per_second"),
    ),
    "set symbol by symbol: /set target AAPL 4": ("order_settings.targets",),
    "lists of dates, easier in the file, which is read again at once": (
        *("calendar.us.closed", "calendar.us.early_close", "calendar.krx.closed"),
        *("calendar.krx.open", "calendar.krx.early_close", "calendar.krx.hours"),
    ),
}


def test_every_key_is_settable_or_has_a_reason() -> None:
    listed = [key for keys in NOT_FROM_THE_PHONE.values() for key in keys]
    settable = {one.key for one in SETTABLE}
    assert len(listed) == len(set(listed))
    assert settable.isdisjoint(listed)
    assert settable | set(listed) == set(CHECKS)
