"""Complaints (rule 35): a receipt at once, acknowledged in three working days, answered in thirty days, an appeal to
somebody outside of the process. Overdue ones rise to the admin; the counts of a year are public.
"""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import transaction

from ellwand.engine.errors import DataError
from ellwand.office import clock, setup
from ellwand.office.accounts import people
from ellwand.office.accounts.models import User
from ellwand.office.accounts.roles import ADMIN
from ellwand.office.audit import trail
from ellwand.office.cases.models import Complaint, ComplaintEvent, Contact
from ellwand.office.cases.working_days import end_of, working_days_after

ACKNOWLEDGE_DAYS, ANSWER_DAYS = 3, 30
"""Working days until the acknowledgement; days until the answer, and until an appeal is decided."""
RECEIVED, ACKNOWLEDGED, ANSWERED, APPEALED, DECIDED = "received", "acknowledged", "answered", "appealed", "decided"

STEPS = {ACKNOWLEDGED: (RECEIVED,), ANSWERED: (ACKNOWLEDGED,), APPEALED: (ANSWERED,), DECIDED: (APPEALED,)}
"""What may follow what."""
ACTS = {ACKNOWLEDGED: "complaints.answer", ANSWERED: "complaints.answer", DECIDED: "complaints.appeal"}
"""What the office's people need for a step; an appeal is made by who complained."""
LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Digits and letters that nobody takes for another one."""
LONGEST = 10_000


@dataclass(frozen=True)
class Standing:
    """Where a complaint stands. due : the instant until which the next step is due, None if none is."""

    state: str
    due: datetime | None
    overdue: bool


def receive(subject: str, text: str, *, language: str, name: str = "", address: str = "") -> Complaint:
    """Take in a complaint; its receipt number stands in the row. DataError names the field that is wrong."""
    for field, value, most in (("subject", subject, 200), ("text", text, LONGEST)):
        if not value.strip():
            raise DataError(f"{field}: empty; write what the complaint is about")
        if len(value) > most:
            raise DataError(f"{field}: {len(value)} characters; {most} at most")
    for field, value in (("name", name), ("address", address)):
        if len(value) > 200:
            raise DataError(f"{field}: {len(value)} characters; 200 at most")
    now = clock.now()
    number = "".join(secrets.choice(LETTERS) for _ in range(10))
    with transaction.atomic():
        made = Complaint(
            receipt=f"{now.year}-{number[:5]}-{number[5:]}",
            subject=subject.strip(), text=text.strip(), language=language, at=now,
        )  # fmt: skip
        made.save()
        if name.strip() or address.strip():
            Contact.objects.create(complaint=made, name=name.strip(), address=address.strip())
        trail.append(None, "complaint.receive", f"complaint/{made.pk}")
    return made


def find(receipt: str) -> Complaint:
    """A complaint by its receipt number. DataError for one that is not there."""
    found = Complaint.objects.filter(receipt=receipt.strip().upper()).first()
    if found is None:
        raise DataError("no complaint has this receipt number; look at your receipt again")
    return found


def events(found: Complaint) -> list[ComplaintEvent]:
    """The steps of a complaint after it was received."""
    return list(found.events.select_related("by").order_by("number"))


def standing(found: Complaint, at: datetime | None = None) -> Standing:
    """Where a complaint stands at an instant (default: now)."""
    now = at or clock.now()
    steps = [e for e in events(found) if e.at <= now]
    state = steps[-1].kind if steps else RECEIVED
    due: datetime | None = None
    if state == RECEIVED:
        due = acknowledge_until(found)
    elif state == ACKNOWLEDGED:
        due = found.at + timedelta(days=ANSWER_DAYS)
    elif state == APPEALED:
        due = steps[-1].at + timedelta(days=ANSWER_DAYS)
    return Standing(state, due, due is not None and now > due)


def acknowledge_until(found: Complaint) -> datetime:
    """Until when a complaint must be acknowledged: the end of the third working day after it came."""
    zone = setup.current().time_zone
    return end_of(working_days_after(found.at.astimezone(zone).date(), ACKNOWLEDGE_DAYS), zone).astimezone(UTC)


def step(found: Complaint, kind: str, by: User, text: str) -> ComplaintEvent:
    """Acknowledge, answer, or decide an appeal. DataError says what stands in the way."""
    if kind not in ACTS:
        raise DataError(f"step {kind!r} is not known; there are {', '.join(ACTS)}")
    role = people.require(by, ACTS[kind])
    if kind != ACKNOWLEDGED and not text.strip():
        raise DataError("text: empty; write the answer")
    if kind == DECIDED:
        _outside(found, by)
    return _add(found, kind, by, text, role)


def appeal(found: Complaint, text: str) -> ComplaintEvent:
    """An appeal of who complained against the answer."""
    if not text.strip():
        raise DataError("text: empty; write why the answer does not satisfy you")
    if len(text) > LONGEST:
        raise DataError(f"text: {len(text)} characters; {LONGEST} at most")
    return _add(found, APPEALED, None, text, "")


def forget(found: Complaint, by: User, reason: str) -> None:
    """Forget who complained; the complaint and its course stay."""
    role = people.require(by, "complaints.answer")
    if not reason.strip():
        raise DataError("reason: empty; say why the name is forgotten")
    with transaction.atomic():
        Contact.objects.filter(complaint=found).delete()
        trail.append(by, "complaint.forget", f"complaint/{found.pk}", role=role, reason=reason)


def yearly(year: int) -> dict[str, int]:
    """The counts of a year for the public, of complaints received in it (in the zone of the office)."""
    zone = setup.current().time_zone
    first, last = (datetime(y, 1, 1, tzinfo=zone) for y in (year, year + 1))
    out = dict.fromkeys(
        ("received", "acknowledged_in_time", "answered", "answered_in_time", "appeals", "appeals_decided", "open"), 0
    )
    for found in Complaint.objects.filter(at__gte=first, at__lt=last):
        when = {e.kind: e.at for e in events(found)}
        out["received"] += 1
        out["acknowledged_in_time"] += ACKNOWLEDGED in when and when[ACKNOWLEDGED] <= acknowledge_until(found)
        out["answered"] += ANSWERED in when
        out["answered_in_time"] += ANSWERED in when and when[ANSWERED] <= found.at + timedelta(days=ANSWER_DAYS)
        out["appeals"] += APPEALED in when
        out["appeals_decided"] += DECIDED in when
        out["open"] += ANSWERED not in when or (APPEALED in when and DECIDED not in when)
    return out


def waiting() -> list[tuple[Complaint, Standing]]:
    """Complaints whose next step is due from the office, the most urgent first."""
    found = [(c, standing(c)) for c in Complaint.objects.order_by("at")]
    return sorted(((c, s) for c, s in found if s.due is not None), key=lambda row: (row[1].due, row[0].pk))


def _outside(found: Complaint, by: User) -> None:
    """Whether somebody stands outside of what an appeal is about."""
    if any(e.by_id == by.pk for e in events(found)):
        raise DataError(f"{by.username} answered the complaint; somebody else must decide the appeal")
    if inside := sorted(by.roles - {ADMIN}):
        raise DataError(
            f"{by.username} works inside the process ({', '.join(inside)}); an appeal is decided by somebody outside"
        )


def _add(found: Complaint, kind: str, by: User | None, text: str, role: str) -> ComplaintEvent:
    with transaction.atomic():
        Complaint.objects.select_for_update().get(pk=found.pk)
        state, there = standing(found).state, events(found)
        if state not in STEPS[kind]:
            raise DataError(f"complaint {found.receipt} is {state}; {kind} follows {' or '.join(STEPS[kind])}")
        made = ComplaintEvent(
            complaint=found, number=len(there) + 1, kind=kind, by=by, at=clock.now(), text=text.strip()
        )
        made.save()
        trail.append(by, f"complaint.{kind}", f"complaint/{found.pk}", role=role, before={"state": state})
    return made
