"""Pages for what went wrong before or inside of a screen: a stale form, too many requests, a fault of the program."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from ellwand.office.screens.access import told
from ellwand.office.screens.words import say


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A request that can't be understood, or for a site that is not ours; without the frame, which is not set up."""
    return HttpResponse(render_to_string("office/bare.html", {"status": 400}), status=400)


def broken(request: HttpRequest) -> HttpResponse:
    """A fault of the program: a page that needs neither the record nor who is signed in."""
    return HttpResponse(render_to_string("office/bare.html", {"status": 500}), status=500)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Something that nobody may do this way."""
    return told(request, "", 403)


def too_many(request: HttpRequest) -> HttpResponse:
    """More requests than a person makes."""
    answer = told(request, "", 429)
    answer["Retry-After"] = "60"
    return answer


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that does not come from a page that this browser holds now."""
    message = say(
        "这张表单已过期：可能是您在另一个页面登录或退出了。请回到上一页，刷新后重新提交。",
        "This form is out of date: you may have signed in or out on another page. Go back, reload, send again.",
    )
    return render(request, "office/told.html", {"message": message, "status": 419}, status=403)
