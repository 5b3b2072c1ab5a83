"""What is on the pictures: it stays on the page, can be read, and needs no colour to be told."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from itertools import combinations, product
from pathlib import Path

import numpy as np
import pytest
from matplotlib.artist import Artist
from matplotlib.axis import Axis
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from PIL import Image

from engine.model.ids import DeskName, Mode
from reports.periods import Span
from reports.pictures.drawing import fonts, gallery, words
from reports.pictures.drawing.page import TICK, WIDTH, Page
from reports.pictures.drawing.palette import contrast
from reports.pictures.subjects import (
    Colours,
    Kind,
    Lang,
    Look,
    Picture,
    ReportView,
    Request,
    Theme,
    TradeCard,
    view,
)
from reports.report import read
from tests.reports import subjects

pytestmark = pytest.mark.timeout(90)
LEAST_CONTRAST, LEAST_SIZE, LEAST_MARGIN = 4.5, 26, 12
COMMON = 0.04  # of the pixels behind a text; rarer colours are edges
LIGHT = Look()
LOOKS = (LIGHT, Look(Lang.EN, Theme.DARK, Colours.WESTERN))
# Each palette in one language; the other one is played with the long tests.
ALL_LOOKS = tuple(
    pytest.param(
        Look(*parts), marks=() if parts[0] is Lang.KO else pytest.mark.long, id=" ".join(parts)
    )
    for parts in product(Lang, Theme, Colours)
)
REPORTS, CARDS = subjects.hostile_reports(), subjects.hostile_cards()
Drawn = tuple[Page, Picture]


def pages(
    subject: ReportView | TradeCard, look: Look = LIGHT, face: fonts.Face | None = None
) -> list[Drawn]:
    request = Request(look, (), (subject,))  # type: ignore[arg-type]
    if isinstance(subject, ReportView):
        request = Request(look, (subject,))
    return list(gallery.pages(request, face or fonts.face()))


def parts(of: Artist) -> Iterator[Artist]:
    """All that is drawn; of bare axes no axis is, and its labels would be made to be skipped."""
    for part in of.get_children():
        if not isinstance(part, Axis):
            yield part
            yield from parts(part)


def texts(page: Page) -> list[Text]:
    assert not any(axes.axison for axes in page.figure.axes)
    found = [part for part in parts(page.figure) if isinstance(part, Text)]
    return [one for one in found if one.get_text() and one.get_visible()]


def box(page: Page, text: Text) -> Bbox:
    return text.get_window_extent(page.renderer)


def check(page: Page, picture: Picture) -> None:
    """All that holds for every picture."""
    shown = [(text, box(page, text)) for text in texts(page)]
    for text, where in shown:
        assert not ("…" in text.get_text() and text.get_text()[0] in "▲▼+-"), "a figure was cut"
        assert float(text.get_fontsize()) >= LEAST_SIZE, text
        assert where.x0 >= LEAST_MARGIN, text
        assert where.x1 <= WIDTH - LEAST_MARGIN, text
        assert where.y0 >= LEAST_MARGIN, text
        assert where.y1 <= page.height - LEAST_MARGIN, text
    for (one, its), (other, others) in combinations(shown, 2):
        if TICK in {one.get_gid(), other.get_gid()}:
            assert not its.overlaps(others), (one, other)
    with Image.open(io.BytesIO(picture.png)) as image:
        assert image.format == "PNG"
        assert image.size == (picture.width, picture.height) == (WIDTH, page.height)
        image.load()


@pytest.mark.parametrize(
    ("name", "look"),
    [
        pytest.param(
            *(name, look),
            id=f"{name}-{look.theme}",
            # Each in one look, by turns; in the other one with the long tests.
            marks=() if place % 2 == LOOKS.index(look) else pytest.mark.long,
        )
        for place, name in enumerate(REPORTS)
        for look in LOOKS
    ],
)
def test_no_text_of_a_report_leaves_the_page(name: str, look: Look) -> None:
    drawn = pages(REPORTS[name], look)
    assert len(drawn) == len(REPORTS[name].kinds)
    for page, picture in drawn:
        check(page, picture)


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.theme)
@pytest.mark.parametrize("name", CARDS)
def test_no_text_of_a_card_leaves_the_page(name: str, look: Look) -> None:
    for page, picture in pages(CARDS[name], look):
        check(page, picture)


def test_a_card_says_its_result_in_words() -> None:
    card = CARDS["up"]
    ((_, picture),) = pages(card)
    net, pct = words.amount(card.net, Lang.KO), words.pct(card.net_pct)
    assert picture.alt.startswith(f"{card.name} {card.symbol} 순손익 {net} ({pct}) · {card.reason}")


@pytest.mark.parametrize("name", ["one candle", "two candles"])
def test_a_minute_is_a_candle_and_no_block(name: str) -> None:
    ((page, _),) = pages(CARDS[name])
    axes = page.figure.axes[0]
    begin, end = axes.get_xlim()
    assert end - begin >= 30
    spans = [
        np.asarray(path.vertices)[:, 0]
        for collection in axes.collections
        if isinstance(collection, PolyCollection)
        for path in collection.get_paths()
    ]
    widths = [np.ptp(xs) for xs in spans if xs.max() < end]  # a zone reaches across
    assert widths
    assert max(widths) < (end - begin) / 20


@pytest.mark.parametrize("name", ["one candle", "no candles", "many zones", "up"])
def test_a_card_is_used_down_to_its_foot(name: str) -> None:
    """Few signs to explain, or no volume, leave their room to the prices."""
    ((page, _),) = pages(CARDS[name])
    foot, lowest, *_ = sorted((box(page, text) for text in texts(page)), key=lambda one: one.y0)
    assert lowest.y0 - foot.y1 < 60
    times = [box(page, text) for text in texts(page) if text.get_gid() == TICK]
    chart = min(axes.get_window_extent(page.renderer).y0 for axes in page.figure.axes)
    assert chart - min(one.y0 for one in times) < 60


@pytest.mark.xdist_group("two years")
@pytest.mark.parametrize("desk", list(DeskName))
def test_three_thousand_trades_fit(book: Path, desk: DeskName) -> None:
    for span in (Span.ALL, Span.YEAR, Span.DAY):
        found = read(book.parent, desk, Mode.LIVE, span)
        assert found is not None
        shown = view(found)
        assert sum(shown.days.values()) == found.result.net.amount
        assert sum(share.trades for share in shown.shares) == len(found.trades)
        for page, picture in pages(shown):
            check(page, picture)


def behind(page: Page) -> Image.Image:
    """The page as it is without its texts."""
    hidden = texts(page)
    for text in hidden:
        text.set_visible(False)
    out = io.BytesIO()
    page.figure.savefig(out, format="png", dpi=72)
    for text in hidden:
        text.set_visible(True)
    return Image.open(out).convert("RGB")


def backs(page: Page, image: Image.Image, text: Text) -> Iterator[str]:
    patch = text.get_bbox_patch()
    if patch is not None:
        yield to_hex(patch.get_facecolor())
        return
    where = box(page, text)
    part = image.crop(
        (int(where.x0), int(page.height - where.y1), int(where.x1), int(page.height - where.y0))
    )
    pixels = Counter(part.get_flattened_data())
    for colour, count in pixels.items():
        if count > COMMON * part.width * part.height:
            assert isinstance(colour, tuple)
            yield "#" + "".join(f"{channel:02x}" for channel in colour)


@pytest.mark.parametrize("look", ALL_LOOKS)
def test_every_text_and_every_mark_stands_out_from_what_is_behind_it(look: Look) -> None:
    for page, _ in (*pages(subjects.month(), look), *pages(subjects.trade(), look)):
        image = behind(page)
        for text in texts(page):
            for back in backs(page, image, text):
                assert contrast(to_hex(text.get_color()), back) >= LEAST_CONTRAST, text
        for colour in marks(page):
            assert contrast(colour, page.palette.back) >= LEAST_CONTRAST


def marks(page: Page) -> set[str]:
    """Colours of lines, edges and bars, without those that are meant to be quiet."""
    palette = page.palette
    quiet = {colour.lower() for colour in (palette.grid, palette.back, palette.panel)}
    lines = [to_hex(line.get_color()) for axes in page.figure.axes for line in axes.lines]
    edges = [
        to_hex(colour)
        for axes in page.figure.axes
        for part in axes.collections
        if isinstance(part, LineCollection | PolyCollection)
        for colour in np.asarray(part.get_edgecolor())
    ]
    bars_ = [to_hex(one.get_edgecolor()) for axes in page.figure.axes for one in axes.patches]
    return {*lines, *edges, *bars_} - quiet


def test_a_loss_is_told_without_colour() -> None:
    for page, picture in pages(REPORTS["all losses"]):
        words = [text.get_text() for text in texts(page)]
        assert any(text.startswith("▼ -") for text in words)
        if picture.name in {Kind.BARS, Kind.SYMBOLS}:
            found = bars(page)
            assert found
            assert all(bar.get_hatch() for bar in found)
    for page, picture in pages(REPORTS["all gains"]):
        assert any(text.get_text().startswith("▲ +") for text in texts(page))
        if picture.name in {Kind.BARS, Kind.SYMBOLS}:
            assert not any(bar.get_hatch() for bar in bars(page))


def bars(page: Page) -> list[Rectangle]:
    return [one for axes in page.figure.axes for one in axes.patches if isinstance(one, Rectangle)]


def test_a_cell_of_the_calendar_has_a_sign() -> None:
    ((page, _),) = (one for one in pages(subjects.month()) if one[1].name == Kind.HEAT)
    cells = [text.get_text() for text in texts(page) if text.get_horizontalalignment() == "center"]
    amounts = [text for text in cells if any(map(str.isdigit, text))]
    assert len(amounts) == len(subjects.month().marks)
    assert all(text[0] in "+-" for text in amounts)


def test_a_falling_candle_is_hollow() -> None:
    ((page, _),) = pages(subjects.trade())
    bodies = [one for one in page.figure.axes[0].collections if isinstance(one, PolyCollection)]
    fills = {to_hex(colour) for body in bodies for colour in np.asarray(body.get_facecolor())}
    assert page.palette.back.lower() in fills
    assert page.palette.up.lower() in fills
    assert page.palette.down.lower() not in fills


def test_buys_and_sells_differ_by_shape() -> None:
    ((page, _),) = pages(subjects.trade())
    shapes = Counter(line.get_marker() for line in page.figure.axes[0].lines)
    assert (shapes["^"], shapes["v"]) == (1, 1)


def test_a_missing_glyph_would_be_an_error() -> None:
    page = gallery.blank(720, LIGHT, fonts.face())
    page.text(100, 100, "x").set_text("\U0001f680")
    with pytest.warns(UserWarning, match="missing from font"):
        page.picture("x", "")


def test_without_a_korean_font_labels_are_english_and_stocks_are_codes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fonts, "_from_wheel", lambda: iter(()))
    monkeypatch.setattr(fonts, "_OF_SYSTEM", ())
    fonts.face.cache_clear()
    try:
        found = fonts.face()
    finally:
        fonts.face.cache_clear()
    assert found == fonts.latin()
    assert not found.is_korean
    for subject in (subjects.month(), subjects.trade()):
        for page, picture in pages(subject, face=found):
            check(page, picture)
            shown = "".join(text.get_text() for text in texts(page))
            assert not any("가" <= letter <= "힣" for letter in shown)
            assert "?" not in shown
    words = {
        text.get_text() for page, _ in pages(subjects.trade(), face=found) for text in texts(page)
    }
    assert {"042700", "PAPER"} <= words


def test_a_korean_font_of_the_system_is_second_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    assert fonts.face().name == "NanumGothic"
    monkeypatch.setattr(fonts, "_from_wheel", lambda: iter(()))
    monkeypatch.setattr(fonts, "_OF_SYSTEM", ("No Such Font", "DejaVu Sans"))
    monkeypatch.setattr(fonts, "_PROBE", "A")
    fonts.face.cache_clear()
    try:
        assert fonts.face().name == "DejaVu Sans"
        assert fonts.face().is_korean
    finally:
        fonts.face.cache_clear()
