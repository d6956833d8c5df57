"""Pages of published figures: nothing before its instant, everything at it, in both languages, without script."""

import re
from typing import Any

import pytest

LANGUAGES = (("zh", "/"), ("en", "/en/"))
READ = (
    "", "index/", "index/0/", "index/1/", "index/1/revisions/", "explore/",
    "comments/price/", "comments/outlook/", "fabrics/", "sources/", "units/",
    "knowledge/", "releases/", "calendar/", "corrections/", "status/", "consultations/",
    "complaints/", "data/", "developers/", "press/", "search", "search?q=面料", "search?q=index",
)  # fmt: skip
"""Pages that a reader reaches from the frame of every page."""


def _get(address: str) -> Any:
    from django.test import Client

    return Client(SERVER_NAME="localhost").get(address)


@pytest.mark.parametrize(("language", "root"), LANGUAGES)
def test_every_page_shows_the_released_figures(demo: Any, language: str, root: str) -> None:
    from ellwand.office.record import reading

    last = reading.latest()
    assert last is not None
    figures = {f.observation.code: f.observation for f in reading.figures(periods=[last.period])}
    home = _get(root).content.decode()
    assert figures["0"].published in home
    tree = _get(f"{root}index/").content.decode()
    for one in figures.values():
        if one.published:
            assert one.published in tree
        page = _get(f"{root}index/{one.code}/")
        assert page.status_code == 200
        assert not one.published or one.published in page.content.decode()
    comment = _get(f"{root}comments/price/{last.period}/").content.decode()
    assert figures["0"].published in comment
    assert last.code in _get(f"{root}releases/").content.decode()
    assert last.manifest in _get(f"{root}releases/{last.code}/").content.decode()


def test_no_page_carries_script_or_style_of_its_own_or_reaches_out(demo: Any) -> None:
    for _, root in LANGUAGES:
        for path in READ:
            answer = _get(root + path)
            assert answer.status_code == 200, path
            text = answer.content.decode()
            # A module from the site's own folder, and the description for machines, which no browser runs.
            known = r'<script(?! type="module" src="/static/| type="application/ld\+json")'
            assert not re.search(rf"<style|\sstyle=|\son\w+=|{known}", text), path
            # Its own whole address and that of its twin, as search machines want them.
            assert not re.search(r"(src|href)=[\"']https?://(?!localhost/)", text), path
            assert "Simulated market" in text or "模拟市场" in text


def test_files_are_those_that_were_sealed_and_inputs_stay_inside(demo: Any) -> None:
    import hashlib

    from ellwand.office.record import reading

    last = reading.latest()
    assert last is not None
    for entry in reading.manifest(last).files:
        answer = _get(f"/releases/{last.code}/files/{entry.path}")
        if not entry.public:
            assert answer.status_code == 404
            continue
        data = b"".join(answer.streaming_content)
        assert hashlib.sha256(data).hexdigest() == entry.sha256
        assert answer["Content-Disposition"].startswith("attachment")
    for path in ("../settings.toml", "inputs/units.csv", "outputs/../inputs/units.csv"):
        assert _get(f"/releases/{last.code}/files/{path}").status_code == 404


def test_home_to_series_to_download_to_verification_in_four_clicks(demo: Any) -> None:
    """Each click is a link that the page before it shows."""
    from ellwand.office.record import reading

    last = reading.latest()
    assert last is not None
    path = "/en/"
    for address in ("/en/index/0/", f"/en/releases/{last.code}/", f"/releases/{last.code}.zip"):
        text = _get(path).content.decode()
        assert f'href="{address}' in text, (path, address)
        if address.endswith(".zip"):
            # The commands that verify what was downloaded stand beside it, and start from this very site.
            for line in (f"curl -O http://localhost/releases/{last.code}.zip", f"ellwand verify {last.code}<"):
                assert line in text
        path = address
    series = _get("/en/index/0/").content.decode()
    assert 'href="/en/explore/?series=0"' in series and f'href="/data/0.csv?vintage={last.code}"' in series
    assert 'href="/en/explore/?series=1,0"' in _get("/en/index/1/").content.decode()
    assert _get(path).status_code == 200


def test_nothing_shows_before_its_instant(demo: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from datetime import timedelta

    from ellwand.office import clock
    from ellwand.office.record import reading

    last = reading.latest()
    assert last is not None
    monkeypatch.setattr(clock, "now", lambda: last.release_at - timedelta(seconds=1))
    for _, root in LANGUAGES:
        for path in ("", "index/", "index/0/", "comments/price/", "releases/", "status/", "corrections/"):
            text = _get(root + path).content.decode()
            assert last.code not in text and last.manifest[:16] not in text, path
        for path in (
            f"releases/{last.code}/",
            f"comments/price/{last.period}/",
            f"releases/{last.code}/files/manifest.json",
        ):
            assert _get(root + path).status_code == 404, path
    monkeypatch.setattr(clock, "now", lambda: last.release_at)
    for _, root in LANGUAGES:
        assert last.code in _get(root).content.decode()
        assert _get(f"{root}releases/{last.code}/").status_code == 200


@pytest.mark.parametrize(("language", "root"), LANGUAGES)
def test_before_the_first_release(sqlite_office: Any, language: str, root: str) -> None:
    text = _get(root).content.decode()
    assert ("还没有发布过指数" if language == "zh" else "No index has been released yet") in text
    assert _get(f"{root}index/").status_code == _get(f"{root}releases/").status_code == 200
    assert _get(f"{root}index/1/").status_code == 404


@pytest.mark.browser
def test_in_a_browser_axe_finds_nothing(served: Any, chromium: Any) -> None:
    axe_module = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    axe = axe_module.Axe()
    for width, scheme in ((320, "dark"), (390, "light"), (1440, "light"), (1440, "dark")):
        context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        page = context.new_page()
        for _, root in LANGUAGES:
            for path in READ:
                page.goto(served.base + root + path)
                found = axe.run(page).response["violations"]
                assert not found, (root, path, width, scheme, [(v["id"], v["nodes"][0]["html"][:200]) for v in found])
                wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
                assert not wide, (root, path, width)
        context.close()
