"""Every address of the site leads somewhere: links, files, anchors, twins in the other language, the map."""

import os
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest

SERIES = {"0", "1", "1.1"}
"""Codes whose pages and files stand for those of all series, unless everything is looked at."""
OF_SERIES = re.compile(
    r"(?:/(?:index|data|embed)/|/feed/index-|[?&]series=)(?P<code>[0-9][0-9.]*?)(?=\.[a-z]|[/?&,]|$)"
)
LEADS_ON = re.compile(r"/(en/)?comments/$")
"""The one page that only leads on to another; the old site's addresses do so too, and no page names them."""


def passes_by(last: str) -> Callable[[str], bool]:
    """Whether an address is one of so many alike: of another series, or of an older vintage of a series."""

    def is_alike(address: str) -> bool:
        found = OF_SERIES.search(address)
        if found is None:
            return False
        old = "vintage=" in address and last not in address
        return found["code"] not in SERIES or (old and found["code"] != "1")

    return is_alike


@pytest.fixture(scope="module")
def crawl(site: Any, crawling: Any, thorough: bool) -> Any:
    """The site, as somebody saw it who followed every address."""
    return crawling.Crawl(site.base).run((lambda _: False) if thorough else passes_by(site.last))


def short(addresses: Any) -> dict[str, list[str]]:
    """Addresses with a few of the pages that name them."""
    return {address: sorted(origins)[:3] for address, origins in sorted(addresses.items())[:20]}


def test_every_address_answers(crawl: Any) -> None:
    assert len(crawl.pages) > 150 and len(crawl.answers) > 500
    wrong = {f"{one.status} {a}": crawl.origins[a] for a, one in crawl.answers.items() if one.status != 200}
    assert not short(wrong)


def test_every_series_has_its_page_in_the_map_although_its_files_are_passed_by(crawl: Any, site: Any) -> None:
    of_series = [a for a in crawl.listed if re.search(r"/index/[0-9.]+/$", a)]
    assert len(of_series) > 40
    assert {a for a in of_series if "/index/1/" in a} <= set(crawl.answers)


def test_every_anchor_is_there(crawl: Any) -> None:
    lost = {}
    for wanted, origins in crawl.wanted.items():
        address, _, anchor = wanted.partition("#")
        if address in crawl.passed_by:
            continue
        told = crawl.answers[address].told
        if told is None or anchor not in told.anchors:
            lost[wanted] = origins
    assert len(crawl.wanted) > 20 and not short(lost)


def test_what_stands_for_something_in_a_page_is_in_it(crawl: Any) -> None:
    lost = {f"{address} {name}": [] for address, told in crawl.pages.items() for name in told.described
            if name not in told.anchors}  # fmt: skip
    assert not short(lost)


def test_nothing_is_loaded_from_elsewhere_and_nobody_is_sent_there(crawl: Any) -> None:
    assert not short(crawl.outside)
    parts = {urlsplit(part).netloc for told in crawl.pages.values() for part in told.parts}
    assert parts == {""}


def test_every_page_has_its_twin_which_names_it(crawl: Any, site: Any) -> None:
    for address, told in crawl.pages.items():
        if "noindex" in told.robots:
            assert not told.canonical and not told.twins, address
            continue
        assert told.description and len(told.description) <= 160, address
        assert set(told.twins) == {"zh-Hans", "en", "x-default"}, address
        assert told.canonical == told.twins[told.lang], address
        assert ("/en/" in told.canonical) == (told.lang == "en"), address
        for twin in told.twins.values():
            other = crawl.pages.get(twin)
            # The twin of an address that was passed by was passed by.
            assert other is not None or twin in crawl.passed_by, (address, twin)
            assert other is None or (other.twins == told.twins and other.canonical == twin), (address, twin)


def test_titles_and_descriptions_tell_pages_apart(crawl: Any) -> None:
    seen: dict[tuple[str, str, str], str] = {}
    for address, told in crawl.pages.items():
        if "noindex" in told.robots or address != told.canonical:
            continue
        key = (told.lang, told.title, told.description)
        assert key not in seen, (address, seen[key])
        seen[key] = address


def test_the_map_lists_every_page_that_is_reached_and_every_page_of_the_map_is_reached(crawl: Any, site: Any) -> None:
    listed = set(crawl.listed)
    assert len(listed) == len(crawl.listed)
    reached = {a for a, told in crawl.pages.items() if told.canonical == a}
    assert sorted(reached - listed) == []
    orphans = [a for a in listed if not {o for o in crawl.origins[a] if o != a and o != _other(a, site.base)}]
    assert sorted(a for a in orphans if a not in crawl.passed_by) == []


def _other(address: str, base: str) -> str:
    """The same page in the other language."""
    path = address.removeprefix(base)
    return base + (path.removeprefix("/en") if path.startswith("/en/") else f"/en{path}")


def test_the_only_redirects_are_those_of_old_addresses(crawl: Any, site: Any, crawling: Any) -> None:
    assert [a for a, one in crawl.answers.items() if one.to] == []
    for root in ("/", "/en/"):
        answer = crawling.fetch(f"{site.base}{root}comments/")
        assert answer.status == 302 and crawling.fetch(f"{site.base}{answer.to}").status == 200


def test_html_is_valid(crawl: Any, node: Any, tmp_path: Any) -> None:
    """Every page: as the validator recommends."""
    names = {}
    for number, (address, _) in enumerate(sorted(crawl.pages.items())):
        names[f"{number:05d}.html"] = address
        (tmp_path / f"{number:05d}.html").write_bytes(crawl.answers[address].body)
    found = node("validate.mjs", os.fspath(tmp_path))
    assert [(names[f["name"]], f["rule"], f["message"], f["selector"] or f["line"]) for f in found][:20] == []


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("<ul><p>no item</p></ul>", "element-permitted-content"),
        ('<p id="a"></p><p id="a"></p>', "no-dup-id"),
        ('<p aria-labelledby="nobody">a</p>', "no-missing-references"),
        ("<p>a & b</p>", "no-raw-characters"),
    ],
)
def test_the_validator_finds_a_fault(node: Any, tmp_path: Any, text: str, rule: str) -> None:
    head = '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>A</title></head><body>'
    (tmp_path / "a.html").write_text(f"{head}<main>{text}</main></body></html>\n", encoding="utf-8")
    assert rule in {f["rule"] for f in node("validate.mjs", os.fspath(tmp_path))}
