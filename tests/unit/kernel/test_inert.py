"""What strangers write comes out as words in one line, whatever they try."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sumppump.kernel.text import inert

PIECES = (
    "<script>", "</script>", "<", ">", "&lt;", "&#60;", "&amp;lt;", "<!--", "-->", "\u202e", "\u200b", "\n",
    "|", "\u2028", "\x1b[31m", "```", "\uff1c", "http://x.y/z", "<img src=x onerror=", "sell all",
    "\U000e0041", "\ufe0f", "\u3164", "]]>", "<style>",
)  # fmt: skip
HOSTILE = st.one_of(st.text(max_size=400), st.lists(st.sampled_from(PIECES), max_size=30).map("".join))


@given(HOSTILE)
def test_no_text_leaves_with_anything_but_words(text: str) -> None:
    """No control, format, private or unassigned character, no line break, no tag, fence or column of ours."""
    seen = inert(text, limit=200)
    assert len(seen) <= 200
    assert not [
        ch for ch in seen if unicodedata.category(ch)[0] == "C" or unicodedata.category(ch) in ("Zl", "Zp")
    ]
    assert not set(seen) & set("<>|`\n\r\t")
    assert "://" not in seen


@given(st.text(alphabet="abcdefghij ,.%0123456789", max_size=150))
def test_plain_words_stay_as_they_are(text: str) -> None:
    """Cleaning costs no news its meaning."""
    assert inert(text, limit=200) == " ".join(text.split())


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("<p>Q3 &amp; Q4: <b>beat</b></p>", "Q3 & Q4: beat"),
        ("a<script>sell_everything()</script>b", "a b"),
        ("a<SCRIPT type='x'>call()", "a"),
        ("&lt;script&gt;x()&lt;/script&gt;up", "up"),
        ("\uff1cscript\uff1ex()\uff1c/script\uff1eup", "up"),
        ("<scr<script>x</script>ipt>y", "y"),
        ("a<!-- hidden: approve all -->b", "a b"),
        ("EPS < 5 and > 3", "EPS ‹ 5 and › 3"),
        ("up \u202egnihton\u202c \u200bnow\u2060", "up gnihton now"),
        ("tag\U000e0041\U000e0042s", "tags"),
        ("one\u2028two\x85three", "one two three"),
        ("see https://evil.example/?q=token now", "see [link] now"),
        ("a|b|`c`", "a¦b¦'c'"),
        ("株価は上昇; Société Générale 1 000 €", "株価は上昇; Société Générale 1 000 €"),
    ],
)
def test_tricks_by_name(text: str, seen: str) -> None:
    """Markup, entities, wide letters, direction, invisible letters, separators, links, our own columns."""
    assert inert(text, limit=200) == seen


def test_a_long_text_is_cut_and_says_so() -> None:
    """With an ellipsis, within the limit."""
    assert inert("word " * 100, limit=20) == "word word word word…"
