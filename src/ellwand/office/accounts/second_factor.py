"""The second factor: who needs one (rule 41), who has one, and where he is sent until he used it."""

from collections.abc import Collection
from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from django.http import HttpRequest
from django.urls import reverse

from ellwand.office.accounts.models import User
from ellwand.office.accounts.roles import may

GUARDED = ("review.decide", "approve.statistics", "approve.text", "users.change")
"""Who may do one of these signs in with a second factor: who reviews or approves, and who could let himself do so."""

FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
"""Second factors; recovery codes only stand in for one that was lost."""


def is_needed(roles: Collection[str]) -> bool:
    """Whether somebody with these roles must sign in with a second factor (rule 41)."""
    return any(may(roles, act) for act in GUARDED)


def was_used(request: HttpRequest) -> bool:
    """Whether the user of a request has shown a second factor since he signed in."""
    return any(record.get("method") == "mfa" for record in get_authentication_records(request, request.user))


def count(user: User) -> int:
    """How many second factors somebody has."""
    return int(Authenticator.objects.filter(user=user, type__in=FACTORS).count())


def way_in(user: User, back_to: str) -> str:
    """Where somebody goes who needs a second factor: to set one up, or to use the one that he has and come back."""
    kinds = set(Authenticator.objects.filter(user=user, type__in=FACTORS).values_list("type", flat=True))
    if not kinds:
        return reverse("mfa_index")
    name = "mfa_reauthenticate" if Authenticator.Type.TOTP in kinds else "mfa_reauthenticate_webauthn"
    return f"{reverse(name)}?{urlencode({'next': back_to})}"
