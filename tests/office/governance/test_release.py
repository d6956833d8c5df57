"""The release and its instant: embargo (4, 5, 6, 7), lateness (10), and what never changes (12, 13, 14, 15)."""

import csv
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from ellwand.engine.errors import DataError

Stage = Callable[[str], Any]
EMBARGOED, UNKNOWN = "price-2022-W01-1", "price-2022-W01-7"
T = datetime(2022, 1, 10, 4, tzinfo=UTC)
TOKEN = re.compile(rb'(name="csrfmiddlewaretoken" value=")[^"]*')
PARTS = {
    "code": ("0", "1.1", "price", EMBARGOED, UNKNOWN), "issue": ("2022-W01", EMBARGOED, UNKNOWN),
    "path": ("manifest.json", "outputs/observations.csv", "report/report.html", "texts/price.zh.md"),
    "digest": ("0",), "id": (EMBARGOED, UNKNOWN), "release": (EMBARGOED, UNKNOWN), "series": ("price/total",),
    "period": ("2022-W01",),
}  # fmt: skip
"""What stands for the parts of public addresses: names of what is not public yet, and of what never was."""
QUERIES = {
    "/api/v1/observations": ("series=0", f"vintage={EMBARGOED}", f"vintage={UNKNOWN}", "from=2022-W01", "asOf=x",
                             "asOf=2022-01-10T04:00:00Z", "includeHistory=true"),
    "/search": ("q=2022-W01", "q=100.00"), "/en/search": ("q=2022-W01", "q=100.00"),
    "/explore/": ("series=0",), "/en/explore/": ("series=0",),
}  # fmt: skip
"""Questions to addresses that take some."""


def _public_addresses() -> list[str]:
    """Every address that is not of the office or its doors, whatever room of the site or its interfaces it is of."""
    from django.urls import URLPattern, URLResolver, get_resolver

    def walk(patterns: Any, prefix: str = "") -> Iterator[str]:
        for one in patterns:
            if isinstance(one, URLResolver):
                yield from walk(one.url_patterns, prefix + str(one.pattern))
            elif isinstance(one, URLPattern):
                yield prefix + str(one.pattern)

    def fill(path: str) -> Iterator[str]:
        part = re.search(r"<(?:\w+:)?(\w+)>", path)
        if part is None:
            yield path
            return
        for value in PARTS.get(part[1], ("x",)):
            yield from fill(path[: part.start()] + value + path[part.end() :])

    paths = (p for p in walk(get_resolver().url_patterns) if "(?P" not in p and "^" not in p)
    found = [
        "/" + p for path in paths if not path.startswith(("office/", "accounts/", "language/")) for p in fill(path)
    ]
    return found + [f"{a}?{q}" for a, queries in QUERIES.items() if a in found for q in queries]


def _answers(office: Any, addresses: list[str], **headers: str) -> dict[str, Any]:
    """What a stranger gets at each address: status, body and the headers that could tell something."""
    from django.core.cache import cache

    from ellwand.office import setup

    # The limits on what one address may read are not what is looked at here.
    setup.use(replace(setup.current(), requests_per_minute=0))
    client = office.client()
    client.raise_request_exception = False
    out = {}
    for address in addresses:
        cache.clear()
        got = client.get(address, headers=headers)
        body = b"".join(got.streaming_content) if got.streaming else got.content
        told = {k: v for k, v in got.headers.items() if k not in ("Set-Cookie", "Date") and not k.startswith("RateL")}
        out[address] = (got.status_code, TOKEN.sub(rb"\1", body), told)
    return out


def _shows(answer: Any) -> bool:
    """Whether an answer shows the release or a figure of it."""
    status, body, _ = answer
    return status == 200 and (EMBARGOED.encode() in body or b"100.00" in body)


def _agents(release: str) -> list[str]:
    """What the server for agents answers: figures, a release by its name, and whether a claim is true."""
    from ellwand.web.agents import server

    asked: list[tuple[str, dict[str, Any]]] = [
        ("get_observations", {"series": ["0"]}), ("list_indices", {}), ("get_release", {}),
        ("get_release", {"release": release}), ("explain_value", {"series": "0", "period": "2022-W01"}),
        ("verify_claim", {"claim": "第1周，总指数为100.00点。"}),
    ]  # fmt: skip
    out = []
    for name, arguments in asked:
        try:
            out.append(json.dumps(server.call(name, arguments), ensure_ascii=False, sort_keys=True))
        except DataError as error:
            out.append(str(error))
    return out


def _subscribers() -> set[str]:
    """Readers who asked long ago to be told of a release, by mail and by webhook: their addresses."""
    from ellwand.office.alerts import targets
    from ellwand.office.alerts.models import Subscriber, Subscription

    asked = T - timedelta(days=40)
    for kind, address in (("email", "reader@example.org"), ("webhook", "https://hook.example.org/in")):
        one = Subscriber(
            kind=kind, address=address, language="en", key=kind, asked_at=asked, confirmed_at=asked,
            secret=targets.new_secret() if kind == "webhook" else "",
        )  # fmt: skip
        one.save()
        Subscription(subscriber=one, at=asked, topic="release", series="0").save()
    return {"reader@example.org", "https://hook.example.org/in"}


def _told_to() -> set[str]:
    """To whom messages go, after the worker has looked at the sealed release."""
    from ellwand.office.alerts.models import Delivery
    from ellwand.office.approvals import tasks
    from ellwand.office.record.models import Release

    for release in Release.objects.filter(code=EMBARGOED):
        tasks.due.call(release.pk)
    return {d.subscriber.address for d in Delivery.objects.all()}


def test_governance_04_embargo(stage: Stage, found: Any) -> None:
    """A second before the instant every public address answers in the same bytes as before the release was sealed,
    and for its name as for an unknown one; a second after it the release is there. So it is with the server for
    agents, and no mail and no webhook goes out before.
    """
    from ellwand.office.approvals import scheduling

    week = stage("approved")
    readers = _subscribers()
    addresses = _public_addresses()
    assert len(addresses) > 40
    week.at(2022, 1, 10, 3, 59, 59)
    before, agents = _answers(week.office, addresses), _agents(EMBARGOED)
    scheduling.schedule(found(), week.office.user("cai"))
    sealed = _answers(week.office, addresses)
    assert _agents(EMBARGOED) == agents
    assert [a.replace(UNKNOWN, EMBARGOED) for a in _agents(UNKNOWN)] == agents
    assert _told_to() == set()
    told = [a for a in addresses if sealed[a] != before[a]]
    # How far the work is may be known before: the state, never a value.
    # Each page has its twins for programs.
    assert {re.sub(r"\.(json|csv|md)$", "/", address) for address in told} <= {"/status/", "/en/status/"}
    for address in addresses:
        if EMBARGOED in address:
            unknown = sealed[address.replace(EMBARGOED, UNKNOWN)]
            names = [b.replace(UNKNOWN.encode(), EMBARGOED.encode()) for b in (sealed[address][1], unknown[1])]
            assert (sealed[address][0], names[0] == names[1]) == (unknown[0], True), address
    # The search page repeats what was asked; its bytes are those of before the seal, as was seen above.
    assert not [a for a, (_, body, _) in sealed.items() if b"100.00" in body and "100.00" not in a]
    archive = week.office.home.archive / EMBARGOED / "outputs" / "observations.csv"
    assert "100.00" in archive.read_text()
    week.at(2022, 1, 10, 4, 0, 1)
    after = _answers(week.office, addresses)
    for start in ("/", "/en/"):
        for page in ("", "index/", f"releases/{EMBARGOED}/", f"releases/{EMBARGOED}/files/manifest.json"):
            assert _shows(after[start + page]) and after[start + page][1] != before[start + page][1], page
        assert (before[f"{start}comments/price/2022-W01/"][0], after[f"{start}comments/price/2022-W01/"][0]) == (
            404,
            200,
        )
    for question in ("series=0", f"vintage={EMBARGOED}", "asOf=2022-01-10T04:00:00Z"):
        status, body, told = after[f"/api/v1/observations?{question}"]
        assert status == 200 and b'"100.00"' in body and told["Ellwand-Vintage"] == EMBARGOED
    assert all("100.00" in a or EMBARGOED in a for a in _agents(EMBARGOED))
    assert _told_to() == readers


def test_governance_05_exact_time(stage: Stage, found: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing at the instant less a millisecond, everything at the instant; an unsynchronised clock can't schedule."""
    from ellwand.office import clock
    from ellwand.office.approvals import ntp, scheduling
    from ellwand.office.record import reading

    week = stage("approved")
    with monkeypatch.context() as patch:
        for state in ((5, 0x40), (0, 0x40), None):
            patch.setattr(ntp, "kernel", lambda state=state: state)
            with pytest.raises(DataError, match="clock"):
                scheduling.schedule(found(), week.office.user("cai"))
    assert found().state == "text_approved"
    release = scheduling.schedule(found(), week.office.user("cai"))
    assert release.release_at == T
    monkeypatch.setattr(clock, "now", lambda: T - timedelta(milliseconds=1))
    pages = ["/", "/en/", "/index/", "/releases/", f"/releases/{EMBARGOED}/"]
    assert not any(_shows(one) for one in _answers(week.office, pages).values())
    assert reading.latest() is None and found().state == "scheduled"
    # Nothing runs at the instant: the gate opens although nobody moved the round.
    monkeypatch.setattr(clock, "now", lambda: T)
    assert all(_shows(one) for one in _answers(week.office, pages).values())
    assert found().state == "scheduled"


def _age(headers: dict[str, str]) -> int | None:
    age = re.search(r"max-age=(\d+)", headers.get("Cache-Control", ""))
    return int(age[1]) if age else None


def test_governance_06_no_stale_cache(stage: Stage) -> None:
    """No public answer may be kept beyond the next instant unless it never changes; what was kept by its ETag or date
    is not taken for current after it.
    """
    week = stage("scheduled")
    addresses = [a for a in _public_addresses() if UNKNOWN not in a]
    week.at(2022, 1, 10, 3, 58, 0)
    before = _answers(week.office, addresses)
    week.at(2022, 1, 10, 4, 0, 1)
    after = _answers(week.office, addresses)
    changed = [a for a in addresses if after[a][:2] != before[a][:2]]
    assert len(changed) > 10
    for address in addresses:
        age = _age(before[address][2])
        rule = before[address][2].get("Cache-Control", "")
        assert "stale-while-revalidate" not in rule, address
        if address in changed:
            assert age in (None, 0), f"{address}: {rule}"
            assert "immutable" not in rule, address
            for name, value in (("ETag", "if-none-match"), ("Last-Modified", "if-modified-since")):
                if old := before[address][2].get(name):
                    again = _answers(week.office, [address], **{value: old})[address]
                    assert again[:2] == after[address][:2], f"{address}: {name}"


def test_governance_07_both_languages(stage: Stage) -> None:
    """At every page the Chinese and the English one turn at the same instant, within one view of the record."""
    week = stage("scheduled")
    chinese = [a for a in _public_addresses() if not a.startswith("/en/") and UNKNOWN not in a]
    pairs = [(a, "/en" + a) for a in chinese if "/en" + a in _public_addresses()]
    assert len(pairs) > 20
    both = [a for pair in pairs for a in pair]
    week.at(2022, 1, 10, 3, 59, 59)
    before = _answers(week.office, both)
    week.at(2022, 1, 10, 4)
    after = _answers(week.office, both)
    turned = 0
    for zh, en in pairs:
        moved = [after[a][1] != before[a][1] for a in (zh, en)]
        assert moved[0] == moved[1], (zh, moved)
        turned += moved[0]
        if moved[0]:
            assert after[zh][0] == after[en][0] and before[zh][0] == before[en][0], zh
    assert turned > 5


def test_governance_10_lateness(stage: Stage, found: Any) -> None:
    """A release that is sealed ten minutes late gets its entry by the worker, without anybody's doing, for ever; the
    public reads it in both languages.
    """
    from django.core.management import call_command
    from django.utils import timezone
    from django_tasks_db.models import DBTaskResult

    from ellwand.office.append_only import ImmutableError
    from ellwand.office.approvals import scheduling
    from ellwand.office.approvals.models import Lateness
    from ellwand.office.audit.models import Entry

    week = stage("approved")
    week.at(2022, 1, 10, 4, 10)
    release = scheduling.schedule(found(), week.office.user("cai"))
    (waiting,) = DBTaskResult.objects.filter(task_path="ellwand.office.approvals.tasks.due")
    assert waiting.run_after == release.sealed_at < timezone.now()
    call_command("db_worker", batch=True, interval=0, startup_delay=False, verbosity=0)
    row = Lateness.objects.get()
    assert (row.release, row.seconds, row.due_at, found().state) == (release, 600, T, "public")
    assert Entry.objects.get(act="release.late").after == {"seconds": 600}
    for root in ("/", "/en/"):
        page = week.page(week.office.client(), f"{root}status/")
        assert re.search(rf"{release.code}</a></th>.*?<td class=\"n\">600</td>", page)
    with pytest.raises(ImmutableError):
        row.delete()


def test_governance_12_immutable_vintages(week: Any) -> None:
    """Update, replacement and deletion of a published observation or release fail in the models and by trigger."""
    from ellwand.office.append_only import ImmutableError
    from ellwand.office.record import reading
    from ellwand.office.record.models import Observation, Release

    week.public()
    one = reading.figures(["price/total"])[0].observation
    tries: list[Callable[[], object]] = [
        one.save, one.delete, Observation.objects.filter(pk=one.pk).delete,
        lambda: Observation.objects.filter(pk=one.pk).update(published="1"),
        lambda: Release.objects.update(release_at=T), Release.objects.all().delete,
    ]  # fmt: skip
    for attempt in tries:
        with pytest.raises(ImmutableError):
            attempt()
    columns = {"record_observation": "published", "record_release": "folder", "record_compilation": "quality"}
    for table, column in columns.items():
        statements = [f"UPDATE {table} SET {column} = 'x'", f"DELETE FROM {table}"]
        statements.append(
            f"REPLACE INTO {table} SELECT * FROM {table}"
            if connection.vendor == "sqlite"
            else f"TRUNCATE {table} CASCADE"
        )
        for statement in statements:
            with (
                pytest.raises(DatabaseError, match=r"rows are added|there already"), transaction.atomic(),
                connection.cursor() as cursor,
            ):  # fmt: skip
                cursor.execute(statement)
    again = reading.figures(["price/total"])[0].observation
    assert (again.pk, again.published, again.index) == (one.pk, one.published, one.index)


def _archived(folder: Path) -> dict[tuple[str, str], str]:
    with (folder / "outputs" / "history.csv").open(encoding="utf-8", newline="") as stream:
        return {(r["series"], r["period"]): r["published"] for r in csv.DictReader(stream)}


def test_governance_13_as_of(stage: Stage) -> None:
    """As of the instant of each past release, every figure is that of its archived files, in the record and through the
    interface for programs, whose answer is the same in every byte whenever it is asked; the future is refused.
    """
    from ellwand.office.record import reading

    week = stage("second")
    releases = reading.public()
    assert [r.code for r in releases] == ["price-2022-W01-1", "price-2022-W02-1"]
    for one in releases:
        archived = _archived(reading.folder(one))
        then = {
            (f.observation.series, f.observation.period): f.observation.published
            for f in reading.figures(at=one.release_at)
        }
        assert then == {k: v for k, v in archived.items() if k[1] <= one.period} and len(then) > 40
        assert reading.latest(at=one.release_at) == one
        assert reading.latest(at=one.release_at - timedelta(seconds=1)) != one
    assert reading.figures(at=releases[0].release_at - timedelta(seconds=1)) == []
    with pytest.raises(DataError, match="lies in the future"):
        reading.figures(at=datetime(2022, 1, 18, tzinfo=UTC))
    asked = [f"/api/v1/observations?asOf={r.release_at:%Y-%m-%dT%H:%M:%SZ}" for r in releases]
    answers = _answers(week.office, asked)
    for one, address in zip(releases, asked, strict=True):
        archived = _archived(reading.folder(one))
        rows = json.loads(answers[address][1])["data"]
        shown = {(r["series"], r["period"]): r["value"] or "" for r in rows}
        codes = {series.rpartition("/")[2]: series for series, _ in archived}
        codes["0"] = "price/total"
        assert {(codes[s], p): v for (s, p), v in shown.items()} == archived
    week.at(2022, 1, 17, 3, 59)
    assert _answers(week.office, asked[:1])[asked[0]][1] == answers[asked[0]][1]
    assert _answers(week.office, asked[1:])[asked[1]][0] == 400


def test_governance_14_recompute(stage: Stage) -> None:
    """Each archived release comes out again from its own inputs; the worker does it every night for the last eight."""
    from datetime import time

    from django.utils import timezone
    from django_tasks_db.models import DBTaskResult

    from ellwand.office.approvals import alarm, tasks
    from ellwand.office.approvals.models import Recomputed

    stage("second")
    assert tasks.nightly.func() == []
    rows = list(Recomputed.objects.order_by("pk"))
    assert [r.release.code for r in rows] == ["price-2022-W01-1", "price-2022-W02-1"]
    assert all(r.fault == "" and r.observations > 40 and r.versions["ellwand"] is not None for r in rows)
    (night,) = DBTaskResult.objects.filter(task_path=tasks.nightly.module_path)
    planned = timezone.localtime(night.run_after)
    assert planned.time() == tasks.NIGHT == time(2, 30) and planned > timezone.localtime()
    assert alarm.LAST == 8


def test_governance_15_manifest_chain(stage: Stage) -> None:
    """One altered byte in any archived file is named by `ellwand verify`, and an altered manifest breaks the chain."""
    from ellwand.office.record import reading
    from ellwand.office.releases import read_public, verify_archive, verify_release

    week = stage("second")
    archive, keys = week.office.home.archive, [read_public(week.office.home.keys)]
    assert [c.fault for c in verify_archive(archive, keys)] == [None, None]
    first, second = (reading.folder(r) for r in reading.public())
    for path in sorted(p for p in first.rglob("*") if p.is_file()):
        name = path.relative_to(first).as_posix()
        sound = path.read_bytes()
        path.unlink()
        path.write_bytes(sound[:-2] + bytes([sound[-2] ^ 1]) + sound[-1:])
        fault = verify_release(first, keys).fault
        assert fault is not None and fault.what == name, name
        if name == "manifest.json":
            # The release after it names what it follows.
            assert [c.fault is None for c in verify_archive(archive, keys)] == [False, False]
        path.write_bytes(sound)
    done = week.office.run("verify", "--all")
    assert done.returncode == 0, done.stderr
    texts = second / "texts" / "price.en.md"
    texts.write_text(texts.read_text() + " ")
    done = week.office.run("verify", "--all")
    assert done.returncode == 1 and "texts/price.en.md" in done.stdout + done.stderr
