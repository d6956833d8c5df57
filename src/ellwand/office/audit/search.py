"""Looking through the audit trail: what somebody may see of it, and what he looks for."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from ellwand.engine.errors import DataError
from ellwand.office import setup
from ellwand.office.accounts.models import User
from ellwand.office.accounts.roles import may
from ellwand.office.audit.models import Entry

PAGE = 100
"""Entries on a page."""


@dataclass(frozen=True)
class Wanted:
    """What is looked for; empty: all. first, last : days as 2026-01-31 in the zone of the office, both included."""

    actor: str = ""
    act: str = ""
    object: str = ""
    text: str = ""
    first: str = ""
    last: str = ""


def visible(user: User) -> QuerySet[Entry]:
    """The entries that somebody's roles let him see: all, those of rounds and releases, his own, or none."""
    held, seen = user.roles, Q(pk__in=())
    if may(held, "audit.all"):
        return Entry.objects.all()
    if may(held, "audit.release"):
        seen |= Q(object__startswith="round/") | Q(object__startswith="release/")
    if may(held, "audit.own"):
        seen |= Q(actor=user.pk)
    return Entry.objects.filter(seen)


def search(user: User, wanted: Wanted, before: int | None = None) -> list[Entry]:
    """A page of entries, the newest first, one more than a page holds if there are more. before : a sequence number."""
    found = visible(user)
    if wanted.actor:
        found = found.filter(actor=_actor(wanted.actor))
    if wanted.act:
        found = found.filter(act__startswith=wanted.act)
    if wanted.object:
        found = found.filter(object__startswith=wanted.object)
    if wanted.text:
        found = found.filter(
            Q(reason__icontains=wanted.text) | Q(act__icontains=wanted.text) | Q(object__icontains=wanted.text)
        )
    if wanted.first:
        found = found.filter(at__gte=_instant("first day", wanted.first))
    if wanted.last:
        found = found.filter(at__lt=_instant("last day", wanted.last, days=1))
    if before is not None:
        found = found.filter(sequence__lt=before)
    return list(found.order_by("-sequence")[: PAGE + 1])


def acts() -> list[str]:
    """All acts that the trail knows."""
    return sorted(Entry.objects.values_list("act", flat=True).distinct())


def names_of(entries: list[Entry]) -> dict[int, str]:
    """The names of those who acted, as far as they are known still."""
    return dict(User.objects.filter(pk__in={e.actor for e in entries}).values_list("pk", "username"))


def _actor(name: str) -> int:
    if name.isdecimal() and len(name) < 18:
        return int(name)
    found = User.objects.filter(username=name).values_list("pk", flat=True).first()
    if found is None:
        raise DataError(f"actor {name!r}: nobody has this name; write the name of an account, or its number")
    return int(found)


def _instant(field: str, text: str, days: int = 0) -> str:
    """The beginning of a day (or of a later one) as the trail writes instants."""
    try:
        day = datetime.fromisoformat(text).date()
        start = datetime.combine(day + timedelta(days=days), time(), setup.current().time_zone).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise DataError(f"{field} {text!r}: is no day; write it as 2026-01-31") from error
    return start.isoformat(timespec="microseconds")


def oldest() -> dict[str, Any] | None:
    """The first entry of the trail: nothing is ever purged, so that it stays for more than the five years asked for."""
    row = Entry.objects.order_by("sequence").values("sequence", "at").first()
    return None if row is None else dict(row)
