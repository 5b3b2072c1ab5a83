"""Short answers: usage, nothing found, expired, skipped, trouble."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from bot.format import times, words
from bot.format.lang import Lang
from bot.format.markup import bold, code, foreign, lines
from bot.format.positions import title
from engine.model.ids import DeskName, Mode

_MAX_SEEN = 3


def usage(command: str, allowed: str, example: str, lang: Lang) -> str:
    """A wrong argument: what is allowed and an example (both ours)."""
    return lines(
        lang.pick("⚠️ 형식: ", "⚠️ Usage: ") + code(foreign(f"/{command} {allowed}".strip())),
        lang.pick("예: ", "Example: ") + code(foreign(example)),
    )


def unknown_command(typed: str, nearest: str | None, lang: Lang) -> str:
    """Nobody knows it; the nearest command instead."""
    hint = None
    if nearest not in {None, "help"}:  # the list is named anyway
        hint = lang.pick("혹시: ", "Did you mean: ") + f"/{nearest}"
    return lines(
        lang.pick("모르는 말입니다: ", "Unknown: ") + foreign(typed, 60),
        hint,
        lang.pick("목록: /help", "List: /help"),
    )


def unknown_symbol(typed: str, held: tuple[str, ...], lang: Lang) -> str:
    """No such symbol; what is held instead."""
    names = ", ".join(foreign(symbol, 12) for symbol in held[:12])
    return lines(
        lang.pick("모르는 종목입니다: ", "Unknown symbol: ") + foreign(typed, 60),
        lang.pick("보유: ", "Held: ") + (names or lang.pick("없음", "none")),
        lang.pick("예: ", "Example: ") + code("/sell AAPL 50%"),
    )


def unknown_stock(typed: str, seen: Sequence[tuple[str, str]], lang: Lang) -> str:
    """No Korean stock of that name or code. ``seen``: code and name of some being looked at."""
    named = ", ".join(title(symbol, name) for symbol, name in seen[:_MAX_SEEN])
    return lines(
        lang.pick("모르는 국내 종목입니다: ", "Unknown Korean stock: ") + foreign(typed, 60),
        lang.pick("이름이나 여섯 자리 코드로: ", "By name or six-character code: ")
        + code(foreign(seen[0][0], 12) if seen else "005930"),
        lang.pick("지금 살피는 종목: ", "Being looked at: ") + named if named else None,
    )


def expired(lang: Lang) -> str:
    """A button that is unknown, used, foreign or too old."""
    return lang.pick(
        "만료되었거나 이미 쓴 버튼입니다. 명령을 다시 보내세요.",
        "Expired or already used. Send the command again.",
    )


def other_mode(shown: Mode, now: Mode, lang: Lang) -> str:
    """A button that was shown in a mode that is no longer in force."""
    then, current = words.mode(shown, lang), words.mode(now, lang)
    return lang.pick(
        f"{then}에서 보인 버튼입니다. 지금은 {current}라서 아무것도 하지 않았습니다.",
        f"That button was shown in {then}. Now it is {current}: nothing was done.",
    )


def working(lang: Lang) -> str:
    """While a press is acted on."""
    return lang.pick("⏳ 처리 중…", "⏳ working…")


def dismissed(lang: Lang) -> str:
    """[취소] was pressed."""
    return lang.pick("취소했습니다. 아무것도 하지 않았습니다.", "Cancelled. Nothing was done.")


def skipped(typed: str, late: timedelta, lang: Lang) -> str:
    """A message that came too late to be done."""
    return lines(
        lang.pick("⏭ 늦게 도착해 실행하지 않음: ", "⏭ Too late, not executed: ")
        + code(foreign(typed, 60)),
        lang.pick(
            f"{times.span(late, lang)} 전에 보낸 말입니다. 필요하면 다시 보내세요.",
            f"Sent {times.span(late, lang)} ago. Send it again if you still want it.",
        ),
    )


def skipped_press(label: str, lang: Lang) -> str:
    """A button pressed while the assistant was down or cut off; ``label`` may be empty."""
    shown = foreign(label, 60)
    what = f"[{shown}]" if shown else lang.pick("(버튼)", "(button)")
    return lines(
        lang.pick("⏭ 늦게 도착해 실행하지 않음: ", "⏭ Too late, not executed: ") + what,
        lang.pick(
            "꺼져 있거나 연결이 끊긴 동안 누른 버튼입니다. 필요하면 다시 누르세요.",
            "Pressed while I was down or cut off. Press it again if you still want it.",
        ),
    )


def edited(lang: Lang) -> str:
    """Edited messages do nothing."""
    return lang.pick(
        "수정한 메시지는 실행하지 않습니다. 새로 보내 주세요.",
        "Edited messages are not executed. Send a new one.",
    )


def strangers(count: int, lang: Lang) -> str:
    """Told to the owner, at most once a day."""
    return lang.pick(
        f"🚫 허락되지 않은 사용자의 접근 {count}건을 무시했습니다.",
        f"🚫 Ignored {count} tries of users who are not allowed.",
    )


def no_answer(lang: Lang) -> str:
    """The desk gave no answer within its time."""
    return lang.pick(
        "⚠️ 데스크의 답이 없습니다. 실행됐을 수 있으니 /orders, /status로 확인하세요.",
        "⚠️ No answer from the desk. It may have been done: check /orders and /status.",
    )


def no_buttons(lang: Lang) -> str:
    """The store of the buttons fails: what works without them."""
    return lines(
        lang.pick(
            "⚠️ 저장소 오류로 버튼을 만들 수 없습니다.",
            "⚠️ Buttons cannot be made: the store fails.",
        ),
        lang.pick(
            f"신규 중단: /pause\n종료: 컴퓨터에서 {code('python3 run.py stop')}",
            f"Exits only: /pause\nTo end, on the machine: {code('python3 run.py stop')}",
        ),
    )


def desk_disabled(desk: DeskName, lang: Lang) -> str:
    """There is no such desk."""
    name = words.desk(desk, lang)
    return lang.pick(f"{name} 데스크가 꺼져 있습니다.", f"The {name} desk is disabled.")


def no_desk(lang: Lang) -> str:
    """Neither desk runs."""
    return lang.pick("데스크가 꺼져 있습니다.", "No desk is running.")


def not_drawn(lang: Lang) -> str:
    """The figures stand without their pictures."""
    return lang.pick(
        "⚠️ 그림을 그리지 못했습니다. 위 숫자는 그대로입니다. [그림]을 다시 눌러 보세요.",
        "⚠️ The pictures could not be drawn. The figures above stand. Try [Pictures] again.",
    )


def files_not_sent(lang: Lang) -> str:
    """Telegram did not take the files, or not all of them."""
    return lang.pick(
        "⚠️ 파일을 모두 보내지 못했습니다. 잠시 뒤 다시 눌러 주세요.",
        "⚠️ Not all files could be sent. Press again in a while.",
    )


def files_too_large(names: tuple[str, ...], lang: Lang) -> str:
    """Telegram takes no file of that size from a bot."""
    return lines(
        lang.pick("⚠️ 텔레그램에는 너무 큰 파일: ", "⚠️ Too large for Telegram: ")
        + ", ".join(foreign(name, 60) for name in names[:10]),
        lang.pick("직접 만들기: ", "Make them on the machine: ")
        + code("run.py report all --out DIR"),
    )


def failed(error_id: str, error_class: str, lang: Lang) -> str:
    """Something went wrong: an id to look up in the log, never the traceback."""
    return lines(
        lang.pick("🚨 처리 중 오류", "🚨 Something went wrong"),
        f"{code(foreign(error_id))} {foreign(error_class)}",
        lang.pick(
            "자세한 내용은 로그에 있습니다. 지금 상태: /status",
            "Details are in the log. How things stand: /status",
        ),
    )


def refresh_failed(lang: Lang) -> str:
    """KIS was not asked or gave no answer."""
    return lang.pick(
        "⚠️ KIS 조회 실패 (한도 또는 오류). 장부 값을 보여 줍니다.",
        "⚠️ KIS could not be asked (quota or error). Shown from the books.",
    )


def language(lang: Lang) -> str:
    """After /lang."""
    return lang.pick("✅ 한국어로 바꿨습니다.", "✅ Switched to English.")


def welcome(lang: Lang, mode_line: str, responsibility: str) -> str:
    """/start."""
    return lines(
        bold("Dolpa"),
        lang.pick(
            "한국투자증권 계좌로 국내 주식의 돌파를 찾아 사고팔고,\n"
            "미국 주식은 지켜보다가 목표 수익률이 되면 팝니다.",
            "Trades breakouts of Korean stocks in your KIS account,\n"
            "and sells its US stocks at their target.",
        ),
        mode_line,
        lang.pick(
            "상태, 포지션, 잔고처럼 말해도 됩니다.\n전체: /help",
            "Try /status, /positions, /balance. All: /help",
        ),
        responsibility,
    )


def reminder(times_told: int, lang: Lang) -> str:
    """Put before an alert that nobody confirmed yet."""
    return lang.pick(
        f"🔁 아직 확인하지 않은 알림 ({times_told}번 알림)",
        f"🔁 Not confirmed yet (told {times_told}x)",
    )


def acknowledged(lang: Lang) -> str:
    """[확인] under an alert."""
    return lang.pick("확인했습니다. 더 알리지 않습니다.", "Confirmed. You are not told again.")


def repeated(lang: Lang) -> str:
    """Put before an alert whose first sending got no answer."""
    return lang.pick("(다시 보냄: 이미 받았을 수 있음)", "(sent again: you may have it already)")
