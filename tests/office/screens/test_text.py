"""S8 and S9: price comment and rationale, from the figures to the approvers, in a browser and without script."""

import json
import re
from typing import Any

import pytest

OWN = {
    "zh": "样本稳定，推算主要来自未报价的单位，没有采用人工判断的数值。",
    "en": "The sample was stable; imputation fills units that did not report; no value was judged by hand.",
}


def compiled(office: Any) -> Any:
    from ellwand.office.rounds import compiling

    for k in (1, 2):
        found = office.collect(f"2022-W{k:02d}")
        office.review(found)
        compiling.compile_round(found.code, office.user("max"), sign="a small market")
    return found


def blocks_of(page: str, language: str) -> list[str]:
    from html import unescape

    return [unescape(b) for b in re.findall(rf'<textarea name="{language}"[^>]*>(.*?)</textarea>', page, re.DOTALL)]


def test_from_the_figures_to_the_approvers_without_script(office: Any) -> None:
    found = compiled(office)
    address, sheet = (f"/office/rounds/{found.code}/{name}/" for name in ("text", "rationale"))
    en, zh = office.client("wen", language="en"), office.client("wen", language="zh-hans")
    assert "Generate both texts" in en.get(address).content.decode()
    assert en.post(address, {"act": "generate"}).status_code == 302
    page = en.get(address).content.decode()
    assert "Nothing to mend" in page and "Write the rationale and quality sheet" in page
    given = {one: blocks_of(page, one) for one in ("zh", "en")}
    # Saving what is there, as the form sends it, changes nothing.
    assert en.post(address, {"act": "save", **given}).status_code == 302
    assert found.drafts.count() == 2
    wrong = [
        re.sub(r"(\d+\.\d)(\d)点", lambda m: f"{m[1]}{(int(m[2]) + 5) % 10}点", b, count=1) for b in given["zh"]
    ]  # fmt: skip
    en.post(address, {"act": "save", "zh": wrong, "en": given["en"], "reason": "a slip"})
    page, seite = en.get(address).content.decode(), zh.get(address).content.decode()
    assert "Wrong figure" in page and "expected" in page and re.search(r"Chinese 5:\d+", page)
    assert "数字不符" in seite and "应为" in seite and "与公布的数字不同" in seite and "<mark>" in seite
    total = found.compilations.get().observations.get(level=0)
    assert f"<b>{total.name_en} {total.published} points</b>" in page
    assert f"<b>{total.name_zh} {total.published}点</b>" in seite
    answer = en.post(address, {"act": "hand_over"})
    assert answer.status_code == 422 and "findings in the texts" in answer.content.decode()
    en.post(address, {"act": "save", **given})
    assert "Nothing to mend" in en.get(address).content.decode()
    answer = en.post(sheet, {"act": "save", **OWN})
    assert answer.status_code == 302
    for client, words in ((en, "What the figures rest on"), (zh, "编制说明与质量表")):
        page = client.get(sheet).content.decode()
        assert words in page and OWN["zh"] in page and OWN["en"] in page
        assert not re.search(r"<style|\sstyle=|\son\w+=", page)
    assert en.post(address, {"act": "hand_over"}).status_code == 302
    assert found.state == "drafted"
    page = en.get(address).content.decode()
    assert "The approvers have the texts" in page and "Take the texts back" in page
    assert 'name="reason" required' in page and "readonly" not in page
    answer = en.post(address, {"act": "save", **given})
    assert answer.status_code == 422 and "reason: empty" in answer.content.decode()
    assert 'id="rationale-reason"' in en.get(sheet).content.decode()
    assert en.post(address, {"act": "save", **given, "reason": "nothing"}).status_code == 302
    assert found.drafts.filter(kind="price", language="en").count() == 1
    assert en.post(address, {"act": "back", "reason": "a comma"}).status_code == 302
    assert found.state == "compiled"


def test_what_is_being_written_is_checked_and_not_stored(sqlite_office: Any) -> None:
    from ellwand.office.editorial import drafts

    found = compiled(sqlite_office)
    drafts.generate(found, sqlite_office.user("wen"))
    address = f"/office/rounds/{found.code}/text/"
    client = sqlite_office.client("wen", language="zh-hans")
    page = client.get(address).content.decode()
    given = {one: blocks_of(page, one) for one in ("zh", "en")}
    at = next(k for k, b in enumerate(given["en"]) if "stood at" in b)
    given["en"][at] = given["en"][at].replace("stood at ", "stood at 1", 1)

    def check(content: Any) -> Any:
        return client.post(address + "check/", json.dumps(content), content_type="application/json")

    found_ = check(given).json()["findings"]
    mine = [f for f in found_ if f["language"] == "en" and f["kind"] == "figure"]
    assert len(mine) == 1 and mine[0]["block"] == at and mine[0]["name"] == "数字不符"
    assert given["en"][at][mine[0]["start"] :].startswith(mine[0]["text"]) and "点" in mine[0]["expected"]
    assert found.drafts.count() == 2
    assert check({"zh": []}).status_code == 422
    assert client.get(address + "check/").json() == {"findings": []}
    for name, status in (("aud", 403), ("max", 403), ("tex", 403)):
        other = sqlite_office.client(name)
        assert other.get(address).status_code == 200
        assert other.post(address, {"act": "generate"}).status_code == status
    assert sqlite_office.client("cai").get(address).status_code == 403


@pytest.mark.browser
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_writing_in_a_browser(sqlite_office: Any, serve: Any, sign_in: Any, language: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe()
    found = compiled(sqlite_office)
    served = serve(sqlite_office)
    words = {
        "zh-hans": ("生成中英文评述", "保存并核对", "移交批准", "保存编制说明", "没有待更正之处", "数字不符"),
        "en": ("Generate both texts", "Save and check", "Hand over", "Save the rationale", "Nothing to mend",
               "Wrong figure"),
    }[language]  # fmt: skip
    generate, save, hand_over, save_sheet, nothing, wrong = words
    address = f"{served.base}/office/rounds/{found.code}/text/"
    page = sign_in(served, "wen", language, 1440)
    page.goto(address)
    page.get_by_role("button", name=generate).click()
    page.wait_for_selector("#texts")
    assert axe.run(page).violations_count == 0
    own = "zh" if language == "zh-hans" else "en"
    area = page.locator(f"#{own}-2")
    right = area.input_value()
    figure = re.search(r"\d+\.\d\d(?= ?(点|points))", right)
    assert figure is not None
    shown = f"{figure.group()[:-1]}{(int(figure.group()[-1]) + 5) % 10}"
    area.fill(right.replace(figure.group(), shown, 1))
    # The guard says so while it is being written, and marks the place.
    page.wait_for_selector(".found .finding")
    assert wrong in page.inner_text(".found") and figure.group() in page.inner_text(".found .expected")
    assert page.locator(f".cell.{own} mark").first.inner_text().startswith(shown)
    page.get_by_role("button", name=save).click()
    page.wait_for_selector(".finding details")
    assert axe.run(page).violations_count == 0
    # One click leads to the place.
    page.locator(".finding a").first.click()
    picked = page.evaluate("(a => a.value.slice(a.selectionStart, a.selectionEnd))(document.activeElement)")
    assert picked.startswith(shown)
    assert page.get_by_role("button", name=hand_over).count() == 0
    page.locator(f"#{own}-2").fill(right)
    page.keyboard.press("Control+s")
    # By looking at the page: its policy forbids what would evaluate a text in it.
    page.locator(".finding").first.wait_for(state="detached")
    page.wait_for_load_state()
    assert nothing in page.inner_text("#findings")
    page.goto(address.replace("/text/", "/rationale/"))
    for one, text in OWN.items():
        page.fill(f"#own-{one}", text)
    page.get_by_role("button", name=save_sheet).click()
    page.wait_for_selector(".own")
    assert axe.run(page).violations_count == 0
    page.goto(address)
    page.get_by_role("button", name=hand_over).click()
    page.wait_for_selector(".over")
    page.locator("[name=act][value=hand_over]").first.wait_for(state="detached")
    assert found.state == "drafted"
    phone = sign_in(served, "wen", language, 390, 844)
    for place in (address, address.replace("/text/", "/rationale/")):
        phone.goto(place)
        assert axe.run(phone).violations_count == 0
        assert phone.evaluate("document.documentElement.scrollWidth") == 390
