"""Alerts: asking by e-mail or webhook, without an account; confirming, changing and stopping by signed links."""

import re
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.csrf import csrf_exempt

from ellwand.engine.errors import DataError
from ellwand.office.accounts import limits
from ellwand.office.alerts import composing, subscribing, tasks
from ellwand.office.alerts.models import (
    ABOVE,
    BELOW,
    CHANGE,
    CORRECTION,
    EMAIL,
    RELEASE,
    VALUE,
    WEBHOOK,
    Subscriber,
    Subscription,
)
from ellwand.office.alerts.subscribing import Wish, wish
from ellwand.office.screens.words import name_of, say
from ellwand.web import query
from ellwand.web.moments import moment
from ellwand.web.site.page import Language, Shown, page, render, where

FORMS_AN_HOUR, MAILS_AN_HOUR = 20, 3
"""Requests that one visitor may send in an hour, and mails that one address may get by them."""
PRIVATE = "private, no-store"
MEASURES = ((CHANGE, "较上期涨跌幅（%）", "change on last issue, %"), (VALUE, "指数（点）", "index, points"))
FAULTS = {
    "topic": ("请至少选择一项，最多 50 项。", "Choose one thing at least, and 50 at most."),
    "series": ("没有这个分类，请从列表中选择。", "There is no such class; choose one of the list."),
    "measure": ("请选择界限的指标。", "Choose the measure of the threshold."),
    "way": ("请选择界限的方向。", "Choose the direction of the threshold."),
    "level": (
        "界限请写一个数，最多四位小数，例如 105.5 或 -2。", "Write the threshold as a number of four decimals at most.",
    ),
    "address": (
        "地址不对：邮箱如 name@example.com；webhook 以 https:// 开头，用公网服务器的域名，端口 443 或 8443。",
        "The address is not right: a mailbox as name@example.com; a webhook begins with https:// and a public server's "
        "name, at port 443 or 8443.",
    ),
    "kind": ("请选择发到哪里。", "Choose where to."),
}  # fmt: skip
"""What a reader is told of a field that is wrong."""
WAYS = ((ABOVE, "达到或高于", "at or above"), (BELOW, "达到或低于", "at or below"))


@page("me/", "alerts", forms=True)
def alerts(request: HttpRequest, language: Language) -> HttpResponse:
    """The form; the address then gets a link, or a webhook a word to repeat."""
    given = {k: request.POST.get(k, "") for k in ("kind", "address", "measure", "way", "level")}
    given["series"] = request.POST.get("series") or request.GET.get("series", "0")
    topics = request.POST.getlist("topic") if request.method == "POST" else [RELEASE, CORRECTION]
    field = ""
    if request.method == "POST":
        if request.POST.get("website"):
            # A field that people do not see: whoever fills it in is a program.
            return _private(redirect(where("alerts_sent", language)))
        if limits.is_over(request, "alerts", FORMS_AN_HOUR):
            return _show(request, language, _too_many())
        try:
            # Each is looked up in the record; the form has three.
            wishes = [_wish(topic, given) for topic in dict.fromkeys(topics)]
            made = subscribing.ask(given["kind"] or EMAIL, given["address"], language, wishes)
        except DataError as error:
            field = _field(error)
        else:
            if made.kind == EMAIL and limits.is_over_for(made.address.lower(), "alerts-mail", MAILS_AN_HOUR):
                # The answer is the same, so that nobody learns what an address gets; a mailbox is not flooded.
                made.delete()
            else:
                tasks.ask.enqueue(made.pk)
            if made.kind == WEBHOOK and made.pk:
                return _private(redirect(where("alerts_own", language, token=subscribing.own_token(made))))
            return _private(redirect(where("alerts_sent", language)))
    context = {**_form(), "given": given, "topics": topics, "fault": _fault(field), "field": field}
    shown = Shown("site/alerts.html", say("订阅通知", "Alerts"), context, 422 if field else 200)
    return _show(request, language, shown)


@page("me/sent/", "alerts_sent")
def alerts_sent(request: HttpRequest, language: Language) -> HttpResponse:
    """What is said to everybody who asked, whatever the address."""
    message = say(
        "如果这个地址能收信，确认链接已在路上。请在两天内打开它；在此之前我们什么也不会发。",
        "If this address takes mail, a link is on its way. Open it within two days; until then nothing is sent.",
    )
    shown = Shown("site/told.html", say("请查收邮件", "Look into your mail"), {"message": message})
    return _show(request, language, shown)


@page("me/confirm/<str:token>/", "alerts_confirm", forms=True)
def alerts_confirm(request: HttpRequest, language: Language, token: str) -> HttpResponse:
    """A link of a mail: the page asks once more, because mail programs open links on their own."""
    found = subscribing.to_confirm(token)
    if found is None or found.kind != EMAIL:
        message = say(
            "这个链接无效或已过期，请重新订阅。", "This link is not valid, or too old. Ask again."
        )  # fmt: skip
        shown = Shown("site/told.html", say("链接无效", "The link is not valid"), {"message": message}, 404)
        return _show(request, language, shown)
    if request.method == "POST":
        kept = subscribing.confirm(found)
        return _private(redirect(where("alerts_own", language, token=subscribing.own_token(kept)) + "?new=1"))
    context = {"form": True, "one": found, "rows": _rows(found)}
    return _show(request, language, Shown("site/alerts_confirm.html", say("确认订阅", "Confirm"), context))


@page("me/<str:token>/", "alerts_own", forms=True)
def alerts_own(request: HttpRequest, language: Language, token: str) -> HttpResponse:
    """What somebody is told of: one thing taken away, another one added, or everything stopped."""
    one = _own(token)
    given = {k: request.POST.get(k, "") for k in ("topic", "series", "measure", "way", "level")}
    field = ""
    if request.method == "POST":
        try:
            if request.POST.get("act") == "remove":
                pk = request.POST.get("pk", "")
                subscribing.remove(one, int(pk) if pk.isdecimal() and len(pk) < 16 else 0)
            else:
                subscribing.add(one, _wish(given["topic"], given))
        except DataError as error:
            field = _field(error)
        else:
            if not Subscriber.objects.filter(pk=one.pk).exists():
                return _show(request, language, _gone())
            return _private(redirect(where("alerts_own", language, token=token)))
    context = {
        **_form(), "one": one, "rows": _rows(one), "token": token, "given": given, "fault": _fault(field),
        "stop": where("alerts_stop", language, token=token), "new": bool(request.GET.get("new")),
        "webhook": one.kind == WEBHOOK, "waits": one.confirmed_at is None,
    }  # fmt: skip
    shown = Shown("site/alerts_own.html", say("我的通知", "My alerts"), context, 422 if field else 200)
    return _show(request, language, shown)


@page("me/<str:token>/stop/", "alerts_stop", forms=True)
@csrf_exempt
def alerts_stop(request: HttpRequest, language: Language, token: str) -> HttpResponse:
    """Stop everything. A mail program does it by one POST, without a page; the signed link is what allows it."""
    one = subscribing.own(token)
    if one is None:
        return _show(request, language, _gone())
    if request.method == "POST":
        subscribing.forget(one)
        return _show(request, language, _gone())
    return _show(request, language, Shown("site/alerts_stop.html", say("退订", "Stop"), {"form": True, "one": one}))


def _own(token: str) -> Subscriber:
    found = subscribing.own(token)
    if found is None:
        raise Http404
    return found


def _wish(topic: str, given: dict[str, str]) -> Wish:
    return wish(topic, given["series"].strip(), given["measure"], given["way"], given["level"])


def _field(error: DataError) -> str:
    """The field that an error names. An error of none of them is no reader's."""
    field = re.split("[ :]", str(error), maxsplit=1)[0]
    if field not in FAULTS:
        raise error
    return field


def _fault(field: str) -> str:
    return say(*FAULTS[field]) if field else ""


def _form() -> dict[str, Any]:
    """What a form offers: the classes, measures and ways."""
    return {
        "form": True,
        "series": query.series(moment()),
        "measures": [(m, say(zh, en)) for m, zh, en in MEASURES],
        "ways": [(w, say(zh, en)) for w, zh, en in WAYS],
    }


def _rows(one: Subscriber) -> list[dict[str, Any]]:
    """The things of which a subscriber is told, in words."""
    names = query.codes_of(moment())
    return [{"pk": s.pk, "words": _words(s, names)} for s in one.subscriptions.order_by("pk")]


def _words(one: Subscription, names: dict[str, Any]) -> str:
    known = names.get(one.series)
    name = f"{name_of(known)} ({one.series})" if known else one.series
    if one.topic == CORRECTION:
        return say("所有更正", "All corrections")
    if one.topic == RELEASE:
        return say("每次发布：{name}", "Every release: {name}", name=name)
    measure = next(say(zh, en) for m, zh, en in MEASURES if m == one.measure)
    way = next(say(zh, en) for w, zh, en in WAYS if w == one.way)
    return say(
        "{name} 的{measure}{way} {level}", "{name}: {measure} {way} {level}",
        name=name, measure=measure, way=way, level=composing.plain(one.level),
    )  # fmt: skip


def _gone() -> Shown:
    """What is said when nothing more is sent; the same for who was never known."""
    message = say("已停止，地址已删除。", "Stopped; the address is deleted.")
    return Shown("site/told.html", say("不再发送", "Nothing more is sent"), {"message": message})


def _too_many() -> Shown:
    message = say("这一小时内提交得太多，请稍后再来。", "Too many in this hour; come back later.")
    return Shown("site/told.html", say("请稍后再来", "Come back later"), {"message": message}, 429)


def _show(request: HttpRequest, language: Language, shown: Shown) -> HttpResponse:
    return _private(render(request, language, shown))


def _private(answer: HttpResponse) -> HttpResponse:
    """A page of one reader, which nothing keeps and no other site learns of."""
    answer["Cache-Control"] = PRIVATE
    answer["Referrer-Policy"] = "no-referrer"
    answer["X-Robots-Tag"] = "noindex"
    return answer
