"""Feeds, the calendar file, the map of the site, the catalogue and the guides: form, content, both languages."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree as ET

import pytest

pytestmark = pytest.mark.usefixtures("demo")
ATOM = "{http://www.w3.org/2005/Atom}"
ROOTS = (("zh", "/"), ("en", "/en/"))


def feed(program: Any, address: str) -> ET.Element:
    answer = program.get(address)
    assert answer["Content-Type"] == "application/atom+xml; charset=utf-8"
    root = ET.fromstring(answer.content)
    assert root.tag == f"{ATOM}feed"
    for tag in ("id", "title", "updated"):
        assert root.findtext(f"{ATOM}{tag}")
    assert root.find(f"{ATOM}author/{ATOM}name") is not None
    links = {link.get("rel"): link.get("href") for link in root.findall(f"{ATOM}link")}
    assert links["self"] == f"http://localhost{address}" and set(links) == {"self", "alternate"}
    ids = [e.findtext(f"{ATOM}id") for e in root.findall(f"{ATOM}entry")]
    assert len(ids) == len(set(ids)) and all(i and i.startswith("tag:localhost,") for i in ids)
    for entry in root.findall(f"{ATOM}entry"):
        for tag in ("title", "published", "updated"):
            assert entry.findtext(f"{ATOM}{tag}")
        for link in entry.findall(f"{ATOM}link"):
            address_ = str(link.get("href")).removeprefix("http://localhost")
            assert program.client.get(address_).status_code == 200, address_
    return root


@pytest.mark.parametrize(("language", "root"), ROOTS)
def test_the_feed_of_releases(program: Any, language: str, root: str) -> None:
    rows = program.json("/api/v1/releases")["data"]
    found = feed(program, f"{root}feed/releases.atom")
    entries = found.findall(f"{ATOM}entry")
    assert [str(e.findtext(f"{ATOM}id")).rpartition("/")[2] for e in entries] == [r["release"] for r in rows]
    assert [e.findtext(f"{ATOM}updated") for e in entries] == [r["issued"] for r in rows]
    assert found.findtext(f"{ATOM}updated") == rows[0]["issued"]
    mark = "【模拟】" if language == "zh" else "[Simulated]"
    assert all(str(e.findtext(f"{ATOM}title")).startswith(mark) for e in entries)
    assert all("&" not in str(e.findtext(f"{ATOM}title")) for e in entries)
    newest = program.json("/api/v1/observations?series=0&lastNObservations=1")["data"][0]
    assert newest["value"] in str(entries[0].findtext(f"{ATOM}summary"))


@pytest.mark.parametrize(("language", "root"), ROOTS)
def test_the_feed_of_a_series(program: Any, language: str, root: str) -> None:
    rows = program.json("/api/v1/observations?series=1.1&includeHistory=true")["data"]
    entries = feed(program, f"{root}feed/index-1.1.atom").findall(f"{ATOM}entry")
    assert len(entries) == len(rows)
    for entry, row in zip(entries, reversed(rows), strict=True):
        value = row["value"] or ("不公布" if language == "zh" else "not published")
        assert f"{row['period']}: {value}" in str(entry.findtext(f"{ATOM}title"))
    program.problem(f"{root}feed/index-zz.atom", 404, "unknown-code", "code")
    program.problem(f"{root}feed/releases.atom?page=2", 400, "unknown-parameter", "page")


def unfolded(data: bytes) -> list[str]:
    """The lines of a calendar file, whose form is checked."""
    text = data.decode("utf-8")
    assert text.endswith("\r\n") and "\n" not in text.replace("\r\n", "")
    assert all(len(line.encode("utf-8")) <= 75 for line in text.split("\r\n"))
    return text.replace("\r\n ", "").removesuffix("\r\n").split("\r\n")


def events(lines: list[str]) -> list[dict[str, str]]:
    assert lines[0] == "BEGIN:VCALENDAR" and lines[-1] == "END:VCALENDAR"
    out: list[dict[str, str]] = []
    for line in lines:
        name, _, value = line.partition(":")
        if line == "BEGIN:VEVENT":
            out.append({})
        elif out and name not in ("END",):
            out[-1][name] = value
    return out


@pytest.mark.parametrize(("language", "root"), ROOTS)
def test_the_calendar_file(program: Any, language: str, root: str) -> None:
    answer = program.get(f"{root}calendar.ics")
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    found = {e["UID"]: e for e in events(unfolded(answer.content))}
    rows = program.json("/api/v1/calendar")["data"]
    assert set(found) == {f"price-{r['period']}@localhost" for r in rows}
    for row in rows:
        event = found[f"price-{row['period']}@localhost"]
        at = datetime.strptime(event["DTSTART"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        assert at == datetime.fromisoformat(row["planned_at"])
        assert event["SEQUENCE"] == str(len(row["changes"]))
        assert row["period"][:4] in event["SUMMARY"] and ("指数" if language == "zh" else "index") in event["SUMMARY"]


def test_a_week_without_an_issue_and_a_moved_one(sqlite_office: Any) -> None:
    from django.test import Client

    from ellwand.office import clock
    from ellwand.office.registry.models import Issue

    now, by = clock.now().replace(microsecond=0), sqlite_office.user("cai")
    due = now + timedelta(days=3)
    base = {"family": "price", "cutoff_at": now, "by": by, "at": now}
    Issue(**base, period="2026-W05", number=1, release_at=due, reason="r").save()
    Issue(
        **base, period="2026-W05", number=2, release_at=due + timedelta(days=1), reason="flood; stalls, shut\nall"
    ).save()
    Issue(
        **base, period="2026-W06", number=1, release_at=due + timedelta(days=7), skipped=True, reason="Festival"
    ).save()
    for root in ("/", "/en/"):
        lines = unfolded(Client(SERVER_NAME="localhost").get(f"{root}calendar.ics").content)
        moved, none = events(lines)
        assert moved["SEQUENCE"] == "1" and moved["STATUS"] == "CONFIRMED"
        assert "flood\\; stalls\\, shut\\nall" in moved["DESCRIPTION"]
        assert none["STATUS"] == "CANCELLED" and "Festival" in none["DESCRIPTION"]


def test_every_page_of_the_map_is_there(program: Any) -> None:
    answer = program.get("/sitemap.xml")
    root = ET.fromstring(answer.content)
    space = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
    addresses = [str(u.findtext(f"{space}loc")) for u in root.findall(f"{space}url")]
    assert len(addresses) == len(set(addresses)) > 100
    for url in root.findall(f"{space}url"):
        pair = {x.get("hreflang"): x.get("href") for x in url.findall("{http://www.w3.org/1999/xhtml}link")}
        assert set(pair) == {"zh-Hans", "en"} and url.findtext(f"{space}loc") in pair.values()
        assert set(pair.values()) <= set(addresses)
    # Of pages of one kind some are enough.
    kinds: dict[str, int] = {}
    for address in addresses:
        path = address.removeprefix("http://localhost")
        kind = re.sub(r"(index|releases|price)/[^/]+/", r"\1/*/", path)
        kinds[kind] = kinds.get(kind, 0) + 1
        if kinds[kind] <= 3:
            page = program.client.get(path)
            assert page.status_code == 200 and page["Content-Type"].startswith("text/html"), path
    assert not [a for a in addresses if "/office/" in a]
    robots = program.get("/robots.txt").content.decode()
    assert "Disallow: /office/" in robots and "Sitemap: http://localhost/sitemap.xml" in robots


def test_the_catalogue(program: Any) -> None:
    answer = program.get("/data/catalog.jsonld")
    assert answer["Content-Type"] == "application/ld+json; charset=utf-8"
    told = json.loads(answer.content)
    assert told["@type"] == "dcat:Catalog" and told["dct:modified"]["@value"]
    prefixes = set(told["@context"])
    names = set(re.findall(r'"([a-z]+):[A-Za-z]+":', answer.content.decode()))
    assert names <= prefixes
    sets = told["dcat:dataset"]
    codes = {r["code"] for r in program.json("/api/v1/codes")["data"]}
    assert {s["dct:identifier"] for s in sets} == codes | {"price"}
    for one in sets:
        for name in ("dct:title", "dct:description"):
            assert {t["@language"] for t in one[name]} == {"zh-Hans", "en"} and all(t["@value"] for t in one[name])
        assert (
            one["dct:license"] and one["dcat:distribution"] and one["dct:accrualPeriodicity"]["@id"].endswith("WEEKLY")
        )
        assert one["dct:temporal"]["dcat:startDate"]["@value"] <= one["dct:temporal"]["dcat:endDate"]["@value"]
    for one in sets[:3]:
        for file in one["dcat:distribution"]:
            answer = program.get(file["dcat:downloadURL"]["@id"].removeprefix("http://localhost"))
            kind = answer["Content-Type"].partition(";")[0]
            assert file["dcat:mediaType"]["@id"].endswith(f"/{kind}")


@pytest.mark.parametrize(("language", "root"), ROOTS)
def test_the_guide_leads_to_what_is_there(program: Any, language: str, root: str) -> None:
    answer = program.get(f"{root}llms.txt")
    text = answer.content.decode("utf-8")
    assert answer["Content-Type"] == "text/plain; charset=utf-8" and text.startswith("# ")
    newest = program.json("/api/v1/observations?series=0&lastNObservations=1")["data"][0]
    assert newest["value"] in text and newest["vintage"] in text
    assert ("模拟数据" if language == "zh" else "Simulated figures") in text
    links = re.findall(r"\]\(http://localhost([^)]+)\)", text)
    assert len(links) > 12
    for link in links:
        assert program.client.get(link).status_code == 200, link


def test_before_the_first_release(sqlite_office: Any) -> None:
    from django.test import Client

    client = Client(SERVER_NAME="localhost")
    for root in ("/", "/en/"):
        for path in ("feed/releases.atom", "feed/corrections.atom", "calendar.ics", "llms.txt"):
            assert client.get(root + path).status_code == 200, path
        assert client.get(f"{root}feed/index-0.atom").status_code == 404
    for path in ("/sitemap.xml", "/robots.txt", "/data/catalog.jsonld"):
        assert client.get(path).status_code == 200, path
    assert json.loads(client.get("/data/catalog.jsonld").content)["dcat:dataset"] == []
    assert client.get("/data/price.csv").status_code == client.get("/data/0.csv").status_code == 404
