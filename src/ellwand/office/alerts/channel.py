"""Telling subscribers of a release: which messages there are for it. Bringing them is the worker's, one by one."""

import json
from collections.abc import Iterator
from functools import partial

from django.db import transaction

from ellwand.engine.periods import natural_key
from ellwand.office import clock
from ellwand.office.alerts import composing
from ellwand.office.alerts.composing import Issue, Told
from ellwand.office.alerts.models import EMAIL, WEBHOOK, Delivery, Subscriber
from ellwand.office.approvals import aftermath
from ellwand.office.approvals.models import Recomputation
from ellwand.office.approvals.models import Told as Row
from ellwand.office.record import reading
from ellwand.office.record.models import Release

FIGURES = {
    "published": "value", "published_change_previous": "change_previous",
    "published_change_year_start": "change_year_start", "published_change_last_year": "change_last_year",
}  # fmt: skip
"""Names of figures for readers, by the columns of the log of corrections."""


def register() -> None:
    """Enter the channels into what follows a release."""
    for kind in (EMAIL, WEBHOOK):
        aftermath.CHANNELS[kind] = partial(tell, kind=kind)


def tell(one: Release, kind: str) -> Iterator[tuple[str, str]]:
    """Make the messages of a release for a kind of subscribers: number of each, and what he was told.

    The messages are there before anything is said to be told, and again makes none twice. Who asked only after the
    release was public is not told of it.
    """
    from ellwand.office.alerts import tasks

    seen_at = max(one.release_at, one.sealed_at)
    there = Subscriber.objects.filter(kind=kind, confirmed_at__lte=seen_at).order_by("pk")
    if not there.exists():
        return
    issue = issue_of(one)
    earlier = told_before(issue)
    for subscriber in there.prefetch_related("subscriptions").iterator(chunk_size=500):
        name = f"subscriber/{subscriber.pk}"
        wishes = [s for s in subscriber.subscriptions.order_by("pk") if s.at <= seen_at]
        message = composing.compose(issue, subscriber, wishes, earlier.get(name, ()))
        if message is None:
            continue
        with transaction.atomic():
            row, made = Delivery.objects.get_or_create(
                subscriber=subscriber, release=one,
                defaults={
                    "event": message.event, "subject": message.subject, "text": message.text,
                    "payload": message.payload, "next_at": clock.now(), "at": clock.now(),
                },
            )  # fmt: skip
            if made:
                transaction.on_commit(partial(tasks.deliver.enqueue, row.pk))
        yield name, json.dumps(message.told, sort_keys=True)


def issue_of(one: Release) -> Issue:
    """A release with its figures, those of the issue before, and what it corrects."""
    at = max(one.release_at, one.sealed_at)
    found = reading.figures(family=one.family, periods=[one.period], at=at)
    now = {f.observation.code: f.observation for f in found}
    periods = sorted(
        {r.period for r in reading.public(one.family, at, withdrawn=False)}, key=natural_key
    )  # fmt: skip
    earlier = [p for p in periods if natural_key(p) < natural_key(one.period)]
    before = reading.figures(family=one.family, periods=earlier[-1:], at=at) if earlier else []
    done = Recomputation.objects.filter(compilation=one.compilation_id).select_related("correction").first()
    every = reading.figures(family=one.family, at=at) if done else found
    codes = {f.observation.series: f.observation.code for f in every}
    names = {f.observation.code: (f.observation.name_zh, f.observation.name_en) for f in every}
    changes = {
        f"{codes.get(c['series'], c['series'])}@{c['period']}:{FIGURES.get(c['figure'], c['figure'])}": (
            c["first"], c["new"],
        )
        for c in (done.changes if done else [])
    }  # fmt: skip
    return Issue(
        one, now, {f.observation.code: f.observation for f in before}, done.correction if done else None, changes, names
    )


def owed(one: Release) -> set[tuple[str, str]]:
    """Who must be told of a correction: channel and number of every subscriber who was told a figure that it changes.

    Who was forgotten meanwhile, because he asked for it, is no longer told.
    """
    issue = issue_of(one)
    kinds = {f"subscriber/{pk}": kind for pk, kind in Subscriber.objects.values_list("pk", "kind")}
    return {
        (kinds[name], name)
        for name, known in told_before(issue).items()
        if name in kinds and composing.told_wrong(issue, known)
    }


def told_before(issue: Issue) -> dict[str, list[Told]]:
    """What subscribers were told by the releases that a correction touches, in order: its figures were in those."""
    if issue.correction is None:
        return {}
    done = Recomputation.objects.get(compilation=issue.release.compilation_id)
    rows = {row.pk: row for row in aftermath.to_correct(issue.release)}
    rows |= {row.pk: row for row in Row.objects.filter(release__code__in=done.touched)}
    out: dict[str, list[Told]] = {}
    for _, row in sorted(rows.items()):
        if row.channel in (EMAIL, WEBHOOK):
            out.setdefault(row.address, []).append(json.loads(row.what))
    return out
