"""The yearly basket: drafted beside the one in force, its effect shown, decided by somebody else, linked from a period.

A basket is taken as a whole or not at all: without one of its weights the others are wrong.
"""

from decimal import Decimal, InvalidOperation

from django.db import transaction

from ellwand.engine.errors import DataError
from ellwand.engine.periods import natural_key
from ellwand.office import clock
from ellwand.office.accounts import people
from ellwand.office.accounts.models import User
from ellwand.office.accounts.roles import may
from ellwand.office.audit import trail
from ellwand.office.registry import effect, sheets, taking
from ellwand.office.registry.checks import Checked, check
from ellwand.office.registry.columns import WEIGHTS
from ellwand.office.registry.deciding import DECIDE, decider, not_begun
from ellwand.office.registry.faults import fault
from ellwand.office.registry.market import digest
from ellwand.office.registry.models import Basket, BasketDecision, BasketDraft, BasketEffect, Market, Weight

SUM = Decimal("1e-9")
"""How far from 1 the weights may sum, for each class."""


def in_force(period: str = "") -> list[Basket]:
    """The baskets by which the index is linked, the newest first: the last version of each first period.

    period : only those that have begun in it, "" for all.
    """
    found: dict[str, Basket] = {}
    for one in Basket.objects.select_related("by").order_by("number"):
        if not period or natural_key(one.valid_from) <= natural_key(period):
            found[one.valid_from] = one
    return [found[p] for p in sorted(found, key=natural_key, reverse=True)]


def check_sheet(content: bytes) -> Checked:
    """The weights of a sheet; with one fault the whole basket is refused."""
    read = sheets.read(content, WEIGHTS)
    out = check(WEIGHTS, read.rows, {}, taking.known(), read.faults)
    total = Decimal(0)
    for number, row in out.new:
        try:
            weight = Decimal(row["weight"])
        except InvalidOperation:
            weight = Decimal("NaN")
        if not weight.is_finite() or weight < 0:
            out.faults.append(fault(number, "weight", row["weight"], "weight"))
            continue
        total += weight
    if not out.refused and abs(total - 1) > SUM * max(len(out.new), 1):
        out.faults.append(fault(0, "weight", "", "sum", total=f"{total:.10g}"))
    references = {row["price_reference"] for _, row in out.new if row["price_reference"]}
    if len(references) > 1:
        out.faults.append(fault(0, "price_reference", ", ".join(sorted(references)), "one reference"))
    out.faults.sort(key=lambda f: f.row)
    return out


def prepare(valid_from: str, content: bytes, by: User, reason: str) -> tuple[BasketDraft | None, Checked]:
    """Draft a basket beside the one in force; no draft where a row of the sheet is wrong."""
    role = people.require(by, "registers.change")
    if not reason.strip():
        raise DataError("reason: empty; say where the weights come from")
    not_begun(valid_from)
    done = check_sheet(content)
    if done.refused:
        return None, done
    rows = [{name: row[name] for name in Weight.COLUMNS} for _, row in done.new]
    with transaction.atomic():
        made = BasketDraft(
            valid_from=valid_from, rows=rows, digest=digest(rows), by=by, at=clock.now(), reason=reason.strip()
        )
        made.save()
        after = {"valid_from": valid_from, "classes": len(rows), "digest": made.digest}
        trail.append(by, "basket.draft", f"basket-draft/{made.pk}", role=role, after=after, reason=reason)
    return made, done


def may_look(draft: BasketDraft, by: User) -> None:
    """RefusedError for somebody who may not have the effect computed, DataError for a draft that is decided."""
    if not any(may(by.roles, act) for act in DECIDE):
        people.require(by, DECIDE[0])
    _undecided(draft)


def choice(act: str) -> bool:
    """Whether an act accepts a draft. DataError for one that does not decide it."""
    if act not in ("accept", "refuse"):
        raise DataError(f"act {act!r} is not known; there are effect, accept, refuse")
    return act == "accept"


def show_effect(draft: BasketDraft, by: User) -> BasketEffect:
    """Compute and keep what the last issues would have been with the drafted weights."""
    may_look(draft, by)
    found = effect.of_basket(draft.rows)
    with transaction.atomic():
        made = BasketEffect(draft=draft, inputs=found.inputs, figures=found.figures, by=by, at=clock.now())
        made.save()
        largest = effect.largest(found.figures)
        after = {"inputs": found.inputs, "largest": None if largest is None else f"{largest:.6f}"}
        trail.append(by, "basket.effect", f"basket-draft/{draft.pk}", after=after)
    return made


def decide(draft: BasketDraft, by: User, *, accept: bool, reason: str) -> BasketDecision:
    """Bring a drafted basket into force, or refuse it. DataError says what stands in the way."""
    role = decider(by, draft.by, "basket")
    if not reason.strip():
        raise DataError("reason: empty; say why")
    with transaction.atomic():
        Market.objects.select_for_update().first()
        _undecided(draft)
        seen = draft.effects.order_by("-pk").first()
        if accept and seen is None:
            raise DataError("the effect on the index was not looked at yet; compute it first")
        basket = _bring(draft, by, reason) if accept else None
        made = BasketDecision(
            draft=draft, effect=seen, basket=basket, accepted=accept, by=by, at=clock.now(), reason=reason.strip()
        )
        made.save()
        after = {"accepted": accept, "valid_from": draft.valid_from, "number": basket.number if basket else None}
        trail.append(by, "basket.decide", f"basket-draft/{draft.pk}", role=role, after=after, reason=reason)
    return made


def _undecided(draft: BasketDraft) -> None:
    if BasketDecision.objects.filter(draft=draft).exists():
        raise DataError("this draft is decided already; make a new one")


def _bring(draft: BasketDraft, by: User, reason: str) -> Basket:
    not_begun(draft.valid_from)
    leaves = taking.known().leaves
    if strange := [row["ea"] for row in draft.rows if row["ea"] not in leaves]:
        raise DataError(f"{strange[0]}: is no elementary aggregate any more; draft the basket anew")
    number = Basket.objects.filter(valid_from=draft.valid_from).count() + 1
    basket = Basket(
        valid_from=draft.valid_from, number=number, digest=draft.digest, by=by, at=clock.now(), reason=reason.strip()
    )
    basket.save()
    Weight.objects.bulk_create([Weight(basket=basket, **row) for row in draft.rows], batch_size=500)
    return basket
