"""Prints the tables: ``python -m tests.days [TEXT | cost [krx]]``; TEXT picks cards by names."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.conftest import MARKET_DATA, NO_DATA
from tests.days.cards import CARDS
from tests.days.costs import Market, spend_day, table
from tests.days.krx_costs import korean_table, spend_korean_day
from tests.days.play import play
from tests.days.rows import HEADING, line
from tests.days.verdicts import broken_promises


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main(words: list[str]) -> int:
    """Play what the words pick and print its table; the exit status."""
    if words == ["cost", "krx"]:
        with TemporaryDirectory() as folder:
            _say(korean_table(spend_korean_day(Path(folder))))
        return 0
    if words == ["cost"]:
        spends = []
        for market in Market:
            with TemporaryDirectory() as folder:
                spends.append(spend_day(market, Path(folder)))
        _say(table(spends))
        return 0
    if not MARKET_DATA.is_dir():
        _say(NO_DATA)
        return 1
    _say(HEADING)
    broken = []
    for card in CARDS:
        if words and words[0].lower() not in card.name.lower():
            continue
        with TemporaryDirectory() as folder:
            row = play(card, MARKET_DATA, Path(folder))
        _say(line(row))
        broken += [f"{card.name}: {promise}" for promise in broken_promises(row)]
    _say("\n".join(broken or ["every card came out as it must"]))
    return int(bool(broken))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
