"""Twins of pages: the same figures as the page, as JSON, CSV and Markdown, in both languages; and what pages say of
themselves to machines."""

import csv
import io
import json
import re
from datetime import timedelta
from typing import Any

import pytest

pytestmark = pytest.mark.usefixtures("demo")
ROOTS = (("zh", "/"), ("en", "/en/"))


def addresses(program: Any, root: str) -> list[tuple[str, str, str]]:
    """Of every page with twins: its name, its address, and the address of its twins without the ending."""
    from ellwand.web import urls  # noqa: F401
    from ellwand.web.site.page import PAGES
    from ellwand.web.twins.pages import TWINS

    release = program.json("/api/v1/releases")["vintage"]
    out = []
    for name in TWINS:
        path = PAGES[name].address.replace("<str:issue>", release)
        path = path.replace("<str:code>", release if name == "release" else "1.1")
        out.append((name, root + path, root + (path.rstrip("/") or "home")))
    return out


@pytest.mark.parametrize(("language", "root"), ROOTS)
def test_every_twin_in_every_form(program: Any, language: str, root: str) -> None:
    for name, page, twin in addresses(program, root):
        html = program.get(page).content.decode()
        told = program.json(f"{twin}.json")
        rows = list(csv.DictReader(io.StringIO(program.get(f"{twin}.csv").content.decode("utf-8"))))
        answer = program.get(f"{twin}.md")
        text = answer.content.decode("utf-8")
        assert answer["Content-Type"] == "text/markdown; charset=utf-8"
        assert answer["Content-Language"] == ("zh-Hans" if language == "zh" else "en")
        title = told[f"title_{language}"]
        assert text.startswith(f"# {title}\n") and told["vintage"] in text and told["page"] == page
        assert len(rows) == len(told["data"])
        keys = [c["key"] for c in told["columns"]]
        for plain, row in zip(told["data"], rows, strict=True):
            assert list(row) == [*keys, *({"simulated"} - set(keys))] and row["simulated"] == "true"
            for key in keys:
                value = plain.get(key)
                if not isinstance(value, list | bool):
                    assert row[key] == ("" if value is None else str(value)), (name, key)
        for ext, kind in (("json", "application/json"), ("csv", "text/csv"), ("md", "text/markdown")):
            assert f'<link rel="alternate" type="{kind}" href="{twin}.{ext}">' in html, name


@pytest.mark.parametrize(("language", "root"), ROOTS)
def test_a_twin_shows_what_its_page_shows(program: Any, language: str, root: str) -> None:
    page = program.get(f"{root}index/1/").content.decode()
    rows = program.json(f"{root}index/1.json")["data"]
    assert rows == program.json("/api/v1/observations?series=1")["data"]
    text = program.get(f"{root}index/1.md").content.decode()
    for row in rows:
        assert row["value"] in page and f"| {row['period']} | {row['value']} |" in text
    tree = program.get(f"{root}index.csv").content.decode()
    assert len(tree.splitlines()) == 1 + len(program.json("/api/v1/series")["data"])
    release = program.json("/api/v1/releases")["vintage"]
    comment = program.get(f"{root}comments/price/{release}/").content.decode()
    written = program.get(f"{root}comments/price/{release}.md").content.decode()
    paragraphs = [p for p in written.split("\n\n") if p and p[0] not in "#*|-"]
    assert len(paragraphs) > 3
    assert all(p.strip()[:40] in re.sub(r"<[^>]+>", "", comment) for p in paragraphs if "&" not in p[:40])


def test_a_twin_of_a_vintage_never_changes(program: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from ellwand.office import clock
    from ellwand.office.record import reading

    first = reading.public()[0]
    kept = {}
    for path in ("index/1.1", "index", "home", "index/1.1/revisions", "releases", "corrections"):
        for ext in ("json", "csv", "md"):
            answer = program.get(f"/en/{path}.{ext}?vintage={first.code}")
            assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
            kept[path, ext] = answer.content
    later = clock.now() + timedelta(days=30)
    monkeypatch.setattr(clock, "now", lambda: later)
    for (path, ext), content in kept.items():
        assert program.get(f"/en/{path}.{ext}?vintage={first.code}").content == content
    assert json.loads(kept["index/1.1", "json"])["vintage"] == first.code
    assert len(json.loads(kept["index/1.1", "json"])["data"]) == 1


def test_what_is_not_there(program: Any) -> None:
    for address, kind in (
        ("/index/zz.json", "unknown-code"),
        ("/en/index/zz/revisions.csv", "unknown-code"),
        ("/releases/price-2031-W01-1.md", "unknown-release"),
        ("/comments/price/2031-W01.json", "unknown-release"),
        ("/index/0.json?vintage=price-2031-W01-1", "unknown-release"),
    ):
        told = json.loads(program.get(address, 404).content)
        assert told["type"].endswith(kind), address
    program.problem("/units.json?vintage=x", 400, "unknown-parameter", "vintage")
    assert program.client.get("/index/0.xml", follow=True).status_code == 404


def descriptions(html: str) -> list[Any]:
    """The descriptions in a page, and nothing else that a script could be."""
    found = re.findall(r"<script([^>]*)>(.*?)</script>", html, re.DOTALL)
    return [json.loads(text) for kind, text in found if 'type="application/ld+json"' in kind]


@pytest.mark.parametrize(("language", "root"), ROOTS)
def test_pages_describe_their_data(program: Any, language: str, root: str) -> None:
    for path, code in (("", "price"), ("index/", "price"), ("data/", "price"), ("index/1.1/", "1.1")):
        (told,) = descriptions(program.get(root + path).content.decode())
        assert (told["@context"], told["@type"], told["identifier"]) == ("https://schema.org", "Dataset", code)
        assert 50 <= len(told["description"]) <= 5000 or language == "zh"
        assert told["inLanguage"] == ("zh-Hans" if language == "zh" else "en") and told["license"]
        assert told["creator"]["name"] and told["temporalCoverage"].count("/") == 1
        for file in told["distribution"]:
            answer = program.get(file["contentUrl"].removeprefix("http://localhost"))
            assert answer["Content-Type"].partition(";")[0] == file["encodingFormat"]
    release = program.json("/api/v1/releases")["vintage"]
    (told,) = descriptions(program.get(f"{root}comments/price/{release}/").content.decode())
    assert told["@type"] == "Report" and told["datePublished"].endswith("Z")
    assert descriptions(program.get(f"{root}knowledge/").content.decode()) == []
    assert descriptions(program.get(f"{root}index/zz/", 404).content.decode()) == []


def test_a_name_in_a_description_ends_no_script(sqlite_week: Any) -> None:
    from ellwand.office.registry.models import Market

    Market.objects.update(name_en="A</script><b>&co", name_zh="甲</script>")
    sqlite_week.public("2022-W01")
    html = sqlite_week.office.client().get("/en/index/1/").content.decode()
    (told,) = descriptions(html)
    assert told["creator"]["name"] == "A</script><b>&co" and "<b>&co" not in html
    text = sqlite_week.office.client().get("/en/index/1.md").content.decode()
    assert "</script>" not in text and "<b>" not in text
