"""Somebody of the office who has signed in with both factors, for tasks that ask for screens."""

from typing import Any


def signed_in(name: str) -> Any:
    """A browser of a user of the office in use, signed in without the forms."""
    import time

    from django.test import Client

    from ellwand.office.accounts import people

    user, browser, now = people.find(name), Client(SERVER_NAME="localhost"), time.time()
    type(user).objects.filter(pk=user.pk).update(must_change_password=False)
    browser.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
    session = browser.session
    session["account_authentication_methods"] = [
        {"method": "password", "at": now}, {"method": "mfa", "type": "totp", "at": now},
    ]  # fmt: skip
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
    return browser
