"""The pictures that follow a report."""

from __future__ import annotations

from collections.abc import Sequence

from bot.aside import aside
from bot.chat import Attachment, AttachmentKind, ChatSettings
from bot.picture_look import look
from bot.preferences import Preferences
from engine.model.money import Money
from reports.pictures.painter import Painter
from reports.pictures.subjects import Request, view
from reports.report import Report


class ReportPictures:
    """Draws with the trader's look."""

    def __init__(self, painter: Painter, preferences: Preferences, settings: ChatSettings) -> None:
        self._painter = painter
        self._preferences = preferences
        self._settings = settings

    async def draw(self, reports: Sequence[Report[Money]]) -> tuple[Attachment, ...]:
        """Those of each desk in turn; of a period without a trade there is nothing to draw.

        Raises:
            PicturesFailed: they could not be drawn.
        """
        wanted = [one for one in reports if one.quality.trades]
        if not wanted:
            return ()
        views = await aside(lambda: tuple(view(one) for one in wanted))
        request = Request(look(self._settings, self._preferences.lang), views)
        pictures = zip(request.files, await self._painter.draw(request), strict=True)
        return tuple(Attachment(name, one.png, AttachmentKind.PHOTO) for name, one in pictures)
