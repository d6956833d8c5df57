"""The release calendar as a file for calendars (iCalendar, RFC 5545): every issue with its instant and its changes."""

from typing import Any

from ellwand.office.releases.heading import SIMULATED
from ellwand.office.screens.templatetags.office import issue
from ellwand.web.site.page import Language, where
from ellwand.web.words import said

KIND = "text/calendar"
LONGEST = 75
"""Bytes of a line."""


def written(rows: list[dict[str, Any]], language: Language, base: str, name: str, *, simulated: bool) -> bytes:
    """The file. rows : as `registers.calendar` gives them. base : address of the site. name : of the market."""
    out = [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Ellwand//Release calendar//EN", "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH", f"X-WR-CALNAME:{plain(name + said('：发布日历', ': release calendar'))}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT6H",
    ]  # fmt: skip
    mark = SIMULATED[0 if language == "zh" else 1] if simulated else ""
    for row in rows:
        out += event(row, language, base, name, mark)
    return "".join(folded(line) for line in [*out, "END:VCALENDAR"]).encode("utf-8")


def event(row: dict[str, Any], language: Language, base: str, name: str, mark: str) -> list[str]:
    """An issue. One without a release is cancelled, with its reason; a change of the date has the next sequence."""
    period = issue(row["period"])
    skipped = row["state"] == "no issue"
    title = said("{m}：{p}指数发布", "{m}: release of the index, {p}", m=name, p=period)
    if skipped:
        title = said("{m}：{p}不发布", "{m}: no issue, {p}", m=name, p=period)
    moved = [
        f"{c['old_release_at'] or '–'} → {c['new_release_at'] or '–'}: {c['reason']}"
        for c in row["changes"]
        if c["old_release_at"] != c["new_release_at"]
    ]
    told = ["" if moved else row["reason"] or "", *moved, mark]
    host = base.partition("//")[2].partition("/")[0].partition(":")[0]
    return [
        "BEGIN:VEVENT",
        f"UID:price-{row['period']}@{host}",
        f"DTSTAMP:{stamp(row['announced'])}",
        f"LAST-MODIFIED:{stamp(row['announced'])}",
        f"SEQUENCE:{len(row['changes'])}",
        f"DTSTART:{stamp(row['planned_at'])}",
        "DURATION:PT5M",
        f"SUMMARY:{plain(title)}",
        *([f"DESCRIPTION:{plain(chr(10).join(t for t in told if t))}"] if any(told) else []),
        f"URL:{base.rstrip('/')}{where('calendar', language)}",
        f"STATUS:{'CANCELLED' if skipped else 'CONFIRMED'}",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    ]


def stamp(instant: str) -> str:
    """An instant as 20261123T040000Z."""
    return instant.replace("-", "").replace(":", "")


def plain(text: str) -> str:
    """A text with the signs that the form needs for itself marked."""
    for sign, written_ in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r", ""), ("\n", "\\n")):
        text = text.replace(sign, written_)
    return "".join(c for c in text if c >= " ")


def folded(line: str) -> str:
    """A line in pieces of 75 bytes at most, none of which cuts a character."""
    out, size = [""], 0
    for sign in line:
        width = len(sign.encode("utf-8"))
        if size + width > LONGEST - (len(out) > 1):
            out.append("")
            size = 0
        out[-1] += sign
        size += width
    return "\r\n ".join(out) + "\r\n"
