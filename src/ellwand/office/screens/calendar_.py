"""The calendar of issues: twelve months ahead, weeks without an issue, changes of a date with their public reason."""

from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse

from ellwand.engine.errors import DataError
from ellwand.office import clock, setup
from ellwand.office.accounts.models import User
from ellwand.office.accounts.roles import CLERK
from ellwand.office.registry import calendar, calendar_sheets, faults, history, sheets, taking
from ellwand.office.registry.columns import HOLIDAYS, ISSUES
from ellwand.office.registry.models import Issue
from ellwand.office.rounds.instants import last_day
from ellwand.office.screens import desk
from ellwand.office.screens.access import SIGNED_IN, screen, user_of
from ellwand.office.screens.page import show
from ellwand.office.screens.registers import OTHERS, SHOWN, Other, as_file, column_words, form_of, sheet_of, told
from ellwand.office.screens.vocabulary import state_words
from ellwand.office.screens.words import is_chinese, say


def reason_words(reason: str) -> str:
    """A public reason in the language in use."""
    return calendar.told(reason)[0 if is_chinese() else 1]


@screen("office/calendar/", "calendar", read=SIGNED_IN, write="registers.change")
def calendar_(request: HttpRequest) -> HttpResponse:
    """The issues ahead; the clerk extends them to twelve months."""
    if request.method == "POST":
        made = calendar.ahead(user_of(request))
        said = say("日历已延伸，新增 {n} 期。", "The calendar is extended by {n} issues.", n=len(made))
        messages.add_message(request, messages.SUCCESS if made else messages.INFO, said)
        return redirect("calendar")
    now = clock.now()
    found = calendar.issues()
    shown = [p for p in found.values() if p.issue.release_at > now]
    gaps = calendar.gaps()
    context = {
        "rows": [{"planned": p, "issue": p.issue, "reason": reason_words(p.issue.reason)} for p in shown],
        "gaps": gaps,
        "past": len(found) - len(shown),
        "log": [{"before": a, "after": b, "reason": reason_words(b.reason)} for a, b in calendar.log()[:SHOWN]],
        "holidays": sorted(calendar.holidays().values(), key=lambda h: last_day(h.period)),
        "next": next((p.issue for p in shown if not p.issue.skipped), None),
        "notice": calendar.NOTICE.days,
    }
    return show(request, "office/calendar.html", context, section="calendar")


@screen("office/calendar/issue/<str:period>/", "issue", read=SIGNED_IN, write="registers.change")
def issue(request: HttpRequest, period: str) -> HttpResponse:
    """An issue with the dates that it had; the clerk moves or skips it, with a public reason in both languages."""
    last_day(period)
    found = calendar.issues().get(period)
    if found is None:
        raise DataError(f"{period}: is not in the calendar; extend the calendar first")
    if request.method == "POST":
        by, post = user_of(request), request.POST
        zh, en, act = post.get("reason_zh", ""), post.get("reason_en", ""), post.get("act", "")
        if act == "move":
            calendar.change(period, by, _instant(post, "cutoff_at"), _instant(post, "release_at"), zh, en)
        elif act == "skip":
            calendar.skip(period, by, zh, en)
        elif act == "restore":
            calendar.call_off(period, by, zh, en)
        else:
            raise DataError(f"act {act!r} is not known; there are move, skip, restore")
        messages.success(
            request, say("日历已更改，原日期保留在公开日志中。", "Changed; the old date stays in the public log.")
        )
        return redirect("issue", period=period)
    zone = setup.current().time_zone
    state = calendar.state_of(period)
    context = {
        "planned": found,
        "issue": found.issue,
        "versions": [{"issue": i, "reason": reason_words(i.reason)} for i in (*found.before, found.issue)][::-1],
        "cutoff": found.issue.cutoff_at.astimezone(zone).strftime("%Y-%m-%dT%H:%M"),
        "release": found.issue.release_at.astimezone(zone).strftime("%Y-%m-%dT%H:%M"),
        "fixed": fixed_words(period),
        "state": state_words(state) if state else "",
        "previous": calendar.previous(period),
        "soon": found.issue.release_at - calendar.NOTICE < clock.now(),
    }
    return show(request, "office/issue.html", context, section="calendar")


def fixed_words(period: str) -> str:
    """Why the date of an issue may not move here, "" where it may."""
    why = calendar.fixed(period)
    if not why:
        return ""
    if why == calendar.PAST:
        return say("发布时刻已过，日期不再改动。", "Its instant has passed; the date moves no more.")
    return say(
        "本期编制状态为“{s}”；只能通过推迟发布并公告来改期。",
        "Its round is {s}; only postponing, with a notice, changes its date.", s=state_words(why),
    )  # fmt: skip


def _instant(post: QueryDict, name: str) -> datetime:
    """An instant of a form, given in the zone of the market."""
    text = post.get(name, "")
    try:
        return datetime.fromisoformat(text).replace(tzinfo=setup.current().time_zone)
    except ValueError as error:
        raise DataError(f"{name} {text!r}: no instant; write it as 2026-03-11T12:00") from error


@screen("office/calendar/holidays/", "holidays", read="registers.change", write="registers.change")
def holidays(request: HttpRequest) -> HttpResponse:
    """Weeks without an issue from a sheet: looked at first, then taken in."""
    if request.method == "POST":
        if request.FILES:
            content = sheet_of(request)
            calendar_sheets.check_holidays(content)
            return redirect(f"{reverse('holidays')}?sheet={taking.keep(content).digest}")
        kept = taking.kept_sheet(request.POST.get("digest", ""))
        done = calendar_sheets.take_holidays(kept.content, user_of(request), request.POST.get("reason", ""))
        said = say("已登记 {n} 个休刊期，拒收 {r} 行。", "{n} weeks entered, {r} rows refused.",
                   n=len(done.good), r=done.refused)  # fmt: skip
        messages.add_message(request, messages.WARNING if done.refused else messages.SUCCESS, said)
        return redirect("calendar")
    digest = request.GET.get("sheet", "")
    looked = calendar_sheets.check_holidays(taking.kept_sheet(digest).content) if digest else None
    context = {"columns": [(c, column_words(c)) for c in HOLIDAYS.columns], "digest": digest, "done": looked,
               "faults": [told(f) for f in looked.faults] if looked else []}  # fmt: skip
    return show(request, "office/holidays.html", context, section="calendar")


@screen("office/calendar/dates/", "dates", read="registers.change", write="registers.change")
def dates(request: HttpRequest) -> HttpResponse:
    """Dates from a sheet, each with its public reason: looked at first, then taken in."""
    if request.method == "POST":
        if request.FILES:
            content = sheet_of(request)
            calendar_sheets.check_dates(content)
            return redirect(f"{reverse('dates')}?sheet={taking.keep(content).digest}")
        kept = taking.kept_sheet(request.POST.get("digest", ""))
        done = calendar_sheets.take_dates(kept.content, user_of(request))
        said = say("已更改 {n} 期，拒收 {r} 行；原日期保留在公开日志中。",
                   "{n} dates changed, {r} rows refused; the old dates stay in the public log.",
                   n=len(done.good), r=done.refused)  # fmt: skip
        messages.add_message(request, messages.WARNING if done.refused else messages.SUCCESS, said)
        return redirect("calendar")
    digest = request.GET.get("sheet", "")
    looked = calendar_sheets.check_dates(taking.kept_sheet(digest).content) if digest else None
    there = calendar_sheets.date_rows()
    changes = [
        {"number": n, "period": r["period"], "reason": r["reason_zh" if is_chinese() else "reason_en"],
         "fields": [(column_words(ISSUES.by_name[k]), a, b) for k, a, b in history.differing(there[r["period"]], r)
                    if not k.startswith("reason")]}
        for n, r in (looked.changed if looked else ())
    ]  # fmt: skip
    context = {"columns": [(c, column_words(c)) for c in ISSUES.columns], "digest": digest, "done": looked,
               "changes": changes, "faults": [told(f) for f in looked.faults] if looked else []}  # fmt: skip
    return show(request, "office/dates.html", context, section="calendar")


CHECKS = {"holidays": calendar_sheets.check_holidays, "dates": calendar_sheets.check_dates}


@screen("office/calendar/<slug:what>/<str:digest>/report.<str:form>", "calendar_report", read="registers.change")
def calendar_report(request: HttpRequest, what: str, digest: str, form: str) -> HttpResponse:
    """The faults of a sheet of weeks or dates."""
    if what not in CHECKS:
        raise Http404
    done = CHECKS[what](taking.kept_sheet(digest).content)
    return as_file(faults.report(done.faults, form_of(form)), f"{what}-report", form_of(form))


@screen("office/calendar/holidays.<str:form>", "holidays_export", read=SIGNED_IN)
def holidays_export(request: HttpRequest, form: str) -> HttpResponse:
    """The weeks without an issue as a sheet; empty, it is a template."""
    rows = list(calendar_sheets.holiday_rows().values())
    return as_file(sheets.write(form_of(form), {"holidays": (HOLIDAYS, rows)}), "holidays", form_of(form))


@screen("office/calendar/export.<str:form>", "calendar_export", read=SIGNED_IN)
def calendar_export(request: HttpRequest, form: str) -> HttpResponse:
    """The calendar as a sheet, which may come back with other dates."""
    rows = list(calendar_sheets.date_rows().values())
    return as_file(sheets.write(form_of(form), {"calendar": (ISSUES, rows)}), "calendar", form_of(form))


def _duty(user: User) -> list[desk.Duty]:
    if CLERK not in user.roles or not (missing := calendar.gaps()):
        return []
    words = say("延伸发布日历：未来12个月缺 {n} 期", "Extend the calendar by {n} issues", n=len(missing))
    return [desk.Duty(words, reverse("calendar"))]


desk.DUTIES.append(_duty)


def _other() -> Other:
    count = Issue.objects.values("family", "period").distinct().count()
    return Other(say("发布日历", "Calendar of issues"), "calendar", count, "calendar_export")


OTHERS.append(_other)
