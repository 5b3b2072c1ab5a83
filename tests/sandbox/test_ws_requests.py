from __future__ import annotations

import json
from typing import Any

import pytest

from tests.sandbox.ws_stage import Desk, request_text

HEADER = {"custtype": "P", "tr_type": "1", "content-type": "utf-8"}
INPUT = {"tr_id": "HDFSCNT0", "tr_key": "DNASGOOGL"}


def whole(desk: Desk) -> dict[str, Any]:
    return {"header": {"approval_key": desk.approval_key, **HEADER}, "body": {"input": {**INPUT}}}


def without(message: dict[str, Any], *path: str) -> str:
    at = message
    for step in path[:-1]:
        at = at[step]
    del at[path[-1]]
    return json.dumps(message)


def replaced(message: dict[str, Any], value: object, *path: str) -> str:
    at = message
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    return json.dumps(message)


def reply(desk: Desk, text: str) -> dict[str, Any]:
    [frame] = desk.open().receive(text, desk.now)
    answer: dict[str, Any] = json.loads(frame)
    return answer


NULL = {"tr_id": "(null)", "tr_key": "", "encrypt": "N"}


@pytest.mark.parametrize(
    ("path", "code", "text"),
    [
        (("header",), "OPSP9998", "JSON PARSING ERROR : header not found"),
        (("header", "approval_key"), "OPSP9996", "JSON PARSING ERROR : appkey not found"),
        (("header", "custtype"), "OPSP9997", "JSON PARSING ERROR : custtype not found"),
        (("header", "tr_type"), "OPSP8997", "JSON PARSING ERROR : invalid tr_type"),
        (("body",), "OPSP9992", "JSON PARSING ERROR : body not found"),
        (("body", "input"), "OPSP9991", "JSON PARSING ERROR : input not found"),
        (("body", "input", "tr_id"), "OPSP8991", "SUBSCRIBE ERROR : invalid tr_id"),
        (("body", "input", "tr_key"), "OPSP9990", "JSON PARSING ERROR : tr_key not found"),
    ],
)
def test_a_missing_part_is_named_under_a_null_header(
    path: tuple[str, ...], code: str, text: str
) -> None:
    desk = Desk()
    answer = reply(desk, without(whole(desk), *path))
    assert answer["header"] == NULL
    assert answer["body"] == {"rt_cd": "9", "msg_cd": code, "msg1": text}


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        (("header", "custtype"), "X", "OPSP8998"),
        (("header", "tr_type"), "0", "OPSP8997"),
        (("header", "tr_type"), 1, "OPSP8997"),
        (("header", "approval_key"), 5, "OPSP9996"),
        (("header",), "text", "OPSP9998"),
        (("body",), [], "OPSP9992"),
        (("body", "input", "tr_key"), 5930, "OPSP8993"),
        (("body", "input", "tr_key"), "", "OPSP8992"),
        (("body", "input", "tr_key"), "GOOGL", "OPSP8992"),
        (("body", "input", "tr_key"), "DNAS GOOGL", "OPSP8992"),
        (("body", "input", "tr_id"), "HDFSCNT1", "OPSP8991"),
        (("body", "input", "tr_id"), None, "OPSP8991"),
    ],
)
def test_a_wrong_part_has_its_own_code(path: tuple[str, ...], value: object, code: str) -> None:
    desk = Desk()
    assert reply(desk, replaced(whole(desk), value, *path))["body"]["msg_cd"] == code


@pytest.mark.parametrize("text", ["", "hello", "[1]", '{"header":', "[" * 100_000, "7"])
def test_what_is_no_json_object_is_an_invalid_format(text: str) -> None:
    answer = reply(Desk(), text)
    assert answer["body"]["msg_cd"] == "OPSP9999"
    assert answer["header"] == NULL


def test_an_unknown_approval_key_is_refused_by_name_of_the_tr() -> None:
    answer = reply(Desk(), request_text("HDFSCNT0", "DNASGOOGL", "no-such-key"))
    assert answer == {
        "header": {"tr_id": "HDFSCNT0", "tr_key": "DNASGOOGL", "encrypt": "N"},
        "body": {"rt_cd": "1", "msg_cd": "OPSP0011", "msg1": "invalid approval : NOT FOUND"},
    }


def test_a_company_may_register_too() -> None:
    desk = Desk()
    text = request_text("HDFSCNT0", "DNASGOOGL", desk.approval_key, custtype="B")
    assert reply(desk, text)["body"]["msg_cd"] == "OPSP0000"
