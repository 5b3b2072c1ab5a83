"""Files over the sandbox's Bot API: order, floods, refusals, lost answers."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pytest

import bot.app
from bot.app import build_application, chat_of
from bot.chat import Attachment, AttachmentKind, ChatSettings, ChatStores, HumanTime
from bot.courier import MAX_BYTES, Courier
from bot.polling import App
from engine.model.ids import DeskName, Mode
from reports.files import tables
from reports.periods import Span
from reports.report import read
from sandbox.telegram_api import TelegramLimits
from sandbox.telegram_records import StoredMessage
from tests.bot.krx_samples import with_krx
from tests.bot.samples import control
from tests.fakes.chat_store import FakeNonces, FakeOutbox, FakeValues
from tests.fakes.painter import FakePainter
from tests.sandbox.telegram_loopback import OWNER, TOKEN, Loopback, loopback, png

WAIT_S = 15.0
PHOTO = AttachmentKind.PHOTO


@dataclass
class Phone:
    """The assistant's chat side, polling a sandbox."""

    line: Loopback
    app: App
    courier: Courier

    async def until_said(self, part: str) -> StoredMessage:
        found: StoredMessage = await self.line.chat.wait_for(
            lambda: self.line.chat.with_text(OWNER, part), timeout_s=WAIT_S
        )
        return found

    async def until_files(self, count: int) -> list[StoredMessage]:
        await self.line.chat.wait_for(lambda: len(self.files()) >= count, timeout_s=WAIT_S)
        return self.files()

    def files(self) -> list[StoredMessage]:
        said = self.line.chat.from_bot(OWNER)
        return [one for one in said if {"document", "photo"} & one.content.keys()]

    def content(self, message: StoredMessage) -> bytes:
        stored = self.line.api.store.files.get(message.content["document"]["file_id"])
        assert stored is not None
        return stored.content

    def named(self) -> list[str]:
        """Names of the documents in the order of their messages."""
        return [
            one.content["document"]["file_name"]
            for one in self.files()
            if "document" in one.content
        ]


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory, quarter_book: Path) -> Path:
    path = tmp_path_factory.mktemp("books")
    shutil.copy(quarter_book, path / "paper.db")
    return path


@asynccontextmanager
async def phone(books: Path, limits: TelegramLimits | None = None) -> AsyncIterator[Phone]:
    async with loopback(limits or TelegramLimits(repeated_poll_s=0.1)) as line:

        async def pause(seconds: float) -> None:
            line.time.forward(seconds)

        made = control()
        made.view = replace(with_krx(made.view), modes=dict.fromkeys(DeskName, Mode.PAPER))
        app = build_application(
            TOKEN,
            ChatSettings(user_ids=(OWNER,), base_url=f"{line.root}/telegram/bot"),
            made,
            ChatStores(FakeNonces(), FakeValues(), FakeOutbox(), books),
            HumanTime(line.time, lambda: line.time().timestamp(), pause),
        )
        async with app:
            assert app.updater is not None
            await app.updater.start_polling(timeout=1)
            await app.start()
            try:
                yield Phone(line, app, Courier(app.bot, chat_of(app).speaker))
            finally:
                await app.updater.stop()
                await app.stop()


async def chosen(stage: Phone) -> StoredMessage:
    """The month's report by its button, which no pictures follow."""
    stage.line.chat.send(OWNER, "/report")
    menu = await stage.until_said("기간")
    stage.line.chat.press(OWNER, menu.message_id, label="월간")
    return await stage.until_said("2025-03")


async def pressed_csv(stage: Phone) -> list[StoredMessage]:
    shown = await chosen(stage)
    stage.line.chat.press(OWNER, shown.message_id, label="CSV")
    return await stage.until_files(8)


async def test_the_csv_button_sends_every_table_byte_for_byte(books: Path) -> None:
    expected: dict[str, bytes] = {}
    for desk in (DeskName.KRX, DeskName.US):
        found = read(books, desk, Mode.PAPER, Span.MONTH, date(2025, 3, 14))
        assert found is not None
        expected |= tables(books, found)
    async with phone(books) as stage:
        sent = await pressed_csv(stage)
        assert stage.named() == list(expected)
        assert [stage.content(one) for one in sent] == list(expected.values())
        assert sent[0].text == "[모의투자]"
        assert len(sent) == len(stage.files()) == 8
        report = await stage.until_said("2025-03")
        assert "CSV" in report.labels  # they can be had again


async def test_a_flood_delays_files_and_neither_loses_nor_doubles_one(books: Path) -> None:
    tight = TelegramLimits(repeated_poll_s=0.1, chat_burst=8)
    async with phone(books, tight) as stage:
        begun = stage.line.time()
        await pressed_csv(stage)
        assert len(set(stage.named())) == len(stage.named()) == 8
        assert (stage.line.time() - begun).total_seconds() >= 1


async def test_a_used_csv_button_sends_nothing_more(books: Path) -> None:
    async with phone(books) as stage:
        shown = await chosen(stage)
        data = next(b["callback_data"] for b in shown.buttons() if b["text"] == "CSV")
        stage.line.chat.press(OWNER, shown.message_id, label="CSV")
        await stage.until_files(8)
        late = stage.line.chat.press(OWNER, shown.message_id, data=data)
        await stage.line.chat.wait_for(lambda: late.answer, timeout_s=WAIT_S)
        assert "만료" in str(late.answer)
        assert len(stage.files()) == 8


async def test_twelve_photos_are_two_albums_in_their_order(tmp_path: Path) -> None:
    photos = [
        Attachment(f"{at}.png", png(100 + at, 200), PHOTO, f"<b>{at}</b>") for at in range(12)
    ]
    async with phone(tmp_path) as stage:
        assert await stage.courier.send(OWNER, photos) == ()
        sent = stage.files()
        assert [one.content["photo"][-1]["width"] for one in sent] == list(range(100, 112))
        assert [one.text for one in sent] == [f"[모의투자] {at}" for at in range(12)]
        albums = [one.extra["media_group_id"] for one in sent]
        assert len(set(albums[:10])) == len(set(albums[10:])) == 1
        assert albums[0] != albums[-1]


async def test_kinds_keep_their_order_and_never_share_an_album(tmp_path: Path) -> None:
    mixed = [
        *(Attachment("a.png", png(9, 9), PHOTO), Attachment("a.csv", b"a")),
        *(Attachment("b.csv", b"b"), Attachment("b.png", png(9, 9), PHOTO)),
    ]
    async with phone(tmp_path) as stage:
        await stage.courier.send(OWNER, mixed)
        kinds = ["photo" if "photo" in one.content else "document" for one in stage.files()]
        assert kinds == ["photo", "document", "document", "photo"]


@pytest.mark.parametrize(("width", "height"), [(210, 10), (9000, 1001)])
async def test_a_picture_that_is_no_photo_for_telegram_comes_as_a_file(
    tmp_path: Path, width: int, height: int
) -> None:
    picture = png(width, height)
    async with phone(tmp_path) as stage:
        await stage.courier.send(OWNER, [Attachment("wide.png", picture, PHOTO, "가")])
        (sent,) = stage.files()
        assert stage.content(sent) == picture
        assert sent.text == "[모의투자] 가"


async def test_a_long_caption_is_cut_and_a_broken_one_sent_plain(tmp_path: Path) -> None:
    files = [
        Attachment("a.csv", b"a", caption="\n".join(["가나다라마바사"] * 200)),
        Attachment("b.png", png(9, 9), PHOTO, "<nope>가"),
    ]
    async with phone(tmp_path) as stage:
        await stage.courier.send(OWNER, files)
        long, broken = stage.files()
        assert 900 < len(long.text) <= 1024
        assert long.text.endswith("…")
        assert broken.text == "[모의투자] 가"


async def test_a_file_that_is_too_large_is_named_and_the_others_go(tmp_path: Path) -> None:
    files = [Attachment("big.csv", b"x" * (MAX_BYTES + 1)), Attachment("b.csv", b"b")]
    async with phone(tmp_path) as stage:
        assert await stage.courier.send(OWNER, files) == ("big.csv",)
        assert stage.named() == ["b.csv"]


async def test_files_whose_answer_was_lost_are_not_sent_twice_but_said(books: Path) -> None:
    async with phone(books) as stage:
        stage.line.trouble("lost_answer", "sendMediaGroup")
        await pressed_csv(stage)
        await stage.until_said("파일을 모두 보내지 못했습니다")
        assert len(stage.files()) == 8


async def test_a_typed_report_is_followed_by_an_album_of_its_pictures(books: Path) -> None:
    async with phone(books) as stage:
        stage.line.chat.send(OWNER, "/report month krx 2025-02-14")
        shown = await stage.until_said("2025-02")
        photos = await stage.until_files(4)
        assert [one.content["photo"][-1]["width"] for one in photos] == [1080] * 4
        assert len({one.extra["media_group_id"] for one in photos}) == 1
        assert min(one.message_id for one in photos) > shown.message_id
        assert photos[0].text == "[모의투자]"


async def test_figures_without_pictures_are_said_to_stand(
    books: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    painter = FakePainter()
    painter.fails = True
    monkeypatch.setattr(bot.app, "Painter", lambda _: painter)
    async with phone(books) as stage:
        stage.line.chat.send(OWNER, "/report month krx 2025-02-14")
        await stage.until_said("그림을 그리지 못했습니다")
        await stage.until_said("2025-02")
        assert stage.files() == []
