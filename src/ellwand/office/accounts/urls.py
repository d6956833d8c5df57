"""The addresses of signing in: those pages of allauth that this office has.

allauth asks for the names of the others too (signing up, e-mail, password by mail); they lead nowhere, because accounts
are made and passwords are renewed by the office's admin.
"""

from typing import Any

from allauth.account import views
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.views import remove_webauthn
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, include, path


def closed(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    """A page that this office has not."""
    raise Http404


def remove_key(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a key; not the last second factor of somebody who needs one (of apps, allauth asks the adapter itself)."""
    found = Authenticator.objects.filter(pk=pk, user=request.user.pk, type=Authenticator.Type.WEBAUTHN).first()
    if found is not None and not get_adapter().can_delete_authenticator(found):
        messages.error(request, str(get_adapter().error_messages["cannot_delete_authenticator"]))
        return redirect("mfa_list_webauthn")
    answer: HttpResponse = remove_webauthn(request, pk=pk)
    return answer


CLOSED = {
    "account_signup": "signup/",
    "account_email": "email/",
    "account_email_verification_sent": "confirm-email/",
    "account_confirm_email": "confirm-email/<str:key>/",
    "account_set_password": "password/set/",
    "account_reset_password": "password/reset/",
    "account_reset_password_done": "password/reset/done/",
    "account_reset_password_from_key": "password/reset/key/<str:uidb36>-<str:key>/",
    "account_reset_password_from_key_done": "password/reset/key/done/",
    "account_confirm_login_code": "login/code/confirm/",
}
"""Names of allauth's pages that are closed here, and their addresses."""

urlpatterns: list[URLPattern | URLResolver] = [
    path("login/", views.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("reauthenticate/", views.reauthenticate, name="account_reauthenticate"),
    path("password/change/", views.password_change, name="account_change_password"),
    path("2fa/webauthn/keys/<int:pk>/remove/", remove_key),
    path("2fa/", include("allauth.mfa.urls")),
    *(path(address, closed, name=name) for name, address in CLOSED.items()),
]
