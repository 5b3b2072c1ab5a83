"""Words of stopping, as people type them in a hurry. They only open a menu."""

from __future__ import annotations

import re
import unicodedata

_KOREAN = "중지|멈춰|멈추|멈처|멈쳐|정지|스톱|스탑|그만|종료"
_STEMS = f"{_KOREAN}|꺼|stop|halt"
_ENDS = "해|하|줘|주세요|주십시오|세요|십시오|시켜|버려|요|라|자|봐"
_WITH = (
    "전부|전체|모두|다|싹|빨리|얼른|어서|당장|지금|제발|좀|이제|봇|프로그램|엔진"
    "|please|now|right|just|all|everything|it|the|bot|program|engines?"
)
# A text without its blanks and marks, of these and of nothing else.
_ALONE = re.compile(rf"(?:{_WITH})*(?:{_STEMS})(?:{_STEMS}|{_ENDS}|{_WITH})*")
# A word that ends in one: '매매중지해줘'. Only alone: 'nonstop', '내꺼' are other words.
_WORD = re.compile(rf"(?:.*(?:{_KOREAN})|꺼|stop|halt)(?:{_ENDS})*")
_MARKS = re.compile(r"[\W_]+")


def is_stop(text: str) -> bool:
    """Whether the text says stop, and nothing else: '다 멈춰 주세요!', 'please stop now'."""
    return _ALONE.fullmatch(_MARKS.sub("", _plain(text))) is not None


def names_stop(text: str) -> bool:
    """Whether a word of the text is one of stopping; the text may mean another thing."""
    return any(_WORD.fullmatch(word) for word in _MARKS.split(_plain(text)))


def _plain(text: str) -> str:
    """One spelling: letters in one piece and of the usual width, small."""
    return unicodedata.normalize("NFKC", text).casefold()
