"""What the worker does for this room: requests to confirm, and every message, again and again until it is brought."""

import json
from datetime import timedelta

from django.db import transaction
from django_tasks import task

from ellwand.engine.errors import DataError
from ellwand.office import clock
from ellwand.office.alerts import mail, subscribing, targets
from ellwand.office.alerts.models import EMAIL, FAILED, SENT, WAITING, WEBHOOK, Delivery, Subscriber
from ellwand.office.alerts.targets import TargetError

MINUTE = 60
BACKOFF = (MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * 60 * MINUTE, 6 * 60 * MINUTE, 24 * 60 * MINUTE)
"""Seconds from each attempt to the next one; after the last, the message is given up."""
MOST_FAILED = 5
"""Messages in a row that could not be brought, after which a subscriber is forgotten."""


@task()
def ask(pk: int) -> str:
    """Have a request confirmed: by a link in a mail, or by the webhook's answer. What went wrong, "" for nothing."""
    one = Subscriber.objects.filter(pk=pk, confirmed_at=None).first()
    if one is None:
        return ""
    try:
        if one.kind == EMAIL:
            mail.ask_to_confirm(one)
        else:
            challenge(one)
    except DataError as error:
        Subscriber.objects.filter(pk=pk).update(why=str(error)[:500])
        return str(error)
    return ""


def challenge(one: Subscriber) -> None:
    """Ask a webhook to repeat a word: who can't is not asked again. TargetError where it does not repeat it."""
    word = subscribing.confirm_token(one)
    body = json.dumps({"event": "challenge", "challenge": word}).encode()
    said = targets.post(targets.read(one.address), body, _headers(one, f"challenge-{one.pk}", body))
    if word.encode() not in said:
        raise TargetError(f"{targets.read(one.address).host}: did not repeat the word of the challenge")
    subscribing.confirm(one)


@task()
def deliver(pk: int) -> str:
    """Bring a message; what became of it. One that can't be brought is tried again later, and given up at last."""
    row = Delivery.objects.select_related("subscriber").filter(pk=pk, state=WAITING).first()
    if row is None:
        return ""
    attempts = row.attempts + 1
    try:
        bring(row)
    except DataError as error:
        return _again(row, attempts, str(error)[:500], gone=isinstance(error, TargetError) and error.gone)
    with transaction.atomic():
        Delivery.objects.filter(pk=pk).update(state=SENT, attempts=attempts, done_at=clock.now(), why="")
        Subscriber.objects.filter(pk=row.subscriber_id).update(failed=0, why="")
    return SENT


def bring(row: Delivery) -> None:
    """One attempt. DataError says why it failed."""
    one = row.subscriber
    if one.kind == WEBHOOK:
        body = json.dumps({"id": message_id(row), **row.payload}, ensure_ascii=False, sort_keys=True).encode()
        targets.post(targets.read(one.address), body, _headers(one, message_id(row), body))
    else:
        mail.tell(one, row.subject, row.text)


def message_id(row: Delivery) -> str:
    """The id of a message: the same at every attempt, so that a webhook knows what it has already."""
    return f"msg-{row.pk}"


def _headers(one: Subscriber, id_: str, body: bytes) -> dict[str, str]:
    return targets.headers(one.secret, id_, int(clock.now().timestamp()), body)


def _again(row: Delivery, attempts: int, why: str, *, gone: bool) -> str:
    """Plan the next attempt, or give up; whoever is never reached is forgotten."""
    one = row.subscriber
    if gone:
        subscribing.forget(one)
        return "gone"
    if attempts <= len(BACKOFF):
        wait = timedelta(seconds=BACKOFF[attempts - 1])
        with transaction.atomic():
            Delivery.objects.filter(pk=row.pk).update(attempts=attempts, why=why, next_at=clock.now() + wait)
            transaction.on_commit(lambda: _plan(row.pk, wait))
        return WAITING
    with transaction.atomic():
        Delivery.objects.filter(pk=row.pk).update(state=FAILED, attempts=attempts, why=why, done_at=clock.now())
        failed = Subscriber.objects.select_for_update().get(pk=one.pk).failed + 1
        Subscriber.objects.filter(pk=one.pk).update(failed=failed, why=why)
    if failed >= MOST_FAILED:
        subscribing.forget(one)
    return FAILED


def _plan(pk: int, wait: timedelta) -> None:
    from django.utils import timezone

    # The worker's clock, which no test and no demo sets.
    deliver.using(run_after=timezone.now() + wait).enqueue(pk)


def take_up() -> int:
    """After a fall of the worker: have what was not brought yet brought; how many messages."""
    due = list(Delivery.objects.filter(state=WAITING, next_at__lte=clock.now()).values_list("pk", flat=True))
    for pk in due:
        deliver.enqueue(pk)
    return len(due)
