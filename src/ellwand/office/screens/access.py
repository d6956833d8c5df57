"""Who may open which screen: the table of all screens, kept by the decorator that every view of the office carries.

The addresses of the office are made from this table, and the test of the roles goes through it: a view that is not in
it has no address. Reading (GET, HEAD) and acting (POST) need an act of the matrix of roles each; the rest is refused.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse

from ellwand.engine.errors import DataError
from ellwand.office.accounts import people, second_factor
from ellwand.office.accounts.four_eyes import Person
from ellwand.office.accounts.models import User
from ellwand.office.accounts.roles import AUDITOR, MAY, may
from ellwand.office.append_only import ImmutableError
from ellwand.office.screens.words import say

ANYBODY, SIGNED_IN = "anybody", "signed_in"
"""Acts that need no role: a screen for whoever holds a signed link or none; a screen for everybody of the office."""

View = Callable[..., HttpResponse]


@dataclass(frozen=True)
class Screen:
    """A screen. path : its address. read, write : acts that reading and acting need; None: there is no acting."""

    path: str
    name: str
    read: tuple[str, ...]
    write: tuple[str, ...] | None
    view: View


SCREENS: dict[str, Screen] = {}


def _acts(given: str | tuple[str, ...] | None) -> tuple[str, ...] | None:
    acts = (given,) if isinstance(given, str) else given
    for act in acts or ():
        if act not in MAY and act not in (ANYBODY, SIGNED_IN):
            raise ValueError(f"act {act!r} is in no matrix of roles")
    return acts


def screen(
    address: str, name: str, *, read: str | tuple[str, ...], write: str | tuple[str, ...] | None = None,
    raw: bool = False,
) -> Callable[[View], View]:  # fmt: skip
    """Make a view a screen of the office: address under the root, name for `{% url %}`, acts that it needs.

    Of several acts one is enough. raw : what is sent is no form, and the view reads it itself. The view finds the
    office's user in `request.user`. A DataError that it lets through
    is shown with its remedy (status 422), a refusal with the role that is needed (403).
    """

    def keep(view: View) -> View:
        reading, writing = _acts(read), _acts(write)

        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            acting = request.method not in ("GET", "HEAD")
            if acting and (no := reading_only(request)) is not None:
                return no
            if acting and (writing is None or request.method != "POST"):
                # Who may not even read learns nothing of the methods.
                return refused(request, reading or ()) or HttpResponseNotAllowed(["GET", "HEAD"])
            if (no := refused(request, (writing if acting else reading) or ())) is not None:
                return no
            if holds_nul(request, kwargs, form=acting and not raw):
                return told(request, say(*NUL), 400)
            try:
                return view(request, *args, **kwargs)
            except people.RefusedError as error:
                return told(request, str(error), 403)
            except ImmutableError as error:
                return told(request, str(error), 409)
            except DataError as error:
                return told(request, str(error), 422)

        if name in SCREENS and SCREENS[name].view.__module__ != view.__module__:
            raise ValueError(f"screen {name} is there twice")
        SCREENS[name] = Screen(address, name, reading or (), writing, answer)
        return answer

    return keep


NUL = ("含有不是文字的字符；请删去后再试", "It holds a sign that no text has; take it out and try again")


def holds_nul(request: HttpRequest, parts: Mapping[str, Any], *, form: bool) -> bool:
    """Whether an address or a form holds the sign of number 0, which PostgreSQL keeps in no text."""
    given = [str(v) for v in parts.values()]
    for sent in (request.GET, request.POST) if form else (request.GET,):
        given += [v for name, values in sent.lists() for v in (name, *map(str, values))]
    return any("\x00" in v for v in given)


def operation(*acts: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Make a function of an API an operation that needs one of these acts.

    The API's own authentication finds the user of a token and leaves him in `request.auth`; his roles decide here, as
    they do for a screen. The test of the roles looks for the mark that this leaves on the function.
    """
    needed = _acts(acts) or ()

    def keep(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            user = getattr(request, "auth", None)
            if ANYBODY not in needed:
                if not isinstance(user, User) or not user.is_active:
                    raise people.RefusedError("no user of the office; send a token")
                if SIGNED_IN not in needed and not any(may(user.roles, act) for act in needed):
                    people.require(user, needed[0])
            return view(request, *args, **kwargs)

        answer.acts = needed  # type: ignore[attr-defined]
        return answer

    return keep


def back_to(request: HttpRequest) -> str:
    """Where somebody comes back to who has to show first who he is: his page; after a form that was sent, the desk."""
    return request.get_full_path() if request.method in ("GET", "HEAD") else reverse("desk")


def reading_only(request: HttpRequest) -> HttpResponse | None:
    """What an auditor gets who tries to change anything, wherever it may be (rule 40); None for everybody else."""
    if isinstance(request.user, User) and request.user.roles == {AUDITOR}:
        return told(request, say("审计员查阅一切，不改动任何内容。", "The auditor reads all and changes nothing."), 403)
    return None


def refused(request: HttpRequest, acts: tuple[str, ...]) -> HttpResponse | None:
    """What somebody gets who may do none of the acts; None for somebody who may do one."""
    if ANYBODY in acts:
        return None
    user = request.user
    if not user.is_authenticated:
        return HttpResponseRedirect(f"{reverse('account_login')}?{urlencode({'next': back_to(request)})}")
    assert isinstance(user, User)
    if user.must_change_password:
        return HttpResponseRedirect(reverse("account_change_password"))
    held = user.roles
    if second_factor.is_needed(held) and not second_factor.was_used(request):
        return HttpResponseRedirect(second_factor.way_in(user, back_to(request)))
    if SIGNED_IN in acts or any(may(held, act) for act in acts):
        return None
    roles = sorted({role for act in acts for role in MAY[act]})
    return told(request, f"{', '.join(acts)}: {' / '.join(roles)}", 403)


def has_second_factor(request: HttpRequest) -> bool:
    """Whether the user of a request has shown a second factor since he signed in."""
    return second_factor.was_used(request)


def person(request: HttpRequest) -> Person:
    """The user of a request as the rule of four eyes sees him."""
    from ellwand.office.cases import declarations

    user = user_of(request)
    return Person(user.pk, user.roles, declarations.in_force(user), second_factor.was_used(request))


def user_of(request: HttpRequest) -> User:
    """The office's user of a request to a screen that needs one."""
    assert isinstance(request.user, User)
    return request.user


def told(request: HttpRequest, message: str, status: int) -> HttpResponse:
    """A page that says what stands in the way."""
    return render(request, "office/told.html", {"message": message, "status": status}, status=status)


def addresses() -> list[URLPattern]:
    """The addresses of all screens."""
    return [path(s.path, s.view, name=s.name) for s in SCREENS.values()]
