"""S1, the sample book: what in the sample needs the clerk, the replacement of an item, and the log of rotation."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from ellwand.engine.errors import DataError
from ellwand.engine.periods import natural_key
from ellwand.office.accounts.models import User
from ellwand.office.accounts.roles import CLERK
from ellwand.office.registry import rotation, sample_book, sheets, taking
from ellwand.office.registry.columns import BOOKS, ROTATION
from ellwand.office.registry.models import Assignment, Rotation
from ellwand.office.rounds import work
from ellwand.office.screens import desk
from ellwand.office.screens.access import screen, user_of
from ellwand.office.screens.page import show
from ellwand.office.screens.registers import OTHERS, Other, as_file, form_of
from ellwand.office.screens.words import is_chinese, say

KINDS = {"entry": ("进入", "entry"), "exit": ("退出", "exit"), "replacement": ("替换", "replacement")}
WAYS = {
    "class_mean": ("按类均值", "the movement of its class"),
    "hedonic": ("按品质回归", "a regression on its characteristics"),
    "size": ("按规格折算", "its size"),
    "option_cost": ("按附加工艺成本", "the cost of what was added"),
    "direct": ("直接比较", "a direct comparison"),
}
"""Steps of the method's ladder."""
FIRST = 10
"""Units without a signature that the page shows; the register has all of them."""
SHOWN = 50
"""Rows of the log that the page shows; its export has all of them."""


@screen("office/registers/sample-book/", "sample_book", read="registers.read")
def book(request: HttpRequest) -> HttpResponse:
    """What needs the clerk, and the last changes of the sample."""
    needs = sample_book.needs(sample_book.period_now())
    log = Rotation.objects.select_related("unit", "by").order_by("-pk")[:SHOWN]
    context = {
        "needs": needs,
        "unsigned": needs.unsigned[:FIRST],
        "log": [
            {"row": r, "kind": say(*KINDS[r.kind]), "link": say(*rotation.LINKS[r.link]) if r.link else ""} for r in log
        ],
    }
    return show(request, "office/sample_book.html", context, section="registers")


@screen("office/registers/sample-book/replace/", "replacement", read="registers.change", write="registers.change")
def replacement(request: HttpRequest) -> HttpResponse:
    """The wizard: which item goes, at which unit, what comes, and how it is linked."""
    if request.method == "POST":
        given = {
            name: request.POST.get(name, "").strip()
            for name in ("unit", "old", "new", "period", "link", "overlap_price", "reason")
        }
        made = sample_book.replace(sample_book.Replacement(**given), user_of(request))
        messages.success(
            request, say("{old} 已由 {new} 替换，自 {p} 起采价。", "{new} replaces {old}, due from {p}.",
                         old=made.replaced, new=made.item, p=made.period),
        )  # fmt: skip
        return redirect("sample_book")
    code = request.GET.get("old", "").strip()
    context: dict[str, object] = {"old": None}
    if code:
        items = taking.rows_of(BOOKS["items"])
        if code not in items:
            raise DataError(f"item {code!r}: is in no register")
        period = sample_book.period_now()
        due = {
            a["unit"]
            for a in taking.rows_of(BOOKS["assignments"]).values()
            if a["item"] == code and work.in_force(period, a["valid_from"], a["valid_to"])
        }
        units = taking.rows_of(BOOKS["units"])
        context = {
            "old": items[code],
            "units": [units[u] for u in sorted(due, key=natural_key)],
            "items": [
                i for i in items.values()
                if i["ea"] == items[code]["ea"] and i["item"] != code and i["replaces"] in ("", code)
                and work.in_force(period, "", i["valid_to"])
            ],
            "period": period,
            "links": [(k, say(*w)) for k, w in rotation.LINKS.items() if k != rotation.NEW],
            "ladder": str(say("、", ", ")).join(
                say(*WAYS[way]) for way in work.method_in_force(period)[1].method.replace.ladder
            ),
        }  # fmt: skip
    return show(request, "office/replacement.html", context, section="registers")


@screen("office/registers/sample-book/log.<str:form>", "rotation_export", read="registers.read")
def rotation_export(request: HttpRequest, form: str) -> HttpResponse:
    """The whole log as a sheet."""
    rows = [
        {**{c.name: str(getattr(r, c.name)) for c in ROTATION.columns}, "unit": r.unit.code, "at": r.at.isoformat(),
         "by": r.by.username}
        for r in Rotation.objects.select_related("unit", "by").order_by("pk")
    ]  # fmt: skip
    return as_file(sheets.write(form_of(form), {"rotation": (ROTATION, rows)}), "rotation", form_of(form))


def _duty(user: User) -> list[desk.Duty]:
    """What the sample needs, for the clerk: only what stops a round, or loses quotes."""
    if CLERK not in user.roles or not Assignment.objects.exists():
        return []
    needs = sample_book.needs(sample_book.period_now())
    parts = [(len(needs.cells), "个分类单位不足", "classes with too few units"),
             (len(needs.silent), "个单位未报价", "silent units"),
             (len(needs.ending), "个产品将终止", "items at their end")]  # fmt: skip
    said = [f"{n}{zh}" if is_chinese() else f"{n} {en}" for n, zh, en in parts if n]
    if not said:
        return []
    words = say("样本簿：{w}", "Sample book: {w}", w=("，" if is_chinese() else ", ").join(said))
    return [desk.Duty(words, reverse("sample_book"))]


def _other() -> Other:
    return Other(say("轮换日志", "Rotation log"), "sample_book", Rotation.objects.count(), "rotation_export")


desk.DUTIES.append(_duty)
OTHERS.append(_other)
