"""Complaints (35): receipt, deadlines in working days, escalation, appeal outside of the process, yearly counts."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from ellwand.engine.errors import DataError
from ellwand.office.accounts import people
from ellwand.office.append_only import ImmutableError
from ellwand.office.cases import complaints, working_days

TEXT = {"subject": "Polyester of week 5", "text": "The change has the wrong sign.", "language": "en"}


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        (date(2022, 2, 7), 3, date(2022, 2, 10)),  # Monday to Thursday
        (date(2022, 2, 10), 3, date(2022, 2, 15)),  # over a week-end
        (date(2022, 2, 12), 3, date(2022, 2, 16)),  # from a Saturday
        (date(2021, 12, 30), 3, date(2022, 1, 4)),  # over the end of a year
    ],
)
def test_working_days(start: date, count: int, end: date) -> None:
    assert working_days.working_days_after(start, count) == end


def test_holidays_and_worked_week_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    holidays = {date(2022, 2, d) for d in range(1, 5)}
    monkeypatch.setattr(working_days, "HOLIDAYS", [lambda a, b: {d for d in holidays if a <= d <= b}])
    monkeypatch.setattr(working_days, "WORKING", [lambda a, b: [date(2022, 1, 30)]])
    # Friday; Sunday is worked, then Monday, then the holidays and a week-end, then Monday.
    assert working_days.working_days_after(date(2022, 1, 28), 3) == date(2022, 2, 7)


def test_a_complaint_from_receipt_to_appeal(office: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from ellwand.office.audit.models import Entry

    office.at(monkeypatch, 2022, 2, 10, 2)
    found = complaints.receive(**TEXT, name="Wang", address="wang@example.com")
    assert complaints.find(f" {found.receipt.lower()} ").pk == found.pk
    cai, ada = office.user("cai"), office.user("ada")
    assert complaints.standing(found) == complaints.Standing(
        "received", datetime(2022, 2, 15, 16, tzinfo=UTC), overdue=False
    )
    with pytest.raises(DataError, match="is received; answered follows acknowledged"):
        complaints.step(found, "answered", cai, "No.")
    with pytest.raises(people.RefusedError):
        complaints.step(found, "acknowledged", office.user("aud"), "")
    complaints.step(found, "acknowledged", cai, "")
    assert complaints.standing(found).due == found.at + timedelta(days=30)
    with pytest.raises(DataError, match="text: empty"):
        complaints.step(found, "answered", cai, " ")
    complaints.step(found, "answered", cai, "The sign is right; the text was not.")
    assert complaints.standing(found) == complaints.Standing("answered", None, overdue=False)
    with pytest.raises(DataError, match="is answered; decided follows appealed"):
        complaints.step(found, "decided", ada, "x")
    complaints.appeal(found, "It is not.")
    with pytest.raises(DataError, match="is appealed"):
        complaints.appeal(found, "It is not.")
    with pytest.raises(people.RefusedError):
        complaints.step(found, "decided", cai, "x")
    complaints.step(found, "decided", ada, "It is right.")
    assert [e.kind for e in complaints.events(found)] == ["acknowledged", "answered", "appealed", "decided"]
    # The trail names the complaint, and nobody's name or words.
    entries = Entry.objects.filter(object=f"complaint/{found.pk}").order_by("sequence")
    assert [e.act.partition(".")[2] for e in entries] == ["receive", "acknowledged", "answered", "appealed", "decided"]
    assert "Wang" not in str([vars(e) for e in entries])
    with pytest.raises(ImmutableError):
        complaints.events(found)[0].delete()


def test_an_appeal_is_decided_outside_of_the_process(office: Any) -> None:
    ada, cai = office.user("ada"), office.user("cai")
    people.change_roles("cai", ["admin"], [], ada, "helps out")
    people.change_roles("sun", ["admin"], [], ada, "helps out")
    found = complaints.receive(**TEXT)
    complaints.step(found, "acknowledged", cai, "")
    complaints.step(found, "answered", cai, "No.")
    complaints.appeal(found, "Yes.")
    with pytest.raises(DataError, match="cai answered the complaint"):
        complaints.step(found, "decided", cai, "x")
    with pytest.raises(DataError, match="sun works inside the process"):
        complaints.step(found, "decided", office.user("sun"), "x")
    complaints.step(found, "decided", ada, "x")


def test_an_overdue_complaint_rises_to_the_admin(office: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from ellwand.office.screens.cases import duties

    office.at(monkeypatch, 2022, 2, 10, 2)
    found = complaints.receive(**TEXT)
    cai, ada = office.user("cai"), office.user("ada")
    assert [found.receipt in d.words for d in duties(cai)] == [True] and duties(ada) == []
    office.at(monkeypatch, 2022, 2, 15, 15, 59)
    assert not complaints.standing(found).overdue
    office.at(monkeypatch, 2022, 2, 15, 16, 1)
    assert complaints.standing(found).overdue
    assert [found.receipt in d.words for d in duties(ada)] == [True]
    desk = office.client("ada").get("/office/").content.decode()
    assert found.receipt in desk and "overdue" in desk
    assert duties(office.user("wen")) == []


def test_the_counts_of_a_year(office: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    cai = office.user("cai")
    # The first second of the year in the zone of the office.
    office.at(monkeypatch, 2021, 12, 31, 16)
    first, second = complaints.receive(**TEXT), complaints.receive(**TEXT)
    office.at(monkeypatch, 2022, 1, 4, 2)
    complaints.step(first, "acknowledged", cai, "")
    complaints.step(first, "answered", cai, "No.")
    office.at(monkeypatch, 2022, 3, 1, 2)
    complaints.step(second, "acknowledged", cai, "")
    complaints.step(second, "answered", cai, "No.")
    complaints.appeal(second, "Yes.")
    assert complaints.yearly(2022) == {
        "received": 2, "acknowledged_in_time": 1, "answered": 2, "answered_in_time": 1, "appeals": 1,
        "appeals_decided": 0, "open": 1,
    }  # fmt: skip
    assert complaints.yearly(2021)["received"] == 0


def test_a_name_is_forgotten_and_the_complaint_stays(office: Any) -> None:
    from ellwand.office.audit import trail
    from ellwand.office.cases.models import Contact

    found = complaints.receive(**TEXT, name="Wang")
    with pytest.raises(DataError, match="reason: empty"):
        complaints.forget(found, office.user("cai"), " ")
    complaints.forget(found, office.user("cai"), "asked for it")
    assert not Contact.objects.exists() and complaints.find(found.receipt).text == TEXT["text"]
    assert trail.verify()[2] is None


@pytest.mark.parametrize(
    ("change", "told"),
    [({"subject": " "}, "subject: empty"), ({"text": ""}, "text: empty"), ({"text": "x" * 10001}, "10000 at most"),
     ({"name": "x" * 201}, "name: 201")],
)  # fmt: skip
def test_a_wrong_complaint_is_refused(sqlite_office: Any, change: dict[str, str], told: str) -> None:
    from ellwand.office.cases.models import Complaint

    with pytest.raises(DataError, match=told):
        complaints.receive(**(TEXT | change))
    assert not Complaint.objects.exists()


def test_the_public_form_is_limited_and_guarded(sqlite_office: Any) -> None:
    from django.core.cache import cache
    from django.test import Client

    from ellwand.office.cases.models import Complaint

    cache.clear()
    form = {"subject": "x", "text": "y"}
    guarded = Client(SERVER_NAME="localhost", enforce_csrf_checks=True)
    assert guarded.post("/complaints/new/", form).status_code == 403
    visitor = sqlite_office.client()
    # A program fills in what people do not see.
    visitor.post("/complaints/new/", form | {"website": "http://x"})
    assert not Complaint.objects.exists()
    assert [visitor.post("/complaints/new/", form).status_code for _ in range(6)] == [302] * 5 + [429]
    assert Complaint.objects.count() == 5
    # Nobody finds a complaint by guessing.
    seen = [visitor.get(f"/complaints/2022-AAAAA-{k:05d}/").status_code for k in range(61)]
    assert seen == [404] * 60 + [429]
    cache.clear()


def test_the_way_of_a_visitor(sqlite_office: Any) -> None:
    from django.core.cache import cache

    from ellwand.office.cases.models import Complaint

    cache.clear()
    visitor, clerk, admin = sqlite_office.client(), sqlite_office.client("cai"), sqlite_office.client("ada")
    page = visitor.post("/complaints/new/", {"subject": "x", "text": "y", "name": "Wang"}, follow=True)
    found = Complaint.objects.get()
    assert found.receipt in page.content.decode() and "Wang" not in page.content.decode()
    address, inside = f"/complaints/{found.receipt}/", f"/office/cases/{found.pk}/"
    assert "Wang" in clerk.get(inside).content.decode()
    assert clerk.post(inside, {"act": "acknowledged"}).status_code == 302
    assert clerk.post(inside, {"act": "answered", "text": "So it is."}).status_code == 302
    assert "So it is." in visitor.get(address).content.decode()
    assert visitor.post(address, {"text": "It is not."}).status_code == 302
    assert clerk.post(inside, {"act": "decided", "text": "x"}).status_code == 403
    assert admin.post(inside, {"act": "decided", "text": "It is."}).status_code == 302
    assert "appeal decided" in visitor.get("/en" + address).content.decode()
    assert sqlite_office.client("aud").get(inside).status_code == 200
    assert sqlite_office.client("wen").get(inside).status_code == 403
