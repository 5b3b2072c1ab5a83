"""Photos, documents, albums, and the edits of them."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx
import pytest
from PIL import Image

from sandbox.telegram_photo import photo_size
from sandbox.telegram_refusal import Refusal
from tests.sandbox.telegram_loopback import OWNER, TOKEN, Loopback, loopback, png

TOO_BIG = "file of size 10485831 bytes is too big for a photo"
Files = Mapping[str, tuple[str, bytes] | tuple[str, bytes, str]]


@pytest.fixture
async def line() -> AsyncIterator[Loopback]:
    async with loopback() as found:
        yield found


async def upload(line: Loopback, method: str, files: Files, **fields: object) -> httpx.Response:
    form = {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in fields.items()
    }
    return await line.http.post(
        f"{line.root}/telegram/bot{TOKEN}/{method}",
        data={"chat_id": str(OWNER), **form},
        files={**files},
    )


async def done(line: Loopback, method: str, files: Files, **fields: object) -> Any:
    answer = (await upload(line, method, files, **fields)).json()
    assert answer["ok"], answer
    return answer["result"]


async def refused(line: Loopback, method: str, files: Files, **fields: object) -> str:
    return str((await upload(line, method, files, **fields)).json()["description"])


async def test_a_photo_has_sizes_and_can_be_fetched_and_sent_again(line: Loopback) -> None:
    picture = png(1080, 1350)
    sent = await done(
        line, "sendPhoto", {"photo": ("c.png", picture)}, caption="<b>가</b>", parse_mode="HTML"
    )
    small, large = sent["photo"]
    assert (large["width"], large["height"]) == (1080, 1350)
    assert (small["width"], small["height"]) == (256, 320)
    assert sent["caption_entities"] == [{"type": "bold", "offset": 0, "length": 1}]
    found = await line.result("getFile", file_id=large["file_id"])
    content = await line.http.get(f"{line.root}/telegram/file/bot{TOKEN}/{found['file_path']}")
    assert content.content == picture
    again = await line.result("sendPhoto", chat_id=OWNER, photo=large["file_id"])
    assert again["photo"][1]["file_unique_id"] == large["file_unique_id"]
    page = await line.http.get(f"{line.root}/sandbox/telegram/file/{large['file_id']}")
    assert page.content == picture


async def test_a_file_of_the_bot_cannot_run_as_a_page_of_ours(line: Loopback) -> None:
    script = b"<script>alert(1)</script>"
    files: Files = {"document": ("a.html", script, "text/html; charset=utf-8")}
    sent = await done(line, "sendDocument", files)
    url = f"{line.root}/sandbox/telegram/file/{sent['document']['file_id']}"
    page = await line.http.get(url)
    assert page.content == script
    assert page.headers["Content-Disposition"] == "attachment"
    assert page.headers["Content-Security-Policy"].startswith("sandbox;")
    assert page.headers["X-Content-Type-Options"] == "nosniff"


async def test_a_document_keeps_name_type_and_bytes(line: Loopback) -> None:
    body = "\ufeff종목,수량\n".encode()
    sent = await done(line, "sendDocument", {"document": ("거래.csv", body)}, caption="a")
    assert sent["document"]["file_name"] == "거래.csv"
    assert sent["document"]["file_size"] == len(body)
    assert sent["document"]["mime_type"] == "text/csv"
    assert sent["caption"] == "a"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "file must be non-empty"),
        (b"GIF89a no photo at all", "IMAGE_PROCESS_FAILED"),
        (png(9_000, 1_001)[:60], "PHOTO_INVALID_DIMENSIONS"),
        (png(210, 10), "PHOTO_INVALID_DIMENSIONS"),
        (
            png(10, 10) + b"\0" * (10 * 1024 * 1024),
            f"{TOO_BIG}; the maximum size is 10485760 bytes",
        ),
    ],
)
async def test_a_bad_photo_is_refused(line: Loopback, content: bytes, reason: str) -> None:
    answer = await refused(line, "sendPhoto", {"photo": ("c.png", content)})
    assert answer == f"Bad Request: {reason}"


def test_the_size_of_a_jpeg_is_read_from_its_frame_header() -> None:
    for progressive in (False, True):
        buffer = io.BytesIO()
        Image.new("RGB", (300, 200)).save(buffer, "JPEG", progressive=progressive)
        assert photo_size(buffer.getvalue()) == (300, 200)
        with pytest.raises(Refusal, match="IMAGE_PROCESS_FAILED"):
            photo_size(buffer.getvalue()[:20])


def test_the_limits_of_shape_are_inclusive() -> None:
    assert photo_size(png(200, 10)) == (200, 10)
    assert photo_size(png(9_500, 500)) == (9_500, 500)


async def test_a_wrong_or_missing_file_is_refused(line: Loopback) -> None:
    for fields, reason in (
        ({}, "there is no photo in the request"),
        ({"photo": "AgNothing"}, "wrong remote file identifier specified: Wrong string length"),
        ({"photo": "attach://nothing"}, "wrong remote file identifier specified"),
    ):
        answer = await line.refusal("sendPhoto", chat_id=OWNER, **fields)
        assert answer.startswith(f"400 Bad Request: {reason}")
    assert await line.refusal("getFile", file_id="x") == (
        "400 Bad Request: wrong file_id or the file is temporarily unavailable"
    )
    sent = await done(line, "sendDocument", {"document": ("a.txt", b"a")})
    answer = await line.refusal("sendPhoto", chat_id=OWNER, photo=sent["document"]["file_id"])
    assert answer == "400 Bad Request: can't use file of type Document as Photo"
    missing = await line.http.get(f"{line.root}/telegram/file/bot{TOKEN}/photos/file_99.jpg")
    assert missing.status_code == 404


async def test_fifty_megabytes_are_the_limit(line: Loopback) -> None:
    large = b"x" * (50 * 1024 * 1024 + 1)
    response = await upload(line, "sendDocument", {"document": ("a.bin", large)})
    assert response.status_code == 413
    assert response.json()["description"] == "Request Entity Too Large"


async def test_a_caption_is_edited_and_text_is_not(line: Loopback) -> None:
    sent = await done(line, "sendPhoto", {"photo": ("c.png", png(10, 10))}, caption="a")
    where = {"chat_id": OWNER, "message_id": sent["message_id"]}
    assert (await line.result("editMessageCaption", **where, caption="b"))["caption"] == "b"
    assert (await line.refusal("editMessageCaption", **where, caption="b")).startswith(
        "400 Bad Request: message is not modified"
    )
    assert "caption" not in await line.result("editMessageCaption", **where)
    assert await line.refusal("editMessageText", **where, text="c") == (
        "400 Bad Request: there is no text in the message to edit"
    )
    text = await line.says(text="a")
    where["message_id"] = text["message_id"]
    assert await line.refusal("editMessageCaption", **where, caption="c") == (
        "400 Bad Request: there is no caption in the message to edit"
    )


async def test_media_is_replaced_in_place_also_of_a_text(line: Loopback) -> None:
    sent = await line.says(text="chart follows")
    media = {"type": "photo", "media": "attach://new", "caption": "<i>b</i>", "parse_mode": "HTML"}
    edited = await done(
        line,
        "editMessageMedia",
        {"new": ("c.png", png(20, 10))},
        message_id=sent["message_id"],
        media=media,
    )
    assert edited["photo"][1]["width"] == 20
    assert edited["caption"] == "b"
    assert "text" not in edited
    assert line.chat.from_bot(OWNER)[0].edits[0].content == {"text": "chart follows"}


async def test_an_album_has_two_to_ten_items_of_one_kind(line: Loopback) -> None:
    files = {name: ("c.png", png(10, 10)) for name in "ab"}
    photos = [{"type": "photo", "media": f"attach://{name}"} for name in "ab"]
    photos[0]["caption"] = "앨범"
    sent = await done(line, "sendMediaGroup", files, media=photos)
    assert [item.get("caption") for item in sent] == ["앨범", None]
    assert sent[0]["media_group_id"] == sent[1]["media_group_id"]
    mixed = [photos[0], {"type": "document", "media": "attach://b"}]
    for media, reason in (
        ([], "there are no messages to send"),
        (photos[:1], "too few messages to send as an album"),
        (photos * 6, "too many messages to send as an album"),
        (mixed, "document can't be mixed with other media types"),
        ("{", "can't parse media JSON object"),
        (["x", "y"], "can't parse InputMedia: expected an Object"),
        ([{"type": "hologram"}] * 2, 'can\'t parse InputMedia: type "hologram" is unsupported'),
        ([{"type": "photo"}] * 2, "can't parse InputMedia: media not found"),
    ):
        answer = await refused(line, "sendMediaGroup", files, media=media)
        assert answer == f"Bad Request: {reason}"
