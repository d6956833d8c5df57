"""What is put right in public: corrections (16 to 19), revisions (20)."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from ellwand.engine.errors import DataError

Stage = Callable[[str], Any]
CAUSE = {
    "cause_zh": "一个样本单位的报价录入有误。", "cause_en": "The quote of one unit was typed wrongly.",
    "found_by": "the unit itself", "found_how": "it read its own price in the return",
}  # fmt: skip
GIVEN = {**CAUSE, "first_seen": datetime(2022, 1, 17, 5, tzinfo=UTC)}
OLD = "?vintage=price-2022-W02-1"
VALUE = ("price-2022-W02-1", "price/total", "2022-W02")


def test_governance_16_corrections_policy(stage: Stage, found: Any) -> None:
    """A correction without class, cause in both languages, finder or first sight, of a value that nobody published, or
    by somebody who may not, is refused; old and new value and the size by declared classes are computed, and the rules
    are public.
    """
    from ellwand.office.accounts.people import RefusedError
    from ellwand.office.approvals import corrections
    from ellwand.office.approvals.models import Correction, Recomputation
    from ellwand.office.record import reading

    week = stage("second")
    cai = week.office.user("cai")
    wrong: list[tuple[str, Callable[[], object]]] = [
        (f"{name}: empty", lambda name=name: corrections.open_(*VALUE, "data", cai, **{**GIVEN, name: " "}))
        for name in CAUSE
    ]
    wrong += [
        ("class 'mood': choose one of data, method, transcription, system",
         lambda: corrections.open_(*VALUE, "mood", cai, **GIVEN)),
        ("lies in the future",
         lambda: corrections.open_(*VALUE, "data", cai, **{**GIVEN, "first_seen": datetime(2022, 2, 1, tzinfo=UTC)})),
        ("was never published", lambda: corrections.open_(VALUE[0], "price/none", VALUE[2], "data", cai, **GIVEN)),
        ("is not there", lambda: corrections.open_("price-2022-W09-1", *VALUE[1:], "data", cai, **GIVEN)),
    ]  # fmt: skip
    for told, attempt in wrong:
        with pytest.raises(DataError, match=told):
            attempt()
    with pytest.raises(RefusedError):
        corrections.open_(*VALUE, "data", week.office.user("aud"), **GIVEN)
    assert not Correction.objects.exists()
    with pytest.raises(DatabaseError), transaction.atomic():
        # No way around the function leaves one of them out either.
        Correction(number=1, release=reading.release(VALUE[0]), series="x", period="x", kind="data", by=cai).save()
    row = corrections.open_(*VALUE, "data", cai, **GIVEN)
    with pytest.raises(DataError, match="it is not computed yet"):
        week.approve(found("2022-W02"), "statistics", correction=row)
    week.change_quote("2022-W02")
    done = corrections.recompute(row, week.office.user("max"))
    assert row.first_value and done.new_value and row.first_value != done.new_value and done.changes
    change = {"series": "price/1", "figure": "published"}
    sizes = [corrections.size_of(c, {"price/total"}) for c in ([], [change], [{**change, "series": "price/total"}])]
    assert sizes == ["minor", "significant", "serious"] and done.size == "serious"
    assert Recomputation._meta.get_field("size").choices == [(s, s) for s in sizes]
    rules = week.page(week.office.client(), "/en/corrections/")
    assert all(f"<li>{size}: " in rules for size in sizes)


def test_governance_17_corrections_log(stage: Stage) -> None:
    """A correction stands in the public log and its feed, in both languages and for programs, at the second of its
    release and not before, with class, cause, finder and both values; nothing takes it out.
    """
    from ellwand.office.append_only import ImmutableError
    from ellwand.office.approvals import corrections
    from ellwand.office.approvals.models import Correction

    week = stage("corrected")
    client = week.office.client()
    week.at(2022, 1, 17, 6, 59, 59)
    assert corrections.log() == [] and client.get("/api/v1/corrections").json()["data"] == []
    assert CAUSE["cause_en"] not in week.page(client, "/en/corrections/")
    for feed in ("/feed/corrections.atom", "/en/feed/corrections.atom"):
        assert b"<entry>" not in client.get(feed).content
    week.at(2022, 1, 17, 7)
    (entry,) = corrections.log()
    assert entry["class"] == "data" and entry["size"] == "serious" and entry["release"] == "price-2022-W02-2"
    assert {name: entry[name] for name in CAUSE} == CAUSE and entry["first_value"] != entry["new_value"]
    (shown,) = client.get("/api/v1/corrections").json()["data"]
    assert (shown["first_value"], shown["new_value"]) == (entry["first_value"], entry["new_value"])
    for root, cause in (("/", CAUSE["cause_zh"]), ("/en/", CAUSE["cause_en"])):
        page = week.page(client, f"{root}corrections/")
        assert all(word in page for word in (cause, CAUSE["found_by"], entry["first_value"], entry["new_value"]))
        feed = client.get(f"{root}feed/corrections.atom").content.decode()
        assert feed.count("<entry>") == 1
        assert all(word in feed for word in (cause, entry["first_value"], entry["new_value"]))
    row = Correction.objects.get()
    for attempt in (row.delete, Correction.objects.all().delete, row.save):
        with pytest.raises(ImmutableError):
            attempt()
    table = Correction._meta.db_table
    for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET cause_en = 'none'"):
        with pytest.raises(DatabaseError, match="rows are added"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert corrections.log() == [entry]


def test_governance_18_corrected_values_are_flagged(stage: Stage) -> None:
    """The new value is marked as corrected where the record gives it out, in the table and the chart of its page and
    in what others embed, in both languages, and in the interface for programs, which names the correction; the old
    vintage stays readable, without the mark.
    """
    from ellwand.office.record import reading

    week = stage("corrected")
    week.at(2022, 1, 17, 7)
    (figure,) = reading.figures(["price/total"], ["2022-W02"])
    assert figure.revised and figure.release.code == "price-2022-W02-2"
    old, new = reading.history(["price/total"], ["2022-W02"])
    assert (old.release.code, old.revised, new.revised) == ("price-2022-W02-1", False, True)
    client = week.office.client()
    for root, words in (("/", "已更正"), ("/en/", "corrected")):
        page = week.page(client, f"{root}index/{figure.observation.code}/")
        assert words in page and figure.observation.published in page
        assert "price-2022-W02-1" in week.page(client, f"{root}releases/")
        mark, code = f"<title>{words}</title>", figure.observation.code
        for address in (f"index/{code}/", f"embed/{code}/", f"index/{code}/chart.svg"):
            now, then = (client.get(f"{root}{address}{vintage}").content.decode() for vintage in ("", OLD))
            assert mark in now and mark not in then, address
    answer = client.get(f"/api/v1/observations?series={figure.observation.code}&from=2022-W02").json()["data"]
    assert [(p["value"], p["revised"], p["correction"]) for p in answer] == [(figure.observation.published, True, 1)]
    before = client.get(f"/api/v1/observations?series={figure.observation.code}&vintage=price-2022-W02-1").json()[
        "data"
    ]
    assert [(p["period"], p["revised"]) for p in before] == [("2022-W01", False), ("2022-W02", False)]


def test_governance_19_readers_are_told(stage: Stage) -> None:
    """Everybody whom a message told the first value gets the correction with both values, once; who asked to be
    forgotten does not, and who was told nothing that changed isn't troubled. The self-test finds one who was left out.
    """
    from ellwand.office.alerts.models import Delivery, Subscriber, Subscription
    from ellwand.office.approvals import aftermath
    from ellwand.office.approvals.models import Told
    from ellwand.office.audit import selftest
    from ellwand.office.record import reading
    from ellwand.office.record.models import Release

    week = stage("corrected")
    long_ago = datetime(2021, 12, 1, tzinfo=UTC)
    names = ("told", "gone", "other")
    for name, topic in zip(names, ("release", "release", "threshold"), strict=True):
        one = Subscriber(
            kind="email", address=f"{name}@example.org", language="en", key=name, asked_at=long_ago,
            confirmed_at=long_ago,
        )  # fmt: skip
        one.save()
        more = {"measure": "value", "way": "above", "level": 900} if topic == "threshold" else {}
        Subscription(subscriber=one, topic=topic, series="0", at=long_ago, **more).save()
    told, gone, _ = (Subscriber.objects.get(key=name) for name in names)
    for code in ("price-2022-W01-1", "price-2022-W02-1"):
        assert aftermath.follow(Release.objects.get(code=code)) == []
    assert Delivery.objects.filter(subscriber__in=[told, gone]).count() == 4 == Delivery.objects.count()
    Delivery.objects.filter(subscriber=gone).delete()
    gone.delete()
    week.at(2022, 1, 17, 7)
    correction = Release.objects.get(code="price-2022-W02-2")
    week.at(2022, 1, 17, 8)
    (line,) = selftest.run([19])
    assert line.outcome == selftest.FAILED
    assert aftermath.follow(correction) == [] and aftermath.follow(correction) == []
    old, new = reading.history(["price/total"], ["2022-W02"])
    (message,) = Delivery.objects.filter(release=correction)
    assert message.subscriber == told and message.event == "correction"
    assert f"{old.observation.published} → {new.observation.published}" in message.text
    assert [t.address for t in Told.objects.filter(release=correction)] == [f"subscriber/{told.pk}"]
    (line,) = selftest.run([19])
    assert line.outcome == selftest.PASSED


def test_governance_20_revision_policy(stage: Stage, found: Any) -> None:
    """The method foresees no revision: an issue in which a published figure comes out otherwise is refused, whatever
    was signed, and sent to the route of corrections.
    """
    from ellwand.office.editorial import drafts, rationale
    from ellwand.office.rounds import compiling, work

    week = stage("second")
    office = week.office
    week.at(2022, 1, 23, 3)
    one = office.collect("2022-W03")
    week.change_quote("2022-W02")
    office.review(one)
    compiling.compile_round(one.code, office.user("max"), sign="known")
    assert one.exceptions.filter(guard="recompute", what__contains="2022-W02").exists()
    wen = office.user("wen")
    drafts.generate(one, wen)
    own = {"zh": "样本稳定，推算主要来自未报价的单位。", "en": "The sample was stable in this week."}
    rationale.save(one, own, wen)
    work.move(one, "drafted", wen)
    with pytest.raises(DataError, match=r"foresees no revision of what is published; open a correction of it"):
        week.approve(one, "statistics")
    assert one.state == "drafted"
