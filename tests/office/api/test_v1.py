"""The JSON API: the figures of the record, every rule of its addresses, its headers and its limits."""

import csv
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.usefixtures("demo")
ROOT = "/api/v1/"
ADDRESSES = (
    "", "series", "observations", "releases", "corrections", "calendar", "methods", "codes", "units", "problems",
    "openapi.json",
)  # fmt: skip


def history(folder: Path) -> dict[tuple[str, str], dict[str, str]]:
    """What the sealed file of a release holds, by code and period."""
    with (folder / "outputs" / "history.csv").open(encoding="utf-8", newline="") as stream:
        return {(r["code"], r["period"]): r for r in csv.DictReader(stream)}


def test_every_figure_is_that_of_the_sealed_file(demo: Path, program: Any) -> None:
    sealed = history(demo / "archive" / program.json(f"{ROOT}releases")["vintage"])
    rows = program.json(f"{ROOT}observations")["data"]
    assert {(r["series"], r["period"]) for r in rows} == set(sealed) and len(rows) == len(sealed)
    names = {"value": "published", "change_previous": "published_change_previous", "index": "index", "low": "low",
             "grade": "grade", "status": "status", "units": "units", "method": "method", "vintage": "release",
             "weight": "weight", "contribution": "contribution", "imputed_share": "imputed_share"}  # fmt: skip
    for row in rows:
        of = sealed[row["series"], row["period"]]
        for name, column in names.items():
            assert ("" if row[name] is None else str(row[name])) == of[column], (row["series"], row["period"], name)


def test_fast_and_plain_writing_agree() -> None:
    from ellwand.web import query
    from ellwand.web.api.fast import points_json
    from ellwand.web.moments import moment

    seen = moment()
    for history_ in (False, True):
        asked = query.Asked(history=history_)
        plain = [query.shown(seen, one) for one in query.points(seen, asked)]
        text = json.dumps(plain, ensure_ascii=False, separators=(",", ":"))
        assert points_json(seen, query.points(seen, asked)) == text
        assert list(plain[0]) == list(query.POINT)


def test_every_answer_says_issue_vintage_and_next_release(program: Any) -> None:
    from ellwand.office.record import reading
    from ellwand.office.releases.canonical import write_instant

    last, due = reading.latest(), reading.next_issue()
    assert last and due
    for where in (*ADDRESSES, "series/1"):
        answer = program.get(ROOT + where)
        assert answer["Ellwand-Vintage"] == last.code
        assert answer["Ellwand-Simulated"] == "true"
        assert answer["Ellwand-Next-Release"] == write_instant(due.release_at)
        assert answer["Content-Language"] == "zh-Hans, en" and last.code in answer["ETag"]
        assert 'rel="license"' in answer["Link"] and 'rel="canonical"' in answer["Link"]
        assert "Cookie" not in answer.get("Vary", "") and not answer.cookies
        if where != "openapi.json":
            told = json.loads(answer.content)
            assert (told["vintage"], told["issued"]) == (last.code, write_instant(last.release_at))
            assert told["next_release"] == write_instant(due.release_at) and told["simulated"] is True


@pytest.mark.parametrize("where", ["series", "observations?series=0", "codes", "releases", "calendar"])
def test_who_holds_an_answer_gets_304(program: Any, where: str) -> None:
    first = program.get(ROOT + where)
    again = program.get(ROOT + where, 304, **{"if-none-match": first["ETag"]})
    assert not again.content and again["ETag"] == first["ETag"] and again["Cache-Control"] == first["Cache-Control"]
    assert program.get(ROOT + where, **{"if-none-match": '"other"'}).content == first.content
    head = program.client.head(ROOT + where)
    assert head.status_code == 200 and head["ETag"] == first["ETag"]


def test_caches_ask_each_time_and_learn_nothing_of_an_instant(program: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from ellwand.office import clock
    from ellwand.office.record import reading

    due = reading.next_issue()
    last = reading.latest()
    assert due and last
    for left in (7200, 42, 0.5):
        monkeypatch.setattr(clock, "now", lambda left=left: due.release_at - timedelta(seconds=left))
        assert program.get(f"{ROOT}series")["Cache-Control"] == "public, max-age=0, must-revalidate"
        pinned = program.get(f"{ROOT}series?vintage={last.code}")
        assert pinned["Cache-Control"] == "public, max-age=31536000, immutable"


def test_as_of_an_instant_nothing_ever_changes(demo: Path, program: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from ellwand.office import clock
    from ellwand.office.record import reading

    releases = reading.public()
    pinned = {}
    for one in releases:
        at = one.release_at.isoformat().replace("+00:00", "Z")
        for where in ("series", "series/0", "observations", "releases", "calendar", "codes", "methods", "corrections"):
            answers = [program.get(f"{ROOT}{where}?{name}") for name in (f"asOf={at}", f"vintage={one.code}")]
            assert answers[0].content == answers[1].content and answers[0]["ETag"] == answers[1]["ETag"]
            assert json.loads(answers[0].content)["vintage"] == one.code
            pinned[where, at] = answers[0].content
        sealed = history(demo / "archive" / one.code)
        rows = program.json(f"{ROOT}observations?vintage={one.code}")["data"]
        assert {(r["series"], r["period"]): r["value"] or "" for r in rows} == {
            k: r["published"] for k, r in sealed.items()
        }
    # A year later the same bytes.
    later = clock.now() + timedelta(days=365)
    monkeypatch.setattr(clock, "now", lambda: later)
    for (where, at), content in pinned.items():
        assert program.get(f"{ROOT}{where}?asOf={at}").content == content
    east = releases[0].release_at.isoformat()
    assert program.json(f"{ROOT}releases?asOf={east}")["vintage"] == releases[0].code
    before = program.json(f"{ROOT}observations?asOf=2000-01-01T00:00:00Z")
    assert before["vintage"] is None and before["data"] == []


def test_periods_first_and_last(program: Any) -> None:
    rows = program.json(f"{ROOT}observations?series=0")["data"]
    periods = [r["period"] for r in rows]
    assert len(periods) == 3 and periods == sorted(periods)
    for query, expected in (
        (f"from={periods[1]}", periods[1:]),
        (f"to={periods[1]}", periods[:2]),
        (f"from={periods[1]}&to={periods[1]}", periods[1:2]),
        ("firstNObservations=1", periods[:1]),
        ("lastNObservations=2", periods[1:]),
        ("lastNObservations=50", periods),
        ("from=2001-W01&to=2001-W52", []),
    ):
        found = program.json(f"{ROOT}observations?series=0&{query}")["data"]
        assert [r["period"] for r in found] == expected, query
    both = program.json(f"{ROOT}observations?series=1,0,1&lastNObservations=1")["data"]
    assert [(r["series"], r["period"]) for r in both] == [("0", periods[-1]), ("1", periods[-1])]


@pytest.mark.parametrize(
    ("query", "status", "kind", "field"),
    [
        ("series=zz", 404, "unknown-code", "series"),
        ("series=0,zz", 404, "unknown-code", "series"),
        ("series=", 400, "invalid-value", "series"),
        ("series=0,,1", 400, "invalid-value", "series"),
        ("series=%3Cscript%3Ealert(1)%3C/script%3E", 404, "unknown-code", "series"),
        ("series=%00", 404, "unknown-code", "series"),
        ("from=2026-13", 400, "invalid-value", "from"),
        ("from=2024-W60", 400, "invalid-value", "from"),
        ("from=9999-W52", 400, "invalid-value", "from"),
        ("from=2026-01", 400, "invalid-value", "from"),
        ("to=yesterday", 400, "invalid-value", "to"),
        ("from=2026-W10&to=2026-W02", 400, "reversed-range", "to"),
        ("asOf=2999-01-01T00:00:00Z", 400, "future-instant", "asOf"),
        ("asOf=9999-12-31T23:59:59-23:00", 400, "invalid-value", "asOf"),
        ("asOf=2026-01-01", 400, "invalid-value", "asOf"),
        ("asOf=now", 400, "invalid-value", "asOf"),
        ("asOf=2026-01-01T00:00:00Z&vintage=x", 400, "conflicting-parameters", "vintage"),
        ("vintage=price-2030-W01-1", 404, "unknown-release", "vintage"),
        ("includeHistory=1", 400, "invalid-value", "includeHistory"),
        ("lastNObservations=0", 400, "invalid-value", "lastNObservations"),
        ("lastNObservations=-1", 400, "invalid-value", "lastNObservations"),
        ("lastNObservations=1e3", 400, "invalid-value", "lastNObservations"),
        ("lastNObservations=" + "9" * 400, 400, "invalid-value", "lastNObservations"),
        ("firstNObservations=1&lastNObservations=1", 400, "conflicting-parameters", "lastNObservations"),
        ("sort=value", 400, "unknown-parameter", "sort"),
        ("series=0&series=1", 400, "repeated-parameter", "series"),
        ("SERIES=0", 400, "unknown-parameter", "SERIES"),
    ],
)
def test_a_wrong_request_is_told_by_field(program: Any, query: str, status: int, kind: str, field: str) -> None:
    told = program.problem(f"{ROOT}observations?{query}", status, kind, field)
    assert len(told["errors"][0]["value"]) <= 200


def test_ten_thousand_series_are_pointed_to_the_files(program: Any) -> None:
    many = ",".join(f"c{k}" for k in range(10_000))
    told = program.problem(f"{ROOT}observations?series={many}", 400, "too-much", "series")
    assert "/data/price.csv" in told["detail"] and "/data/price.csv" in told["detail_zh"]


def test_unknown_addresses_and_methods(program: Any) -> None:
    for where in ("nothing", "series/zz", "series/0/x", "releases/none/manifest", "openapi.yaml", "docs"):
        answer = program.get(ROOT + where, 404)
        assert answer["Content-Type"] == "application/problem+json" and answer["Cache-Control"] == "no-store"
    for method in ("post", "put", "patch", "delete"):
        answer = getattr(program.client, method)(f"{ROOT}series")
        assert answer.status_code == 405 and answer["Allow"] == "GET, HEAD"
        assert answer["Content-Type"] == "application/problem+json"
    program.problem(f"{ROOT}series/0?lang=zh", 400, "unknown-parameter", "lang")
    program.problem(f"{ROOT}units?asOf=2026-01-01T00:00:00Z", 400, "unknown-parameter", "asOf")


def test_an_address_has_a_fair_share(program: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    from ellwand.office import setup
    from ellwand.web import limits

    home = replace(setup.current(), requests_per_minute=3)
    monkeypatch.setattr(setup, "current", lambda: home)
    monkeypatch.setattr(limits, "_COUNT", limits._Count())
    for left in (2, 1, 0):
        answer = program.get(f"{ROOT}codes", REMOTE_ADDR="10.0.0.1")
        assert (answer["RateLimit-Limit"], answer["RateLimit-Remaining"]) == ("3", str(left))
    over = program.get(f"{ROOT}codes", 429)
    assert over["Content-Type"] == "application/problem+json" and 1 <= int(over["Retry-After"]) <= 60
    assert "/data/price.csv" in json.loads(over.content)["detail"]
    other = program.client.get(f"{ROOT}codes", REMOTE_ADDR="10.0.0.2")
    assert other.status_code == 200


def test_the_dictionary_holds_every_code_once(demo: Path, program: Any) -> None:
    told = program.json(f"{ROOT}codes")
    rows = told["data"]
    codes = [r["code"] for r in rows]
    sealed = history(demo / "archive" / told["vintage"])
    assert len(codes) == len(set(codes)) and set(codes) == {code for code, _ in sealed}
    assert len({r["series"] for r in rows}) == len(rows)
    for row in rows:
        for name in ("name_zh", "name_en", "definition_zh", "definition_en", "unit", "unit_zh", "base_period",
                     "base_value", "frequency", "frequency_zh", "valid_from", "first_period"):  # fmt: skip
            assert row[name], (row["code"], name)
        assert row["parent"] in codes or row["level"] == 0
        assert isinstance(row["predecessors"], list) and isinstance(row["successors"], list)
    used = {r["status"] for r in sealed.values()} | {r["status"] for r in program.json(f"{ROOT}observations")["data"]}
    assert used <= {w["code"] for w in told["statuses"]}
    point = program.json(f"{ROOT}observations?series=0&lastNObservations=1")["data"][0]
    explained = {w["code"] for w in told["fields"]}
    assert set(point) - explained == {"series", "period", "status", "grade", "method", "vintage", "issued", "revised",
                                      "correction"}  # fmt: skip
    assert all(w["name_zh"] and w["name_en"] for part in ("statuses", "grades", "fields") for w in told[part])


def test_only_units_that_agreed_are_named(program: Any) -> None:
    told = program.json(f"{ROOT}units")
    assert told["data"] == [] and sum(s["units"] for s in told["sources"]) == 40


def test_the_manifest_is_the_sealed_one(demo: Path, program: Any) -> None:
    for row in program.json(f"{ROOT}releases")["data"]:
        answer = program.get(f"{ROOT}releases/{row['release']}/manifest")
        assert answer.content == (demo / "archive" / row["release"] / "manifest.json").read_bytes()
        assert "immutable" in answer["Cache-Control"]


def test_pages_and_api_show_the_same_figures(program: Any) -> None:
    for row in program.json(f"{ROOT}series")["data"]:
        if row["latest"]["value"]:
            page = program.get(row["page"]).content.decode()
            assert row["latest"]["value"] in page and row["name_zh"] in page
            assert row["name_en"] in program.get(row["page_en"]).content.decode()


def test_instants_are_in_utc(program: Any) -> None:
    for row in program.json(f"{ROOT}calendar")["data"]:
        for name in ("release_at", "cutoff_at"):
            assert row[name] is None or datetime.fromisoformat(row[name]).utcoffset() == timedelta(0)


def test_right_after_a_release_its_vintage_is_fixed_and_kept_for_a_short_time(
    program: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ellwand.office import clock
    from ellwand.office.record import reading

    last = reading.latest()
    assert last
    monkeypatch.setattr(clock, "now", lambda: last.release_at + timedelta(minutes=2))
    early = {w: program.get(f"{ROOT}{w}?vintage={last.code}") for w in ("series", "calendar", "codes", "methods")}
    assert all("immutable" not in answer["Cache-Control"] for answer in early.values())
    monkeypatch.setattr(clock, "now", lambda: last.release_at + timedelta(hours=2))
    for where, answer in early.items():
        settled = program.get(f"{ROOT}{where}?vintage={last.code}")
        assert settled.content == answer.content and "immutable" in settled["Cache-Control"]
