"""Cases that alerts opened, and what was decided of them."""

from collections.abc import Sequence

from django.db import transaction

from ellwand.engine.errors import DataError
from ellwand.office import clock
from ellwand.office.accounts import people
from ellwand.office.accounts.models import User
from ellwand.office.audit import trail
from ellwand.office.review.alerts import CODES, Alert
from ellwand.office.review.models import Case, CaseDecision
from ellwand.office.rounds import work
from ellwand.office.rounds.models import Round


def open_cases(found: Round, alerts: Sequence[Alert]) -> list[Case]:
    """Open a case for each alert that has none, inside the transaction of the check."""
    there = set(Case.objects.filter(round=found).values_list("kind", "subject"))
    made = []
    for alert in alerts:
        if (alert.kind, alert.subject) in there:
            continue
        evidence = [
            {"unit": q.unit, "item": q.item, "before": f"{q.before:.4f}", "now": f"{q.now:.4f}",
             "at": q.at.isoformat(timespec="seconds")}
            for q in alert.lines
        ]  # fmt: skip
        case = Case(round=found, kind=alert.kind, subject=alert.subject, evidence=evidence, at=clock.now())
        case.save()
        made.append(case)
    return made


def undecided(found: Round) -> int:
    """Cases of a round that nobody decided."""
    return Case.objects.filter(round=found, decisions__isnull=True).count()


def decide(case: Case, code: str, reason: str, by: User) -> CaseDecision:
    """Decide of a case. DataError without a known code and a reason in words."""
    role = people.require(by, "review.decide")
    if code not in CODES:
        raise DataError(f"code {code!r} is not known; choose one of {', '.join(CODES)}")
    if not reason.strip():
        raise DataError("reason: empty; say what was found, or why the reporting is in order")
    with transaction.atomic():
        work.lock(case.round)
        last = case.decisions.order_by("-number").values_list("number", flat=True).first() or 0
        made = CaseDecision(case=case, number=last + 1, code=code, reason=reason.strip(), by=by, at=clock.now())
        made.save()
        trail.append(
            by, "case.decide", f"case/{case.pk}", role=role, after={"decision": made.pk, "code": code},
            reason=reason.strip(),
        )  # fmt: skip
    return made
