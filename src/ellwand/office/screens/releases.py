"""The releases: state, instant, hash of the manifest, and the alarm that computes the last ones anew."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from ellwand.office.accounts.roles import may
from ellwand.office.approvals import alarm, listing, tasks
from ellwand.office.record import reading
from ellwand.office.screens.access import SIGNED_IN, screen, user_of
from ellwand.office.screens.page import show
from ellwand.office.screens.words import say

STATE_WORDS = {
    listing.EMBARGOED: ("待发布", "embargoed", "wait"),
    listing.PUBLIC: ("已发布", "public", "good"),
    listing.SUPERSEDED: ("已被更正取代", "superseded", ""),
    listing.WITHDRAWN: ("已撤回", "withdrawn", "bad"),
    listing.BROKEN: ("封存已作废", "seal broken", "bad"),
}
CHECKS = ("release.schedule", "release.postpone", "round.compile")


def shown(one: listing.Listed) -> dict[str, Any]:
    """A release for the page."""
    zh, en, mark = STATE_WORDS[one.state]
    return {"release": one.release, "words": say(zh, en), "mark": mark, "checked": one.checked}


@screen("office/releases/", "releases", read=SIGNED_IN, write=CHECKS)
def releases(request: HttpRequest) -> HttpResponse:
    """All releases; acting has the worker compute the last eight anew."""
    if request.method == "POST":
        tasks.nightly.enqueue()
        messages.info(
            request,
            say(
                "最近{n}次发布正在重新计算，结果会出现在下表。",
                "The last {n} releases are computed anew; see the table.",
                n=alarm.LAST,
            ),
        )  # fmt: skip
        return HttpResponseRedirect(reverse("releases"))
    context = {
        "rows": [shown(one) for one in listing.releases()],
        "may_check": any(may(user_of(request).roles, act) for act in CHECKS),
        "last": alarm.LAST,
    }
    return show(request, "office/releases.html", context, section="releases")


@screen("office/releases/<str:release>/", "release", read=SIGNED_IN, write=CHECKS)
def release(request: HttpRequest, release: str) -> HttpResponse:
    """A release: hashes, files, what it follows and what was found of it; acting verifies it now."""
    one = listing.find(release)
    if request.method == "POST":
        row = alarm.check(one)
        if row.fault:
            messages.error(request, say("不符：{f}", "At fault: {f}", f=row.fault))
        else:
            messages.success(
                request,
                say("核对无误：重算了{n}个观测值。", "Verified: {n} observations computed anew.", n=row.observations),
            )  # fmt: skip
        return HttpResponseRedirect(reverse("release", args=[release]))
    listed = next(r for r in listing.releases() if r.release.pk == one.pk)
    broken = listed.state == listing.BROKEN
    manifest = None if broken else reading.manifest(one)
    context = {
        **shown(listed),
        "round_code": listing.round_of(one).code,
        "manifest": manifest,
        "files": [f for f in manifest.files if f.public] if manifest else [],
        "inputs": sum(not f.public for f in manifest.files) if manifest else 0,
        "checks": listing.checks(one),
        "corrections": listing.corrections_of(one),
        "may_check": not broken and any(may(user_of(request).roles, act) for act in CHECKS),
        "may_correct": listed.state in (listing.PUBLIC, listing.SUPERSEDED)
        and may(user_of(request).roles, "correction.open"),
    }
    return show(request, "office/release.html", context, section="releases")
