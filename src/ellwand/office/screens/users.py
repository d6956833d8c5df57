"""The people of the office: accounts, roles, passwords and second factors. The admin acts, the auditor reads."""

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from ellwand.engine.errors import DataError
from ellwand.office.accounts import people, second_factor
from ellwand.office.accounts.models import User
from ellwand.office.accounts.roles import ROLES, UNIT
from ellwand.office.cases import declarations
from ellwand.office.screens.access import screen, user_of
from ellwand.office.screens.page import show
from ellwand.office.screens.vocabulary import ROLE_WORDS, role_words
from ellwand.office.screens.words import say


@screen("office/users/", "users", read="users.read", write="users.change")
def users(request: HttpRequest) -> HttpResponse:
    """All accounts; a new one."""
    if request.method == "POST":
        name, roles = request.POST.get("name", "").strip(), request.POST.getlist("role")
        password = people.add(name, roles, user_of(request))
        return show(
            request, "office/password_once.html", {"person": people.find(name), "password": password}, section="users"
        )
    factors = set(Authenticator.objects.filter(type__in=second_factor.FACTORS).values_list("user_id", flat=True))
    rows = []
    for person in User.objects.order_by("-is_active", "username"):
        held = person.roles
        rows.append(
            {
                "person": person,
                "roles": role_words(held),
                "factor": person.pk in factors,
                "needs_factor": second_factor.is_needed(held),
                "declared": declarations.in_force(person),
            }
        )
    return show(request, "office/users.html", {"rows": rows, "choices": _choices(frozenset())}, section="users")


def _choices(held: frozenset[str]) -> list[dict[str, object]]:
    return [{"role": r, "words": say(*ROLE_WORDS[r]), "held": r in held} for r in ROLES if r != UNIT]


def _person(pk: int) -> User:
    found = User.objects.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@screen("office/users/<int:pk>/", "user", read="users.read", write="users.change")
def user(request: HttpRequest, pk: int) -> HttpResponse:
    """One account: its roles and their history, and what the admin may do with it."""
    person, by = _person(pk), user_of(request)
    if request.method == "POST":
        act, reason = request.POST.get("act", ""), request.POST.get("reason", "")
        if act in ("password", "return"):
            made = (people.reset_password if act == "password" else people.come_back)(person, by, reason)
            return show(request, "office/password_once.html", {"person": person, "password": made}, section="users")
        _change(request, act, person, by, reason)
        return redirect("user", pk=pk)
    held = person.roles
    context = {
        "person": person,
        "self": person.pk == by.pk,
        "roles": role_words(held),
        "choices": _choices(held),
        "factors": list(Authenticator.objects.filter(user=person).order_by("pk").values_list("type", flat=True)),
        "needs_factor": second_factor.is_needed(held),
        "declared_until": declarations.expires(person),
        "declared": declarations.in_force(person),
        "grants": [
            {"grant": g, "words": say(*ROLE_WORDS[g.role])} for g in person.grants.select_related("by").order_by("-pk")
        ],
    }
    return show(request, "office/user.html", context, section="users")


def _change(request: HttpRequest, act: str, person: User, by: User, reason: str) -> None:
    if act == "roles":
        before, wanted = person.roles, set(request.POST.getlist("role"))
        people.change_roles(person.username, wanted - before, before - wanted, by, reason)
        messages.success(request, say("角色已更改；其登录已结束。", "The roles are changed; the sessions ended."))
    elif act == "factors":
        people.remove_second_factors(person, by, reason)
        messages.success(request, say("第二重验证已移除。", "The second factor is removed."))
    elif act == "leave":
        people.leave(person, by, reason)
        messages.success(request, say("账号已停用。", "The account is closed."))
    else:
        raise DataError(f"act {act!r} is not known; there are roles, password, factors, leave, return")
