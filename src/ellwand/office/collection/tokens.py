"""Tokens of the collection's interface: made and revoked by an admin, shown once, kept as a digest, with an end.

A token acts for one user and is never more than he is: his roles are asked at every call, and one who has left, or lost
the role, has no token any more.
"""

import hashlib
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction

from ellwand.engine.errors import DataError
from ellwand.formulas.catalogue import suggest
from ellwand.office import clock, plain
from ellwand.office.accounts import people
from ellwand.office.accounts.models import User
from ellwand.office.accounts.roles import may
from ellwand.office.audit import trail
from ellwand.office.collection.models import ApiToken, TokenRevocation

SCOPES: Final = ("assignments", "quotes", "odk")
"""What a token may be good for: reading the user's list, sending quotes, and sending them from ODK and KoBo."""

PREFIX: Final = "ellwand_"
"""Tokens begin so, that programs which look for secrets in the wrong places know one."""

DAYS: Final = 366
"""Most days that a token lives."""


def digest(secret: str) -> str:
    """What the record keeps of a token: 256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def make(user: User, label: str, scopes: Collection[str], days: int, by: User) -> tuple[ApiToken, str]:
    """A new token for somebody, and its secret, which nobody can read again.

    label : what it is for. days : until it ends. DataError for a user who enters no quotes, and for wrong arguments.
    """
    role = people.require(by, "users.change")
    label = label.strip()
    if not label or len(label) > 100:
        raise DataError(f"label: {len(label)} characters; say in 1 to 100 what the token is for")
    if unknown := sorted(set(scopes) - set(SCOPES)):
        raise DataError(f"scope {unknown[0]!r} is not known; {suggest(unknown[0], list(SCOPES))}")
    if not scopes:
        raise DataError("scopes: none; choose what the token is good for")
    if not 1 <= days <= DAYS:
        raise DataError(f"days: {days}; a token lives for 1 to {DAYS} days")
    if not user.is_active or not may(user.roles, "quotes.enter"):
        raise DataError(f"user {user.username} enters no quotes; give the role collector first")
    secret = PREFIX + secrets.token_urlsafe(32)
    now = clock.now()
    with transaction.atomic():
        made = ApiToken(
            label=label, digest=digest(secret), user=user, scopes=[s for s in SCOPES if s in scopes],
            expires_at=now + timedelta(days=days), by=by, at=now,
        )  # fmt: skip
        made.save()
        trail.append(
            by, "token.make", f"token/{made.pk}", role=role,
            after={"user": user.pk, "label": label, "scopes": made.scopes, "expires_at": made.expires_at.isoformat()},
        )  # fmt: skip
    return made, secret


def revoke(token: ApiToken, by: User) -> None:
    """End a token at once. DataError for one that was revoked before."""
    role = people.require(by, "users.change")
    with transaction.atomic():
        ApiToken.objects.select_for_update().get(pk=token.pk)
        if TokenRevocation.objects.filter(token=token).exists():
            raise DataError(f"token {token.pk} is revoked already")
        TokenRevocation(token=token, by=by, at=clock.now()).save()
        trail.append(by, "token.revoke", f"token/{token.pk}", role=role, after={"user": token.user_id})


@dataclass(frozen=True)
class Holder:
    """A token that is good now, and who acts with it; the other columns of his row are read when they are asked for."""

    pk: int
    user: User
    scopes: Sequence[str]


def find(secret: str) -> Holder | None:
    """The token of a secret, with its user; None for one that is not known, revoked or over, or whose user has left."""
    if not secret.startswith(PREFIX) or len(secret) > 100:
        return None
    rows = plain.select(
        "SELECT t.id, t.scopes, u.id, u.username FROM collection_apitoken t JOIN accounts_user u ON u.id = t.user_id "
        "WHERE t.digest = %s AND t.expires_at > %s AND u.is_active "
        "AND NOT EXISTS (SELECT 1 FROM collection_tokenrevocation r WHERE r.token_id = t.id)",
        digest(secret), plain.instant(clock.now()),
    )  # fmt: skip
    for pk, scopes, user, name in rows:
        who = User.from_db(connection.alias, ("id", "username", "is_active"), (user, name, True))
        return Holder(pk, who, plain.loaded(scopes))
    return None


def standing(token: ApiToken, now: datetime) -> str:
    """How a token stands: good, revoked or over."""
    if hasattr(token, "revocation"):
        return "revoked"
    return "good" if token.expires_at > now else "over"
