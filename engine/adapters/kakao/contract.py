"""What Kakao's documents say, as far as it is used here. Read on 2026-11-27 from stored copies.

* Access token: ``POST {auth}/oauth/token``, form-encoded, ``grant_type=refresh_token``,
  ``client_id`` (REST API key), ``refresh_token``, and ``client_secret`` where the app has it
  switched on. The answer holds ``access_token`` and ``expires_in`` (about 6 hours); a
  ``refresh_token`` (about 60 days) only when the old one had less than a month left, and the old
  one is void then. Sources: developers.kakao.com/docs/latest/ko/kakaologin/rest-api; Kakao's own
  answer on KOE322, devtalk.kakao.com/t/126899.
* At most 20 access tokens in 10 minutes for a user:
  developers.kakao.com/docs/latest/ko/getting-started/quota.
* Message to oneself: ``POST {api}/v2/api/talk/memo/default/send``, form-encoded
  ``template_object`` (JSON), ``Authorization: Bearer``, scope ``talk_message``; ``result_code`` 0.
  Source: developers.kakao.com/docs/latest/ko/kakaotalk-message/rest-api.
* Text template: ``object_type`` text, ``text`` up to 200 characters, ``link`` required; links lead
  only to web domains registered for the app (console: 제품 링크 관리). Source:
  developers.kakao.com/docs/latest/ko/message-template/default.
* Error codes: developers.kakao.com/docs/latest/en/rest-api/error-code,
  .../kakaologin/trouble-shooting, .../kakaotalk-message/trouble-shooting.
* Per day 30,000 messages an app, 100 a sender, 100 a recipient, 20 for a pair of both.

Not confirmed: whether a longer text is cut or refused (we cut it before), how 200 is counted
(UTF-16 units here, the stricter way), whether the limits of sender and pair hold for messages to
oneself, when the day of the allowance begins (midnight in Korea here), the code for too many
tokens (KOE237 here), and whether the phone rings for a message to oneself.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType

from engine.model.receipts import Denial, Receipt, Told

TOKEN_PATH = "/oauth/token"  # noqa: S105 - an address
SEND_PATH = "/v2/api/talk/memo/default/send"
LONGEST_TEXT = 200
TOKEN_REFUSED = "-401"  # noqa: S105 - a code

_HTTP_OK, _HTTP_BUSY, _HTTP_SERVER = 200, 429, 500

_TOLD: Mapping[str, Receipt | Denial] = MappingProxyType(
    {
        "-1": Receipt.LATER,  # their trouble
        "-2": Receipt.UNFIT,  # a parameter
        "-3": Denial.SCOPE,  # the app has not switched the permission on
        "-4": Denial.ACCOUNT,
        "-5": Denial.SCOPE,
        "-6": Receipt.UNFIT,
        "-7": Receipt.LATER,  # maintenance
        "-8": Receipt.UNFIT,  # a header
        "-9": Denial.ACCOUNT,  # the call was given up
        "-10": Receipt.SPENT,
        "-11": Receipt.SPENT,
        "-12": Denial.ACCOUNT,
        "-101": Denial.ACCOUNT,  # not linked to the app any more
        "-103": Denial.ACCOUNT,
        TOKEN_REFUSED: Denial.TOKEN,
        "-402": Denial.SCOPE,
        "-406": Denial.ACCOUNT,
        "-501": Denial.ACCOUNT,  # no KakaoTalk
        "-530": Denial.ACCOUNT,
        "-531": Receipt.SPENT,
        "-532": Receipt.SPENT,
        "-533": Receipt.SPENT,
        "-536": Receipt.SPENT,
        "KOE003": Receipt.LATER,
        "KOE010": Denial.KEY,  # client secret
        "KOE101": Denial.KEY,
        "KOE237": Receipt.LATER,
        "KOE322": Denial.TOKEN,
        "invalid_client": Denial.KEY,
        "invalid_grant": Denial.TOKEN,
    }
)


def template(text: str, link: str) -> str:
    """The text template as JSON. No button: the whole message leads to the link."""
    target = {"web_url": link, "mobile_web_url": link}
    return json.dumps({"object_type": "text", "text": text, "link": target}, ensure_ascii=False)


def read_answer(status: int, body: Mapping[str, object] | None) -> Told:
    """What an answer of either server means. ``body`` None: no JSON object.

    Unknown codes: trouble of theirs passes (HTTP 429, 5xx), all else is about this one message.
    """
    if status == _HTTP_OK:
        return Told(Receipt.TAKEN)
    code = _code(body or {})
    known = next((_TOLD[name] for name in code if name in _TOLD), None)
    shown = code[0] if code else f"HTTP {status}"
    if isinstance(known, Denial):
        return Told(Receipt.DENIED, shown, known)
    if known is not None:
        return Told(known, shown)
    is_passing = status == _HTTP_BUSY or status >= _HTTP_SERVER or body is None
    return Told(Receipt.LATER if is_passing else Receipt.UNFIT, shown)


def _code(body: Mapping[str, object]) -> tuple[str, ...]:
    """The most telling first: a code, then OAuth's word for the kind of error."""
    found = (body.get("error_code"), body.get("code"), body.get("error"))
    return tuple(
        str(one)[:20]
        for one in found
        if isinstance(one, int | str) and not isinstance(one, bool) and str(one)
    )
