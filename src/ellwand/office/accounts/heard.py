"""What the trail hears of accounts: signing in, passwords, second factors. Failed attempts count against limits."""

from typing import Any

from allauth.account import signals as account
from allauth.mfa import signals as mfa
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest

from ellwand.office.accounts.models import User


def note(user: User, act: str, after: dict[str, Any] | None = None) -> None:
    """An entry of what somebody did with his own account."""
    from ellwand.office.audit import trail

    with transaction.atomic():
        trail.append(user, act, f"user/{user.pk}", after=after)


@receiver(account.user_logged_in)
def signed_in(request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Somebody signed in."""
    from ellwand.office.accounts import second_factor

    note(user, "account.sign_in", {"second_factor": second_factor.was_used(request)})


@receiver(account.password_changed)
def password_changed(user: User, **kwargs: Any) -> None:
    """Somebody changed his password."""
    note(user, "account.password")


@receiver(mfa.authenticator_added)
def factor_added(user: User, authenticator: Any, **kwargs: Any) -> None:
    """Somebody set up a second factor, or got recovery codes."""
    note(user, "account.factor_add", {"kind": str(authenticator.type)})


@receiver(mfa.authenticator_removed)
def factor_removed(user: User, authenticator: Any, **kwargs: Any) -> None:
    """Somebody removed a second factor."""
    note(user, "account.factor_remove", {"kind": str(authenticator.type)})


@receiver(mfa.authenticator_reset)
def codes_made(user: User, **kwargs: Any) -> None:
    """Somebody made new recovery codes; the old ones are void."""
    note(user, "account.codes")
