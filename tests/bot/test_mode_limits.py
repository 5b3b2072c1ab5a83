"""What the US desk sells at stands in the question before it goes LIVE."""

from __future__ import annotations

from engine.model.views import SettingView
from tests.bot.krx_samples import with_krx
from tests.bot.samples import OWN_TARGETS
from tests.bot.stage import reply_to, staged

_LIMITS = tuple(
    SettingView(name, value, "default", "", "", settable=True, group="us", file_key=key)
    for name, key, value in (
        ("max_gain", "order_settings.max_gain_pct", "15"),
        ("max_day_move", "order_settings.max_day_move_pct", "30"),
        ("include_costs", "order_settings.include_costs", "false"),
    )
)


async def test_what_single_stocks_are_sold_at_is_shown_before_going_live() -> None:
    async with staged() as stage:
        stage.control.view = with_krx(stage.control.view)
        stage.control.setting_views += (*OWN_TARGETS, *_LIMITS)
        us = await reply_to(stage, "/mode live us")
        assert "· AAPL만 목표: <b>5 %</b>\n" in us
        assert "· MSFT만 목표: <b>3.5 %</b> (지금 보유한 주식만)" in us
        for limit in ("<b>15 %</b>", "<b>30 %</b>", "<b>false (끔)</b>"):
            assert limit in us
        krx = await reply_to(stage, "/mode live krx")
        assert "MSFT" not in krx
        assert "AAPL" not in krx
