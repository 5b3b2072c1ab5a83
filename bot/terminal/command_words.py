"""What the commands without a dialogue say, in both languages. Refusals are in ``refusals``."""

from __future__ import annotations

from collections.abc import Sequence

from bot.format.lang import Lang
from bot.terminal import here


def broken_off(command: str, given: str, lang: Lang) -> str:
    """Ctrl-C before or while the command worked; the wizard has words of its own."""
    again = here.start(given) if command == "bot" else here.typed(command, given)
    if not command:
        return lang.pick("\n중단했습니다.", "\nBroken off.")
    return lang.pick(f"\n중단했습니다. 다시: {again}", f"\nBroken off. Again: {again}")


def unknown_command(word: str, nearest: str | None, lang: Lang) -> str:
    """No such command."""
    if nearest is None:
        return lang.pick(
            f"모르는 명령입니다: {word}. 명령 목록: {here.typed('--help')}",
            f"Unknown command: {word}. The commands: {here.typed('--help')}",
        )
    return lang.pick(
        f"모르는 명령입니다: {word}. 혹시 이것인가요? {here.typed(nearest)}",
        f"Unknown command: {word}. Did you mean {here.typed(nearest)}?",
    )


def keys_missing(
    names: Sequence[str], instead: Sequence[str], looked_in: str, given: str, lang: Lang
) -> str:
    """The assistant cannot start: what is wanting, and the next step.

    ``instead``: names that do as well as those of KIS. ``given``: of ``here.elsewhere``.
    """
    told = [
        lang.pick(
            f"시작할 수 없습니다. 아직 없는 값: {', '.join(names)}",
            f"Cannot start. Not there yet: {', '.join(names)}",
        )
    ]
    if instead:
        others = ", ".join(instead)
        told.append(
            lang.pick(
                f"KIS는 이것으로도 됩니다(KIS_PAPER_는 모의투자): {others}",
                f"For KIS these do as well (KIS_PAPER_ is the paper account): {others}",
            )
        )
    setup, start = here.typed("setup", given), here.start(given)
    told.append(
        lang.pick(
            f"찾아본 곳: {looked_in}, 환경변수\n"
            f"하나씩 물어 가며 넣기: {setup}\n다 넣은 뒤 시작: {start}",
            f"Looked for in {looked_in} and the environment.\n"
            f"This asks for them one by one: {setup}\nThen start it: {start}",
        )
    )
    return "\n".join(told)


def nothing_runs(data: str, lang: Lang) -> str:
    """There is nobody to stop."""
    return lang.pick(
        f"이 데이터 폴더({data})로 실행 중인 비서가 없습니다. 멈출 것이 없습니다.",
        f"No assistant runs on this data directory ({data}): there is nothing to stop.",
    )


def told_to_stop(process: int, lang: Lang) -> str:
    """It ends within seconds."""
    return lang.pick(
        f"프로세스 {process}에 멈추라고 알렸습니다. 다음 시작부터 /resume 전까지는 청산만 합니다.",
        f"Process {process} was told to stop. From the next start on it makes exits only, until "
        "/resume.",
    )


def runs_already(data: str, given: str, lang: Lang) -> str:
    """A second start: the first one goes on, and need not be stopped."""
    return lang.pick(
        f"{data}: 이 데이터 폴더로 비서가 이미 실행 중이라 또 시작하지 않았습니다.\n"
        f"멈추려면: {_stop(given, lang)}",
        f"{data}: the assistant runs on this directory already; no second one was started.\n"
        f"To stop it: {_stop(given, lang)}",
    )


def stop_first(data: str, given: str, lang: Lang) -> str:
    """What cannot be done beside it."""
    return lang.pick(
        f"{data}: 이 데이터 폴더로 비서가 이미 실행 중입니다. 먼저 멈추세요: {_stop(given, lang)}",
        f"{data}: the assistant runs on this directory. Stop it first: {_stop(given, lang)}",
    )


def _stop(given: str, lang: Lang) -> str:
    """The command and what it leaves behind; systemd's own stop leaves nothing."""
    if here.is_service(given):
        return here.stop(given)
    return here.stop(given) + lang.pick(
        " (다음 시작부터 /resume 전까지는 청산만 합니다)",
        " (from the next start on it makes exits only, until /resume)",
    )


def no_report_yet(data: str, given: str, lang: Lang) -> str:
    """No desk ever ran on the directory."""
    start = here.start(given)
    return lang.pick(
        f"아직 보고할 것이 없습니다: {data} 폴더에 기록이 없습니다.\n"
        f"비서를 시작하면({start}) 기록이 쌓이고, 첫 거래일이 지나면 보고서가 나옵니다.",
        f"There is nothing to report yet: {data} holds no records.\n"
        f"They begin with the assistant's first run ({start}); after a trading day there "
        "is a report.",
    )


def report_usage(spans: Sequence[str], lang: Lang) -> str:
    """The period was left out."""
    listed = ", ".join(spans)
    first, second = "month", "2026-03-01 2026-03-31 --out reports-march"
    return lang.pick(
        f"어느 기간인지 적어 주세요: {listed}, 또는 첫날과 마지막 날.",
        f"Say which period: {listed}, or the first and the last day.",
    ) + (
        f"\n{lang.pick('예', 'Such as')}: {here.typed('report ' + first)}\n"
        f"    {here.typed('report ' + second)}"
    )


def no_pictures(reason: str, lang: Lang) -> str:
    """The report is there, its pictures are not."""
    return lang.pick(f"그림을 만들지 못했습니다: {reason}", f"No pictures: {reason}")


def started(lang: Lang) -> str:
    """The assistant runs; what a person does next."""
    return lang.pick(
        "✅ 비서가 돌기 시작했습니다. 아래로는 기록(로그)이 나옵니다.\n"
        "   다음: 텔레그램의 봇 대화에서 /start\n"
        "   끝내기: 이 창에서 Ctrl-C",
        "✅ The assistant runs. What follows is its log.\n"
        "   Next: /start in the chat with your bot\n"
        "   To end it: Ctrl-C in this window",
    )


def not_reached(name: str, given: str, lang: Lang) -> str:
    """Telegram or KIS."""
    why = here.typed("doctor", given)
    return lang.pick(
        f"⚠️ {name}에 연결되지 않습니다. 계속 다시 시도합니다. 까닭 보기(다른 창에서): {why}",
        f"⚠️ {name} cannot be reached; it goes on trying. Why (in another window): {why}",
    )


def reached_again(name: str, lang: Lang) -> str:
    """It answers."""
    return lang.pick(f"✅ {name}에 연결됐습니다.", f"✅ {name} answers.")


def ended(given: str, lang: Lang) -> str:
    """The last line."""
    start = here.start(given)
    return lang.pick(
        f"비서가 끝났습니다. 다시 시작: {start}",
        f"The assistant has ended. To start it again: {start}",
    )
