"""What the commands without a dialogue say, in both languages. Refusals are in ``refusals``."""

from __future__ import annotations

from collections.abc import Sequence

from bot.format.lang import Lang
from bot.terminal import here


def broken_off(command: str, lang: Lang) -> str:
    """Ctrl-C before or while the command worked; the wizard has words of its own."""
    again = here.start() if command == "bot" else here.typed(command)
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


def keys_missing(names: Sequence[str], lang: Lang) -> str:
    """The assistant cannot start: what is wanting, and the next step."""
    listed = ", ".join(names)
    return lang.pick(
        f"시작할 수 없습니다. 아직 없는 값: {listed}\n"
        f"하나씩 물어 가며 넣기: {here.typed('setup')}\n"
        f"다 넣은 뒤 시작: {here.start()}",
        f"Cannot start. Not there yet: {listed}\n"
        f"This asks for them one by one: {here.typed('setup')}\n"
        f"Then start it: {here.start()}",
    )


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


def runs_already(data: str, lang: Lang) -> str:
    """The lock is taken."""
    return lang.pick(
        f"{data}: 이 데이터 폴더로 이미 실행 중입니다. 먼저 멈추세요: {here.stop()}",
        f"{data}: another instance runs on this directory. Stop it first: {here.stop()}",
    )


def no_report_yet(data: str, lang: Lang) -> str:
    """No desk ever ran on the directory."""
    return lang.pick(
        f"아직 보고할 것이 없습니다: {data} 폴더에 기록이 없습니다.\n"
        f"비서를 시작하면({here.start()}) 기록이 쌓이고, 첫 거래일이 지나면 보고서가 나옵니다.",
        f"There is nothing to report yet: {data} holds no records.\n"
        f"They begin with the assistant's first run ({here.start()}); after a trading day there "
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
