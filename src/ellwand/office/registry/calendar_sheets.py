"""The calendar as sheets: weeks without an issue, and dates; each row is checked by itself, and a wrong one stops none.

Instants of a sheet without a zone are those of the market's.
"""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from ellwand.engine.errors import DataError
from ellwand.office import clock, setup
from ellwand.office.accounts import people
from ellwand.office.accounts.models import User
from ellwand.office.audit import trail
from ellwand.office.registry import calendar, sheets
from ellwand.office.registry.calendar import FAMILY, LONGEST
from ellwand.office.registry.checks import Checked, Known, check, instant
from ellwand.office.registry.columns import HOLIDAYS, ISSUES
from ellwand.office.registry.faults import Fault, fault
from ellwand.office.registry.models import Holiday, Issue, Market
from ellwand.office.rounds import states

Row = dict[str, str]
NOBODY = Known({}, ())


def holiday_rows() -> dict[str, Row]:
    """The weeks without an issue as rows of a sheet."""
    return {
        p: {"period": p, "reason_zh": h.reason_zh, "reason_en": h.reason_en} for p, h in calendar.holidays().items()
    }


def check_holidays(content: bytes) -> Checked:
    """What a sheet of weeks without an issue would change. DataError where it is no use as a whole."""
    read = sheets.read(content, HOLIDAYS)
    there, found = holiday_rows(), list(read.faults)
    for number, row in read.rows:
        period = row.get("period", "")
        try:
            past = setup.current().calendar.instants(period)[1] <= clock.now()
        except DataError:
            continue
        new = row != there.get(period)
        if new and (past or calendar.state_of(period) not in ("", states.PLANNED)):
            found.append(fault(number, "period", period, "past"))
        elif (wrong := _told(number, row)) is not None and row["reason_zh"] and row["reason_en"]:
            found.append(wrong)
    return check(HOLIDAYS, read.rows, there, NOBODY, found)


def take_holidays(content: bytes, by: User, reason: str) -> Checked:
    """Take in weeks without an issue; those in the calendar are skipped from now on, with the public reason."""
    role = people.require(by, "registers.change")
    if not reason.strip():
        raise DataError("reason: empty; say where the weeks come from")
    with transaction.atomic():
        Market.objects.select_for_update().first()
        done = check_holidays(content)
        for row in done.good:
            _close(row, by, role)
        if done.good:
            after = {"periods": [row["period"] for row in done.good], "refused": done.refused}
            trail.append(by, "calendar.holidays", "calendar/holidays", role=role, after=after, reason=reason)
    return done


def _close(row: Row, by: User, role: str) -> None:
    period, public = row["period"], calendar.said(row["reason_zh"], row["reason_en"])
    number = Holiday.objects.filter(period=period).count() + 1
    Holiday(
        period=period, number=number, reason_zh=row["reason_zh"], reason_en=row["reason_en"], by=by, at=clock.now()
    ).save()
    issue = Issue.objects.filter(family=FAMILY, period=period).order_by("-number").first()
    if issue is not None and not (issue.skipped and issue.reason == public):
        calendar.further(issue, by, role, issue.cutoff_at, issue.release_at, skipped=True, reason=public)


def date_rows() -> dict[str, Row]:
    """The calendar as rows of a sheet, in the zone of the market; the reasons are those of the last change."""
    zone = setup.current().time_zone
    out = {}
    for period, planned in calendar.issues().items():
        one = planned.issue
        zh, en = calendar.told(one.reason)
        out[period] = {
            "period": period,
            "cutoff_at": one.cutoff_at.astimezone(zone).strftime("%Y-%m-%d %H:%M"),
            "release_at": one.release_at.astimezone(zone).strftime("%Y-%m-%d %H:%M"),
            "skipped": "yes" if one.skipped else "", "reason_zh": zh, "reason_en": en,
        }  # fmt: skip
    return out


def check_dates(content: bytes) -> Checked:
    """What a sheet of dates would change; a row whose dates are as they were changes nothing, whatever its reasons."""
    read = sheets.read(content, ISSUES)
    there = date_rows()
    rows = []
    for number, given in read.rows:
        row = {**there.get(given["period"], {}), **given}
        old = there.get(row["period"])
        if old is not None and all(row.get(n, "") == old[n] for n in ("cutoff_at", "release_at", "skipped")):
            row = old
        rows.append((number, row))
    out = check(ISSUES, rows, there, NOBODY, read.faults)
    wrong = [f for number, row in (*out.new, *out.changed) for f in _date(number, row, there)]
    bad = {f.row for f in wrong}
    out.faults = sorted([*out.faults, *wrong], key=lambda f: f.row)
    out.changed = [(n, r) for n, r in out.changed if n not in bad]
    out.new = []
    return out


def _date(number: int, row: Row, there: Mapping[str, Row]) -> list[Fault]:
    """The faults of a date that differs from the one in the calendar."""
    period, old, now = row["period"], there.get(row["period"]), clock.now()
    if old is None:
        return [fault(number, "period", period, "absent")]
    if calendar.fixed(period):
        return [fault(number, "period", period, "past")]
    if not row["cutoff_at"] or not row["release_at"]:
        return [fault(number, "release_at", row["release_at"], "needed")]
    cutoff, release = _at(row["cutoff_at"]), _at(row["release_at"])
    out = []
    if (row["cutoff_at"], row["release_at"]) != (old["cutoff_at"], old["release_at"]):
        if row["skipped"]:
            out.append(fault(number, "skipped", row["skipped"], "dates"))
        if release <= now:
            out.append(fault(number, "release_at", row["release_at"], "gone"))
        if cutoff >= release:
            out.append(fault(number, "cutoff_at", row["cutoff_at"], "before"))
    if row["cutoff_at"] != old["cutoff_at"]:
        if _at(old["cutoff_at"]) <= now or not calendar.is_collected(period):
            out.append(fault(number, "cutoff_at", row["cutoff_at"], "closed"))
        elif cutoff <= now:
            out.append(fault(number, "cutoff_at", row["cutoff_at"], "gone"))
    if row["skipped"] and calendar.state_of(period) not in ("", states.PLANNED):
        out.append(fault(number, "skipped", row["skipped"], "past"))
    if (wrong := _told(number, row)) is not None:
        out.append(wrong)
    elif (row["reason_zh"], row["reason_en"]) == (old["reason_zh"], old["reason_en"]):
        # The reason of an earlier change is none of this one.
        out.append(fault(number, "reason_zh", row["reason_zh"], "public", limit=LONGEST))
    return out


def _told(number: int, row: Row) -> Fault | None:
    try:
        calendar.said(row["reason_zh"], row["reason_en"])
    except DataError:
        return fault(number, "reason_zh", row["reason_zh"], "public", limit=LONGEST)
    return None


def _at(text: str) -> datetime:
    found = instant(text)
    return found if found.tzinfo else found.replace(tzinfo=setup.current().time_zone)


def take_dates(content: bytes, by: User) -> Checked:
    """Give issues the dates of a sheet, each with its public reason; the wrong rows are told."""
    people.require(by, "registers.change")
    with transaction.atomic():
        Market.objects.select_for_update().first()
        done, there = check_dates(content), date_rows()
        for row in done.good:
            period, zh, en = row["period"], row["reason_zh"], row["reason_en"]
            was = there[period]
            if row["skipped"]:
                calendar.skip(period, by, zh, en)
                continue
            if was["skipped"]:
                calendar.call_off(period, by, zh, en)
            if (row["cutoff_at"], row["release_at"]) != (was["cutoff_at"], was["release_at"]):
                calendar.change(period, by, _at(row["cutoff_at"]), _at(row["release_at"]), zh, en)
    return done
