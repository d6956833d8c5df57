"""The bulletin as PDF: its text is that of the release, its bytes are always the same, no sign is lost in silence."""

import io
import re
from typing import Any

import pytest

pytest.importorskip("typst", reason="the typesetter is not installed")
pypdf = pytest.importorskip("pypdf", reason="what reads PDF is not installed")


def plain(text: str) -> str:
    """Without blanks and line ends: the typesetter sets them by its own rules."""
    return re.sub(r"\s", "", text)


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Forgets what was made before."""
    from ellwand.web import kept
    from ellwand.web.site import bulletin, files

    def forget() -> None:
        none = kept.Kept(64 << 20)
        monkeypatch.setattr(bulletin, "BODIES", none)
        monkeypatch.setattr(files, "BODIES", none)

    return forget


@pytest.mark.parametrize(("language", "root"), [("zh", "/"), ("en", "/en/")])
def test_the_text_is_that_of_the_release(demo: Any, get: Any, language: str, root: str) -> None:
    from ellwand.office.record import reading

    for one in reading.public():
        answer = get(f"{root}comments/price/{one.code}/bulletin.pdf")
        assert answer.status_code == 200 and answer["Content-Type"] == "application/pdf"
        document = pypdf.PdfReader(io.BytesIO(answer.content))
        text = plain("".join(page.extract_text() for page in document.pages))
        assert "\0" not in text
        for name in ("price", "rationale"):
            for line in reading.file(one, f"texts/{name}.{language}.md").read_text(encoding="utf-8").split("\n"):
                said = plain(line.lstrip("#- "))
                # A heading with nothing below it is left out; what breaks over two pages has the frame of one between.
                found = said in text or line.startswith("#") or (said[:12] in text and said[-12:] in text)
                assert found, line
        figures = reading.figures(["price/total"], [one.period])
        assert f"{figures[0].observation.published}" in text and one.code in text
        made = reading.manifest(one)
        assert (
            made.stat_hash in text
            and f"releases/{one.code}/" in text
            and "CreativeCommons" in text.replace("知识共享署名4.0", "CreativeCommons")
        )
        for page in document.pages:
            assert "模拟" in page.extract_text()
        assert document.metadata.title and document.trailer["/Root"]["/MarkInfo"]["/Marked"]
        assert str(document.trailer["/Root"]["/Lang"]).startswith(language)


@pytest.mark.parametrize("address", ["/en/comments/price/{}/bulletin.pdf", "/index/1/chart.pdf?vintage={}",
                                     "/en/index/1/chart.png?vintage={}"])  # fmt: skip
def test_equal_releases_give_equal_bytes(demo: Any, get: Any, fresh: Any, address: str) -> None:
    from ellwand.office.record import reading

    last = reading.latest()
    assert last is not None
    made = []
    for _ in range(2):
        fresh()
        made.append(get(address.format(last.code)).content)
    assert made[0] == made[1] and len(made[0]) > 10_000


def test_charts_as_png_and_pdf(demo: Any, get: Any) -> None:
    from ellwand.office.record import reading

    last = reading.latest()
    assert last is not None
    data = get(f"/en/index/1/chart.png?vintage={last.code}").content
    assert data[:8] == b"\x89PNG\r\n\x1a\n" and int.from_bytes(data[16:20], "big") == 2080
    (page,) = pypdf.PdfReader(io.BytesIO(get("/index/1/chart.pdf").content)).pages
    said = plain(page.extract_text())
    assert "模拟" in said and last.code in said and "原料" in said
    for address in (f"/en/index/1/chart.pdf?vintage={last.code}",):
        assert address in get("/en/index/1/").content.decode()
    assert get("/index/no-such/chart.png").status_code == 404
    for address, code in (("/en/", "0"), ("/en/index/1/", "1"), (f"/en/comments/price/{last.code}/", "0")):
        (share,) = re.findall(r'property="og:image" content="http://localhost([^"]+)"', get(address).content.decode())
        assert share == f"/en/index/{code}/chart.png?vintage={last.code}" and get(share).content[:4] == b"\x89PNG"
    assert get("/comments/price/price-2001-W01-1/bulletin.pdf").status_code == 404


def test_a_sign_that_no_font_has_is_named(demo: Any) -> None:
    import typst

    from ellwand.office.record import reading
    from ellwand.web.site import typeset

    last = reading.latest()
    assert last is not None
    given = {"title": "𠮷", "publisher": "x", "language": "zh", "region": "cn", "day": [2026, 1, 1], "alt": "x",
             "chart": '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text>𠮷</text></svg>'}  # fmt: skip
    content = {**given, "simulated": "", "over": "", "sub": "", "foot": "", "heads": ["a"], "rows": [["b"]], "note": "",
               "parts": [], "rationale": [], "facts": [], "chart": ""}  # fmt: skip
    with pytest.raises(typst.TypstError, match="𠮷"):
        typeset.pdf("bulletin", content, last.release_at)
    assert typeset.pdf("bulletin", {**content, "title": "吉"}, last.release_at).startswith(b"%PDF")


def test_without_the_typesetter_nothing_leads_to_it(demo: Any, get: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from ellwand.office.record import reading
    from ellwand.web.site import typeset

    monkeypatch.setattr(typeset, "is_there", lambda: False)
    last = reading.latest()
    assert last is not None
    for page in (f"/en/comments/price/{last.code}/", "/en/index/1/", "/en/press/"):
        text = get(page).content.decode()
        assert (
            "bulletin.pdf" not in text
            and "chart.pdf" not in text
            and "chart.png" not in text
            and "og:image" not in text
        )
    for address in (f"/comments/price/{last.code}/bulletin.pdf", "/index/1/chart.png", "/index/1/chart.pdf"):
        assert get(address).status_code == 404
