"""The registers: lists with search, one row with its history, editing with a reason, sheets in and out."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any, Literal
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse

from ellwand.engine.errors import DataError
from ellwand.office import clock, setup
from ellwand.office.collection.sheets import LIMITS
from ellwand.office.registry import faults, history, lists, sheets, taking
from ellwand.office.registry.checks import Checked, Row
from ellwand.office.registry.columns import BOOKS, Book, Column
from ellwand.office.registry.models import Class, Classification
from ellwand.office.rounds.instants import week_of
from ellwand.office.screens.access import screen, user_of
from ellwand.office.screens.page import show
from ellwand.office.screens.words import is_chinese, name_of, say

FORMS = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
SHOWN = 200
"""Faults that a page shows; the report has all of them."""
Form = Literal["csv", "xlsx"]


def book_words(book: Book) -> str:
    """The name of a register."""
    return say(book.zh, book.en)


def column_words(column: Column) -> str:
    """The name of a column."""
    return say(column.zh, column.en[:1].upper() + column.en[1:])


def form_of(text: str) -> Form:
    """The kind of file that an address asks for. 404 for another one."""
    if text not in FORMS:
        raise Http404
    return "csv" if text == "csv" else "xlsx"


def as_file(content: bytes, name: str, form: Form) -> HttpResponse:
    """An answer that the browser saves."""
    answer = HttpResponse(content, content_type=FORMS[form])
    answer["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    answer["Cache-Control"] = "no-store"
    return answer


def sheet_of(request: HttpRequest) -> bytes:
    """The file of a form. DataError for none."""
    given = request.FILES.get("sheet")
    if given is None or isinstance(given, list):
        raise DataError("sheet: no file; choose an Excel workbook (.xlsx) or a CSV file")
    if given.size is not None and given.size > LIMITS.size:
        raise DataError(f"sheet: {given.size} bytes; at most {LIMITS.size} are allowed; split it")
    return bytes(given.read())


@screen("office/registers/", "registers", read="registers.read")
def registers(request: HttpRequest) -> HttpResponse:
    """All registers, with the number of their rows."""
    books = [
        {"book": b, "words": book_words(b), "count": taking.MODELS[b.name].objects.count()} for b in BOOKS.values()
    ]
    context = {"books": books, "others": [make() for make in OTHERS]}
    return show(request, "office/registers.html", context, section="registers")


@dataclass(frozen=True)
class Other:
    """A register with a screen of its own. count : of its rows or versions. export : screen that gives its sheet."""

    words: str
    screen: str
    count: int
    export: str = ""


OTHERS: list[Callable[[], Other]] = []
"""Registers with screens of their own; each of these enters itself here."""


def _as_of(text: str) -> datetime | None:
    """The end of a day in the zone of the office. DataError for a text that is no day."""
    if not text:
        return None
    try:
        day = datetime.fromisoformat(text).date()
        return datetime.combine(day, time.max, setup.current().time_zone).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise DataError(f"as_of {text!r}: no day; write it as 2026-03-11") from error


def _wish(book: Book, given: QueryDict, period: str) -> lists.Wish:
    page = given.get("page", "1")
    lacks = given.get("lacks", "")
    return lists.Wish(
        words=given.get("q", "").strip()[:100],
        filters=tuple((c, given.get(c, "").strip()) for c in book.filters),
        state=given.get("state", ""),
        lacks=lacks if lacks in book.by_name else "",
        page=int(page) if page.isdecimal() and len(page) < 6 else 1,
        period=period,
    )


def _classes() -> list[tuple[str, str]]:
    version = Classification.objects.order_by("-number").first()
    return list(Class.objects.filter(classification=version).order_by("position").values_list("code", "parent"))


@screen("office/registers/list/<slug:register>/", "register", read="registers.read")
def register(request: HttpRequest, register: str) -> HttpResponse:
    """The rows of a register: words, filters, pages, and how it stood on a day."""
    book = taking.book_of(register)
    at = _as_of(request.GET.get("as_of", ""))
    there = taking.rows_of(book) if at is None else history.as_of(book, at)
    wish = _wish(book, request.GET, week_of(clock.now(), setup.current().time_zone))
    below = lists.below(_classes()) if "ea" in book.filters else None
    found = lists.look(book, there.values(), wish, below)
    kept_query = {k: v for k, v in request.GET.items() if k != "page" and v}
    context = {
        "book": book,
        "words": book_words(book),
        "heads": [{"name": n, "words": _head(book, n)} for n in book.shown],
        "rows": [{"code": book.code_of(r), "cells": [_shown(book, r, n) for n in book.shown]} for r in found.rows],
        "found": found,
        "wish": wish,
        "filters": [
            {"column": c, "words": column_words(book.by_name[c]), "value": dict(wish.filters).get(c, "")}
            for c in book.filters
        ],
        "lacking": [
            (c, column_words(book.by_name[c])) for c in ("conduct_signed", "consent", "phone") if c in book.by_name
        ],
        "has_state": "valid_to" in book.by_name,
        "as_of": request.GET.get("as_of", ""),
        "query": urlencode(kept_query),
    }
    return show(request, "office/register.html", context, section="registers")


def _head(book: Book, name: str) -> str:
    return say("名称", "Name") if name == "name" else column_words(book.by_name[name])


def _shown(book: Book, row: Row, name: str) -> dict[str, Any]:
    column = book.by_name.get(name)
    value = name_of(row) if name == "name" else row.get(name, "")
    to = column.to if column and column.to in BOOKS else ""
    return {"value": value, "figure": bool(column and column.kind == "figure"), "to": to}


@screen("office/registers/list/<slug:register>/new/", "register_new", read="registers.change", write="registers.change")
def register_new(request: HttpRequest, register: str) -> HttpResponse:
    """A new row."""
    book = taking.book_of(register)
    given: Row = {}
    done = None
    if request.method == "POST":
        given = _given(book, request.POST)
        done = taking.take_row(book, given, user_of(request), request.POST.get("reason", ""), new=True)
        if not done.faults:
            messages.success(request, say("已登记。", "Entered."))
            return redirect("register_row", register=register, key=book.code_of(given))
    return _form(request, book, given, done, code="")


@screen("office/registers/list/<slug:register>/row/<path:key>/", "register_row", read="registers.read",
        write="registers.change")  # fmt: skip
def register_row(request: HttpRequest, register: str, key: str) -> HttpResponse:
    """A row with its history; the clerk changes it with a reason."""
    book = taking.book_of(register)
    there = taking.rows_of(book)
    if key not in there and key + "/" in there:
        # An empty last part of a code is lost in the address.
        key += "/"
    if key not in there:
        raise Http404
    given, done = there[key], None
    if request.method == "POST":
        given = {**given, **_given(book, request.POST), **{k: given[k] for k in book.keys}}
        seen = request.POST.get("seen", "")
        done = taking.take_row(
            book, given, user_of(request), request.POST.get("reason", ""), new=False,
            seen=int(seen) if seen.isdecimal() and len(seen) < 18 else -1,
        )  # fmt: skip
        if not done.faults:
            changed = bool(done.changed)
            said = say("已保存。", "Saved.") if changed else say("没有改动。", "Nothing differs.")
            messages.add_message(request, messages.SUCCESS if changed else messages.INFO, said)
            return redirect("register_row", register=register, key=key)
    return _form(request, book, given, done, code=key)


def _named(book: Book, fields: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """Differences with the names of their columns; a further column has its own."""
    return [(column_words(book.by_name[n]) if n in book.by_name else n, old, new) for n, old, new in fields]


def _given(book: Book, post: QueryDict) -> Row:
    return {c.name: post.get(c.name, "").strip() for c in book.columns if c.name in post}


def _form(request: HttpRequest, book: Book, row: Row, done: Checked | None, *, code: str) -> HttpResponse:
    wrong = {f.field: f for f in done.faults} if done else {}
    fields = [
        {
            "column": c,
            "words": column_words(c),
            "help": say(c.help_zh, c.help_en) if c.help_zh else "",
            "value": row.get(c.name, ""),
            "fixed": bool(code) and c.name in book.keys,
            "fault": told(wrong[c.name]) if c.name in wrong else None,
        }
        for c in book.columns
    ]
    context = {
        "book": book,
        "words": book_words(book),
        "code": code,
        "title": name_of(row) if code else "",
        "fields": fields,
        "further": [(k, v) for k, v in row.items() if k not in book.by_name and v],
        "seen": history.last_of(book, code) if code else 0,
        "steps": [
            {"change": s.change, "fields": _named(book, s.fields)} for s in (history.of_row(book, code) if code else ())
        ],
        "wrong": bool(wrong),
        "reason": request.POST.get("reason", "") if wrong else "",
    }
    return show(request, "office/register_row.html", context, section="registers", status=422 if wrong else 200)


def told(found: faults.Fault) -> dict[str, Any]:
    """A fault in the language in use."""
    zh = is_chinese()
    return {
        "fault": found,
        "message": found.message_zh if zh else found.message_en,
        "remedy": found.remedy_zh if zh else found.remedy_en,
    }


@screen("office/registers/list/<slug:register>/import/", "register_import", read="registers.change",
        write="registers.change")  # fmt: skip
def register_import(request: HttpRequest, register: str) -> HttpResponse:
    """Send a sheet; it is looked at first and changes nothing."""
    book = taking.book_of(register)
    if request.method == "POST":
        content = sheet_of(request)
        taking.dry_run(book, content)
        kept = taking.keep(content)
        return redirect("register_sheet", register=register, digest=kept.digest)
    context = {"book": book, "words": book_words(book), "columns": [(c, column_words(c)) for c in book.columns]}
    return show(request, "office/register_import.html", context, section="registers")


@screen("office/registers/list/<slug:register>/import/<str:digest>/", "register_sheet", read="registers.change",
        write="registers.change")  # fmt: skip
def register_sheet(request: HttpRequest, register: str, digest: str) -> HttpResponse:
    """What a sheet would change, row by row; taking it in."""
    book = taking.book_of(register)
    kept = taking.kept_sheet(digest)
    if request.method == "POST":
        done = taking.take_sheet(book, kept.content, user_of(request), request.POST.get("reason", ""))
        said = say(
            "已导入：新增 {a} 行，更改 {c} 行，拒收 {r} 行。", "Taken in: {a} rows added, {c} changed, {r} refused.",
            a=len(done.new), c=len(done.changed), r=done.refused,
        )  # fmt: skip
        messages.add_message(request, messages.WARNING if done.refused else messages.SUCCESS, said)
        return redirect("register", register=register)
    done = taking.dry_run(book, kept.content)
    there = taking.rows_of(book)
    changes = [
        {"number": n, "code": book.code_of(r), "fields": _named(book, history.differing(there[book.code_of(r)], r))}
        for n, r in done.changed[:SHOWN]
    ]
    context = {
        "book": book,
        "words": book_words(book),
        "digest": digest,
        "done": done,
        "changes": changes,
        "faults": [told(f) for f in done.faults[:SHOWN]],
        "more": max(0, len(done.faults) - SHOWN),
    }
    return show(request, "office/register_sheet.html", context, section="registers")


@screen("office/registers/list/<slug:register>/import/<str:digest>/report.<str:form>", "register_report",
        read="registers.change")  # fmt: skip
def register_report(request: HttpRequest, register: str, digest: str, form: str) -> HttpResponse:
    """The faults of a sheet, as a sheet in both languages."""
    book, kind = taking.book_of(register), form_of(form)
    done = taking.dry_run(book, taking.kept_sheet(digest).content)
    return as_file(faults.report(done.faults, kind), f"{register}-report", kind)


@screen("office/registers/list/<slug:register>/export.<str:form>", "register_export", read="registers.read")
def register_export(request: HttpRequest, register: str, form: str) -> HttpResponse:
    """The register as a sheet, as it is or as it stood on a day; its heading alone is a template."""
    book, kind = taking.book_of(register), form_of(form)
    at = _as_of(request.GET.get("as_of", ""))
    rows = list((taking.rows_of(book) if at is None else history.as_of(book, at)).values())
    if request.GET.get("template"):
        rows = []
    return as_file(sheets.write(kind, {register: (book, rows)}), register, kind)


def address_of(register: str, key: str) -> str:
    """The address of a row."""
    return reverse("register_row", kwargs={"register": register, "key": key})
