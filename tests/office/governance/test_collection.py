"""What comes in: its class (25), its time (31), and whether its unit signed the code of conduct (37)."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from ellwand.engine.errors import DataError

SECOND, THIRD = "2022-W02", "2022-W03"
Send = Callable[..., Any]


@pytest.fixture
def send(office: Any, monkeypatch: pytest.MonkeyPatch) -> Send:
    """An office on a Wednesday, its second week open: a function by which a collector sends one line."""
    from ellwand.office.collection.checks import Said
    from ellwand.office.collection.entry import Line, Sender, take
    from ellwand.office.rounds import work

    office.at(monkeypatch, 2022, 1, 12, 3)
    office.collect("2022-W01")
    office.sign_open(SECOND)

    def one(price: str, *, unit: str = "U0001", item: str = "I00005", period: str = SECOND, **more: Any) -> Any:
        said = Said(unit, item, price, **{"type": "deal", **more})
        line = Line(said, f"{unit}{item}{price}{more}", datetime(2022, 1, 12, 2, tzinfo=UTC))
        return take(work.find(f"price-{period}"), [line], Sender("collector", office.user("col")))[0]

    return one


def _quotes(period: str = SECOND) -> list[Any]:
    from ellwand.office.quotes.models import Quote

    return list(Quote.objects.current().filter(round__period=period).order_by("pk"))


def test_governance_25_hierarchy_of_inputs(office: Any, send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    """A price without its class (deal, firm offer, asking) does not come in; the shares of the classes, in all and in
    each class of goods, stand in the rationale of the issue in both languages; what is imputed or judged is counted
    apart.
    """
    from ellwand.office.editorial import sheets
    from ellwand.office.editorial.facts import last_compilation
    from ellwand.office.editorial.rationale import generated
    from ellwand.office.quotes.intake import import_quotes
    from ellwand.office.rounds import compiling, work

    found = work.find(f"price-{SECOND}")
    assert [f.rule for f in send("8.1", type="").findings] == ["class missing"]
    assert [f.rule for f in send("8.1", type="rumour").findings] == ["type unknown"]
    assert not _quotes()
    import_quotes(office.quotes, found.code, office.user("col"), only_period=True)
    for price, unit, item, kind in (
        ("8.1", "U0001", "I00005", "deal"), ("14.2", "U0002", "I00002", "firm_offer"),
        ("15.4", "U0002", "I00001", "asking"),
    ):  # fmt: skip
        assert send(price, unit=unit, item=item, type=kind).outcome == "changed"
    office.at(monkeypatch, 2022, 1, 15, 3)
    work.settle(found)
    counts = sheets.counts(found)
    assert {"asking", "deal", "firm_offer", ""} == set(counts["inputs"])
    of = counts["inputs_of"]
    assert sum(sum(c.values()) for c in of.values()) == sum(counts["inputs"].values())
    office.review(found)
    compiling.compile_round(found.code, office.user("max"), sign="small market")
    last = last_compilation(found)
    for language, said, imputed in (
        ("zh", "成交价", "推算权重"), ("en", "deals", "Weight that is imputed"),
    ):  # fmt: skip
        text = generated(last, language, "x")
        # In all, and in each class of goods that has such quotes.
        lines = [line for line in text.splitlines() if said in line]
        assert len(lines) == 1 + sum("deal" in c for c in of.values()) >= 2 and imputed in text


def test_governance_31_cutoff(office: Any, send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the second of the cut-off a quote is late, by whatever way, though its phone says otherwise: it waits, and
    comes into its period by a supervisor's signed exception only, with a reason on record; else into the next one.
    """
    from ellwand.office.accounts.people import RefusedError
    from ellwand.office.audit.models import Entry
    from ellwand.office.collection import late, links
    from ellwand.office.quotes.intake import import_quotes
    from ellwand.office.registry.models import Unit
    from ellwand.office.rounds import work
    from ellwand.office.rounds.models import SignedException

    found = work.find(f"price-{SECOND}")
    link = links.issue(found, [Unit.objects.get(code="U0001")], office.user("cai"))[0]
    cutoff = found.issue.cutoff_at
    office.at(monkeypatch, 2022, 1, 14, 8, 59, 59)
    assert send("8.1").outcome == "added" and links.find(links.token_of(link)).state == "good"
    office.at(monkeypatch, cutoff.year, cutoff.month, cutoff.day, cutoff.hour, cutoff.minute)
    assert send("7.7", item="I00006").outcome == send("37", item="I00008").outcome == "late"
    assert links.find(links.token_of(link)).state == "expired" and len(_quotes()) == 1
    with pytest.raises(DataError, match="a late quote belongs to the next period"):
        import_quotes(office.quotes, found.code, office.user("col"), only_period=True)
    first, second = late.waiting(found)
    for name, reason, error in (
        ("col", "in time", RefusedError),
        ("cai", "in time", RefusedError),
        ("sun", "", DataError),
    ):
        with pytest.raises(error):
            late.admit(first, office.user(name), reason)
    assert len(_quotes()) == 1
    late.admit(first, office.user("sun"), "no connection")
    assert _quotes()[1].price == Decimal("7.7")
    assert SignedException.objects.get(round=found, guard="late").reason == "no connection"
    assert Entry.objects.order_by("-sequence")[0].reason == "no connection"
    office.at(monkeypatch, 2022, 1, 18, 3)
    office.sign_open(THIRD)
    late.carry(second, office.user("sun"), "too late")
    assert [q.item.code for q in _quotes(THIRD)] == ["I00008"] and len(_quotes()) == 2


def test_governance_37_code_of_conduct(office: Any, send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    """Quotes of a unit that has not signed the code of conduct come in, are counted apart and told in the rationale;
    the clerk sees which units have not signed.
    """
    from ellwand.office.editorial import sheets
    from ellwand.office.editorial.facts import last_compilation
    from ellwand.office.editorial.rationale import generated
    from ellwand.office.quotes.intake import import_quotes
    from ellwand.office.registry.models import Unit
    from ellwand.office.rounds import compiling, work

    Unit.objects.exclude(code="U0001").update(conduct_signed="2021-12-01")
    send("8.1")
    send("7.7", item="I00006")
    send("15.5", unit="U0002", item="I00001")
    found = work.find(f"price-{SECOND}")
    assert sheets.counts(found)["unsigned"] == 2
    page = office.client("cai", language="en").get(f"/office/rounds/{found.code}/assignments/").content.decode()
    assert page.count("code unsigned") == 1
    office.at(monkeypatch, 2022, 1, 15, 3)
    import_quotes(office.quotes, found.code, office.user("sun"), sign="taken over", only_period=True)
    unsigned = sum(q.price is not None and q.unit.code == "U0001" for q in _quotes())
    office.review(found)
    compiling.compile_round(found.code, office.user("max"), sign="small market")
    assert f"of units without a signed code of conduct: {unsigned} (" in generated(last_compilation(found), "en", "x")
