"""What is kept beside the record makes the office fast and makes no figure: with it or without, all is the same."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from ellwand.office.audit import trail
from ellwand.office.quotes.bulk import bring_quotes
from ellwand.office.quotes.intake import import_quotes
from ellwand.office.quotes.models import Quote
from ellwand.office.registry.models import Item
from ellwand.office.rounds import compiling, kept, producing, snapshot, work
from ellwand.office.rounds.models import Round
from ellwand.office.rounds.producing import Produced, produce

LAST = "price-2022-W08"


@pytest.fixture
def filled(office: Any) -> Round:
    """An office with all quotes of its market; the round of the last period."""
    bring_quotes(office.market, office.user("sun"), planner=office.user("cai"))
    return work.find(LAST)


def same(one: Produced, two: Produced) -> bool:
    """Whether all tables, verdicts included, and the inputs are equal to the last bit."""
    a, b = one.results, two.results
    return one.inputs == two.inputs and all(
        x.equals(y)
        for x, y in ((a.observations(), b.observations()), (a.quotes(), b.quotes()), (a.prices(), b.prices()))
    )


def changed(office: Any, code: str, tmp_path: Path, factor: str = "1.5") -> None:
    """One quote of a round gets another price."""
    found = work.find(code)
    old = Quote.objects.current().filter(round=found).select_related("unit", "item").order_by("pk")[0]
    file = tmp_path / f"{code}.csv"
    price = round(float(old.price) * float(factor), 2)  # type: ignore[arg-type]
    file.write_text(f"period,unit,item,price\n{found.period},{old.unit.code},{old.item.code},{price}\n", "utf-8")
    if found.state == "planned":
        office.sign_open(found.period)
    import_quotes(file, code, office.user("sun"), sign="typing error", reason="typing error")


def test_with_what_was_kept_all_is_the_same(filled: Round) -> None:
    first, again, fresh = produce(filled), produce(filled), produce(filled, fresh=True)
    assert (first.whole, again.whole, fresh.whole) == (True, False, True)
    assert same(first, again) and same(first, fresh)
    files = sorted(p.name for p in kept.folder().iterdir())
    assert "past-price.npz" in files and sum(f.startswith("quotes-") for f in files) == 7
    assert kept.folder().stat().st_mode & 0o077 == 0
    assert all(p.stat().st_mode & 0o077 == 0 for p in kept.folder().iterdir())
    shutil.rmtree(kept.folder())
    assert same(first, produce(filled))


def test_the_next_period_goes_on_from_the_last(filled: Round) -> None:
    """As an office works: one round after the other."""
    for period in ("2022-W04", "2022-W06", "2022-W07"):
        produce(work.find(f"price-{period}"))
    found = produce(filled)
    assert not found.whole and same(found, produce(filled, fresh=True))
    # An earlier round again: the past that is kept is too long for it.
    back = work.find("price-2022-W06")
    assert same(produce(back), produce(back, fresh=True))


def test_another_past_is_run_again(office: Any, filled: Round, tmp_path: Path) -> None:
    before = produce(filled)
    changed(office, "price-2022-W03", tmp_path)
    found = produce(filled)
    assert found.whole and found.inputs != before.inputs and same(found, produce(filled, fresh=True))
    # A quote of the period itself is not of its past.
    changed(office, LAST, tmp_path)
    found = produce(filled)
    assert not found.whole and same(found, produce(filled, fresh=True))


def test_what_the_stages_read_of_an_item_counts(filled: Round) -> None:
    produce(filled)
    Item.objects.filter(code="I00005").update(name_en="another name")
    assert not produce(filled).whole
    Item.objects.filter(code="I00005").update(gsm="999")
    found = produce(filled)
    assert found.whole and same(found, produce(filled, fresh=True))


def test_another_program_believes_nothing(filled: Round, monkeypatch: pytest.MonkeyPatch) -> None:
    produce(filled)
    monkeypatch.setattr(kept, "program", lambda: "another one")
    assert produce(filled).whole
    assert not produce(filled).whole


def test_damaged_files_are_not_used(filled: Round) -> None:
    first = produce(filled)
    for path in sorted(kept.folder().iterdir()):
        content = bytearray(path.read_bytes())
        for at in range(len(content) // 3, len(content), max(len(content) // 7, 1)):
            content[at] ^= 0x55
        path.write_bytes(content)
    assert same(first, produce(filled))
    for path in sorted(kept.folder().iterdir()):
        path.write_bytes(path.read_bytes()[:100])
    assert same(first, produce(filled))


def test_files_of_another_record_are_not_used(office: Any, filled: Round, tmp_path: Path) -> None:
    """The columns that were kept are known by what the last quote says, not by its number alone."""
    first = produce(filled)
    pk = Round.objects.get(code="price-2022-W03").pk
    wrong = Round.objects.get(code="price-2022-W04").pk
    shutil.copy(kept.folder() / f"quotes-{wrong}.arrow", kept.folder() / f"quotes-{pk}.arrow")
    assert same(first, produce(filled))


def test_decisions_of_reviewers(office: Any, filled: Round, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = produce(filled)
    quotes = list(Quote.objects.filter(round=filled).order_by("pk")[:3])
    known: dict[int, str] = {quotes[0].pk: "excluded", quotes[1].pk: "accepted"}
    asked: list[Sequence[int]] = []

    def reviews(rounds: Sequence[int]) -> Mapping[int, str]:
        asked.append(rounds)
        return dict(known)

    monkeypatch.setattr(snapshot, "REVIEWS", [reviews])
    found = produce(filled)
    # The past has no decision: it is not run again for those of the open period.
    assert not found.whole and found.inputs != before.inputs and filled.pk in asked[0]
    said = {q["quote"]: (q["verdict"], q["rule"]) for q in found.results.quotes().to_pylist() if q["review"]}
    assert said == {quotes[0].code: ("excluded", "review"), quotes[1].code: ("accepted", "review")}
    assert same(found, produce(filled, fresh=True))
    # A decision holds for the version that it was made of.
    changed(office, LAST, tmp_path)
    known.pop(quotes[1].pk)
    assert "review" not in snapshot.take(filled).quotes.column_names
    # One on a past period changes the past.
    known[Quote.objects.filter(round__code="price-2022-W02").order_by("pk")[5].pk] = "excluded"
    found = produce(filled)
    assert found.whole and same(found, produce(filled, fresh=True))
    known[quotes[2].pk] = "fine"
    with pytest.raises(ValueError, match=r"the decision is 'fine'; it is accepted or excluded"):
        snapshot.take(filled)


def test_the_nightly_check_uses_nothing_that_was_kept(
    office: Any, filled: Round, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = work.find("price-2022-W03")
    office.sign_open("2022-W03")
    work.settle(first)
    office.review(first)
    compiling.compile_round(first.code, office.user("max"), sign="small market")
    assert compiling.silent_change(first) is None
    # A program that computes otherwise, and takes itself for the one that was: the check computes, and finds it.
    honest = producing.run_line
    told = kept.program()

    def other(*words: Any) -> Any:
        line = honest(*words)
        line.price[:, -1] *= 1.01
        return line

    monkeypatch.setattr(producing, "run_line", other)
    assert kept.program() == told
    said = compiling.silent_change(first)
    assert said is not None and "2022-W03" in said
    assert trail.verify()[2] is None


def test_screens_ask_again_only_after_a_change(office: Any, filled: Round, tmp_path: Path) -> None:
    first = producing.current(filled)
    assert producing.current(filled) is first
    changed(office, LAST, tmp_path)
    second = producing.current(filled)
    assert second is not first and second.inputs != first.inputs
