"""What processes keep to answer quickly never shows anything early, late, in the other language or of another state."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

CODES = "0,1,1.1"


def texts(client: Any, query_: str) -> str:
    return str(json.loads(client.get(f"/api/v1/observations?{query_}").content)["data"])


def plain(seen: Any, **asked: Any) -> str:
    """The observations without anything that is kept."""
    from ellwand.office.record import reading
    from ellwand.web import query

    rows = reading.points(seen.standing, query.COLUMNS, asked.get("codes"), asked.get("periods"))
    return json.dumps([query.shown(seen, one) for one in rows], ensure_ascii=False, separators=(",", ":"))


def test_an_instant_is_crossed_by_time_alone(week: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is read before the instant, so that it is kept, and again at it: pages of both languages, figures."""
    from ellwand.office import clock, once
    from ellwand.office.record import reading
    from ellwand.office.record.models import Release

    week.public("2022-W01")
    week.at(2022, 1, 16, 3)
    week.scheduled("2022-W02")
    release = Release.objects.get(period="2022-W02")
    client = week.office.client()
    addresses = [f"{root}{path}" for root in ("/", "/en/") for path in ("", "index/", "index/1/", "releases/")]
    addresses += [f"/api/v1/observations?series={CODES}", "/api/v1/releases", "/feed/releases.atom"]

    def told() -> set[str]:
        return {a for a in addresses if release.code.encode() in client.get(a).content}

    for before in (3600, 1, 0.001):
        monkeypatch.setattr(clock, "now", lambda b=before: release.release_at - timedelta(seconds=b))
        assert told() == set()
        assert reading.next_instant() == release.release_at
    monkeypatch.setattr(clock, "now", lambda: release.release_at)
    assert told() == set(addresses)
    # A clock that is set back shows what was public then.
    monkeypatch.setattr(clock, "now", lambda: release.release_at - timedelta(seconds=1))
    assert told() == set()
    # Within one request it stays the instant at which it began, whatever the clock does meanwhile.
    with once.request():
        begun = reading.standing()
        monkeypatch.setattr(clock, "now", lambda: release.release_at + timedelta(seconds=1))
        assert reading.standing() is begun and release.code not in {g.code for g in begun.given}
    assert release.code in {g.code for g in reading.standing().given}


def test_a_withdrawal_and_a_moved_issue_are_seen_at_once(sqlite_week: Any) -> None:
    from ellwand.office import clock
    from ellwand.office.record import reading
    from ellwand.office.record.models import Release, Withdrawal
    from ellwand.office.registry.models import Issue

    week = sqlite_week
    week.public("2022-W01")
    week.at(2022, 1, 16, 3)
    week.public("2022-W02")
    week.at(2022, 1, 18, 3)
    client = week.office.client()
    address, user = "/api/v1/observations?series=0", week.office.user("cai")
    assert "2022-W02" in client.get(address).content.decode()
    before = reading.standing()
    due = clock.now().replace(microsecond=0) + timedelta(days=9)
    Issue(family="price", period="2022-W03", number=9, cutoff_at=due, release_at=due, by=user, at=clock.now(),
          reason="test").save()  # fmt: skip
    assert due in {one.release_at for one in reading.ahead()}
    at = clock.now()
    Withdrawal(release=Release.objects.get(period="2022-W02"), zh="撤回", en="withdrawn", reason="test", by=user,
               at=at).save()  # fmt: skip
    now = reading.standing()
    assert now.mark != before.mark and now.last and now.last.period == "2022-W01"
    assert '"2022-W02"' not in str(json.loads(client.get(address).content)["data"])
    # As of an instant before it, the release stands.
    then = reading.standing(at=at - timedelta(microseconds=1))
    assert then.mark == before.mark and then.last and then.last.period == "2022-W02"


def test_the_past_is_what_it_was(corrected: Any) -> None:
    """Cut from what is public now, an earlier state equals what the gate lets through at its instant."""
    from ellwand.office import clock
    from ellwand.office.record import reading

    corrected[1].at(2022, 1, 24, 8)
    given = reading.standing().given
    instants = {g.since for g in given} | {g.since - timedelta(seconds=1) for g in given} | {clock.now()}
    assert len(given) == 4
    for at in sorted(instants):
        cut, asked = reading.standing(at=at), reading._standing("price", at)
        assert (cut.mark, cut.given, cut.compilations, cut.revisions) == (
            asked.mark, asked.given, asked.compilations, asked.revisions,
        )  # fmt: skip


def test_kept_texts_of_series_are_what_is_read(corrected: Any) -> None:
    """Series that were asked for before and after a correction, in part and together, of every vintage."""
    from ellwand.web import query
    from ellwand.web.api.fast import asked_json
    from ellwand.web.moments import moment

    codes = ("0", "1", "1.1")
    asked_json(moment(), query.Asked(codes))
    # The correction becomes public.
    corrected[1].at(2022, 1, 24, 8)
    for vintage in [None, *(g.code for g in moment().standing.given)]:
        seen = moment(vintage=vintage)
        for part in (codes[:1], codes, codes[::-1]):
            assert asked_json(seen, query.Asked(part)) == plain(seen, codes=part)
        assert asked_json(seen, query.Asked()) == plain(seen)
        some = ("2022-W01", "2022-W02")
        assert asked_json(seen, query.Asked(codes, some)) == plain(seen, codes=codes, periods=some)
        for count in (1, 2, 9):
            ends = [{"last": count}, {"first": count}]
            for end in ends:
                rows = query.points(seen, query.Asked(codes, **end))
                wanted = json.dumps([query.shown(seen, r) for r in rows], ensure_ascii=False, separators=(",", ":"))
                assert asked_json(seen, query.Asked(codes, **end)) == wanted
    now = json.loads(asked_json(moment(), query.Asked(("0",))))
    assert any(row["revised"] for row in now) and {row["correction"] for row in now} > {None}


def test_a_page_of_a_corrected_series_names_every_vintage(corrected: Any) -> None:
    _, week = corrected
    week.at(2022, 1, 24, 8)
    client = week.office.client()
    for root, word in (("/", "已更正"), ("/en/", "corrected")):
        page = client.get(f"{root}index/0/").content.decode()
        assert word in page and "price-2022-W03-2" in page and "price-2022-W03-1" in page
        old = client.get(f"{root}index/0/?vintage=price-2022-W03-1").content.decode()
        assert "price-2022-W03-2" not in old.split("<main", 1)[1].split("warning", 1)[0]


def test_questions_in_sql_are_those_of_the_models(week: Any) -> None:
    from ellwand.office import clock
    from ellwand.office.record import asking

    week.public()
    columns = ("series", "period", "index", "units", "published", "compilation")
    for revised in (False, True):
        for codes, periods in ((None, None), (["0"], None), (["1", "0"], ["2022-W01"]), (None, ["2022-W01"])):
            rows = asking.rows(clock.now(), "price", columns, codes, periods, revised=revised)
            found = asking._asked(clock.now(), "price", codes, periods, revised=revised)
            assert rows and sorted(rows) == sorted(found.values_list(*columns))
        assert asking.rows(clock.now(), "price", columns, [], None, revised=revised) == []
        assert asking.rows(clock.now(), "nothing", columns, None, None, revised=revised) == []
        before = datetime(2021, 1, 1, tzinfo=UTC)
        assert asking.rows(before, "price", columns, None, None, revised=revised) == []
    # A kind of column that a database gives in its own way goes by the models.
    assert {row[0] for row in asking.rows(clock.now(), "price", ("simulated",), ["0"], None, revised=False)} == {True}
    assert not asking._is_plain("simulated")


def test_what_is_kept_by_its_rows_is_made_anew_when_one_is_added(sqlite_office: Any) -> None:
    from ellwand.office import clock, once
    from ellwand.office.editorial.models import Statement

    made: list[str] = []

    @once.while_same(Statement)
    def stated(name: str) -> int:
        made.append(name)
        return Statement.objects.filter(name=name).count()

    user = sqlite_office.user("cai")
    assert (stated("a"), stated("a"), stated("b")) == (0, 0, 0) and made == ["a", "b"]
    Statement(name="a", zh="一", en="one", by=user, at=clock.now()).save()
    assert (stated("a"), stated("a")) == (1, 1) and made == ["a", "b", "a"]
    with once.request():
        # Within a request nothing changes.
        assert stated("a") == 1
        Statement(name="a", zh="二", en="two", by=user, at=clock.now()).save()
        assert stated("a") == 1
    assert stated("a") == 2


def test_packed_answers_are_those_of_their_tag(sqlite_office: Any) -> None:
    import gzip

    from ellwand.web.front import Front

    bodies = {"/api/a": b"a" * 5000, "/api/b": b"b" * 5000}

    def behind(environ: dict[str, Any], start: Any) -> list[bytes]:
        body = bodies[environ["PATH_INFO"]]
        start("200 OK", [("Content-Type", "application/json"), ("ETag", f'"{body[:1].decode()}"')])
        return [body]

    front = Front(behind)
    for _ in range(2):
        for path, body in bodies.items():
            asked = {"REQUEST_METHOD": "GET", "PATH_INFO": path, "HTTP_ACCEPT_ENCODING": "gzip"}
            assert gzip.decompress(b"".join(front(asked, lambda *_: None))) == body
