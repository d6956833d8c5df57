"""How signing in works: accounts are made by the office's admin, never by a visitor."""

import ipaddress
import time
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest
from django.urls import reverse

from ellwand.office.accounts import second_factor
from ellwand.office.accounts.words import faults
from ellwand.office.screens.words import say

NET = 64
"""Bits of an IPv6 address that one visitor does not choose."""


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Nobody signs up by himself."""

    error_messages = DefaultAccountAdapter.error_messages | faults

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """Whom limits count: a visitor's address; of IPv6 the net of it, because each visitor has a whole net."""
        given = str(super().get_client_ip(request))
        try:
            found = ipaddress.ip_address(given.partition("%")[0])
        except ValueError:
            return given
        if found.version == 4:
            return given
        return str(found.ipv4_mapped or ipaddress.ip_network((found, NET), strict=False))

    def set_password(self, user: Any, password: str) -> None:
        """A password of one's own takes the place of the one-time password."""
        user.must_change_password = False
        super().set_password(user, password)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """After a new password: to work."""
        return reverse("desk")

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """How somebody shows again that it is he: who has a second factor by that, everybody else by the password."""
        words = {
            "reauthenticate": say("使用密码", "Use the password"),
            "mfa_reauthenticate": say("使用验证器应用或恢复码", "Use the authenticator app or a recovery code"),
            "mfa_reauthenticate:webauthn": say("使用安全密钥", "Use a security key"),
        }
        found = [{**m, "description": words[m["id"]]} for m in super().get_reauthentication_methods(user)]
        return [m for m in found if m["id"] != "reauthenticate"] or found

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Whether somebody must show again that it is he; not within five minutes of signing in."""
        request = self.request
        records = get_authentication_records(request, request.user)
        if second_factor.count(request.user):
            records = [r for r in records if r.get("method") == "mfa"]
        recent = bool(records) and time.time() - records[-1]["at"] < app_settings.REAUTHENTICATION_TIMEOUT
        return not recent and bool(super().is_reauthentication_required(app=app, **kwargs))


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Second factors: who must have one can't remove his last one."""

    error_messages = DefaultMFAAdapter.error_messages | faults

    def can_delete_authenticator(self, authenticator: Any) -> bool:
        """Whether a second factor may go."""
        user = authenticator.user
        return not second_factor.is_needed(user.roles) or second_factor.count(user) > 1

    def generate_authenticator_name(self, user: Any, type: Any) -> str:
        """The name that is proposed for a new key."""
        there = user.authenticator_set.filter(type=type).count()
        return str(say("密钥 {n}", "Key {n}", n=there + 1))
