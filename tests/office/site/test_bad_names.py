"""Names that look like HTML are names: on every page, in every text and file, nothing of them is read as a tag."""

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

EVIL = "<img src=x onerror=alert()>\"'&</script>"
NAMES = ("name_zh", "name_en")
PAGES = (
    "", "index/", "index/0/", "index/1/", "index/1/revisions/", "explore/?series=0,1", "comments/price/", "sources/",
    "comments/outlook/", "fabrics/", "units/", "news/", "market-news/", "knowledge/", "knowledge/glossary/",
    "knowledge/quality/", "knowledge/contracts/", "about/", "about/roles/", "about/governance/", "about/contact/",
    "about/policies/revision/", "releases/", "calendar/", "corrections/", "status/", "consultations/", "complaints/",
    "data/", "developers/", "press/", "me/", "search?q=onerror", "embed/1/",
)  # fmt: skip
FILES = (
    "index/1/chart.svg", "explore/chart.svg?series=0,1", "feed/releases.atom", "feed/index-1.atom", "feed/notices.atom",
    "calendar.ics", "home.md", "index.md", "index/1.md",
)  # fmt: skip


def _spoil(folder: Path) -> None:
    """Give a market, its classes, sources, units and items names that look like HTML."""
    for name in ("classification.csv", "sources.csv", "units.csv", "items.csv"):
        path = folder / name
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        for row in rows:
            row |= {key: row[key] + EVIL for key in NAMES if row.get(key)}
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    told = json.loads((folder / "market.json").read_text(encoding="utf-8"))
    told |= {key: told[key] + EVIL for key in NAMES}
    (folder / "market.json").write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")


@pytest.fixture(scope="module")
def spoiled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A demo whose every name looks like HTML."""
    from ellwand.office import setup
    from ellwand.office.demo import make as making

    def simulate(folder: Path, **more: Any) -> None:
        real(folder, **more)
        _spoil(folder)

    real = making.simulate
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("DATABASE_URL", raising=False)
        patch.setattr(making, "simulate", simulate)
        yield making.make(tmp_path_factory.mktemp("spoiled") / "office", count=2, items=60, units=30, version="test")
        setup.disconnect("default")


def _as_text(text: str) -> None:
    assert "<img src=x" not in text
    # Nor does a quotation mark in a name end an attribute.
    assert not re.search(r"<[^>]*\son\w+=", re.sub(r'"[^"]*"', '""', text))


@pytest.mark.parametrize("root", ["/", "/en/"])
def test_every_page_shows_them_as_text(spoiled: Any, get: Any, root: str) -> None:
    from ellwand.office.record import reading

    last = reading.latest()
    assert last is not None
    shown = 0
    for path in (*PAGES, f"comments/price/{last.code}/", f"releases/{last.code}/"):
        answer = get(root + path)
        assert answer.status_code == 200, path
        text = answer.content.decode()
        _as_text(text)
        # The one end of a script is that of the description for machines, and that of the charts.
        assert text.count("</script>") == len(re.findall(r"<script[ >]", text)), path
        # Nothing is escaped twice, but for what is shown to be copied.
        assert not re.search(r"&amp;(amp|lt|gt|quot|#x27);", re.sub(r"<pre.*?</pre>", "", text, flags=re.DOTALL)), path
        shown += "&lt;img src=x onerror=alert()&gt;" in text
    assert shown > 20


@pytest.mark.parametrize("root", ["/", "/en/"])
def test_files_show_them_as_text(spoiled: Any, get: Any, root: str) -> None:
    from xml.etree import ElementTree as ET

    for path in FILES:
        answer = get(root + path)
        assert answer.status_code == 200, path
        text = answer.content.decode()
        if path.partition("?")[0].endswith((".svg", ".atom")):
            kinds = {one.tag.rpartition("}")[2] for one in ET.fromstring(text).iter()}
            assert not kinds & {"img", "script", "foreignObject"}, path
            # An article stands in a feed as HTML, which XML escapes.
            assert path.endswith(".atom") or not re.search(r"&amp;(amp|quot|#x27);", text), path
        elif path.endswith(".md"):
            assert "<img" not in text, path
    held = json.loads(get("/api/v1/series/1").content)
    assert EVIL in json.dumps(held, ensure_ascii=False).replace('\\"', '"')


@pytest.mark.parametrize(
    "path",
    [
        "zh/",
        "zh/index/",
        "en/",
        "en/en/",
        "index/原料/",
        "news/no-such-news/",
        "about/关于/",
        "knowledge/%3Cb%3E/",
        "EN/",
    ],
)
def test_an_address_in_another_language_is_no_other_page(spoiled: Any, get: Any, path: str) -> None:
    for root, words in (("/", "没有这个页面"), ("/en/", "There is no page here")):
        if not (root + path).startswith("/en/") or root == "/en/":
            answer = get(root + path)
            assert answer.status_code == 404 and words in answer.content.decode()
