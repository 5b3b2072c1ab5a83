"""Draws nothing: keeps what was asked for."""

from __future__ import annotations

from reports.pictures.painter import Painter, PicturesFailed
from reports.pictures.subjects import Picture, Request


class FakePainter(Painter):
    """``fails``: as a child that could not be started."""

    def __init__(self) -> None:
        self.asked: list[Request] = []
        self.fails = False

    async def draw(self, request: Request) -> tuple[Picture, ...]:
        """One picture for each that is wanted."""
        self.asked.append(request)
        if self.fails:
            raise PicturesFailed("no child")
        return tuple(
            Picture(f"picture-{number}", b"png", 1080, 1350, "a <picture>")
            for number in range(request.pictures)
        )
