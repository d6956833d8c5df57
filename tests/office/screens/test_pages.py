"""The screens of news and free pages: writing, publishing, what changed, preview; a second factor before anything."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile


def _field(text: str, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', text)
    return found[1] if found else ""


def test_from_an_empty_form_to_the_public_page(
    office: Any, words: dict[str, str], photograph: Callable[..., bytes]
) -> None:
    from ellwand.office.pages.models import Article

    wen, public = office.client("wen"), office.client()
    assert wen.get("/office/pages/").status_code == wen.get("/office/pages/new/").status_code == 200
    answer = wen.post("/office/pages/new/", words | {"section": "news", "slug": "No Slug"})
    text = answer.content.decode()
    assert answer.status_code == 422 and 'href="#slug"' in text and not Article.objects.exists()
    # What was typed is there again.
    assert _field(text, "title_en") == "Autumn fair" and "## When" in text

    answer = wen.post("/office/pages/new/", words | {"section": "news", "body_en": ""})
    address = answer["Location"]
    text = wen.get(address).content.decode()
    assert "The text in English is missing" in text and _field(text, "base") == "1"
    answer = wen.post(address, words | {"base": "1", "act": "publish", "body_en": ""})
    assert answer.status_code == 422 and "The text in English is missing" in answer.content.decode()
    assert public.get("/en/news/autumn-fair/").status_code == 404

    image = SimpleUploadedFile("hall.jpg", photograph(), "image/jpeg")
    given = words | {"alt_zh": "展馆", "alt_en": "The hall", "base": "1", "note": "with a picture"}
    assert wen.post(address, given | {"act": "publish", "picture": image}).status_code == 302
    page = public.get("/en/news/autumn-fair/").content.decode()
    assert "<h2>When</h2>" in page and 'alt="The hall"' in page and "simulated" in page
    shown = re.search(r'src="(/pictures/[0-9a-f]{24}\.jpg)"', page)
    assert shown is not None
    answer = public.get(shown[1])
    assert answer["Content-Type"] == "image/jpeg" and "immutable" in answer["Cache-Control"]
    small = public.get(shown[1].replace(".jpg", "-small.jpg"))
    assert small.content.startswith(b"\xff\xd8") and len(small.content) < len(answer.content)
    assert small["ETag"] != answer["ETag"]
    assert "<h2>时间</h2>" in public.get("/news/autumn-fair/").content.decode()

    # A second writer had the older draft open.
    answer = wen.post(address, given | {"act": "save", "lead_en": "Late."})
    assert answer.status_code == 422 and "saved this article meanwhile" in answer.content.decode()

    assert wen.post(address, given | {"base": "2", "act": "save", "lead_en": "Four days."}).status_code == 302
    changed = wen.get(f"{address}draft/3/").content.decode()
    assert "<del>Three</del><ins>Four</ins> days." in changed
    assert "Three days." in public.get("/en/news/autumn-fair/").content.decode()
    drawn = wen.get(f"{address}draft/3/en/")
    assert "Four days." in drawn.content.decode() and "noindex" in drawn.content.decode()
    assert "unsafe" not in drawn["Content-Security-Policy"]

    answer = wen.post(address, {"act": "withdraw", "reason": ""})
    assert answer.status_code == 422 and "Say why" in answer.content.decode()
    assert wen.post(address, {"act": "withdraw", "reason": "The fair is off."}).status_code == 302
    gone = public.get("/en/news/autumn-fair/")
    assert gone.status_code == 410 and "The fair is off." in gone.content.decode()
    assert public.get(shown[1]).status_code == 404


def test_a_second_factor_comes_first(sqlite_office: Any, words: dict[str, str]) -> None:
    from ellwand.office.pages import writing

    draft = writing.start("news", words, sqlite_office.user("wen"))
    half = sqlite_office.client("wen", second_factor=False)
    for address in ("/office/pages/new/", f"/office/pages/{draft.article_id}/"):
        for answer in (half.get(address), half.post(address, words | {"act": "publish", "base": "1"})):
            assert answer.status_code == 302 and answer["Location"].startswith("/accounts/2fa/"), address
    assert not draft.article.editions.exists()


def test_the_auditor_reads_and_changes_nothing(sqlite_office: Any, words: dict[str, str]) -> None:
    from ellwand.office.pages import writing

    draft = writing.start("news", words, sqlite_office.user("wen"))
    address = f"/office/pages/{draft.article_id}/"
    aud, stranger = sqlite_office.client("aud"), sqlite_office.client("cai")
    text = aud.get(address).content.decode()
    assert "Autumn fair" in text and "Save and publish" not in text and "<fieldset" in text and " disabled" in text
    assert aud.post(address, {"act": "withdraw", "reason": "x"}).status_code == 403
    assert aud.get(f"{address}draft/1/").status_code == aud.get(f"{address}draft/1/zh/").status_code == 200
    assert stranger.get(address).status_code == stranger.get(f"{address}draft/1/zh/").status_code == 403


@pytest.mark.parametrize(
    ("data", "word"),
    [({"act": "burn"}, "burn"), ({"act": "save", "base": "x"}, "base"), ({"act": "save"}, "base")],
)
def test_a_form_that_is_not_ours(sqlite_office: Any, data: dict[str, str], word: str, words: dict[str, str]) -> None:
    from ellwand.office.pages import writing

    draft = writing.start("news", words, sqlite_office.user("wen"))
    answer = sqlite_office.client("wen").post(f"/office/pages/{draft.article_id}/", words | data)
    assert answer.status_code == 422 and word in answer.content.decode()
    assert sqlite_office.client("wen").get("/office/pages/?section=x").status_code == 422
    for address in ("/office/pages/99/", "/office/pages/1/draft/9/", "/office/pages/1/draft/1/fr/"):
        assert sqlite_office.client("wen").get(address).status_code == 404


def test_a_picture_of_a_draft_is_for_the_office_only(
    sqlite_office: Any, words: dict[str, str], photograph: Callable[..., bytes]
) -> None:
    from ellwand.office.pages import pictures

    kept = pictures.keep(photograph(), sqlite_office.user("wen"))
    address = f"/office/pages/pictures/{kept.name}"
    assert sqlite_office.client("wen").get(address).content == bytes(kept.data)
    assert sqlite_office.client("cai").get(address).status_code == 403
    assert sqlite_office.client().get(address).status_code == 302
    assert sqlite_office.client().get(f"/pictures/{kept.name}").status_code == 404
    wen = sqlite_office.client("wen")
    bad = SimpleUploadedFile("x.jpg", b"<script>", "image/jpeg")
    answer = wen.post("/office/pages/new/", words | {"section": "news", "picture": bad})
    assert answer.status_code == 422 and "no picture" in answer.content.decode()


def test_differences() -> None:
    from ellwand.office.screens.pages import difference

    assert difference("涨了 3 天", "跌了 3 天") == [("gone", "涨"), ("new", "跌"), ("same", "了 3 天")]
    assert difference("", "new") == [("new", "new")] and difference("a b", "a b") == [("same", "a b")]


@pytest.mark.browser
@pytest.mark.parametrize(("language", "width"), [("zh-hans", 390), ("en", 1440)])
def test_in_a_browser_from_the_empty_form_to_the_reader(
    sqlite_office: Any, serve: Any, sign_in: Any, photograph: Callable[..., bytes], language: str, width: int
) -> None:
    """Written and published without script, by keyboard where a form is sent; axe finds nothing on the way."""
    axe_module = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    axe, zh = axe_module.Axe(), language == "zh-hans"
    served = serve(sqlite_office)
    page = sign_in(served, "wen", language, width)

    def sound() -> None:
        found = axe.run(page).response["violations"]
        assert not found, (page.url, [(v["id"], v["nodes"][0]["html"][:200]) for v in found])
        wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        assert not page.evaluate(wide), page.url

    page.goto(f"{served.base}/office/pages/")
    sound()
    page.get_by_role("link", name="写一篇文章" if zh else "Write an article").click()
    page.fill("#slug", "night-market")
    page.fill("#day", "2022-01-04")
    page.fill("#title_zh", "夜市")
    page.fill("#body_zh", "## 时间\n\n每周五。")
    page.set_input_files(
        "#picture", {"name": "a.png", "mimeType": "image/png", "buffer": photograph((900, 600), "PNG")}
    )
    sound()
    page.focus("#slug")
    page.keyboard.press("Enter")
    page.wait_for_url("**/office/pages/1/")
    assert ("用中文写明图片内容" if zh else "Say in Chinese what the picture shows") in page.inner_text("main")
    sound()
    page.get_by_role("button", name="保存并公开" if zh else "Save and publish").click()
    page.wait_for_load_state()
    assert page.locator(".note.error").count() == 1
    sound()
    page.fill("#alt_zh", "灯下的摊位")
    page.fill("#note", "第一版")
    page.get_by_role("button", name="保存并公开" if zh else "Save and publish").click()
    page.wait_for_load_state()
    assert ("已公开：第1版" if zh else "Public now: edition 1") in page.inner_text("main")
    sound()
    page.goto(f"{served.base}/office/pages/1/draft/2/")
    sound()
    page.goto(f"{served.base}/office/pages/1/draft/2/zh/")
    sound()
    page.goto(f"{served.base}/news/night-market/")
    assert page.locator("article img").evaluate("image => image.complete && image.naturalWidth > 0")
    sound()
    page.goto(f"{served.base}/en/news/night-market/")
    assert "no text in English yet" in page.inner_text("main") and "每周五" not in page.inner_text("main")
    sound()
