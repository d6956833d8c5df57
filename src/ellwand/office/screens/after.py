"""S13, after: whether the release shows everywhere, whether it was in time, who was told; and withdrawing it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from ellwand.engine.errors import DataError
from ellwand.office import clock
from ellwand.office.accounts.four_eyes import ROLE
from ellwand.office.alerts.models import EMAIL, FAILED, SENT, WAITING, WEBHOOK, Delivery, Subscriber
from ellwand.office.approvals import aftermath, channels, listing, postponing, seals
from ellwand.office.record.models import Release
from ellwand.office.rounds import states, work
from ellwand.office.screens.access import person, screen, user_of
from ellwand.office.screens.approve import KIND_WORDS, KINDS
from ellwand.office.screens.page import show
from ellwand.office.screens.schedule import NOTICE_WORDS, TEST_WORDS, tested
from ellwand.office.screens.vocabulary import state_words
from ellwand.office.screens.words import say


@screen(
    "office/rounds/<str:code>/after/", "after", read=("release.schedule", "release.postpone", "round.read"),
    write=("approve.statistics", "approve.text"),
)  # fmt: skip
def after(request: HttpRequest, code: str) -> HttpResponse:
    """What follows a release; acting gives one of the two words that withdraw it."""
    found = work.find(code)
    if request.method == "POST":
        kind = request.POST.get("kind", "")
        if kind not in KINDS:
            raise DataError(f"kind {kind!r}: withdraw as approver of the statistics or of the text")
        given = {name: request.POST.get(name, "") for name in ("reason", "zh", "en")}
        done = postponing.withdraw(found, kind, person(request), **given)
        messages.warning(
            request,
            say("已撤回。", "Withdrawn.")
            if done
            else say("已记录，等待另一位批准人。", "In the record; the other approver must agree."),
        )
        return HttpResponseRedirect(reverse("after", args=[code]))
    work.settle(found)
    release = seals.last_release(found)
    public = found.state in (states.PUBLIC, states.WITHDRAWN) and release is not None
    words = dict(TEST_WORDS) | {"gate": ("时刻已到，已经显示", "Shows since its instant")}
    context: dict[str, Any] = {
        "release": release,
        "public": public,
        "waits": state_words(found.state),
        "late": aftermath.logged(release) if public and release else None,
        "due": release is not None and release.release_at <= clock.now(),
        "tests": [tested(t) | {"words": say(*words[t.key])} for t in channels.test(found) if public],
        "told": sorted(channels.told(found).items()),
        "readers": readers(release) if public and release else [],
        "previews": found.previews.count(),
        "notices": [
            {"row": n, "words": say(*NOTICE_WORDS[n.kind])} for n in found.notices.select_related("by").order_by("-pk")
        ],
        "corrections": listing.corrections_of(release) if release else [],
        "consents": list(release.consents.select_related("by")) if release else [],
        "kinds": [
            {"kind": k, "words": say(*KIND_WORDS[k])} for k in KINDS if ROLE[k] in user_of(request).roles
        ],
    }  # fmt: skip
    return show(request, "office/after.html", context, found=found)


WAYS = ((EMAIL, "电子邮件", "E-mail"), (WEBHOOK, "网络回调", "Webhook"))


def readers(release: Release) -> list[dict[str, Any]]:
    """Who asked to be told, by the way of telling, and what became of the messages of a release: counts, no address."""
    rows = []
    for kind, zh, en in WAYS:
        asked = Subscriber.objects.filter(kind=kind)
        sent = Delivery.objects.filter(release=release, subscriber__kind=kind)
        rows.append(
            {
                "words": say(zh, en),
                "confirmed": asked.filter(confirmed_at__isnull=False).count(),
                "unconfirmed": asked.filter(confirmed_at__isnull=True).count(),
                **{state: sent.filter(state=state).count() for state in (SENT, WAITING, FAILED)},
            }
        )
    return rows
