"""What comes in and what people make of it: judgement (29), exclusion (30), manipulation (38)."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from ellwand.engine.errors import DataError

Stage = Callable[[str], Any]
FIRST, SECOND = "2022-W01", "2022-W02"


def test_governance_29_expert_judgement(stage: Stage, found: Any) -> None:
    """A judged value needs who, why, evidence, the alternative considered and a second reader, or it is none; their
    number stands in the public rationale of the issue.
    """
    from ellwand.office.accounts.people import RefusedError
    from ellwand.office.editorial.facts import last_compilation
    from ellwand.office.editorial.rationale import generated
    from ellwand.office.quotes.models import Quote
    from ellwand.office.review import acts, queue
    from ellwand.office.review.decisions import Ruling, decide
    from ellwand.office.review.models import Decision
    from ellwand.office.rounds.compiling import compile_round

    office = stage("review").office
    one, rui, other = found(SECOND), office.user("rui"), office.user("max")
    flag = queue.open_flags(one)[0]
    whole = {"price": "12.5", "reason": "the mill is closed", "evidence": "invoice 7", "alternative": "imputation"}
    for lacking in ("reason", "evidence", "alternative", "price"):
        with pytest.raises(DataError, match=f"{lacking}: "):
            decide(one, flag.now, Ruling(acts.JUDGE, **{**whole, lacking: " "}), rui)
    assert not Decision.objects.exists()
    decide(one, flag.now, Ruling(acts.JUDGE, **whole), rui)
    assert "1 judgements have no second reader" in str(queue.objection(one))
    assert not Quote.objects.filter(kind="judged").exists()
    with pytest.raises(RefusedError, match="another person must countersign it"):
        decide(one, flag.now, Ruling(acts.COUNTERSIGN), rui)
    made = decide(one, flag.now, Ruling(acts.COUNTERSIGN), other)
    assert (made.made.price, made.made.kind, made.by, made.of.by) == (Decimal("12.5"), "judged", other, rui)
    assert (made.of.reason, made.of.evidence, made.of.alternative) == tuple(list(whole.values())[1:])
    compile_round(one.code, other, sign="small market")
    texts = {language: generated(last_compilation(one), language, "x") for language in ("zh", "en")}
    assert "Values judged in place of a quote: 1" in texts["en"] and "以判断代替报价的数值：1" in texts["zh"]


def test_governance_30_excluded_quotes(office: Any) -> None:
    """A quote can't be deleted, only given a status: it is listed inside with the rule or the reviewer's coded reason,
    and counted in what is published.
    """
    from ellwand.office.append_only import ImmutableError
    from ellwand.office.editorial.facts import last_compilation
    from ellwand.office.editorial.rationale import generated
    from ellwand.office.quotes.models import Quote
    from ellwand.office.review import acts, queue
    from ellwand.office.review.decisions import Ruling, decide
    from ellwand.office.rounds.compiling import compile_round
    from ellwand.office.rounds.producing import produce

    office.collect(FIRST)
    one = office.collect(SECOND)
    old = Quote.objects.current().filter(round=one, price__gt=1).order_by("item__code", "unit__code")[0]
    Quote(
        round=one, unit=old.unit, item=old.item, version=2, supersedes=old, price=old.price * Decimal(7), by=old.by,
        unit_of_measure=old.unit_of_measure, currency=old.currency, at=old.at, reason="a slip",
    ).save()  # fmt: skip
    quotes = Quote.objects.count()
    office.review(one)
    rui = office.user("rui")
    queue.check(one, rui)
    flag = next(s for s in queue.open_flags(one) if s.flag.quote.unit == old.unit and s.flag.quote.item == old.item)
    with pytest.raises(DataError, match="code 'mood' is no reason to exclude"):
        decide(one, flag.now, Ruling(acts.EXCLUDE, "mood"), rui)
    made = decide(one, flag.now, Ruling(acts.EXCLUDE, "not_representative", "a trial lot"), rui)
    assert (made.code, made.reason, made.by) == ("not_representative", "a trial lot", rui)
    tries: list[Callable[[], object]] = [
        flag.flag.quote.delete, Quote.objects.all().delete, lambda: Quote.objects.update(price=None), made.delete,
    ]  # fmt: skip
    for attempt in tries:
        with pytest.raises(ImmutableError):
            attempt()
    for statement in ("DELETE FROM quotes_quote", "UPDATE quotes_quote SET status = 'gone'"):
        with pytest.raises(DatabaseError, match="rows are added"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert Quote.objects.count() == quotes
    compile_round(one.code, office.user("max"), sign="small market")
    listed = [
        r for r in produce(one).results.quotes().to_pylist() if r["verdict"] == "excluded" and r["period"] == SECOND
    ]
    assert (old.unit.code, old.item.code, "review") in {(r["unit"], r["item"], r["rule"]) for r in listed}
    assert all(r["rule"] for r in listed)
    compiled = last_compilation(one)
    assert compiled.observations.get(level=0).excluded == len(listed)
    assert f"Set aside: {len(listed)}" in generated(compiled, "en", "x")
    assert "excluded: 1" in generated(compiled, "en", "x")


def test_governance_38_manipulation(stage: Stage, found: Any) -> None:
    """A price that is pushed in the last minutes before the cut-off, one new price of many units, and a unit that moves
    alone open cases, which keep the round from being compiled until each is decided with a code and a reason.
    """
    from ellwand.office import clock
    from ellwand.office.accounts import people
    from ellwand.office.audit.models import Entry
    from ellwand.office.quotes.intake import import_quotes
    from ellwand.office.review import alerts, cases, queue
    from ellwand.office.review.models import Case
    from ellwand.office.rounds import work
    from ellwand.office.rounds.compiling import compile_round

    week = stage("furnished")
    office = week.office
    office.collect(FIRST)
    week.at(2022, 1, 14, 8, 40)
    work.plan(SECOND, office.user("cai"))
    one = office.sign_open(SECOND)
    import_quotes(office.quotes, one.code, office.user("col"), only_period=True)
    week.at(2022, 1, 14, 8, 55)
    week.change_quote(SECOND)
    week.at(2022, 1, 14, 9)
    work.settle(one)
    assert one.state == "closed"
    week.at(2022, 1, 15, 1)
    office.review(one)
    queue.check(one, office.user("rui"))
    (case,) = Case.objects.filter(kind=alerts.PUSH)
    assert case.evidence[0]["at"].startswith("2022-01-14T08:55")
    assert "cases of conspicuous reporting are not decided" in str(queue.objection(one))
    # Who is no reviewer can't sign the queue away either.
    people.change_roles("max", [], ["reviewer"], office.user("ada"), "a trial")
    with pytest.raises(DataError, match="cases of conspicuous reporting"):
        compile_round(one.code, office.user("max"), sign="never mind")
    rui = office.user("rui")
    with pytest.raises(DataError, match="reason: empty"):
        cases.decide(case, "explained", " ", rui)
    for waiting in Case.objects.filter(round=one):
        cases.decide(waiting, "unit_spoken_to", "the seller shows the order", rui)
    assert cases.undecided(one) == 0
    entry = Entry.objects.filter(act="case.decide", object=f"case/{case.pk}").get()
    assert (entry.actor, entry.reason, entry.after["code"]) == (rui.pk, "the seller shows the order", "unit_spoken_to")
    now = clock.now()
    same = [alerts.Line(f"u{k}", "i", 10.0 + k, 15.5, now, 1) for k in range(4)]
    still = [alerts.Line(f"v{k}", f"i{n}", 10.0, 10.0, now, 1) for k in range(2) for n in range(3)]
    alone = [alerts.Line("u", f"i{n}", 10.0, 11.0, now, 1) for n in range(3)]
    assert [a.kind for a in alerts.find(same, now)] == [alerts.IDENTICAL]
    assert [a.kind for a in alerts.find([*still, *alone], now)] == [alerts.LONE]
