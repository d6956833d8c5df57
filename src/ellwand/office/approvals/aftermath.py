"""After the instant: lateness, and telling those who asked. Publication does not wait for it, and does not need it."""

from collections.abc import Callable, Iterable
from functools import partial

from django.db import transaction

from ellwand.office import clock
from ellwand.office.approvals.models import Lateness, Told
from ellwand.office.audit import trail
from ellwand.office.record.models import Release

Channel = Callable[[Release], Iterable[tuple[str, str]]]
"""Of a public release: tells everybody who asked, and gives address and what he was told of each."""
CHANNELS: dict[str, Channel] = {}
"""Channels that other rooms register."""


def follow(one: Release) -> list[str]:
    """All that is done after a release became public. What failed, in words; the rest is done all the same."""
    acts: dict[str, Callable[[], object]] = {"lateness": partial(lateness, one)}
    acts |= {name: partial(tell, one, name) for name in CHANNELS}
    faults = []
    for name, act in acts.items():
        try:
            act()
        except Exception as error:
            faults.append(f"{name}: {error}")
    if faults:
        with transaction.atomic():
            trail.append(None, "release.after", f"release/{one.code}", after={"faults": faults})
    return faults


def lateness(one: Release) -> Lateness:
    """The entry of the public log of lateness: when the release could be seen, against its instant. Once."""
    there = Lateness.objects.filter(release=one).first()
    if there is not None:
        return there
    visible = max(one.release_at, one.sealed_at)
    seconds = int((visible - one.release_at).total_seconds())
    with transaction.atomic():
        row = Lateness(release=one, due_at=one.release_at, visible_at=visible, seconds=seconds, at=clock.now())
        row.save()
        if seconds:
            trail.append(None, "release.late", f"release/{one.code}", after={"seconds": seconds})
    return row


def logged(one: Release) -> Lateness | None:
    """The entry of the log of lateness; None before it is written."""
    return Lateness.objects.filter(release=one).first()


def tell(one: Release, channel: str) -> int:
    """Tell everybody of a channel; those who were told already are left out. How many were told."""
    known = set(Told.objects.filter(release=one, channel=channel).values_list("address", flat=True))
    rows = [
        Told(release=one, channel=channel, address=address, what=what, at=clock.now())
        for address, what in CHANNELS[channel](one)
        if address not in known
    ]
    Told.objects.bulk_create(rows)
    return len(rows)


def to_correct(one: Release) -> list[Told]:
    """Everybody who was told of what a release superseded: he gets the correction too."""
    old, out = one.supersedes, []
    while old is not None:
        out += list(old.told.order_by("pk"))
        old = old.supersedes
    return out
