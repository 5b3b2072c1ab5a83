"""The doctor's table: each line as its probe ends, with what to do under what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.format.lang import Lang
from bot.terminal import doctor_words as words
from bot.terminal.columns import padded
from engine.errors import TradingError
from engine.model.checkup import Probe, Told, Unwell

Probes = Sequence[tuple[str, Probe]]


async def examine(probes: Probes, say: Callable[[str], None], lang: Lang) -> int:
    """Run every probe, each told as it ends (KIS may let a token wait); 0 when all is well."""
    columns = max(words.columns(words.name(name, lang)) for name, _ in probes)
    is_well = True
    for name, probe in probes:
        state, text = await _finding(probe, lang)
        is_well = is_well and state is not words.State.ILL
        say(f"{padded(words.name(name, lang), columns)}  {words.state(state, lang)}  {text}")
    say(words.verdict(lang, is_well=is_well))
    return 0 if is_well else 1


async def _finding(probe: Probe, lang: Lang) -> tuple[words.State, str]:
    try:
        told = await probe()
    except Unwell as error:
        return words.State.ILL, words.unwell(error.code, error.facts, lang)
    except TradingError as error:
        return words.State.ILL, words.trouble(error, lang)
    if isinstance(told, Told):
        state = words.State.NOTE if told.is_note else words.State.WELL
        return state, words.told(told.code, told.facts, lang)
    return words.State.WELL, told
