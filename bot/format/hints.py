"""What is said to plain words: the command that does it. Nothing is done by a guess."""

from __future__ import annotations

from bot.format.lang import Lang
from bot.format.markup import code, foreign, lines


def sale(typed: str, name: str, amount: str, lang: Lang) -> str:
    """Words of selling a stock that is held; ``amount`` as typed, empty for all of it."""
    return _sale(typed, code(foreign(f"/sell {name} {amount}".strip(), 80)), lang)


def sale_by(typed: str, command: str, lang: Lang) -> str:
    """Words of selling all, or nothing that is held; ``command`` (ours) shows what there is."""
    return _sale(typed, f"/{command}", lang)


def stop_loss(typed: str, lang: Lang) -> str:
    """손절 with a figure: a level as likely as an amount, so the setting is named."""
    return _sale(typed, code(lang.pick("/set 손절", "/set stop")) + ", /sell", lang)


def stock(typed: str, lang: Lang, *, is_korean: bool) -> str:
    """A stock's name alone. ``is_korean``: one that /why knows."""
    why = code(foreign(f"/why {typed}", 60)) + ", " if is_korean else ""
    return _perhaps(lang) + why + "/positions"


def us_stock(typed: str, lang: Lang, *, is_held: bool) -> str:
    """A US share where a Korean stock is meant; not held, it only looks like one."""
    what = foreign(typed, 60)
    if is_held:
        first = lang.pick(f"{what}: 미국 주식입니다.", f"{what} is a US share.")
    else:
        first = lang.pick("모르는 국내 종목입니다: ", "Unknown Korean stock: ") + what
    return lines(
        first,
        lang.pick(
            "미국 주식은 /positions, /status에 있습니다. 이 명령은 국내 종목만 다룹니다.",
            "US shares are under /positions and /status. This command is for Korean stocks.",
        ),
    )


def _sale(typed: str, command: str, lang: Lang) -> str:
    return lines(
        lang.pick("말만으로는 팔지 않습니다: ", "Words alone sell nothing: ") + foreign(typed, 60),
        _perhaps(lang) + command,
        lang.pick("누르면 먼저 확인을 묻습니다.", "It asks before it sells."),
    )


def _perhaps(lang: Lang) -> str:
    return lang.pick("혹시: ", "Did you mean: ")
