"""Refusals of the engine and of argparse in Korean, for a terminal. In English they stand as is.

A text is known as a whole, or by what follows ``place: ``; what has no words is shown as it came.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.format.lang import Lang
from bot.terminal import here
from bot.terminal.backup_phrases import PHRASES as _BACKUP

_Phrase = tuple[re.Pattern[str], str]


def _compiled(pairs: Iterable[tuple[str, str]]) -> tuple[_Phrase, ...]:
    return tuple((re.compile(pattern, re.DOTALL), ko) for pattern, ko in pairs)


_ANEW_EN = r"move it away and give them anew: (.+)"
_ANEW = "치워 두고 키를 새로 넣으세요: {0}"

_FILES = (
    (r"no such file", "그런 파일이 없습니다"),
    (r"cannot be looked at: (.+)", "살펴볼 수 없습니다: {0}"),
    (r"cannot be read: (.+)", "읽을 수 없습니다: {0}"),
    (r"cannot be written: (.+)", "쓸 수 없습니다: {0}"),
    (r"No such file or directory", "그런 파일이나 폴더가 없습니다"),
    (r"Permission denied", "권한이 없습니다"),
    (r"No space left on device", "디스크에 남은 자리가 없습니다"),
    (r"Read-only file system", "읽기 전용 디스크입니다"),
    (r"Is a directory", "폴더입니다"),
    (r"Not a directory", "폴더가 아닙니다"),
    (r"larger than the allowed (\d+) KiB", "너무 큽니다. 허용: {0} KiB까지"),
    (r"not UTF-8 text", "UTF-8 글이 아닙니다"),
    (r"the name of the file cannot be one", "파일 이름으로 쓸 수 없습니다"),
    (
        r"must be a plain file or directory, no link or device",
        "보통 파일이나 폴더여야 합니다. 링크나 장치는 안 됩니다",
    ),
    (
        r"belongs to another user; run as that user, or: (.+)",
        "다른 사용자의 것입니다. 그 사용자로 실행하거나: {0}",
    ),
    (
        r"belongs to another user; look through it, then run: (.+)",
        "다른 사용자의 것입니다. 내용을 살펴본 뒤: {0}",
    ),
    (
        r"every user of this machine may change it; look through (.+), then run: (.+)",
        "이 컴퓨터의 누구나 바꿀 수 있습니다. {0} 내용을 살펴본 뒤: {1}",
    ),
    (r"holds more files than a data directory has", "데이터 폴더라기에는 파일이 너무 많습니다"),
    (r"readable by others; run: (.+)", "다른 사용자도 읽을 수 있습니다. 실행하세요: {0}"),
    (
        r"was open to other users of this machine; is private now",
        "다른 사용자에게 열려 있어서 주인만 읽게 고쳤습니다",
    ),
    (
        (
            r"was open to other users of this machine; is private now\. If anybody else uses "
            r"it, have new keys issued"
        ),
        (
            "다른 사용자에게 열려 있어서 주인만 읽게 고쳤습니다. 남도 쓰는 컴퓨터라면 키를 새로 "
            "발급받으세요"
        ),
    ),
)
_SETTINGS = (
    (r"(.+): the value is not allowed; allowed: (.+)", "{0}: 쓸 수 없는 값입니다. 허용: {1}"),
    (r"(.+): (.+) is not allowed; allowed: (.+)", "{0}: 쓸 수 없는 값 {1}. 허용: {2}"),
    (r"(.+): unknown key; did you mean (.+)\?", "{0}: 모르는 키입니다. 혹시 {1}?"),
    (r"(.+): unknown key", "{0}: 모르는 키입니다"),
    (r"the file must consist of 'key: value' lines", "'키: 값' 줄로 되어 있어야 합니다"),
    (r"not YAML", "YAML이 아닙니다"),
    (r"not YAML; (.+) names the line", "YAML이 아닙니다. 어느 줄인지 알려 주는 명령: {0}"),
    (r"line (\d+): (.+)", "{0}번째 줄: {1}"),
    (r"must be NAME=value", "이름=값 꼴이어야 합니다"),
    (r"key (.+) stands twice", "키 {0} 두 번 있음"),
    (r"mapping values are not allowed here", "여기에는 '키: 값'이 올 수 없습니다"),
    (r"could not find expected ':'", "':'이 빠졌습니다"),
    (r"found character '.t' that cannot start any token", "탭 대신 빈칸을 쓰세요"),
    (r"anchors and aliases are not allowed", "&와 *로 가리키는 값은 쓸 수 없습니다"),
    (r"a value stands where a section should", "묶음이 있을 자리에 값이 있습니다"),
    (
        r"cannot be changed in this file; write it there by hand",
        "이 파일에서는 바꿀 수 없습니다. 직접 적어 주세요",
    ),
    (r"(\S+) is above (\S+); taken as (\S+)", "{0}, {1}보다 커서 {2}(으)로 씁니다"),
    (r"ignored, no longer needed: (.+)", "더는 쓰지 않아 무시합니다: {0}"),
    (r"a demo directory refuses (.+); allowed: loopback", "데모 폴더에서는 {0} 거절. 허용: 루프백"),
    (r"nothing recorded for (.*)", "기록이 없습니다: {0}"),
    (r"nothing was recorded", "기록된 것이 없습니다"),
    (
        r"no recording, or one of another version",
        "`bot --record`가 남긴 기록 파일이 아니거나, 다른 버전의 기록입니다",
    ),
    (
        r"a folder; name one of the recordings in it \((.+)\)",
        "폴더입니다. 그 안의 기록 파일 하나를 적어 주세요({0})",
    ),
    (
        r"the index\.csv there is not one of recorded days",
        "그 안의 index.csv는 기록한 날의 목록이 아닙니다",
    ),
    (
        (
            r"no recorded days are here\. Record your own with `(.+)`, then play one: `(.+)`\. "
            r"Other minutes: `(.+)`\."
        ),
        "기록한 날이 없습니다. 직접 기록하기: {0}, 그다음 돌리기: {1}. 다른 분봉 폴더: {2}",
    ),
)
_ALLOWED = (
    (r"a section", "묶음(아래에 키를 둠)"),
    (r"a host name or an IP address, such as (.+)", "호스트 이름이나 IP 주소, 예: {0}"),
    (r"a list of YYYY-MM-DD", "YYYY-MM-DD 목록"),
    (r"(.+) for each day", "날마다 {0}"),
    (r"(.+) for each symbol", "종목마다 {0}"),
    (r"(.+) each", "각각 {0}"),
    (r"one or more of (.+)", "다음 중 하나 이상: {0}"),
    (r"(.+) \(fixed, New York time\)", "{0}(고정, 뉴욕 시각)"),
    (r"below (\S+) \((.+)\)", "{0}({1})보다 작게"),
    (r"at most (\S+) \((.+)\)", "{0}({1}) 이하"),
    (r"together (\d+)", "모두 합해 {0}"),
    (r"more than 0 together", "합이 0보다 크게"),
    (r"letters, digits and signs", "글자, 숫자, 기호"),
    (r"the form 12345678-01", "12345678-01 꼴"),
    (r"positive user ids, separated by commas", "양수인 사용자 ID, 쉼표로 구분"),
)
_SECRETS = (
    (
        (
            r"the passphrase is missing; give (\w+), or the systemd credential (\w+) "
            r"\(LoadCredential=\)"
        ),
        (
            "마스터 암호가 없습니다. 터미널에서 실행해 입력하거나 환경변수 {0}, 또는 systemd "
            "자격증명 {1}(LoadCredential=)로 주세요"
        ),
    ),
    (
        (
            r"the credential cannot be read: (.+); see LoadCredential= in the unit, and run this "
            r"as the service does"
        ),
        (
            "자격증명을 읽을 수 없습니다: {0}. 유닛의 LoadCredential=을 보고 서비스와 같은 "
            "방법으로 실행하세요"
        ),
    ),
    (
        (
            r"a negative number is a group or channel; allowed: user ids\. Everybody in a group "
            r"would see the account and could press its buttons"
        ),
        (
            "음수는 그룹이나 채널입니다. 허용: 사용자 ID. 그룹이면 모두가 계좌를 보고 버튼을 "
            "누를 수 있습니다"
        ),
    ),
    (
        r"another command changes the secrets; let it end first",
        "다른 명령이 비밀값을 바꾸는 중입니다. 끝난 뒤 다시 하세요",
    ),
    (r"not one of the known names", "모르는 이름입니다"),
    (r"what was written reads differently", "쓴 것과 다시 읽은 것이 다릅니다"),
    (
        r"written by a newer version of this program; use that one",
        "이 프로그램의 새 버전이 쓴 파일입니다. 그 버전으로 여세요",
    ),
    (
        rf"damaged; restore it from a backup, or {_ANEW_EN}",
        f"손상됐습니다. 백업을 되돌리거나 {_ANEW}",
    ),
    (
        (
            r"the passphrase does not open it; give the one it was made with\. Where that is lost, "
            rf"so are the secrets: {_ANEW_EN}"
        ),
        (
            "마스터 암호가 맞지 않습니다. 만들 때의 암호를 주세요. 잃었다면 키도 잃은 것입니다: "
            f"{_ANEW}"
        ),
    ),
    (
        r"one with both kinds of quotes cannot stand in \.env",
        "두 가지 따옴표가 다 든 암호는 .env에 적을 수 없습니다",
    ),
    (r"(.+) \(or the KIS_PAPER_ ones\) are missing", "{0}(또는 KIS_PAPER_ 키) 없음"),
    (r"(\w+) or (\w+) is missing", "{0} 또는 {1} 없음"),
    (r"no answer worth anything: (.+)", "쓸 수 있는 답이 없음: {0}"),
)
_DATABASES = (
    (
        r"database version (\d+), this program knows up to (\d+)(?:; .+)?",
        (
            "데이터베이스 버전 {0}. 이 프로그램은 {1}까지 압니다. 더 새 프로그램으로 시작하거나 "
            ".bak 사본을 되돌리세요"
        ),
    ),
    (r"holds tables but no version 1-\d+; not ours", "이 프로그램의 데이터베이스가 아닙니다"),
)
_WORDS = (  # of argparse and of the periods of a report
    (r"the following arguments are required: (.+)", "빠진 것: {0}"),
    (r"unrecognized arguments: (.+)", "모르는 말: {0}"),
    (r"argument (.+): invalid choice: (.+) \(choose from (.+)\)", "{0}: {1} 없음. 가능: {2}"),
    (r"argument (.+): invalid fromisoformat value: (.+)", "{0}: {1} 날짜가 아님. 꼴: 2026-03-31"),
    (r"argument (.+): invalid \S+ value: (.+)", "{0}: 쓸 수 없는 값 {1}"),
    (r"argument (.+): expected one argument", "{0}: 값이 하나 필요합니다"),
    (r"argument (.+): not allowed with argument (.+)", "{0}: {1}와(과) 함께 쓸 수 없습니다"),
    (
        r"(.+): a period is one of (.+), or two days: (.+)",
        "{0}: 기간은 {1} 가운데 하나, 또는 두 날짜: {2}",
    ),
    (
        r"two days say themselves until when: without --until",
        "두 날짜를 적으면 끝이 정해집니다. --until 없이 쓰세요",
    ),
    (
        r"a period from (\S+) to (\S+): the end comes first",
        "{0}부터 {1}까지: 끝이 시작보다 앞입니다",
    ),
)
_PHRASES = _compiled((*_WORDS, *_FILES, *_SECRETS, *_DATABASES, *_BACKUP, *_SETTINGS, *_ALLOWED))


def in_words(text: str, lang: Lang) -> str:
    """The text in the language; English is what the engine and argparse speak."""
    return here.adapted(text if lang is Lang.EN else _known(text) or text)


def is_known(text: str) -> bool:
    """Whether there are Korean words for it."""
    return _known(text) is not None


def _known(text: str) -> str | None:
    for pattern, ko in _PHRASES:
        found = pattern.fullmatch(text)
        if found is not None:
            return ko.format(*(_known(part) or part for part in found.groups()))
    place, mark, rest = text.partition(": ")
    told = _known(rest) if mark else None
    return None if told is None else f"{place}: {told}"
