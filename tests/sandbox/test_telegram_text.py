"""HTML, MarkdownV2, entities and lengths, with the real parser's refusals."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.telegram_refusal import Refusal
from sandbox.telegram_text import caption_text, message_text, typed_text


def parsed(raw: str, mode: str = "HTML") -> tuple[str, list[dict[str, Any]]]:
    formatted = message_text(raw, mode, None)
    return formatted.text, [item.to_api() for item in formatted.entities]


def kinds(raw: str, mode: str = "HTML") -> list[tuple[str, int, int]]:
    return [(item["type"], item["offset"], item["length"]) for item in parsed(raw, mode)[1]]


def refused(raw: str, mode: str = "HTML") -> str:
    with pytest.raises(Refusal) as caught:
        message_text(raw, mode, None)
    return caught.value.description.removeprefix("Bad Request: ")


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        ("<b>x</b>", "bold"),
        ("<STRONG>x</strong>", "bold"),
        ("<i>x</i>", "italic"),
        ("<em>x</em>", "italic"),
        ("<u>x</u>", "underline"),
        ("<ins>x</ins>", "underline"),
        ("<s>x</s>", "strikethrough"),
        ("<strike>x</strike>", "strikethrough"),
        ("<del>x</del>", "strikethrough"),
        ("<code>x</code>", "code"),
        ("<pre>x</pre>", "pre"),
        ("<blockquote>x</blockquote>", "blockquote"),
        ("<blockquote expandable>x</blockquote>", "expandable_blockquote"),
        ("<tg-spoiler>x</tg-spoiler>", "spoiler"),
        ('<span class="tg-spoiler">x</span>', "spoiler"),
        ("<b>x</>", "bold"),
    ],
)
def test_each_allowed_tag_becomes_its_entity(raw: str, kind: str) -> None:
    assert parsed(raw) == ("x", [{"type": kind, "offset": 0, "length": 1}])


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("pnl < 3", 'Unsupported start tag "" at byte offset 4'),
        ("수익<br>", 'Unsupported start tag "br" at byte offset 6'),
        ("<p>x</p>", 'Unsupported start tag "p" at byte offset 0'),
        ("a<b", "Unclosed start tag at byte offset 1"),
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        (
            "<b>x</i>",
            'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"',
        ),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("<a =x>y</a>", 'Empty attribute name in the tag "a" at byte offset 0'),
        ("<a href=x/y>y</a>", "Unexpected end of name token at byte offset 8"),
        ('<a href="x', "Unclosed start tag at byte offset 0"),
        ("<a href=", 'Unclosed start tag "a" at byte offset 0'),
        ("<a href", 'Unclosed start tag "a" at byte offset 0'),
        ('<tg-emoji emoji-id="x">y</tg-emoji>', "Invalid custom emoji identifier specified"),
        ('<tg-time unix="1" format="q">y</tg-time>', "Invalid date format used"),
    ],
)
def test_broken_html_is_refused_with_the_byte_offset(raw: str, reason: str) -> None:
    assert refused(raw) == f"can't parse entities: {reason}"


def test_only_four_named_references_and_numbers_are_decoded() -> None:
    text, _ = parsed("&lt;&gt;&amp;&quot;&#65;&#x1F600;&nbsp;&lt &#0;& x")
    assert text == '<>&"A😀&nbsp;< &#0;& x'


def test_offsets_count_utf16_units() -> None:
    assert kinds("😀가 <b>매도</b> <i>😀</i>") == [("bold", 4, 2), ("italic", 7, 2)]


def test_nested_entities_come_outer_first_and_white_space_is_trimmed() -> None:
    assert parsed("  <b> <i>x</i> y </b>\n") == (
        "x y",
        [
            {"type": "bold", "offset": 0, "length": 3},
            {"type": "italic", "offset": 0, "length": 1},
        ],
    )


def test_links_times_and_code_carry_their_arguments() -> None:
    assert parsed('<a href="https://a.example/?x=1&amp;y=2">z</a>')[1][0]["url"] == (
        "https://a.example/?x=1&y=2"
    )
    assert parsed('<a href="nonsense">z</a>') == ("z", [])
    assert parsed('<a href="tg://user?id=7">z</a>')[1][0]["type"] == "text_mention"
    assert parsed('<tg-time unix="1790000000" format="wdT">t</tg-time>')[1] == [
        {
            "type": "date_time",
            "offset": 0,
            "length": 1,
            "unix_time": 1790000000,
            "date_time_format": "wdT",
        }
    ]
    assert parsed('<pre><code class="language-python">x</code></pre>')[1] == [
        {"type": "pre", "offset": 0, "length": 1, "language": "python"}
    ]
    assert parsed('<code class="language-python">x</code>')[1] == [
        {"type": "code", "offset": 0, "length": 1}
    ]


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        ("*가* _b_", [("bold", 0, 1), ("italic", 2, 1)]),
        ("__u__ ~s~ ||x||", [("underline", 0, 1), ("strikethrough", 2, 1), ("spoiler", 4, 1)]),
        ("`a*b`", [("code", 0, 3)]),
        ("```python\nx\n```", [("pre", 0, 1)]),
        ("*b _i_*", [("bold", 0, 3), ("italic", 2, 1)]),
        ("[z](https://a.example/x)", [("text_link", 0, 1)]),
        (">a\n>b\nc", [("blockquote", 0, 4)]),
        (">a\n>b||", [("expandable_blockquote", 0, 3)]),
        ("![t](tg://time?unix=1790000000&format=T)", [("date_time", 0, 1)]),
        (r"\+3\.0\%", []),
    ],
)
def test_markdown_marks_become_entities(raw: str, found: list[tuple[str, int, int]]) -> None:
    assert kinds(raw, "MarkdownV2") == found


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("+3.0%", "Character '+' is reserved and must be escaped with the preceding '\\'"),
        ("a > b", "Character '>' is reserved and must be escaped with the preceding '\\'"),
        ("가 *b", "Can't find end of Bold entity at byte offset 4"),
        ("```x", "Can't find end of Pre entity at byte offset 0"),
        ("[a](x", "Can't find end of a URL at byte offset 4"),
        ("![a](x)", "Invalid tg://emoji or tg://time URL specified"),
        (">*a\nb", "Can't find end of Bold entity at byte offset 1"),
    ],
)
def test_broken_markdown_is_refused(raw: str, reason: str) -> None:
    assert refused(raw, "MarkdownV2") == f"can't parse entities: {reason}"


def test_a_wrong_parse_mode_is_refused() -> None:
    assert refused("x", "BBCode") == "unsupported parse_mode"


def test_length_counts_after_parsing_and_bytes_before() -> None:
    assert len(message_text("<b>" + "x" * 4096 + "</b>", "HTML", None).text) == 4096
    assert refused("x" * 4097) == "message is too long"
    assert refused("&#x000AC00;" * 3000) == "text is too long"
    assert refused("") == "message text is empty"
    assert refused(" \n ") == "text must be non-empty"
    assert refused("<b> </b>") == "text must be non-empty"


def test_a_caption_may_be_empty_and_has_1024_characters() -> None:
    assert caption_text("", "", None).text == ""
    assert len(caption_text("<i>" + "x" * 1024 + "</i>", "HTML", None).text) == 1024
    with pytest.raises(Refusal, match="Message caption is too long"):
        caption_text("x" * 1025, "", None)


def test_given_entities_are_checked_against_the_text() -> None:
    good = message_text("abc", "", [{"type": "bold", "offset": 1, "length": 2}])
    assert [item.to_api() for item in good.entities] == [{"type": "bold", "offset": 1, "length": 2}]
    for entity, reason in (
        ({"type": "bold", "offset": 2, "length": 2}, "ends after the end of the text"),
        ({"type": "bold", "offset": 9, "length": 1}, "incorrect offset 9"),
        ({"type": "glow", "offset": 0, "length": 1}, "Unsupported type"),
        ({"type": "bold", "offset": 0}, 'Can\'t find field "length"'),
        ("bold", "expected an Object"),
    ):
        with pytest.raises(Refusal, match=reason):
            message_text("abc", "", [entity])


def test_the_server_finds_commands_links_mentions_and_tags_itself() -> None:
    text = "/set@sandbox_bot 3 https://a.example/x. @owner #목표 $TSLA a@b.co <x/y>"
    found = [(item.kind, item.offset) for item in typed_text(text).entities]
    assert found == [
        ("bot_command", 0),
        ("url", 19),
        ("mention", 40),
        ("hashtag", 47),
        ("cashtag", 51),
        ("email", 57),
    ]


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://a.example", "https://a.example/"),
        ("a.example/x", "http://a.example/x"),
        ("tg://resolve?domain=x", "tg://resolve?domain=x"),
        ("javascript://a.example/x", ""),
        ("http://[broken/", ""),
        ("two words.example", ""),
    ],
)
def test_only_addresses_stay_under_a_link(url: str, kept: str) -> None:
    assert [item.get("url") for item in parsed(f'<a href="{url}">z</a>')[1]] == (
        [kept] if kept else []
    )


def test_nothing_is_found_inside_code() -> None:
    assert kinds("<code>/stop @owner</code>") == [("code", 0, 12)]


def test_no_more_than_a_hundred_entities_are_kept() -> None:
    assert len(parsed("<b>x</b> " * 150)[1]) == 100


def test_carriage_returns_vanish_and_spans_shrink_with_them() -> None:
    formatted = message_text("a\r\nbc", "", [{"type": "bold", "offset": 0, "length": 5}])
    assert formatted.text == "a\nbc"
    assert [item.length for item in formatted.entities] == [4]


@given(st.text(alphabet="<>/&;abi= \"'#x1가😀-pre\n", max_size=40))
def test_html_is_parsed_or_refused_and_spans_stay_inside(raw: str) -> None:
    check_spans(raw, "HTML")


@given(st.text(alphabet="_*[]()~`>#+-=|{}.!\\ab가😀\n", max_size=40))
def test_markdown_is_parsed_or_refused_and_spans_stay_inside(raw: str) -> None:
    check_spans(raw, "MarkdownV2")


def check_spans(raw: str, mode: str) -> None:
    try:
        formatted = message_text(raw, mode, None)
    except Refusal:
        return
    size = len(formatted.text.encode("utf-16-le")) // 2
    assert all(0 <= item.offset < item.end <= size for item in formatted.entities)
