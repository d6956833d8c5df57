"""Text with marks becomes a page of a short list of elements; nothing else gets through."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ellwand.office.pages import marks


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("one\ntwo\n\nthree", "<p>one two</p>\n<p>three</p>"),
        ("坯布价格\n持平。", "<p>坯布价格持平。</p>"),
        ("## A & B\n### C", "<h2>A &amp; B</h2>\n<h3>C</h3>"),
        ("- a\n- **b**\n1. c", "<ul><li>a</li><li><strong>b</strong></li></ul>\n<ol><li>c</li></ol>"),
        ("> said\n> so", "<blockquote><p>said so</p></blockquote>"),
        ("[the index](/index/)", '<p><a href="/index/">the index</a></p>'),
        ("[x](https://a.example/?b=1&c=2)",
         '<p><a href="https://a.example/?b=1&amp;c=2" rel="noopener noreferrer">x</a></p>'),
        ("[x](mailto:a@b.example)", '<p><a href="mailto:a@b.example">x</a></p>'),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>"),
        ("[x](//evil.example)", "<p>[x](//evil.example)</p>"),
        ("[x](data:text/html,1)", "<p>[x](data:text/html,1)</p>"),
        ("<script>x</script>", "<p>&lt;script&gt;x&lt;/script&gt;</p>"),
        ("", ""),
    ],
)  # fmt: skip
def test_marks(text: str, html: str) -> None:
    assert marks.html(text) == html


class _Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in {"h2", "h3", "p", "ul", "ol", "li", "blockquote", "strong", "a"}
        assert {name for name, _ in attrs} <= {"href", "rel"}
        for name, value in attrs:
            assert name != "href" or re.match(r"/(?!/)|#|https?://|mailto:", value or "")
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@settings(max_examples=300, deadline=None)
@example("[a](javascript&#58;x)")
@example('[a](https://x/"onclick=1)')
@example("**[a](/b)**")
@given(st.text(alphabet=st.sampled_from("ab<>\"'&[]()*#->. \n\r/:@1一。\t\x00") | st.characters(), max_size=80))
def test_no_text_carries_markup_of_its_own(text: str) -> None:
    seen = _Seen()
    seen.feed(marks.html(text))
    seen.close()
    assert not seen.open


def test_plain_words_and_wrong_links() -> None:
    assert marks.plain("## Head\n\n- **a** [b](/c/)\n> q") == "Head a b q"
    assert marks.wrong_links("[a](/b/) [c](ftp://d) [e](x)") == ["ftp://d", "x"]
