"""Price sheets that units sent: a trial run that shows every problem, then taking in just what it showed."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from ellwand.engine.errors import DataError
from ellwand.office.accounts.roles import SUPERVISOR, may
from ellwand.office.collection import checks, report, trials
from ellwand.office.collection.columns import FIELD_NAMES
from ellwand.office.quotes.intake import LATE
from ellwand.office.quotes.looking import UnreadableError
from ellwand.office.rounds import work
from ellwand.office.rounds.models import Round
from ellwand.office.screens.access import screen, user_of
from ellwand.office.screens.page import show
from ellwand.office.screens.registers import as_file
from ellwand.office.screens.words import is_chinese, say

SHOWN = 200
"""Problems that a page shows; the report has all of them."""


@screen("office/rounds/<str:code>/sheets/", "sheets", read=trials.ACTS, write=trials.ACTS)
def sheets(request: HttpRequest, code: str) -> HttpResponse:
    """Try a sheet; look at what it would do; take it in."""
    found = work.find(code)
    work.settle(found)
    fault = None
    if request.method == "POST":
        try:
            return _act(request, found)
        except UnreadableError as error:
            fault = error.fault
    asked = request.GET.get("trial", "")
    tried = trials.find(found, int(asked)) if asked.isdecimal() and len(asked) < 18 else None
    context: dict[str, Any] = {
        "fault": say(fault.message_zh, fault.message_en) if fault else "",
        "remedy": say(fault.remedy_zh, fault.remedy_en) if fault else "",
        "tried": tried,
        "last": trials.last(found),
        "imports": found.imports.select_related("by").order_by("-pk")[:20],
        "may_take": may(user_of(request).roles, "quotes.enter"),
        "late": found.state in LATE,
        "may_sign": SUPERVISOR in user_of(request).roles,
    }
    if tried is not None:
        context |= _of(tried)
    return show(request, "office/sheets.html", context, found=found, status=422 if fault else 200)


def _of(tried: trials.Tried) -> dict[str, Any]:
    k = 0 if is_chinese() else 1
    result = tried.looked.result
    return {
        "problems": [
            {
                "sheet": p.sheet, "row": p.row, "column": p.column, "field": FIELD_NAMES.get(p.field, ("", ""))[k],
                "value": p.value, "message": _bare((p.message_zh, p.message_en)[k], ("：", ": ")[k]),
                "remedy": (p.remedy_zh, p.remedy_en)[k], "rule": p.rule,
            }
            for p in result.problems[:SHOWN]
        ],
        "more": max(0, len(result.problems) - SHOWN),
        "questions": _questions(tried, "zh" if k == 0 else "en"),
        "asked": len({(q.quote.sheet, q.quote.row) for q in tried.looked.questions}),
        "notices": [(n.message_zh, n.message_en)[k] for n in result.notices[:20]],
        "summary": result.summary,
        "sheet_names": len(tried.looked.book.sheets) > 1,
    }  # fmt: skip


def _bare(message: str, mark: str) -> str:
    """A message without its place, which has columns of its own."""
    return message.partition(mark)[2] or message


def _questions(tried: trials.Tried, language: checks.Language) -> list[dict[str, Any]]:
    """The quotes that soft rules ask about, each with all that is asked."""
    out: dict[tuple[str, int], dict[str, Any]] = {}
    for q in tried.looked.questions:
        row = out.setdefault(
            (q.quote.sheet, q.quote.row),
            {"row": q.quote.row, "unit": q.quote.unit, "item": q.quote.item, "price": q.quote.price, "told": []},
        )
        row["told"].append(checks.told(q.finding, language))
    return list(out.values())[:SHOWN]


def _act(request: HttpRequest, found: Round) -> HttpResponse:
    by, act = user_of(request), request.POST.get("act", "")
    address = reverse("sheets", args=[found.code])
    if act == "try":
        file = request.FILES.get("sheet")
        if file is None or isinstance(file, list) or not file.name:
            raise DataError("sheet: no file; choose an Excel workbook (.xlsx) or a CSV file")
        if (file.size or 0) > trials.LARGEST:
            raise DataError(f"sheet: larger than {trials.LARGEST >> 20} MB; split it, or remove pictures from it")
        tried = trials.run(found, file.name, file.read(), by)
        return HttpResponseRedirect(f"{address}?trial={tried.trial.pk}")
    if act != "take":
        raise DataError(f"act {act!r} is not known; use the buttons of the screen")
    pk = request.POST.get("trial", "")
    tried = trials.find(found, int(pk) if pk.isdecimal() and len(pk) < 18 else 0)
    taken = trials.take_in(tried, by, reason=request.POST.get("reason", ""), sign=request.POST.get("sign", ""))
    if taken.again:
        messages.warning(request, say("这个文件已经接收过，没有再次接收。",
                                      "This very file was taken in before; nothing was done."))  # fmt: skip
    else:
        words = (
            "新增{a}条，更改{c}条，未变{u}条，拒收{r}行。",
            "{a} added, {c} changed, {u} unchanged, {r} rows refused.",
        )
        counts = {"a": taken.added, "c": taken.changed, "u": taken.unchanged, "r": taken.refused}
        messages.success(request, say(words[0], words[1], **counts))
    return HttpResponseRedirect(f"{address}?trial={tried.trial.pk}")


@screen("office/rounds/<str:code>/sheets/<int:pk>/report.xlsx", "sheet_report", read=trials.ACTS)
def sheet_report(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """The sheet as it was sent, with its problems beside each row, for the sender to correct."""
    tried = trials.find(work.find(code), pk)
    made = report.report_xlsx(tried.looked.book, tried.looked.result, "both")
    return as_file(made, f"trial-{pk}-problems", "xlsx")


@screen("office/rounds/<str:code>/sheets/<int:pk>/report.csv", "sheet_report_csv", read=trials.ACTS)
def sheet_report_csv(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """The problems of a sheet as a table."""
    tried = trials.find(work.find(code), pk)
    made = report.problems_csv(tried.looked.result, "zh" if is_chinese() else "en")
    return as_file(made, f"trial-{pk}-problems", "csv")
