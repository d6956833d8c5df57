"""The yearly basket: drafted beside the one in force, its effect shown, decided by somebody else, linked."""

from decimal import Decimal
from typing import Any

import pytest

from ellwand.engine.errors import DataError
from ellwand.office.accounts.people import RefusedError


def sheet(change: dict[str, str] | None = None, reference: str = "") -> bytes:
    """The weights in force with others, as a CSV file."""
    from ellwand.office.registry.models import Basket

    basket = Basket.objects.order_by("pk")[0]
    rows = [(w.ea, (change or {}).get(w.ea, w.weight)) for w in basket.weights.order_by("pk")]
    return "\n".join(["ea,weight,price_reference", *(f"{ea},{w},{reference}" for ea, w in rows)]).encode()


MOVED = {"1.1.01": "0.157600", "3.3.01": "0.053214"}


def test_a_draft_is_seen_and_then_decided_by_another_one(office: Any) -> None:
    from ellwand.office.audit import trail
    from ellwand.office.registry import baskets, effect, tasks
    from ellwand.office.registry.models import Basket

    for period in ("2022-W01", "2022-W02"):
        office.collect(period)
    cai, sta = office.user("cai"), office.user("sta")
    with pytest.raises(RefusedError):
        baskets.prepare("2022-W03", sheet(MOVED), sta, "survey of 2021")
    draft, done = baskets.prepare("2022-W03", sheet(MOVED), cai, "survey of 2021")
    assert draft is not None and not done.faults and Basket.objects.count() == 1
    with pytest.raises(DataError, match="was not looked at yet"):
        baskets.decide(draft, sta, accept=True, reason="agreed")
    assert tasks.basket.func(draft.pk, cai.pk) == ""
    found = draft.effects.get().figures
    (start, before, after), (period, old, new) = effect.total(found)
    # From the first issue shown on the new weights hold, and the level of that issue is common.
    assert (start, before, period) == ("2022-W01", after, "2022-W02")
    assert old is not None and new is not None and old != new and effect.largest(found) == abs(new - old)
    lines = {line.code: line for line in effect.lines(found)}
    assert lines["0"].difference == new - old
    with pytest.raises(DataError, match="prepared this basket"):
        baskets.decide(draft, cai, accept=True, reason="agreed")
    with pytest.raises(RefusedError):
        baskets.decide(draft, office.user("aud"), accept=True, reason="agreed")
    made = baskets.decide(draft, sta, accept=True, reason="agreed")
    assert made.basket is not None and made.effect == draft.effects.get()
    assert {w.ea: w.weight for w in made.basket.weights.all()}["1.1.01"] == "0.157600"
    assert [b.valid_from for b in baskets.in_force()] == ["2022-W03", "2022-W01"]
    assert [b.valid_from for b in baskets.in_force("2022-W02")] == ["2022-W01"]
    for act in (lambda: baskets.decide(draft, sta, accept=False, reason="no"), lambda: baskets.show_effect(draft, cai)):
        with pytest.raises(DataError, match="decided already"):
            act()
    assert trail.verify()[2] is None


def test_the_index_is_linked_where_a_basket_begins(sqlite_office: Any) -> None:
    """Levels before it stay, and from its period on they move by the new weights."""
    from ellwand.office.registry import baskets
    from ellwand.office.rounds.producing import produce

    office = sqlite_office
    for period in ("2022-W01", "2022-W02", "2022-W03"):
        found = office.collect(period)

    def totals() -> list[float]:
        compiled = produce(found).results.compiled
        return [float(v) for v in compiled.level[0]]

    before = totals()
    draft, _ = baskets.prepare("2022-W03", sheet(MOVED), office.user("cai"), "survey")
    assert draft is not None
    baskets.show_effect(draft, office.user("cai"))
    assert totals() == before
    baskets.decide(draft, office.user("sta"), accept=True, reason="agreed")
    after = totals()
    assert after[:2] == before[:2] and after[2] != before[2]


def test_the_effect_is_that_of_a_basket_that_begins_there(sqlite_office: Any) -> None:
    """What the screen shows is what the index would be: the same as with the draft in force from the first issue."""
    from ellwand.office.registry import baskets, effect
    from ellwand.office.rounds.producing import produce

    office = sqlite_office
    found = None
    for period in ("2022-W01", "2022-W02", "2022-W03"):
        found = office.collect(period)
    draft, _ = baskets.prepare("2022-W01", sheet(MOVED), office.user("cai"), "survey")
    assert draft is not None and found is not None
    shown = effect.total(baskets.show_effect(draft, office.user("cai")).figures)
    baskets.decide(draft, office.user("sta"), accept=True, reason="agreed")
    real = [Decimal(f"{float(v):.6f}") for v in produce(found).results.compiled.level[0]]
    assert [after for _, _, after in shown] == real


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"ea,weight\n1.1.01,0.5\n1.2.01,0.4\n", [(0, "sum")]),
        (b"ea,weight\n1.1.01,half\n1.2.01,0.5\n", [(2, "weight")]),
        (b"ea,weight\n1.1.01,-1\n1.2.01,2\n", [(2, "weight")]),
        (b"ea,weight\n1.1.01,NaN\n1.2.01,1\n", [(2, "weight")]),
        (b"ea,weight\n1.1,1\n9.9,1\n1.2.01,\n", [(2, "leaf"), (3, "unknown"), (4, "needed")]),
        (b"ea,weight\n1.1.01,0.5\n1.1.01,0.5\n", [(3, "twice")]),
        (b"ea,weight,price_reference\n1.1.01,0.5,2021-W52\n1.2.01,0.5,2021-W51\n", [(0, "one reference")]),
    ],
)
def test_a_basket_with_a_fault_is_refused_as_a_whole(
    sqlite_office: Any, content: bytes, told: list[tuple[int, str]]
) -> None:
    from ellwand.office.registry import baskets
    from ellwand.office.registry.models import BasketDraft

    draft, done = baskets.prepare("2022-W03", content, sqlite_office.user("cai"), "survey")
    assert draft is None and [(f.row, f.rule) for f in done.faults] == told
    assert not BasketDraft.objects.exists()


def test_nothing_is_changed_backwards(sqlite_week: Any) -> None:
    from ellwand.office.registry import baskets
    from ellwand.office.registry.market import import_market

    week, office = sqlite_week, sqlite_week.office
    week.public()
    cai = office.user("cai")
    with pytest.raises(DataError, match="2022-W01 is compiled already"):
        baskets.prepare("2022-W01", sheet(), cai, "survey")
    with pytest.raises(DataError, match="is no period"):
        baskets.prepare("soon", sheet(), cai, "survey")
    # And no folder brings a basket by the back door.
    draft, _ = baskets.prepare("2022-W03", sheet(MOVED), cai, "survey")
    assert draft is not None
    path = office.home.path / "copy"
    import shutil

    shutil.copytree(office.market, path, ignore=shutil.ignore_patterns("truth", "quotes"))
    text = (path / "basket.csv").read_text(encoding="utf-8")
    (path / "basket.csv").write_text(text.replace("2022-W01", "2022-W05"), encoding="utf-8")
    with pytest.raises(DataError, match="another one is prepared"):
        import_market(path, cai)


def test_a_draft_of_classes_that_are_gone_is_not_brought(sqlite_office: Any) -> None:
    from ellwand.office.registry import baskets, classes, sheets
    from ellwand.office.registry.columns import CLASSES, LINKS

    office = sqlite_office
    draft, _ = baskets.prepare("2022-W03", sheet(MOVED), office.user("cai"), "survey")
    assert draft is not None
    baskets.show_effect(draft, office.user("cai"))
    tree = [{**r, "code": "1.1.09"} if r["code"] == "1.1.01" else r for r in classes.rows_of(classes.last())]
    merged = [r for r in tree if r["code"] not in ("4.2", "4.2.01")]
    links = [{"old": "1.1.01", "new": "1.1.09"}, {"old": "4.2.01", "new": "4.1.01"}, {"old": "4.2", "new": "4.1"}]
    classes.adopt(sheets.write("xlsx", {"classes": (CLASSES, merged), "correspondence": (LINKS, links)}),
                  office.user("cai"), "numbered anew")  # fmt: skip
    with pytest.raises(DataError, match=r"4\.2\.01: is no elementary aggregate any more"):
        baskets.decide(draft, office.user("sta"), accept=True, reason="agreed")
