"""S7, compile: started by a compiler, seen to go, its result in both languages down to single quotes."""

import re
from typing import Any

import pytest


def compile_weeks(office: Any, weeks: int) -> Any:
    from ellwand.office.rounds import compiling

    for k in range(1, weeks + 1):
        found = office.collect(f"2022-W{k:02d}")
        office.review(found)
        compiling.compile_round(found.code, office.user("max"), sign="a small market")
    return found


def test_from_the_start_to_the_result_without_script(office: Any) -> None:
    from ellwand.office.editorial import runs

    compile_weeks(office, 1)
    found = office.collect("2022-W02")
    address = f"/office/rounds/{found.code}/compile/"
    client = office.client("max")
    assert "The round is closed." in client.get(address).content.decode()
    office.review(found)
    page = client.get(address).content.decode()
    assert "all of it is stored, or nothing" in page and 'name="sign"' in page
    assert client.post(address, {"act": "compile"}).status_code == 302
    page = client.get(address).content.decode()
    assert "max started at" in page and '<noscript><meta http-equiv="refresh"' in page
    assert client.get(address + "progress/").json()["state"] == "running"
    # The second compiler is told plainly, and nothing is started.
    second = client.post(address, {"act": "compile"})
    assert second.status_code == 422 and "max is compiling it since" in second.content.decode()
    assert found.runs.count() == 1
    assert runs.compile_run.func(found.runs.get().pk) == runs.REFUSED
    page = client.get(address).content.decode()
    assert "Enough data" in page and "a supervisor may sign an exception" in page and "are suppressed" in page
    assert "主管可签署例外" in office.client("max", language="zh-hans").get(address).content.decode()
    # A supervisor who compiles nothing sees what stands in the way, no figures, and signs.
    sun = office.client("sun")
    assert sun.get(address).status_code == 403
    assert "Enough data" in sun.get(address + "sign/").content.decode()
    assert sun.post(address + "sign/", {"guard": "cells", "reason": "a small market"}).status_code == 302
    rui = office.client("rui")
    assert "Review queue" in rui.get(address + "sign/").content.decode()
    assert rui.post(address + "sign/", {"guard": "cells", "reason": "so"}).status_code == 403
    assert rui.post(address + "sign/", {"guard": "queue", "reason": "a test of the run"}).status_code == 302
    assert "exception signed" in client.get(address).content.decode()
    client.post(address, {"act": "compile"})
    assert runs.compile_run.func(found.runs.order_by("-pk")[0].pk) == runs.DONE
    assert client.get(address + "progress/").json()["state"] == "done"
    made = found.compilations.get()
    total = made.observations.get(level=0)
    for language, words in (("en", "What pulled and what restrained"), ("zh-hans", "谁在拉动，谁在抑制")):
        page = office.client("max", language=language).get(address).content.decode()
        assert words in page and total.published in page and "<rect" in page
        assert page.count('<tr class="depth-') == made.observations.count()
        assert not re.search(r"<style|\sstyle=|\son\w+=", page)
    # Back to review, with a reason; then a second compilation tells what differs from the first.
    assert client.post(address, {"act": "back", "reason": " "}).status_code == 422
    assert client.post(address, {"act": "back", "reason": "a unit called"}).status_code == 302
    assert "must be compiled again" in client.get(address).content.decode()
    client.post(address, {"act": "compile", "sign": "a small market"})
    assert runs.compile_run.func(found.runs.order_by("-pk")[0].pk) == runs.DONE
    assert "No published figure differs from compilation 1" in client.get(address).content.decode()


def test_down_to_the_quotes(sqlite_office: Any) -> None:
    from ellwand.office.editorial import view

    found = compile_weeks(sqlite_office, 2)
    made = found.compilations.get()
    client = sqlite_office.client("aud")
    address = f"/office/rounds/{found.code}/compile/"
    top = made.observations.filter(level=1).order_by("pk")[0]
    assert f'href="{address}{top.code}/"' in client.get(address).content.decode()
    page = client.get(f"{address}{top.code}/").content.decode()
    for part in made.observations.filter(parent=top.code):
        assert part.name_en in page
    lines = view.below(view.lines(made), view.tree(made), top.series)
    assert lines and all(line.item_en.replace("&", "&amp;") in page for line in lines if "'" not in line.item_en)
    assert client.get(f"{address}none/").status_code == 422
    assert client.post(address, {"act": "compile"}).status_code == 403


@pytest.mark.browser
def test_compiling_in_a_browser(sqlite_office: Any, serve: Any, sign_in: Any) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe()
    compile_weeks(sqlite_office, 2)
    found = sqlite_office.collect("2022-W03")
    sqlite_office.review(found)
    served = serve(sqlite_office)
    address = f"{served.base}/office/rounds/{found.code}/compile/"
    page = sign_in(served, "max", "en", 1440)
    page.goto(address)
    assert axe.run(page).violations_count == 0
    page.fill("#sign", "a small market")
    page.get_by_role("button", name="Compile").click()
    # The worker compiles; the page shows the result by itself.
    page.wait_for_selector(".woven", timeout=120_000)
    assert page.locator("tr[class^=depth-]").count() == found.compilations.get().observations.count()
    assert axe.run(page).violations_count == 0
    page.locator(".tree a").nth(1).click()
    page.wait_for_selector("#quotes")
    assert axe.run(page).violations_count == 0
    phone = sign_in(served, "max", "zh-hans", 390, 844)
    phone.goto(address)
    assert axe.run(phone).violations_count == 0
    assert phone.evaluate("document.documentElement.scrollWidth") == 390
