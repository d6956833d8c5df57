"""Deciding of flagged quotes: every act, its code, its trace, and what the production makes of it."""

from decimal import Decimal
from typing import Any

import pytest

from ellwand.engine.errors import DataError
from ellwand.office.accounts.people import RefusedError
from ellwand.office.audit import trail
from ellwand.office.audit.models import Entry
from ellwand.office.quotes.models import Quote
from ellwand.office.review import acts, cases, guards, queue, standing
from ellwand.office.review.decisions import ConflictError, Ruling, decide, decide_small, proposal_text
from ellwand.office.review.models import Case, Decision
from ellwand.office.rounds import providers, snapshot
from ellwand.office.rounds.compiling import compile_round
from ellwand.office.rounds.producing import produce


@pytest.fixture
def reviewing(office: Any) -> Any:
    """A round in review whose quotes were checked, with flags of an error by a factor and of a jump."""
    office.collect("2022-W01")
    found = office.collect("2022-W02")
    row = Quote.objects.current().filter(round=found).order_by("item__code", "unit__code")
    first = list(row.filter(price__gt=1)[:6])
    for k, quote in enumerate(first):
        factor = Decimal(10) if k < 2 else Decimal("2.7183")
        change(quote, (quote.price * factor).quantize(Decimal("0.01")), office.user("sun"))
    office.review(found)
    queue.check(found, office.user("rui"))
    return found


def change(quote: Any, price: Decimal, by: Any) -> Any:
    """A newer report of a quote."""
    from ellwand.office import clock

    made = Quote(
        round=quote.round, unit=quote.unit, item=quote.item, version=quote.version + 1, supersedes=quote, price=price,
        unit_of_measure=quote.unit_of_measure, currency=quote.currency, by=by, at=clock.now(), reason="test",
    )  # fmt: skip
    made.save()
    return made


def verdict(found: Any, quote: Any) -> tuple[str, str | None, float | None]:
    """What the production says of a quote now."""
    table = produce(found).results.quotes().to_pylist()
    row = next(
        r for r in table
        if (r["period"], r["unit"], r["item"]) == (found.period, quote.unit.code, quote.item.code)
    )  # fmt: skip
    return row["verdict"], row["rule"], row["used"]


def test_flags_are_ranked_by_influence(reviewing: Any) -> None:
    flags = queue.open_flags(reviewing)
    assert len(flags) >= 6
    known = [abs(s.flag.influence) for s in flags if s.flag.influence is not None]
    assert known == sorted(known, reverse=True) and known[0] > 0
    assert [s.flag.rank for s in flags] == list(range(1, len(flags) + 1))
    assert {s.flag.verdict for s in flags} <= set(queue.FLAGGED)
    assert queue.last_check(reviewing).inputs == snapshot.take(reviewing).hash


def test_each_act_and_what_the_production_makes_of_it(office: Any, reviewing: Any) -> None:
    rui = office.user("rui")
    tens = [s for s in queue.open_flags(reviewing) if s.flag.proposal is not None]
    jumps = [s for s in queue.open_flags(reviewing) if s.flag.proposal is None]
    assert len(tens) >= 2 and len(jumps) >= 4
    accepted, excluded, missing, back = jumps[:4]
    made = decide(reviewing, accepted.now, Ruling(acts.ACCEPT), rui)
    assert (made.code, made.made, made.number) == ("plausible", None, 1)
    decide(reviewing, excluded.now, Ruling(acts.EXCLUDE, "promotion"), rui)
    decide(reviewing, missing.now, Ruling(acts.MISSING, "no_reply"), rui)
    decide(reviewing, back.now, Ruling(acts.SEND_BACK, "check_measure", "per metre?"), rui)
    price = proposal_text(tens[0].flag)
    corrected = decide(reviewing, tens[0].now, Ruling(acts.CORRECT, "factor_error", price=price), rui)
    assert corrected.made.price == Decimal(price) and corrected.made.supersedes_id == tens[0].now
    assert (corrected.made.by, corrected.made.version) == (rui, tens[0].flag.quote.version + 1)
    assert corrected.made.reason == "factor_error"
    assert verdict(reviewing, accepted.flag.quote) == ("accepted", "review", float(accepted.flag.quote.price))
    assert verdict(reviewing, excluded.flag.quote)[:2] == ("excluded", "review")
    assert verdict(reviewing, missing.flag.quote)[:2] == ("excluded", "review")
    assert verdict(reviewing, tens[0].flag.quote) == ("accepted", "review", float(price))
    left = {s.now for s in queue.open_flags(reviewing)}
    assert left.isdisjoint({accepted.now, excluded.now, missing.now, back.now, tens[0].now, corrected.made_id})
    assert [d.quote_id for d in queue.returned(reviewing)] == [back.now]
    assert "1 quotes are with their collectors" in str(queue.objection(reviewing))
    told = Entry.objects.filter(act="quote.correct").get()
    assert told.before["price"] == f"{tens[0].flag.quote.price:f}" and told.after["price"] == price
    assert trail.verify()[2] is None
    # No decision makes a check stale, for the quotes that decisions made are known.
    assert not queue.is_stale(reviewing, queue.last_check(reviewing))


def test_taking_back(office: Any, reviewing: Any) -> None:
    rui = office.user("rui")
    flag = next(s for s in queue.open_flags(reviewing) if s.flag.proposal is not None)
    with pytest.raises(DataError, match="nothing to take back"):
        decide(reviewing, flag.now, Ruling(acts.UNDO), rui)
    made = decide(reviewing, flag.now, Ruling(acts.CORRECT, price=proposal_text(flag.flag)), rui)
    undone = decide(reviewing, made.made_id, Ruling(acts.UNDO), rui)
    assert (undone.made.price, undone.made.version) == (flag.flag.quote.price, flag.flag.quote.version + 2)
    again = next(s for s in queue.open_flags(reviewing) if s.flag.pk == flag.flag.pk)
    assert again.now == undone.made_id and not queue.is_stale(reviewing, queue.last_check(reviewing))
    assert verdict(reviewing, flag.flag.quote)[1] != "review"
    decide(reviewing, again.now, Ruling(acts.ACCEPT), rui)
    decide(reviewing, again.now, Ruling(acts.UNDO), rui)
    assert flag.flag.pk in {s.flag.pk for s in queue.open_flags(reviewing)}
    assert Decision.objects.count() == 4


def test_a_judgement_holds_when_another_one_countersigns(office: Any, reviewing: Any) -> None:
    rui, max_ = office.user("rui"), office.user("max")
    flag = queue.open_flags(reviewing)[0]
    whole = {"price": "12.5", "reason": "mill closed", "evidence": "invoice 7", "alternative": "imputation"}
    for lacking in ("reason", "evidence", "alternative"):
        with pytest.raises(DataError, match=f"{lacking}: empty"):
            decide(reviewing, flag.now, Ruling(acts.JUDGE, **{**whole, lacking: " "}), rui)
    with pytest.raises(DataError, match="waits for a second reader"):
        decide(reviewing, flag.now, Ruling(acts.COUNTERSIGN), max_)
    decide(reviewing, flag.now, Ruling(acts.JUDGE, **whole), rui)
    assert flag.now not in standing.reviews([reviewing.pk])
    assert "1 judgements have no second reader" in str(queue.objection(reviewing))
    with pytest.raises(RefusedError, match="another person must countersign"):
        decide(reviewing, flag.now, Ruling(acts.COUNTERSIGN), rui)
    made = decide(reviewing, flag.now, Ruling(acts.COUNTERSIGN), max_)
    assert (made.made.price, made.made.kind, made.of.by) == (Decimal("12.5"), "judged", rui)
    assert verdict(reviewing, flag.flag.quote) == ("accepted", "review", 12.5)
    hands = guards.hands(reviewing)
    assert {rui.pk, max_.pk} == set(hands["reviewed"]) == set(hands["edited"])


def test_wrong_rulings(office: Any, reviewing: Any) -> None:
    rui = office.user("rui")
    flag = next(s for s in queue.open_flags(reviewing) if s.flag.low is not None)
    wrong = [
        (Ruling("burn"), "act 'burn' is not known"),
        (Ruling(acts.EXCLUDE, "mood"), "code 'mood' is no reason to exclude"),
        (Ruling(acts.ACCEPT, acts.BATCH), "is no reason"),
        (Ruling(acts.CORRECT, price=""), "is no number"),
        (Ruling(acts.CORRECT, price="-3"), "not above zero"),
        (Ruling(acts.CORRECT, price="NaN"), "not above zero"),
        (Ruling(acts.CORRECT, price="1.00001"), "4 behind it"),
        (Ruling(acts.CORRECT, price="123456789"), "8 digits"),
        (Ruling(acts.CORRECT, price=str(flag.flag.quote.price)), "is what the quote says"),
        (Ruling(acts.CORRECT, price="99999"), "outside the accepted interval"),
    ]
    for ruling, words in wrong:
        with pytest.raises(DataError, match=words):
            decide(reviewing, flag.now, ruling, rui)
    with pytest.raises(DataError, match="is not of round"):
        decide(reviewing, 10**9, Ruling(acts.ACCEPT), rui)
    with pytest.raises(RefusedError):
        decide(reviewing, flag.now, Ruling(acts.ACCEPT), office.user("cai"))
    assert Decision.objects.count() == 0
    made = decide(reviewing, flag.now, Ruling(acts.CORRECT, price="99999", outside=True), rui)
    assert made.made.price == 99999


def test_a_request_sent_twice_counts_once(office: Any, reviewing: Any) -> None:
    rui = office.user("rui")
    flag, other = queue.open_flags(reviewing)[:2]
    ruling = Ruling(acts.CORRECT, price="3.5", outside=True, seen=0, key="k1")
    first, second = (decide(reviewing, flag.now, ruling, rui) for _ in range(2))
    assert first.pk == second.pk and Decision.objects.count() == 1
    with pytest.raises(DataError, match="key: it belongs to another"):
        decide(reviewing, other.now, ruling, rui)


def test_two_reviewers_at_once(office: Any, reviewing: Any) -> None:
    flag = queue.open_flags(reviewing)[0]
    decide(reviewing, flag.now, Ruling(acts.ACCEPT, seen=0), office.user("rui"))
    with pytest.raises(ConflictError, match="rui was faster: accepted"):
        decide(reviewing, flag.now, Ruling(acts.EXCLUDE, seen=0), office.user("max"))
    made = decide(reviewing, flag.now, Ruling(acts.CORRECT, price="2", outside=True, seen=1), office.user("max"))
    with pytest.raises(ConflictError, match="max was faster: corrected"):
        decide(reviewing, flag.now, Ruling(acts.ACCEPT, seen=1), office.user("rui"))
    with pytest.raises(ConflictError, match="newer version"):
        decide(reviewing, flag.now, Ruling(acts.ACCEPT, seen=2), office.user("rui"))
    assert (made.number, Decision.objects.count()) == (2, 2)


def test_a_check_is_stale_when_a_quote_changed(office: Any, reviewing: Any) -> None:
    flag = queue.open_flags(reviewing)[0]
    quote = flag.flag.quote
    change(quote, (quote.price / 3).quantize(Decimal("0.01")), office.user("sun"))
    assert queue.is_stale(reviewing, queue.last_check(reviewing))
    assert "quotes changed since the last check" in str(queue.objection(reviewing))
    assert next(s for s in queue.flags_of(reviewing) if s.flag.pk == flag.flag.pk).state == standing.REPLACED
    second = queue.check(reviewing)
    assert (second.number, queue.is_stale(reviewing, second)) == (2, False)
    with pytest.raises(ConflictError, match="newer version"):
        decide(reviewing, quote.pk, Ruling(acts.ACCEPT), office.user("rui"))


def test_a_batch_stays_below_the_threshold(office: Any, reviewing: Any) -> None:
    flags = queue.flags_of(reviewing)
    assert queue.budget(reviewing) == 0.01
    small = queue.below(reviewing, flags)
    assert sum(abs(s.flag.influence) for s in small) <= 0.01 and len(small) < len(flags)
    loose = sorted(flags, key=lambda s: abs(s.flag.influence or 9))[:3]
    assert decide_small(reviewing, loose, office.user("rui"), "b") == 3
    assert decide_small(reviewing, loose, office.user("rui"), "b") == 3
    assert Decision.objects.filter(small=True, code=acts.BATCH).count() == 3
    spent = sum(abs(s.flag.influence) for s in loose)
    assert queue.budget(reviewing) == pytest.approx(0.01 - spent)


def test_an_empty_queue_lets_the_round_be_compiled(office: Any, reviewing: Any) -> None:
    """No exception from the queue is signed: after all decisions the production has nothing in query either."""
    rui, max_ = office.user("rui"), office.user("max")
    told = providers.GUARDS["queue"](reviewing, max_, "compiled")
    assert "flagged quotes have no decision" in told
    with pytest.raises(DataError, match=r"queue: .*flagged quotes have no decision"):
        compile_round(reviewing.code, office.user("max"))
    for s in queue.open_flags(reviewing):
        if s.flag.proposal is not None:
            decide(reviewing, s.now, Ruling(acts.CORRECT, price=proposal_text(s.flag)), rui)
        else:
            decide(reviewing, s.now, Ruling(acts.EXCLUDE), rui)
    for case in Case.objects.filter(round=reviewing):
        cases.decide(case, "explained", "looked into", rui)
    assert providers.GUARDS["queue"](reviewing, max_, "compiled") is None
    compile_round(reviewing.code, max_, sign="small market")
    assert not reviewing.exceptions.filter(guard="queue").exists()
    assert reviewing.state == "compiled"
    with pytest.raises(DataError, match="is compiled; quotes are decided while it is reviewing"):
        decide(reviewing, queue.flags_of(reviewing)[0].now, Ruling(acts.ACCEPT), rui)
    with pytest.raises(DataError, match="checked while it is reviewing"):
        queue.check(reviewing)


def test_a_round_is_checked_when_it_comes_into_review(sqlite_office: Any) -> None:
    from django.core.management import call_command

    found = sqlite_office.collect("2022-W01")
    sqlite_office.review(found)
    assert queue.last_check(found) is None
    assert "were not checked" in str(queue.objection(found))
    call_command("db_worker", batch=True, interval=0, startup_delay=False, verbosity=0)
    assert queue.last_check(found).by is None
