"""Continued replies: the keys of the next page, and whether a page brings the reading on. Pure.

Source: kis-rest-domestic notes section 2.5, kis-rest-overseas notes section 2.5.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.adapters.kis.http import Reply
from engine.adapters.kis.values import Body, Row, rows, says_nothing_found, text

NO_WAY_ON = "more pages, and no new key to the next one"

_FORWARD_KEY, _NEXT_KEY = "CTX_AREA_FK", "CTX_AREA_NK"
_OUTPUTS = ("output", "output1", "Output1")
# What tells rows apart, prices left out: those move between two readings of the same page.
_IDENTITY = (
    *("ord_dt", "ord_gno_brno", "odno", "pdno", "ovrs_pdno", "ovrs_excg_cd", "loan_dt"),
    *("trad_dt", "trad_day"),
)


def page_keys(query: Mapping[str, str]) -> tuple[str, str]:
    """The names of the two keys in a query; they end in their width, 200 or 100."""
    forward = next(name for name in query if name.startswith(_FORWARD_KEY))
    return forward, forward.replace(_FORWARD_KEY, _NEXT_KEY)


def next_keys(reply: Reply, names: tuple[str, str]) -> dict[str, str]:
    """What the next page is asked for with; the body spells the names in lower case."""
    return {name: reply.text_of(name.lower()) for name in names}


def page_trouble(reply: Reply, asked: Mapping[str, str], before: Sequence[Body]) -> str:
    """Why a page does not bring the reading on; blank if it does.

    ``asked``: the query it answers; ``before``: the bodies of the pages that came before.
    """
    body = reply.body or {}
    found = _rows(body)
    if before and not found and not says_nothing_found(body):
        return "a further page without rows"
    if found and any(found == _rows(earlier) for earlier in before):
        return "a page told twice"
    if reply.has_more:
        names = page_keys(asked)
        keys = next_keys(reply, names)
        if not keys[names[1]] or all(asked[name].strip() == keys[name] for name in names):
            return NO_WAY_ON
    return ""


def _rows(body: Body) -> list[tuple[str, ...]]:
    return [identity for row in rows(body, *_OUTPUTS) if any(identity := _identity(row))]


def _identity(row: Row) -> tuple[str, ...]:
    return tuple(text(row, name) for name in _IDENTITY)
