"""The classification: its tree, its versions as diffs, a new version looked at before it comes into force."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from ellwand.office.registry import classes, faults, sheets, taking
from ellwand.office.registry.columns import CLASSED, CLASSES, LINKS
from ellwand.office.registry.models import Classification, Item
from ellwand.office.screens.access import screen, user_of
from ellwand.office.screens.page import show
from ellwand.office.screens.registers import OTHERS, SHOWN, Other, as_file, column_words, form_of, sheet_of, told
from ellwand.office.screens.words import say

MARKS = {
    classes.SAME: ("不变", "same"),
    classes.NAMED: ("改名称", "named anew"),
    classes.RENAMED: ("改代码", "renamed"),
    classes.MOVED: ("移动", "moved"),
    classes.SPLIT: ("拆分", "split"),
    classes.MERGED: ("合并", "merged"),
    classes.NEW: ("新增", "new"),
    classes.GONE: ("撤销", "gone"),
}
"""What may happen to a class from one version to the next."""
SHEETS = {
    classes.TREE: ("分类", "Classes"),
    classes.PAIRS: ("对应", "Correspondence"),
    classes.PLACED: ("产品", "Items"),
}
"""Sheets of a workbook that holds a version."""


def lines_of(lines: Sequence[classes.Line]) -> list[dict[str, Any]]:
    """The lines of a diff with their words: what a class was, what it is, where it came from or went to."""
    return [{"line": x, "words": say(*MARKS[x.mark]), "other": _other_of(x), "fields": _fields(x)} for x in lines]


def _other_of(line: classes.Line) -> str:
    codes = str(say("、", ", ")).join(line.other)
    if line.mark == classes.GONE:
        return say("→ {c}", "→ {c}", c=codes) if codes else ""
    if line.mark == classes.MOVED:
        return say("原属 {c}", "was below {c}", c=codes or "–")
    return say("来自 {c}", "from {c}", c=codes) if codes else ""


def _fields(line: classes.Line) -> list[tuple[str, str, str]]:
    """Names and periods that differ, as column, before, after."""
    if line.old is None or line.new is None:
        return []
    return [
        (column_words(CLASSES.by_name[n]), line.old[n], line.new[n])
        for n in ("code", "name_zh", "name_en", "valid_from", "valid_to")
        if line.old[n] != line.new[n] and line.mark not in (classes.MERGED, classes.SPLIT)
    ]


def counts_of(lines: Sequence[classes.Line]) -> list[tuple[str, int]]:
    """How many classes each kind of change touches."""
    found = {mark: sum(line.mark == mark for line in lines) for mark in MARKS}
    return [(say(*MARKS[mark]), n) for mark, n in found.items() if n and mark != classes.SAME]


@screen("office/classification/", "classification", read="registers.read")
def classification(request: HttpRequest) -> HttpResponse:
    """The tree in force, and the versions."""
    version = classes.last()
    tree = classes.rows_of(version)
    depths: dict[str, int] = {}
    for row in tree:
        depths[row["code"]] = depths.get(row["parent"], -1) + 1
    items: dict[str, int] = {}
    for ea in Item.objects.values_list("ea", flat=True):
        items[ea] = items.get(ea, 0) + 1
    context = {
        "version": version,
        "rows": [{"row": r, "depth": depths[r["code"]], "items": items.get(r["code"], 0)} for r in tree],
        "versions": Classification.objects.select_related("by").order_by("-number"),
    }
    return show(request, "office/classification.html", context, section="registers")


@screen("office/classification/version/<int:number>/", "classification_version", read="registers.read")
def version_(request: HttpRequest, number: int) -> HttpResponse:
    """What a version changed, as a diff with the one before it."""
    found = Classification.objects.select_related("by").filter(number=number).first()
    if found is None:
        raise Http404
    before = Classification.objects.filter(number__lt=number).order_by("-number").first()
    lines = classes.diff(classes.rows_of(before), classes.rows_of(found), classes.links_of(found)) if before else []
    context = {
        "found": found,
        "before": before,
        "all": bool(request.GET.get("all")),
        "lines": lines_of([x for x in lines if request.GET.get("all") or x.mark != classes.SAME]),
        "counts": counts_of(lines),
        "links": classes.links_of(found),
    }
    return show(request, "office/classification_version.html", context, section="registers")


@screen("office/classification/import/", "classification_import", read="registers.change", write="registers.change")
def import_(request: HttpRequest) -> HttpResponse:
    """Send a workbook with a new version; it is looked at first."""
    if request.method == "POST":
        content = sheet_of(request)
        classes.look(content)
        return redirect("classification_look", digest=taking.keep(content).digest)
    books = {classes.TREE: CLASSES, classes.PAIRS: LINKS, classes.PLACED: CLASSED}
    context = {
        "parts": [
            {"name": n, "words": say(*SHEETS[n]), "columns": [(c, column_words(c)) for c in b.columns]}
            for n, b in books.items()
        ]
    }
    return show(request, "office/classification_import.html", context, section="registers")


@screen("office/classification/import/<str:digest>/", "classification_look", read="registers.change",
        write="registers.change")  # fmt: skip
def look(request: HttpRequest, digest: str) -> HttpResponse:
    """A version beside the one in force: every rename, split, merger and move; bringing it into force."""
    kept = taking.kept_sheet(digest)
    if request.method == "POST":
        made = classes.adopt(kept.content, user_of(request), request.POST.get("reason", ""))
        messages.success(request, say("分类第 {n} 版已启用。", "Version {n} is in force.", n=made.number))
        return redirect("classification_version", number=made.number)
    found = classes.look(kept.content)
    everything = bool(request.GET.get("all"))
    context = {
        "digest": digest,
        "version": found,
        "before": classes.last(),
        "all": everything,
        "lines": lines_of(found.lines if everything else found.changed),
        "counts": counts_of(found.lines),
        "moved_items": len(found.items),
        "faults": _faults(found.faults),
    }
    return show(request, "office/classification_look.html", context, section="registers")


def _faults(given: Mapping[str, list[faults.Fault]]) -> list[dict[str, Any]]:
    return [
        {"words": say(*SHEETS[name]), "faults": [told(f) for f in rows[:SHOWN]], "more": max(0, len(rows) - SHOWN)}
        for name, rows in given.items()
        if rows
    ]


@screen("office/classification/import/<str:digest>/report.<str:form>", "classification_report", read="registers.change")
def report(request: HttpRequest, digest: str, form: str) -> HttpResponse:
    """The faults of a version as a sheet; of a workbook, those of all its sheets."""
    found = classes.look(taking.kept_sheet(digest).content)
    rows = [f for part in found.faults.values() for f in part]
    return as_file(faults.report(rows, form_of(form)), "classification-report", form_of(form))


@screen("office/classification/export.<str:form>", "classification_export", read="registers.read")
def export(request: HttpRequest, form: str) -> HttpResponse:
    """The version in force; as a workbook with the sheets that the next version may fill in."""
    version = classes.last()
    items = [{"item": i.code, "ea": i.ea} for i in Item.objects.order_by("code").only("code", "ea")]
    parts = {
        classes.TREE: (CLASSES, classes.rows_of(version)),
        classes.PAIRS: (LINKS, []),
        classes.PLACED: (CLASSED, items),
    }
    return as_file(sheets.write(form_of(form), parts), "classification", form_of(form))


def _other() -> Other:
    version = classes.last()
    count = version.classes.count() if version else 0
    return Other(say("分类", "Classification"), "classification", count, "classification_export")


OTHERS.append(_other)
