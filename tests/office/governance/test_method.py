"""The method and what it withholds: its document (21), the alarm (23), sufficiency (26), confidentiality (27)."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ellwand.engine.errors import DataError

Stage = Callable[[str], Any]
FIGURES = (
    "index", "change_previous", "change_year_start", "change_last_year", "se", "low", "high", "change_se", "change_low",
    "change_high", "contribution",
)  # fmt: skip
"""Columns of an observation from which its level or change can be read."""


def test_governance_21_method_document(stage: Stage) -> None:
    """Every published observation names its version of the method, whose address gives in both languages name, date and
    all rules, and the very file; the version can't be taken in with other content.
    """
    from ellwand.office.record import reading
    from ellwand.office.registry.market import import_market
    from ellwand.office.screens.words import instant
    from ellwand.production.method import parse_method

    week = stage("second")
    client = week.office.client()
    figures = reading.figures()
    versions = {f.observation.compilation.method for f in figures}
    assert len(figures) > 80 and len(versions) == 1
    (row,) = versions
    assert {f.observation.compilation.method_digest for f in figures} == {row.digest}
    from django.utils import translation

    for root, code in (("/", "zh-hans"), ("/en/", "en")):
        page = week.page(client, f"{root}knowledge/method/{row.digest}/")
        with translation.override(code):
            assert f"{row.name} {row.version}" in page and instant(row.at) in page
        assert client.get(f"{root}knowledge/method/{row.digest}.toml").content.decode() == row.text
    assert parse_method(row.text).digest == row.digest
    (shown,) = client.get("/api/v1/methods").json()["data"]
    assert (shown["name"], shown["version"], shown["sha256"]) == (row.name, row.version, row.digest)
    changed = week.office.home.path / "method.toml"
    changed.write_text(row.text.replace("minimum_units = 3", "minimum_units = 2"), encoding="utf-8")
    with pytest.raises(DataError, match="give the changed method a new version"):
        import_market(week.office.market, week.office.user("cai"), method=str(changed))


def test_governance_23_silent_change(stage: Stage, found: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Weights that alter a figure of an earlier issue block the next compilation; a program that computes otherwise is
    named by the alarm over the archived releases, which runs every night and in the tests.
    """
    from ellwand.office.approvals import alarm
    from ellwand.office.registry.models import Basket, Weight
    from ellwand.office.rounds.compiling import compile_round, silent_change
    from ellwand.production import compile as production

    week = stage("second")
    office = week.office
    sound = production._elementary
    assert silent_change(found("2022-W02")) is None and [r.fault for r in alarm.sound()] == ["", ""]
    with monkeypatch.context() as patch:

        def otherwise(*given: Any) -> Any:
            change, weight = sound(*given)
            return change * 1.0001, weight

        patch.setattr(production, "_elementary", otherwise)
        assert "was" in str(silent_change(found("2022-W02")))
        # The first issue is the base, whatever the formula.
        assert "outputs/history.csv: price/" in alarm.sound()[-1].fault
    week.at(2022, 1, 23, 3)
    one = office.collect("2022-W03")
    old = Basket.objects.get()
    weights = list(old.weights.order_by("pk"))
    made = Basket(
        valid_from=old.valid_from, number=2, digest="0" * 64, by=office.user("cai"), at=old.at, reason="a slip"
    )
    made.save()
    weights[0].weight, weights[-1].weight = weights[-1].weight, weights[0].weight
    for w in weights:
        Weight(basket=made, ea=w.ea, weight=w.weight, price_reference=w.price_reference, more=w.more).save()
    office.review(one)
    with pytest.raises(DataError, match=r"recompute: price/\S+ of 2022-W0[12]: \w+ was .* and is"):
        compile_round(one.code, office.user("max"))
    assert one.state == "reviewing" and not one.compilations.exists()


def test_governance_26_sufficiency(stage: Stage, found: Any) -> None:
    """Below the minimum of units, and above the maximum imputed share, a class has grade S, no figure and a reason: not
    0, not 100, not the last value; in the record, in the files and through the interface for programs.
    """
    from ellwand.office.record import reading
    from ellwand.office.rounds.producing import produce
    from ellwand.production.compile import STATUSES
    from ellwand.production.method import read_method

    week = stage("second")
    release = reading.latest()
    assert release is not None
    rows = [f.observation for f in reading.figures(periods=[release.period])]
    hidden = [o for o in rows if o.grade == "S"]
    assert hidden and len(hidden) < len(rows)
    for o in hidden:
        assert all(getattr(o, name) is None for name in FIGURES), o.series
        assert (o.published, o.published_change_previous, o.status) == ("", "", "suppressed")
    assert all(o.index is not None and o.published and o.status != "suppressed" for o in rows if o.grade != "S")
    assert "too few units" in STATUSES["suppressed"]
    assert any(o.units < 3 for o in hidden) and not any(0 < o.units < 3 for o in rows if o.grade != "S" and o.quotes)
    with (reading.folder(release) / "outputs" / "observations.csv").open(encoding="utf-8", newline="") as stream:
        filed = {r["series"]: r for r in csv.DictReader(stream)}
    assert all(not filed[o.series][name] for o in hidden for name in (*FIGURES, "published"))
    address = f"/api/v1/observations?series={hidden[0].code}&from={release.period}"
    (shown,) = week.office.client().get(address).json()["data"]
    assert (shown["value"], shown["index"], shown["grade"], shown["status"]) == (None, None, "S", "suppressed")
    # Another method, in which little may be imputed.
    text = read_method().text.replace("maximum_imputed = 1.0", "maximum_imputed = 0.02")
    _in_force(text.replace('version = "1"', 'version = "2"'), "2022-W02", week.office.user("cai"))
    made = produce(found("2022-W02"))
    compiled, t = made.results.compiled, made.t
    much = compiled.imputed[:, t] > 0.02 + 1e-9
    assert much.any() and compiled.suppressed[much, t].all() and (compiled.grade[much, t] == "S").all()


def _in_force(text: str, period: str, by: Any) -> None:
    """A decided method from a period on, of which a real decision would say that it is compiled already."""
    from datetime import date

    from ellwand.office import clock
    from ellwand.office.registry.models import MethodDecision, MethodProposal, MethodVersion
    from ellwand.production.method import parse_method

    file, now = parse_method(text), clock.now()
    names = {"name": file.method.name, "version": file.method.version, "text": text, "digest": file.digest,
             "by": by, "at": now}  # fmt: skip
    proposal = MethodProposal(
        summary_zh="x", summary_en="x", comments_until=date(2021, 12, 1), effective_from=period, **names
    )
    proposal.save()
    row = MethodVersion(**names)
    row.save()
    MethodDecision(
        proposal=proposal, method=row, accepted=True, effective_from=period, by=by, at=now, reason="x"
    ).save()


def _market(folder: Path) -> Any:
    """A market with enough units that some classes show and some don't: its compilation, and its public table."""
    from ellwand.market import simulate
    from ellwand.production.compile import compile_book
    from ellwand.production.folder import read_folder
    from ellwand.production.method import read_method
    from ellwand.production.observations import Results

    simulate(folder, weeks=4, items=160, units=60, seed=11)
    compiled = compile_book(read_folder(folder), read_method())
    results = Results(compiled, None, tuple(range(len(compiled.book.periods))))
    return compiled, results.observations().to_pylist()


def test_governance_27_confidentiality(tmp_path: Path) -> None:
    """No shown class has fewer than three units or one with more than 85 % of the weight; no hidden one follows from
    those shown, by its class and sisters, by weights, or by the table of the week before.
    """
    from ellwand.office.editorial.sheets import largest_shares

    compiled, rows = _market(tmp_path / "market")
    by_key = {(r["code"], r["period"]): r for r in rows}
    periods = list(compiled.book.periods)
    hidden = {k for k, r in by_key.items() if r["grade"] == "S"}
    assert len(hidden) > 20
    secondary = 0
    for t, period in enumerate(periods[1:], start=1):
        shares = largest_shares(compiled, t)
        for k, code in enumerate(compiled.book.classification.codes):
            row = by_key[code, period]
            unsafe = (row["quotes"] > 0 and row["units"] < 3) or shares[k] > 0.85 * (1 + 1e-9)
            if unsafe:
                assert (code, period) in hidden, (code, period)
            secondary += (code, period) in hidden and not unsafe
            if (code, period) not in hidden:
                continue
            assert all(row[name] is None for name in FIGURES), (code, period)
            # In the table of the next week its weight and its contribution would give it away.
            if t + 1 < len(periods):
                after = by_key[code, periods[t + 1]]
                assert after["weight"] is None and after["contribution"] is None
    assert secondary > 0
    # The equations of a reader: a class is the weighted mean of its parts. One unknown could be solved for.
    for period in periods[1:]:
        for parent in {r["parent"] for r in rows if r["parent"]}:
            family = [r for r in rows if r["period"] == period and r["parent"] == parent]
            weighty = [r for r in family if r["weight"] is None or r["weight"] > 0]
            unknown = [r["code"] for r in (*weighty, by_key[parent, period]) if (r["code"], period) in hidden]
            assert len(unknown) != 1, (parent, period, unknown)
