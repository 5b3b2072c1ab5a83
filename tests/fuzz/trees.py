"""Changes to JSON-like trees, and JSON text that no sane writer would make of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from random import Random
from typing import Any

from tests.fuzz import hostile

Tree = Any
_DEEP = (3, 20, 200, 900, 960, 980, 990, 2_000, 100_000)
_PLACE = "@@here@@"


def bent(rng: Random, tree: Tree, most: int = 4) -> Tree:
    """A copy with some of its places changed."""
    copy = json.loads(json.dumps(tree))
    for _ in range(rng.randint(1, most)):
        places = list(_places(copy))
        if not places:
            return leaf(rng)
        _bend(rng, *rng.choice(places))
    return copy


def leaf(rng: Random) -> Tree:
    """A value of any kind."""
    pick = rng.random()
    if pick < 0.6:
        return hostile.value(rng)
    return rng.choice(
        (None, True, False, 0, -1, 10**18, 1.5, 1e308, float("inf"), float("nan"), [], {}, [[]],
         [None], {"": ""}, [{}], {"a": {"b": []}})
    )  # fmt: skip


def written(rng: Random, tree: Tree) -> bytes:
    """As JSON; one time in eight with something that only an attacker writes."""
    text = json.dumps(tree, ensure_ascii=rng.random() < 0.5)
    if rng.random() < 0.125:
        text = _poisoned(rng, tree)
    data = text.encode("utf-8", "surrogatepass")
    return hostile.damaged(rng, data) if rng.random() < 0.08 else data


def _poisoned(rng: Random, tree: Tree) -> str:
    """A value that Python's own writer cannot make stands in one place of the tree."""
    copy = json.loads(json.dumps(tree))
    places = list(_places(copy))
    if not places:
        return _raw(rng)
    holder, key = rng.choice(places)
    holder[key] = _PLACE
    return json.dumps(copy).replace(f'"{_PLACE}"', _raw(rng))


def _raw(rng: Random) -> str:
    depth = rng.choice(_DEEP)
    match rng.randrange(8):
        case 0:
            return "[" * depth + "]" * depth
        case 1:
            return '{"a":' * depth + "1" + "}" * depth
        case 2:
            return "[" * depth
        case 3:
            return hostile.digits(rng).strip() or "0"
        case 4:
            return rng.choice(('"\\ud800"', '"\\udc00\\ud800"', '"a\\u0000b"', '"\\ud83d"'))
        case 5:
            return rng.choice(("1e400", "-1e400", "1" + "0" * 400, "NaN", "-Infinity", "01", "+1"))
        case 6:
            return '{"rt_cd":"1","rt_cd":"0","rt_cd":[]}'
        case _:
            return "[" + ",".join(["{}"] * rng.choice((10, 1_000, 60_000))) + "]"


def _places(tree: Tree) -> Iterator[tuple[Any, Any]]:
    if isinstance(tree, dict | list):
        keys = list(tree) if isinstance(tree, dict) else range(len(tree))
        for key in keys:
            yield tree, key
            yield from _places(tree[key])


def _bend(rng: Random, holder: Any, key: Any) -> None:
    old = holder[key]
    pick = rng.random()
    if pick < 0.35:
        holder[key] = leaf(rng)
    elif pick < 0.6 and isinstance(old, str):
        holder[key] = hostile.changed(rng, old)
    elif pick < 0.7:
        del holder[key]
    elif pick < 0.8 and isinstance(holder, dict):
        holder[hostile.text(rng)] = old
    elif pick < 0.87 and isinstance(holder, list):
        holder.insert(key, json.loads(json.dumps(old)))
    elif pick < 0.94:
        holder[key] = rng.choice(([old], {"0": old}, [old, old], [[old]]))
    else:
        holder[key] = str(old) if not isinstance(old, str) else rng.choice((0, 7, -3.5, None))
