"""Draws the pictures of the documentation: python -m tests.reports.sample_pictures [DIRECTORY]."""

from __future__ import annotations

import sys
from pathlib import Path

from reports.pictures.drawing import gallery
from reports.pictures.subjects import Colours, Lang, Look, Picture, Request, Theme
from tests.reports import subjects

OUT = Path(__file__).resolve().parent.parent.parent / "docs" / "pictures"


def main(out: Path) -> None:
    dark = Look(theme=Theme.DARK)
    english = Look(Lang.EN, Theme.LIGHT, Colours.WESTERN)
    out.mkdir(parents=True, exist_ok=True)
    month, year = (subjects.month(),), (subjects.year(),)
    gain, loss = subjects.trade(), subjects.trade(is_gain=False)
    loss_en = subjects.trade(is_gain=False, name="Hanmi Semiconductor", lang=Lang.EN)
    for ending, request in (
        ("month-light", Request(Look(), month)),
        ("year-en-dark", Request(Look(Lang.EN, Theme.DARK, Colours.WESTERN), year)),
        ("up-light", Request(Look(), (), (gain,))),
        ("up-dark", Request(dark, (), (gain,))),
        ("down-dark", Request(dark, (), (loss,))),
        ("down-en-light", Request(english, (), (loss_en,))),
    ):
        for picture in gallery.drawn(request):
            (out / _name(picture, ending)).write_bytes(picture.png)


def _name(picture: Picture, ending: str) -> str:
    if picture.name == "card":
        return f"card-trade-{ending}.png"
    return f"report-{picture.name}-{ending}.png"


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else OUT)
