"""The baskets: prepared beside the one in force, with the effect on the index shown before somebody else decides."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from ellwand.engine.periods import natural_key
from ellwand.office.accounts.models import User
from ellwand.office.accounts.roles import CLERK, STAT_APPROVER
from ellwand.office.registry import baskets, calendar, classes, effect, faults, sheets, taking, tasks
from ellwand.office.registry.columns import WEIGHTS
from ellwand.office.registry.deciding import DECIDE
from ellwand.office.registry.models import Basket, BasketDecision, BasketDraft
from ellwand.office.screens import desk
from ellwand.office.screens.access import screen, user_of
from ellwand.office.screens.methods_ import effect_of
from ellwand.office.screens.page import show
from ellwand.office.screens.registers import OTHERS, SHOWN, Other, as_file, column_words, form_of, sheet_of, told
from ellwand.office.screens.words import say

Row = dict[str, str]


@dataclass(frozen=True)
class Compared:
    """The weight of an elementary aggregate in two baskets, in per cent; None where one of them has none."""

    code: str
    name_zh: str
    name_en: str
    old: Decimal | None
    new: Decimal | None

    @property
    def difference(self) -> Decimal:
        """In percentage points; a basket without the class counts as none of it."""
        return (self.new or Decimal(0)) - (self.old or Decimal(0))


def compare(old: Sequence[Row], new: Sequence[Row]) -> dict[str, list[Compared]]:
    """Two baskets by elementary aggregate: those whose weight differs, the largest difference first, and the others."""
    names = {r["code"]: r for r in classes.rows_of(classes.last())}
    a, b = ({r["ea"]: 100 * Decimal(r["weight"]) for r in rows} for rows in (old, new))
    out = []
    for code in {**a, **b}:
        row = names.get(code, {})
        out.append(Compared(code, row.get("name_zh", ""), row.get("name_en", ""), a.get(code), b.get(code)))
    out.sort(key=lambda c: (-abs(c.difference), natural_key(c.code)))
    return {"changed": [c for c in out if c.difference], "same": [c for c in out if not c.difference]}


def rows_of(basket: Basket | None) -> list[Row]:
    """The weights of a basket of the record."""
    return effect.weight_rows(list(basket.weights.order_by("pk"))) if basket else []


def before(valid_from: str) -> Basket | None:
    """The basket that would go on being in force from a period."""
    return next(iter(baskets.in_force(valid_from)), None)


@screen("office/baskets/", "baskets", read="registers.read", write="registers.change")
def baskets_(request: HttpRequest) -> HttpResponse:
    """The baskets by which the index is linked, and the drafts; the clerk prepares the next one from a sheet."""
    done, digest = None, ""
    if request.method == "POST":
        valid_from, content = request.POST.get("valid_from", "").strip(), sheet_of(request)
        draft, done = baskets.prepare(valid_from, content, user_of(request), request.POST.get("reason", ""))
        if draft is not None:
            tasks.ask(tasks.basket, draft.pk, user_of(request))
            said = say("新篮子已备好，正在计算对指数的影响。",
                       "The basket is prepared; its effect on the index is being computed.")  # fmt: skip
            messages.success(request, said)
            return redirect("basket_draft", number=draft.pk)
        digest = taking.keep(content).digest
    now = calendar.this_week()
    force = before(now)
    context = {
        "baskets": [{"row": b, "count": b.weights.count(), "force": force is not None and b.pk == force.pk}
                    for b in baskets.in_force()],
        "drafts": [{"row": d, "decision": BasketDecision.objects.filter(draft=d).first()}
                   for d in BasketDraft.objects.select_related("by").order_by("-pk")],
        "columns": [(c, column_words(c)) for c in WEIGHTS.columns],
        "faults": [told(f) for f in done.faults[:SHOWN]] if done else [],
        "digest": digest,
        "given": {k: request.POST.get(k, "") for k in ("valid_from", "reason")} if done else {},
    }  # fmt: skip
    return show(request, "office/baskets.html", context, section="registers", status=422 if done else 200)


@screen("office/baskets/<int:number>/", "basket", read="registers.read")
def basket(request: HttpRequest, number: int) -> HttpResponse:
    """A basket with its weights, beside the one before it."""
    found = Basket.objects.select_related("by").filter(pk=number).first()
    if found is None:
        raise Http404
    earlier = [b for b in baskets.in_force() if natural_key(b.valid_from) < natural_key(found.valid_from)]
    context = {
        "found": found,
        "before": earlier[0] if earlier else None,
        "compared": compare(rows_of(earlier[0]) if earlier else [], rows_of(found)),
        "decision": BasketDecision.objects.filter(basket=found).select_related("by", "draft").first(),
        "references": sorted({w.price_reference for w in found.weights.all() if w.price_reference}),
    }
    return show(request, "office/basket.html", context, section="registers")


@screen("office/baskets/draft/<int:number>/", "basket_draft", read="registers.read", write=DECIDE)
def draft(request: HttpRequest, number: int) -> HttpResponse:
    """A draft beside the basket in force: weights, effect on the index, decision by somebody else."""
    found = BasketDraft.objects.select_related("by").filter(pk=number).first()
    if found is None:
        raise Http404
    own = user_of(request)
    if request.method == "POST":
        if request.POST.get("act") == "effect":
            baskets.may_look(found, own)
            tasks.ask(tasks.basket, found.pk, own)
            messages.success(request, say("正在后台计算。", "It is being computed."))
        else:
            accept = baskets.choice(request.POST.get("act", ""))
            baskets.decide(found, own, accept=accept, reason=request.POST.get("reason", ""))
            messages.success(request, say("决定已记录。", "The decision is recorded."))
        return redirect("basket_draft", number=number)
    decision = BasketDecision.objects.filter(draft=found).select_related("by", "basket").first()
    last = found.effects.select_related("by").order_by("-pk").first()
    old = before(found.valid_from) if decision is None else None
    context = {
        "found": found,
        "before": old,
        "decision": decision,
        "compared": compare(rows_of(old), found.rows),
        "run": last,
        "effect": effect_of(last.figures) if last else None,
        "asked": tasks.asked(tasks.basket, found.pk),
        "may_look": any(role in own.roles for role in (CLERK, STAT_APPROVER)),
        "may_decide": own.pk != found.by_id and bool(own.roles & {CLERK, STAT_APPROVER}),
    }
    return show(request, "office/basket_draft.html", context, section="registers")


@screen("office/baskets/<str:digest>/report.<str:form>", "basket_report", read="registers.change")
def report(request: HttpRequest, digest: str, form: str) -> HttpResponse:
    """The faults of a sheet of weights, as a sheet."""
    done = baskets.check_sheet(taking.kept_sheet(digest).content)
    return as_file(faults.report(done.faults, form_of(form)), "basket-report", form_of(form))


@screen("office/baskets/<int:number>/export.<str:form>", "basket_export", read="registers.read")
def export(request: HttpRequest, number: int, form: str) -> HttpResponse:
    """A basket as a sheet, which the next one may begin with."""
    found = Basket.objects.filter(pk=number).first()
    if found is None:
        raise Http404
    return as_file(sheets.write(form_of(form), {"weights": (WEIGHTS, rows_of(found))}), f"basket-{found.valid_from}",
                   form_of(form))  # fmt: skip


@screen("office/baskets/export.<str:form>", "baskets_export", read="registers.read")
def export_all(request: HttpRequest, form: str) -> HttpResponse:
    """The basket in force as a sheet."""
    rows = rows_of(before(calendar.this_week()))
    return as_file(sheets.write(form_of(form), {"weights": (WEIGHTS, rows)}), "basket", form_of(form))


def _duty(user: User) -> list[desk.Duty]:
    if not user.roles & {CLERK, STAT_APPROVER}:
        return []
    waiting: Any = BasketDraft.objects.filter(decision__isnull=True, effects__isnull=False).exclude(by=user).distinct()
    words = ("新篮子（自 {p}）：看影响并决定", "Basket from {p}: look at its effect and decide")
    return [desk.Duty(say(*words, p=d.valid_from), reverse("basket_draft", args=[d.pk])) for d in waiting]


def _other() -> Other:
    return Other(say("篮子与权数", "Baskets and weights"), "baskets", len(baskets.in_force()), "baskets_export")


desk.DUTIES.append(_duty)
OTHERS.append(_other)
