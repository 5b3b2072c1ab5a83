"""A page of the phone: pixels from its upper left corner, texts that fit, a head and a foot."""

from __future__ import annotations

import io
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch
from matplotlib.text import Text
from matplotlib.transforms import IdentityTransform
from PIL import Image

from engine.model.ids import Mode
from reports.pictures.drawing import words
from reports.pictures.drawing.fonts import Face
from reports.pictures.drawing.palette import Palette, readable_on
from reports.pictures.subjects import Lang, Picture

WIDTH, TALL, WIDE = 1080, 1350, 720
EDGE = 64
INNER = WIDTH - 2 * EDGE
SMALL, PLAIN, NAME, BIG = 28, 32, 46, 96
_DPI = 72  # a point is a pixel
_COMPRESSION = 2
_LEAST, _SLACK = 26.0, 0.99
_BADGE_HEIGHT, _BADGE_PAD = 52, 22
TICK = "tick"  # marks labels of an axis, for whoever checks that they keep apart

Side = Literal["left", "center", "right"]
Height = Literal["baseline", "center", "top", "bottom"]


class Page:
    """1080 pixels wide; a text is at least 26 pixels high, 9 on a phone of 390."""

    def __init__(self, height: int, palette: Palette, face: Face, lang: Lang) -> None:
        self.height = height
        self.palette = palette
        self.face = face
        self.lang = lang if face.is_korean else Lang.EN
        self.figure = Figure((WIDTH / _DPI, height / _DPI), dpi=_DPI, facecolor=palette.back)
        self._canvas = FigureCanvasAgg(self.figure)
        self.renderer = self._canvas.get_renderer()  # type: ignore[no-untyped-call]

    def text(
        self,
        x: float,
        y: float,
        words_: str,
        *,
        size: float = PLAIN,
        colour: str | None = None,
        is_bold: bool = False,
        side: Side = "left",
        level: Height = "baseline",
        within: float | None = None,
    ) -> Text:
        """Shrunk, then shortened, until it is at most ``within`` pixels wide."""
        shown = self.figure.text(
            *(x / WIDTH, 1 - y / self.height, self.face.readable(words_)),
            color=colour or self.palette.text,
            fontproperties=self.face.of(size, is_bold=is_bold),
            horizontalalignment=side,
            verticalalignment=level,
            parse_math=False,
        )
        if within is not None:
            self._fit(shown, within)
        return shown

    def axes(self, top: float, bottom: float, *, right: float = 0, left: float = EDGE) -> Axes:
        """Bare; ``right``: pixels kept free for figures beside it."""
        width = WIDTH - left - EDGE - right
        box = (
            *(left / WIDTH, 1 - bottom / self.height),
            *(width / WIDTH, (bottom - top) / self.height),
        )
        axes = self.figure.add_axes(box)
        axes.set_axis_off()
        return axes

    def boxed(self, axes: Axes, x: float, y: float, words_: str, *, level: Height) -> Text:
        """A remark at a place of the data, readable over lines, moved to stay within the axes."""
        across, up = axes.transData.transform((x, y))
        shown = self.text(
            *(float(across), self.height - float(up), words_),
            size=SMALL,
            side="center",
            level=level,
        )
        shown.set_bbox({"facecolor": self.palette.back, "edgecolor": "none", "pad": 4})
        self.move_within(shown, EDGE, float(axes.get_window_extent(self.renderer).x1))
        return shown

    def beside(self, axes: Axes, x: float, y: float, words_: str) -> Text:
        """A figure of the axis at its right; ``x`` and ``y`` of the data."""
        across, up = axes.transData.transform((x, y))
        shown = self.text(
            *(float(across) + 14, self.height - float(up), words_),
            size=SMALL,
            colour=self.palette.muted,
            level="center",
            within=WIDTH - 16 - float(across) - 14,
        )
        shown.set_gid(TICK)
        return shown

    def tick(self, x: float, y: float, words_: str, *, side: Side = "center") -> Text:
        """Under an axis, with its upper edge at ``y``; inside the margins."""
        muted = self.palette.muted
        shown = self.text(x, y, words_, size=SMALL, colour=muted, side=side, level="top")
        shown.set_gid(TICK)
        self.move_within(shown, EDGE, WIDTH - EDGE)
        return shown

    def move_within(self, text: Text, left: float, right: float) -> None:
        """Sideways, until it is."""
        begin, end = self.ends_of(text)
        over = max(0.0, end - right) or min(0.0, begin - left)
        text.set_x(text.get_position()[0] - over / WIDTH)

    def ends_of(self, text: Text) -> tuple[float, float]:
        """Its left and right end, in pixels."""
        box = text.get_window_extent(self.renderer)
        return float(box.x0), float(box.x1)

    def width_of(self, text: Text) -> float:
        """In pixels."""
        return float(text.get_window_extent(self.renderer).width)

    def badge(self, mode: Mode, y: float) -> float:
        """Whose money, at the left; returns where what follows may begin."""
        back = self.palette.text if mode is Mode.LIVE else self.palette.panel
        ink = readable_on(back)
        centre = y + _BADGE_HEIGHT / 2
        shown = self.text(
            *(EDGE + _BADGE_PAD, centre, words.mode(mode, self.lang)),
            colour=ink,
            size=SMALL,
            is_bold=True,
            level="center",
        )
        width = self.width_of(shown) + 2 * _BADGE_PAD
        self.figure.add_artist(
            FancyBboxPatch(
                (EDGE, self.height - y - _BADGE_HEIGHT),
                *(width, _BADGE_HEIGHT),
                boxstyle=f"round,pad=0,rounding_size={_BADGE_HEIGHT * 0.4}",
                transform=IdentityTransform(),
                facecolor=back,
                edgecolor=self.palette.muted,
                linewidth=0 if mode is Mode.LIVE else 2,
                zorder=-1,
            )
        )
        return EDGE + width + _BADGE_PAD

    def name_of(self, symbol: str, name: str) -> str:
        """The stock's name, or its code where the letters of the name are missing."""
        return name if all(map(self.face.has, name.replace(" ", ""))) and name else symbol

    def known(self, words_: str) -> str:
        """The text, or nothing where it is Korean and the letters are missing."""
        is_korean = any("가" <= letter <= "힣" for letter in words_)
        return "" if is_korean and not self.face.is_korean else words_

    def colour_of(self, value: float) -> str:
        """Of a gain or a loss; nothing has none."""
        if not value:
            return self.palette.text
        return self.palette.up if value > 0 else self.palette.down

    def picture(self, name: str, alt: str) -> Picture:
        """Rendered. ``name``: for a file."""
        self.text(EDGE, self.height - 36, "DOLPA", size=26, colour=self.palette.muted, is_bold=True)
        self._canvas.draw()  # type: ignore[no-untyped-call]
        out = io.BytesIO()
        # Without the transparency that savefig keeps, a third faster.
        seen = np.asarray(self._canvas.buffer_rgba())  # type: ignore[no-untyped-call]
        pixels = Image.fromarray(seen).convert("RGB")
        pixels.save(out, "png", compress_level=_COMPRESSION)
        return Picture(name, out.getvalue(), WIDTH, self.height, alt)

    def _fit(self, text: Text, within: float) -> None:
        while self.width_of(text) > within and float(text.get_fontsize()) > _LEAST:
            smaller = float(text.get_fontsize()) * within / self.width_of(text) * _SLACK
            text.set_fontsize(max(_LEAST, smaller))
        whole = text.get_text()
        kept = len(whole)
        while self.width_of(text) > within and kept > 1:
            kept = min(kept - 1, int(kept * within / self.width_of(text)) + 1)
            text.set_text(whole[:kept].rstrip() + "…")
