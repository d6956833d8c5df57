"""Separation of roles (39), the auditor (40), no superusers: every address against the matrix of roles."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import transaction
from django.urls import URLPattern, URLResolver, get_resolver

from ellwand.office.accounts.roles import ADMIN, AUDITOR, MAY, REVIEWER, ROLES, STAT_APPROVER, TEXT_APPROVER, UNIT

WITHOUT = ("nobody", "root")
"""Users without a role: an ordinary one, and one with all the flags that Django has for powers."""
SAMPLES = {"int": "1", "str": "x", "slug": "x", "uuid": "00000000-0000-0000-0000-000000000000", "path": "x"}
"""Arguments by converter; those that are called code or round name the round of the test."""


def _sample(path: str) -> str:
    def fill(found: re.Match[str]) -> str:
        kind, _, name = found[1].rpartition(":")
        return "price-2022-W01" if name in ("code", "round", "period") else SAMPLES[kind or "str"]

    return "/" + re.sub(r"<([^>]*)>", fill, path)


def _walk(patterns: Any, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for found in patterns:
        if isinstance(found, URLResolver):
            yield from _walk(found.url_patterns, prefix + str(found.pattern))
        else:
            yield prefix + str(found.pattern), found


@pytest.fixture
def people_of(sqlite_office: Any) -> Any:
    """An office with one person for each role, and with a round."""
    from django.core.cache import cache

    from ellwand.office.accounts import people
    from ellwand.office.accounts.models import User

    # What others sent in an hour counts, and the tests of other roles are others.
    cache.clear()
    ada = sqlite_office.user("ada")
    for role in ROLES:
        if role != UNIT:
            people.add(f"of_{role}", [role], ada)
    for name in WITHOUT:
        people.add(f"of_{name}", [], ada)
    User.objects.filter(username="of_root").update(is_superuser=True, is_staff=True)
    sqlite_office.collect("2022-W01")
    return sqlite_office


def test_every_address_is_in_the_table() -> None:
    """A view outside of the table of screens has no address; every operation of an API says what it needs."""
    from ellwand.office import urls
    from ellwand.office.screens.access import SCREENS

    views = {s.view for s in SCREENS.values()}
    strange, seen = [], set()
    for path, found in _walk(urls.urlpatterns):
        view = found.callback
        home = getattr(view, "__module__", "")
        if view in views:
            seen.add(view)
        elif home.startswith("ninja.") and not hasattr(view, "operations_of"):
            # Every method of the path, which the API keeps with the view.
            operations = getattr(getattr(view, "__self__", None), "operations", None) or _operations(view)
            strange += [
                f"{path} {o.methods}: {o.view_func.__name__} is no operation of access.operation"
                for o in operations
                if not hasattr(o.view_func, "acts")
            ]
        elif home.startswith(("allauth.account.", "allauth.mfa.", "ellwand.office.accounts.urls")):
            assert path.startswith("accounts/")
        elif path not in ("", "language/setlang/"):
            strange.append(f"{path}: {home}.{getattr(view, '__name__', view)}")
    assert not strange
    assert seen == views
    # No admin of Django, whose superusers would stand above the matrix.
    assert not any(app.startswith("django.contrib.admin") for app in django_settings.INSTALLED_APPS)
    assert not any("admin" in path.partition("<")[0].split("/") for path, _ in _walk(get_resolver().url_patterns))


def _operations(view: Any) -> list[Any]:
    """The operations of a path of a ninja API; its pages of documentation have none and are refused below."""
    for cell in getattr(view, "__closure__", None) or ():
        held = cell.cell_contents
        if hasattr(held, "operations"):
            return list(held.operations)
    return []


def _may(role: str, acts: tuple[str, ...]) -> bool:
    from ellwand.office.screens.access import ANYBODY, SIGNED_IN

    return ANYBODY in acts or SIGNED_IN in acts or any(role in MAY[act] for act in acts)


def _ask(client: Any, method: str, address: str) -> Any:
    """A request whose effects are taken back."""
    with transaction.atomic():
        try:
            return getattr(client, method)(address)
        finally:
            transaction.set_rollback(True)


@pytest.mark.parametrize("role", [*(r for r in ROLES if r != UNIT), *WITHOUT])
def test_the_matrix_of_roles_at_every_screen(people_of: Any, role: str) -> None:
    """Allowed exactly what the matrix says, for reading and for acting."""
    from ellwand.office.screens.access import SCREENS

    client = people_of.client(f"of_{role}")
    client.raise_request_exception = False
    wrong = []
    for one in SCREENS.values():
        address = _sample(one.path)
        for method, acts in (("get", one.read), ("post", one.write)):
            status = _ask(client, method, address).status_code
            if method == "post" and role == AUDITOR:
                good = status == 403
            elif acts is None:
                good = status in (403, 405)
            elif _may(role, acts):
                # Where one of several acts is enough, the form says which; an empty form may ask for another one.
                good = status in (200, 204, 302, 303, 404, 405, 409, 422) or (status == 403 and len(acts) > 1)
            else:
                good = status == 403
            if not good:
                wrong.append(f"{role} {method} {address} ({acts}): {status}")
    assert not wrong


def test_strangers_get_no_further_than_signing_in(people_of: Any) -> None:
    from ellwand.office.screens.access import ANYBODY, SCREENS

    client = people_of.client()
    for one in SCREENS.values():
        for method, acts in (("get", one.read), ("post", one.write)):
            if acts is not None and ANYBODY in acts:
                continue
            answer = _ask(client, method, _sample(one.path))
            if method == "post" and acts is None and ANYBODY in one.read:
                assert answer.status_code == 405
            else:
                assert answer.status_code == 302 and answer["Location"].startswith("/accounts/login/?next="), one.path


def test_unknown_methods_do_nothing(people_of: Any) -> None:
    from ellwand.office.screens.access import SCREENS

    client = people_of.client("of_clerk")
    for one in SCREENS.values():
        for method in ("put", "delete", "patch"):
            assert _ask(client, method, _sample(one.path)).status_code in (403, 405), one.path


def test_flags_of_django_say_nothing(people_of: Any) -> None:
    """A superuser with a role may what the role may, and approves no more than others do."""
    from ellwand.office.accounts.models import User
    from ellwand.office.screens.access import SCREENS

    plain, root = people_of.client("of_clerk"), people_of.client("of_writer")
    plain.raise_request_exception = root.raise_request_exception = False
    before = {(n, m): _ask(plain, m, _sample(s.path)).status_code for n, s in SCREENS.items() for m in ("get", "post")}
    User.objects.filter(username="of_clerk").update(is_superuser=True, is_staff=True)
    plain = people_of.client("of_clerk")
    plain.raise_request_exception = False
    after = {(n, m): _ask(plain, m, _sample(s.path)).status_code for n, s in SCREENS.items() for m in ("get", "post")}
    assert before == after


def test_the_second_factor_is_asked_of_whoever_could_approve() -> None:
    from ellwand.office.accounts import second_factor

    needed = {role for role in ROLES if second_factor.is_needed({role})}
    # The admin too: he could give himself, or take from others, what guards an approval.
    assert needed == {REVIEWER, STAT_APPROVER, TEXT_APPROVER, ADMIN}


PAGES = (
    "/accounts/login/", "/accounts/logout/", "/accounts/password/change/", "/accounts/2fa/",
    "/accounts/reauthenticate/", "/accounts/2fa/totp/activate/", "/accounts/2fa/webauthn/",
    "/accounts/2fa/webauthn/add/", "/accounts/inactive/", "/nowhere/",
)  # fmt: skip
BAD = re.compile(r"<style|\sstyle=|<[^>]*\son[a-z]+=|javascript:|<script(?![^>]*(?:\ssrc=|application/(?:ld\+)?json))")
"""Script or style inside of a page, which the policy forbids."""


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_no_page_carries_script_or_style_of_its_own(people_of: Any, language: str) -> None:
    from ellwand.office.screens.access import SCREENS

    assert not any(v in str(django_settings.CONTENT_SECURITY_POLICY) for v in ("unsafe-inline", "unsafe-eval", "*"))
    whole = [r for r in ROLES if r != UNIT]
    from ellwand.office.accounts import people

    people.add("of_all", whole, people_of.user("ada"))
    clients = [people_of.client(name, language=language) for name in ("", "of_all")]
    seen = 0
    for address in (*PAGES, *(_sample(s.path) for s in SCREENS.values())):
        for client in clients:
            client.raise_request_exception = False
            answer = _ask(client, "get", address)
            if not answer.get("Content-Type", "").startswith("text/html") or answer.status_code == 302:
                continue
            text = answer.content.decode()
            seen += 1
            assert "default-src 'self'" in answer["Content-Security-Policy"], address
            assert answer["X-Frame-Options"] == "DENY" and answer["X-Content-Type-Options"] == "nosniff", address
            assert answer["Referrer-Policy"] == "same-origin", address
            assert not (found := BAD.search(text)), f"{address}: {found and found[0]}"
            assert not re.search(r"(src|href)=[\"']https?://", text), address
    assert seen > len(PAGES)
