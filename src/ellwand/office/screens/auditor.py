"""S15, the auditor: search the trail, verify its chain, take an evidence pack. Others see what their roles let them."""

import json
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse

from ellwand.engine.errors import DataError
from ellwand.office.accounts.roles import may
from ellwand.office.audit import evidence, search, trail
from ellwand.office.rounds import work
from ellwand.office.screens.access import screen, user_of
from ellwand.office.screens.page import show

FIELDS = ("actor", "act", "object", "text", "first", "last")


@screen("office/audit/", "auditor", read=("audit.own", "audit.release", "audit.all"))
def auditor(request: HttpRequest) -> HttpResponse:
    """Entries of the trail, the newest first."""
    user = user_of(request)
    given = {name: request.GET.get(name, "").strip() for name in FIELDS}
    before, fault, found = request.GET.get("before", ""), "", []
    try:
        earlier = int(before) if before.isdecimal() and len(before) < 18 else None
        found = search.search(user, search.Wanted(**given), earlier)
    except DataError as error:
        fault = str(error)
    shown, more = found[: search.PAGE], len(found) > search.PAGE
    names = search.names_of(shown)
    filled = {k: v for k, v in given.items() if v}
    whole = may(user.roles, "audit.all")
    context = {
        "rows": [{"entry": e, "name": names.get(e.actor, "")} for e in shown],
        "wanted": given,
        "searched": bool(filled),
        "fault": fault,
        "acts": search.acts() if whole else [],
        "older": urlencode({**filled, "before": shown[-1].sequence}) if more else "",
        "whole": whole,
        "of_releases": may(user.roles, "audit.release"),
        "rounds": work.all_rounds() if whole else [],
        "oldest": search.oldest(),
    }
    return show(request, "office/auditor.html", context, section="auditor", status=422 if fault else 200)


@screen("office/audit/verify/", "audit_verify", read="audit.all")
def audit_verify(request: HttpRequest) -> HttpResponse:
    """The chain of the trail, entry by entry."""
    count, head, fault = trail.verify()
    return show(request, "office/audit_verify.html", {"count": count, "head": head, "fault": fault}, section="auditor")


@screen("office/audit/entry/<int:sequence>/", "audit_entry", read=("audit.own", "audit.release", "audit.all"))
def audit_entry(request: HttpRequest, sequence: int) -> HttpResponse:
    """One entry in full."""
    entry = search.visible(user_of(request)).filter(sequence=sequence).first()
    if entry is None:
        raise DataError(f"entry {sequence} is not there, or your roles do not show it")
    before, after = (json.dumps(v, ensure_ascii=False, indent=2) if v else "–" for v in (entry.before, entry.after))
    context = {"entry": entry, "before": before, "after": after, "name": search.names_of([entry]).get(entry.actor, "")}
    return show(request, "office/audit_entry.html", context, section="auditor")


@screen("office/audit/pack/", "evidence", read="audit.all")
def pack(request: HttpRequest) -> HttpResponse:
    """The evidence pack of a round, as a ZIP."""
    found = work.find(request.GET.get("round", ""))
    answer = HttpResponse(evidence.pack(found), content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="evidence-{found.code}.zip"'
    return answer
