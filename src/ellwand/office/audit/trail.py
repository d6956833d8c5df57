"""Writing to the audit trail and verifying it."""

from typing import Any

from django.db import connection, transaction

from ellwand.office import clock
from ellwand.office.accounts.models import User
from ellwand.office.audit import chain
from ellwand.office.audit.models import Entry

LOCK = 0x656C6C77
"""Number of the lock that lets one transaction at a time append, on PostgreSQL; SQLite has one writer anyway."""


def append(
    actor: User | None,
    act: str,
    thing: str,
    *,
    role: str = "",
    before: Any = None,
    after: Any = None,
    reason: str = "",
    request: str = "",
) -> Entry:
    """Add an entry, inside the transaction of what it tells of; call it last, because others wait from here on.

    actor : None for the clock. before, after : JSON without floats (figures as texts).
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("an act and its entry in the trail belong into one transaction")
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        cursor.execute("SELECT sequence, hash FROM audit_entry ORDER BY sequence DESC LIMIT 1")
        last = cursor.fetchone()
    sequence, previous = (last[0] + 1, last[1]) if last else (1, chain.START)
    content = chain.Entry(
        sequence=sequence,
        at=clock.now().isoformat(timespec="microseconds"),
        actor=actor.pk if actor else 0,
        role=role,
        act=act,
        object=thing,
        before=before,
        after=after,
        reason=reason,
        request=request,
    )
    entry = Entry(**vars(content), previous_hash=previous, hash=chain.hash_of(previous, content))
    entry.save()
    return entry


def verify(head: tuple[int, str] | None = None) -> tuple[int, str, str | None]:
    """Number of entries, hash of the last one, and the first fault (None if there is none)."""
    count, last = 0, chain.START

    def walk() -> Any:
        nonlocal count, last
        for entry in Entry.objects.order_by("sequence").iterator(chunk_size=2000):
            count, last = count + 1, entry.hash
            yield entry.content(), entry.previous_hash, entry.hash

    fault = chain.fault(walk(), head)
    return count, last, fault
