"""S12, schedule: seal and wait for the instant; the countdown, the test of the channels, and the hold button."""

from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils import timezone

from ellwand.engine.errors import DataError
from ellwand.office import clock
from ellwand.office.accounts import people
from ellwand.office.accounts.roles import may
from ellwand.office.approvals import channels, postponing, seals, standing, tasks
from ellwand.office.approvals.models import Notice, SealingRun
from ellwand.office.rounds import states, work
from ellwand.office.rounds.models import Round
from ellwand.office.screens.access import screen, user_of
from ellwand.office.screens.page import show
from ellwand.office.screens.vocabulary import state_words
from ellwand.office.screens.words import say

TEST_WORDS = {
    "calendar": ("日历中的发布时刻", "Instant in the calendar"),
    "clock": ("系统时钟已同步", "Clock synchronised"),
    "key": ("签名密钥可用", "Signing key at hand"),
    "disk": ("归档有空间", "Room in the archive"),
    "sealed": ("发布已封存", "Release sealed"),
    "files": ("文件与清单一致", "Files agree with the manifest"),
    "hashes": ("两个哈希与批准一致", "Both hashes as approved"),
    "gate": ("时刻未到，一切渠道都不显示", "Nothing shows before the instant"),
}
TEST_HELP = {
    "calendar": ("请在发布日历中补上本期。", "Put the period into the calendar."),
    "clock": (
        "请启动对时服务；由别的系统对时的，在设置中注明。",
        "Start a time service, or trust the clock in the settings.",
    ),
    "key": ("请从备份中找回密钥。", "Bring the key back from a backup."),
    "disk": ("请清出磁盘空间。", "Make room on the disk."),
    "sealed": ("请封存并排期。", "Seal and schedule it."),
    "files": ("请核对归档；封存的文件不得改动。", "Verify the archive; sealed files never change."),
    "hashes": ("内容已改动，须重新批准。", "The content changed; it must be approved anew."),
    "gate": ("请立即暂停发布并通知管理员。", "Hold the release and call the admin."),
}
NOTICE_WORDS = {
    Notice.POSTPONED: ("已推迟", "postponed"), Notice.RESUMED: ("恢复", "resumed"),
    Notice.WITHDRAWN: ("已撤回", "withdrawn"), Notice.DRILL: ("演练", "drill"),
}  # fmt: skip


@screen(
    "office/rounds/<str:code>/schedule/", "schedule", read=("release.schedule", "release.postpone", "round.read"),
    write=("release.schedule", "release.postpone"),
)  # fmt: skip
def schedule(request: HttpRequest, code: str) -> HttpResponse:
    """The release of a round before its instant; acting seals and schedules, holds, resumes, or tries the stop."""
    found = work.find(code)
    if request.method == "POST":
        _act(request, found)
        return HttpResponseRedirect(reverse("schedule", args=[code]))
    work.settle(found)
    fallen = standing.check(found)
    issue, held = found.issue, user_of(request).roles
    context: dict[str, Any] = {
        "fallen": fallen,
        "issue": issue,
        "left": left(issue.release_at) if issue and issue.release_at > clock.now() else "",
        "seconds": int((issue.release_at - clock.now()).total_seconds()) if issue else 0,
        "release": seals.last_release(found),
        "run": last_run(found),
        "tests": [tested(t) for t in channels.test(found)],
        "notices": [
            {"row": n, "words": say(*NOTICE_WORDS[n.kind])} for n in found.notices.select_related("by").order_by("-pk")
        ],
        "may_schedule": may(held, "release.schedule"),
        "may_hold": may(held, "release.postpone"),
        "can_hold": found.state in states.ORDER[:-1],
        "waits": state_words(found.state),
        "left_state": state_words(standing.postponed_from(found)) if found.state == states.POSTPONED else "",
    }
    return show(request, "office/schedule.html", context, found=found)


@screen("office/rounds/<str:code>/schedule/progress/", "schedule_progress", read=("release.schedule", "round.read"))
def schedule_progress(request: HttpRequest, code: str) -> HttpResponse:
    """How far the sealing has come, for the page that waits."""
    run = last_run(work.find(code))
    if run is None:
        return JsonResponse({"step": "none", "done": 0, "total": 0, "ended": True})
    ended = run.ended_at is not None
    return JsonResponse({"step": run.step, "done": run.done, "total": run.total, "ended": ended})


def last_run(found: Round) -> SealingRun | None:
    """The last sealing of a round."""
    return found.sealings.filter(correction=None).select_related("by").order_by("-pk").first()


def _act(request: HttpRequest, found: Round) -> None:
    by, given = user_of(request), request.POST
    words = {name: given.get(name, "") for name in ("reason", "zh", "en")}
    match given.get("act", ""):
        case "schedule":
            people.require(by, "release.schedule")
            if found.state != states.TEXT_APPROVED:
                raise DataError(f"round {found.code}: is {found.state}; it is scheduled once both approved it")
            tasks.begin(found, by)
        case "hold":
            postponing.postpone(found, by, **words)
            messages.warning(request, say("已暂停发布，通知已记录。", "Held; the notice is in the record."))
        case "resume":
            postponing.resume(found, by, instant_given(given.get("at", "")), **words)
            messages.success(request, say("已恢复，须重新封存。", "Resumed; it must be sealed anew."))
        case "drill":
            postponing.drill(found, by, given.get("zh", ""), given.get("en", ""))
            messages.success(
                request,
                say("演练成功：暂停有效，已全部复原。", "The drill held: the stop works, and all was taken back."),
            )
        case act:
            raise DataError(f"act {act!r} is not known here")


def tested(one: channels.Tested) -> dict[str, str]:
    """A test of a channel for the page."""
    return {"words": say(*TEST_WORDS[one.key]), "help": say(*TEST_HELP[one.key]), "why": one.why}


def instant_given(text: str) -> datetime:
    """An instant as a form gives it, in the zone of the market. DataError for another form."""
    try:
        given = datetime.fromisoformat(text.strip())
        return (given if given.tzinfo else timezone.make_aware(given)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise DataError(f"new instant {text!r}: write it as 2026-02-02T12:00, in the zone of the market") from error


def left(at: datetime) -> str:
    """How long it is until an instant, in words."""
    seconds = max(int((at - clock.now()).total_seconds()), 0)
    days, hours, minutes = seconds // 86400, seconds % 86400 // 3600, seconds % 3600 // 60
    return say("{d}天{h}小时{m}分{s}秒", "{d} d {h} h {m} min {s} s", d=days, h=hours, m=minutes, s=seconds % 60)
