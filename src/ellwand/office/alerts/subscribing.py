"""Asking to be told, showing that the address is one's own, changing one's mind, and being forgotten.

No account: who asked holds signed links. What he asked for is kept for two days until he confirms it, then forgotten.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal, InvalidOperation

from django.core import signing
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from ellwand.engine.errors import DataError
from ellwand.office import clock
from ellwand.office.alerts import targets
from ellwand.office.alerts.models import (
    ABOVE,
    BELOW,
    CHANGE,
    CORRECTION,
    EMAIL,
    RELEASE,
    THRESHOLD,
    VALUE,
    WEBHOOK,
    Delivery,
    Subscriber,
    Subscription,
)
from ellwand.office.audit import trail
from ellwand.office.record import reading

PATIENCE = timedelta(days=2)
"""How long a request waits for its confirmation."""
MOST = 50
"""Things of which one subscriber is told."""
LONGEST = 254
CONFIRM, OWN = "alerts.confirm", "alerts.own"
LARGEST = Decimal(1_000_000)


@dataclass(frozen=True)
class Wish:
    """One thing that somebody asks to be told of; the fields as `Subscription` has them."""

    topic: str
    series: str = ""
    measure: str = ""
    way: str = ""
    level: Decimal | None = None


def wish(topic: str, series: str = "", measure: str = "", way: str = "", level: str = "") -> Wish:
    """A wish from what a form says. DataError names the field that is wrong.

    A series must be one of which something is public; an unknown one and one that is not public yet read the same.
    """
    if topic not in (RELEASE, CORRECTION, THRESHOLD):
        raise DataError(f"topic {topic!r}: choose {RELEASE}, {CORRECTION} or {THRESHOLD}")
    if topic == CORRECTION:
        return Wish(CORRECTION)
    if series not in codes():
        raise DataError(f"series {series!r}: no such code; the tree of classes lists all")
    if topic == RELEASE:
        return Wish(RELEASE, series)
    if measure not in (VALUE, CHANGE):
        raise DataError(f"measure {measure!r}: choose {VALUE} or {CHANGE}")
    if way not in (ABOVE, BELOW):
        raise DataError(f"way {way!r}: choose {ABOVE} or {BELOW}")
    try:
        at = Decimal(level.strip().replace("−", "-"))
    except InvalidOperation as error:
        raise DataError(f"level {level!r}: write a number, as 105.5 or -2") from error
    if not at.is_finite() or abs(at) > LARGEST or at != round(at, 4):
        raise DataError(f"level {level!r}: write a number of at most four decimals")
    return Wish(THRESHOLD, series, measure, way, at)


def codes() -> set[str]:
    """The codes of all series of which something is public."""
    return {code for family in reading.families() for code in reading.spans(reading.standing(family))}


def ask(kind: str, address: str, language: str, wishes: Iterable[Wish]) -> Subscriber:
    """Keep a request until it is confirmed. DataError for an address that can't be one, and for no wish at all."""
    forget_stale()
    wanted = list(dict.fromkeys(wishes))
    if not wanted:
        raise DataError("topic: nothing is chosen; say what you want to be told of")
    if kind == EMAIL:
        address = _email(address)
    elif kind == WEBHOOK:
        address = targets.read(address).address
    else:
        raise DataError(f"kind {kind!r}: choose {EMAIL} or {WEBHOOK}")
    now = clock.now()
    with transaction.atomic():
        made = Subscriber(
            kind=kind, address=address, language="zh" if language == "zh" else "en", key=secrets.token_urlsafe(24),
            secret=targets.new_secret() if kind == WEBHOOK else "", asked_at=now,
        )  # fmt: skip
        made.save()
        _add(made, wanted)
    return made


def _email(given: str) -> str:
    address = given.strip()
    try:
        validate_email(address)
    except ValidationError as error:
        raise DataError(f"address {address[:80]!r}: is no e-mail address") from error
    if len(address) > LONGEST:
        raise DataError(f"address: {len(address)} characters; an e-mail address has {LONGEST} at most")
    local, _, domain = address.rpartition("@")
    return f"{local}@{domain.lower()}"


def confirm_token(one: Subscriber) -> str:
    """What the link to confirm holds."""
    return signing.dumps(one.key, salt=CONFIRM)


def own_token(one: Subscriber) -> str:
    """What the link to one's own page holds; it is good until he is forgotten."""
    return signing.dumps(one.key, salt=OWN)


def to_confirm(token: str) -> Subscriber | None:
    """The request of a link; None for a link that is none, or is too old."""
    found = _found(token, CONFIRM)
    if found is None or (found.confirmed_at is None and clock.now() > found.asked_at + PATIENCE):
        return None
    return found


def own(token: str) -> Subscriber | None:
    """The subscriber of a link to his own page; None for one that is none, or who is forgotten."""
    found = _found(token, OWN)
    return found if found is not None and (found.confirmed_at is not None or found.kind == WEBHOOK) else None


def _found(token: str, salt: str) -> Subscriber | None:
    try:
        key = signing.loads(token, salt=salt)
    except signing.BadSignature:
        return None
    return Subscriber.objects.filter(key=key).first()


def confirm(one: Subscriber) -> Subscriber:
    """Take up a request: who had asked from this address before keeps his link and gets what is new beside the old."""
    if one.confirmed_at is not None:
        return one
    with transaction.atomic():
        old = Subscriber.objects.select_for_update().filter(
            kind=one.kind, address=one.address, confirmed_at__isnull=False
        )
        known = old.first()
        if known is not None:
            _add(known, [Wish(s.topic, s.series, s.measure, s.way, s.level) for s in one.subscriptions.order_by("pk")])
            one.delete()
        else:
            one.confirmed_at = clock.now()
            one.save(update_fields=["confirmed_at"])
        kept = known or one
        trail.append(None, "alerts.confirm", f"subscriber/{kept.pk}", role="reader", after=_told(kept))
    return kept


def add(one: Subscriber, wanted: Wish) -> None:
    """Add a wish to those of a subscriber. DataError for one too many."""
    with transaction.atomic():
        locked = Subscriber.objects.select_for_update().get(pk=one.pk)
        _add(locked, [wanted])
        trail.append(None, "alerts.add", f"subscriber/{one.pk}", role="reader", after=_told(locked))


def _add(one: Subscriber, wanted: list[Wish]) -> None:
    there = one.subscriptions.count()
    for each in wanted:
        same = one.subscriptions.filter(
            topic=each.topic, series=each.series, measure=each.measure, way=each.way
        ).first()
        if same is not None:
            same.level = each.level
            same.save(update_fields=["level"])
            continue
        there += 1
        if there > MOST:
            raise DataError(f"topic: one address is told of {MOST} things at most; remove one first")
        Subscription(subscriber=one, at=clock.now(), **vars(each)).save()


def remove(one: Subscriber, pk: int) -> None:
    """Take a wish back; the last one forgets the subscriber."""
    with transaction.atomic():
        locked = Subscriber.objects.select_for_update().get(pk=one.pk)
        locked.subscriptions.filter(pk=pk).delete()
        if not locked.subscriptions.exists():
            _forget(locked)
        else:
            trail.append(None, "alerts.remove", f"subscriber/{one.pk}", role="reader", after=_told(locked))


def forget(one: Subscriber) -> None:
    """Forget a subscriber, with his address and all messages to him."""
    with transaction.atomic():
        locked = Subscriber.objects.select_for_update().filter(pk=one.pk).first()
        if locked is not None:
            _forget(locked)


def _forget(one: Subscriber) -> None:
    pk = one.pk
    Delivery.objects.filter(subscriber=one).delete()
    one.delete()
    trail.append(None, "alerts.forget", f"subscriber/{pk}", role="reader")


def forget_stale() -> int:
    """Forget requests that nobody confirmed in time; how many."""
    count, _ = Subscriber.objects.filter(confirmed_at=None, asked_at__lt=clock.now() - PATIENCE).delete()
    return count


def _told(one: Subscriber) -> dict[str, object]:
    """What the trail says of a subscriber: what he asked for, and nothing that names him."""
    return {"kind": one.kind, "topics": sorted(s.topic for s in one.subscriptions.all())}
