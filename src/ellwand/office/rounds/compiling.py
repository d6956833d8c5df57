"""Compiling a round: the production over a snapshot of the record, and its observations into the record."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F

from ellwand.engine.errors import DataError
from ellwand.office import clock
from ellwand.office.accounts import people
from ellwand.office.accounts.models import User
from ellwand.office.record.models import Compilation, Observation
from ellwand.office.registry.models import Correspondence
from ellwand.office.releases.figures import CARRIED, PUBLISHED, rounded
from ellwand.office.rounds import kept, providers, snapshot, states, work
from ellwand.office.rounds.models import Round
from ellwand.office.rounds.producing import BACK, Produced, Progress, earlier, produce
from ellwand.production.method import MethodFile
from ellwand.production.observations import Results


@dataclass(frozen=True)
class Made:
    """A compilation: its row and the number of its observations."""

    compilation: Compilation
    observations: int


def compile_round(
    code: str, by: User, *, sign: str = "", reason: str = "", version: str = "", progress: Progress | None = None
) -> Made:
    """Compile a round that is in review and move it to compiled.

    sign : the reason with which the user signs exceptions that he may sign. version : of the program, recorded.
    DataError lists what stands in the way; nothing is stored then.
    """
    people.require(by, "round.compile")
    found = work.find(code)
    work.settle(found)
    # Whoever waits for figures of a round that can't be compiled now is told before the work.
    states.rule_of(found.state, states.COMPILED)
    if found.state != states.REVIEWING:
        raise DataError(f"round {code} is {found.state}; it is compiled while it is reviewing")
    made = produce(found, progress)
    results, inputs = made.results, made.inputs
    rows = rows_of(results)
    facts = facts_of(found, results, rows, made.method)
    with transaction.atomic():
        work.lock(found)
        # What was written may be of no concern to this round, as the quotes of the next one.
        if snapshot.stamp() != made.stamp and snapshot.take(found).hash != inputs:
            raise DataError(f"round {code}: the inputs changed while it was compiled; compile it again")
        stored = store(found, made, rows[found.period], version, by)
        for keep in providers.COMPILED.values():
            keep(stored, made, rows)
        # That nothing is in query here is not enough: the review's own guard tells whether its queue is empty.
        known = {guard: why for guard, why in facts.items() if guard != "queue" or why is not None}
        work.move(found, states.COMPILED, by, sign=sign, reason=reason, known=known, inputs=inputs)
    return Made(stored, len(rows[found.period]))


def rows_of(results: Results) -> dict[str, list[dict[str, Any]]]:
    """The observations by period: the columns of the production, and the published figures."""
    table = results.observations()
    rules = results.compiled.method.method.release
    columns = {name: table[name].to_pylist() for name in table.column_names}
    for name, exact in PUBLISHED.items():
        columns[name] = rounded(columns[exact], rules.decimals if name == "published" else rules.change_decimals)
    out: dict[str, list[dict[str, Any]]] = {}
    for values in zip(*columns.values(), strict=True):
        row = dict(zip(columns, values, strict=True))
        out.setdefault(row["period"], []).append(row)
    return out


def facts_of(found: Round, results: Results, rows: dict[str, list[dict[str, Any]]], method: MethodFile) -> work.Facts:
    """What a compilation says of the guards."""
    t = results.periods[-1]
    c = results.compiled
    queried = int(c.counts["queried"][0, t])
    hidden = int(c.suppressed[:, t].sum())
    return {
        "figures": None if c.issued[t] else f"the method gives {found.period} no issue: too few units were open",
        "queue": None if not queried else f"{queried} quotes are in query",
        "cells": None if not hidden else f"{hidden} of {len(c.suppressed)} series are suppressed",
        "recompute": _silent_change(found, rows, method, earlier(found)[-BACK:]),
    }


def silent_change(found: Round) -> str | None:
    """The first figure of a compiled round and the issues before it that does not come out again; None if all do.

    Everything is read and computed anew, with nothing from the cache: what the nightly check asks. A compilation asks
    the same of the issues before it, and may then use what this program itself made of earlier periods.
    """
    made = produce(found, fresh=True)
    return _silent_change(found, rows_of(made.results), made.method, [*earlier(found)[-BACK:], found.period])


def _silent_change(
    found: Round, rows: dict[str, list[dict[str, Any]]], method: MethodFile, periods: list[str]
) -> str | None:
    """The first figure of some periods that today's inputs and program do not give; None if all come out."""
    compared = [c for c in CARRIED if c not in ("series", "period")]
    renamed, ended = _became()
    for period in periods:
        rounds = Compilation.objects.filter(round__family=found.family, round__period=period)
        last = rounds.order_by("-number").first()
        if last is None or last.method_digest != method.digest:
            continue
        # By code: the path of a class changes with every class above it.
        fresh = {r["code"]: r for r in rows.get(period, [])}
        for series, code, *figures in last.observations.order_by("pk").values_list("series", "code", *compared):
            new = fresh.get(_followed(code, renamed))
            if new is None:
                if code in ended:
                    # It was split or merged; what it became has series of its own.
                    continue
                return f"{series} of {period} is there no more"
            for name, old in zip(compared, figures, strict=True):
                if not _equal(old, new[name]):
                    return f"{series} of {period}: {name} was {old}, and is {new[name]} now"
    return None


def _became() -> tuple[dict[str, str], set[str]]:
    """What classes of earlier versions became: new codes of renamed ones, and the codes of those split or merged."""
    rows = list(Correspondence.objects.exclude(old=F("new")).order_by("pk").values_list("old", "new", "kind"))
    return {old: new for old, new, kind in rows if kind == "rename"}, {o for o, _, kind in rows if kind != "rename"}


def _followed(code: str, renamed: Mapping[str, str]) -> str:
    """The code that a class has now; of one that was not renamed, its own."""
    seen = set()
    while code in renamed and code not in seen:
        seen.add(code)
        code = renamed[code]
    return code


def _equal(old: Any, new: Any) -> bool:
    """Equal texts and counts; figures to 1e-9, because processors differ in the last bits."""
    if isinstance(old, float) and isinstance(new, float):
        return bool(abs(old - new) <= 1e-9 * max(1.0, abs(old)))
    return bool(old == new)


def store(found: Round, made: Produced, rows: list[dict[str, Any]], version: str, by: User) -> Compilation:
    """Store a compilation with the observations of its period, inside the transaction of its move."""
    last = found.compilations.order_by("-number").values_list("number", flat=True).first() or 0
    stored = Compilation(
        round=found,
        number=last + 1,
        method=made.row,
        method_digest=made.method.digest,
        inputs=made.inputs,
        versions={"ellwand": version, **kept.libraries()},
        quality=json.dumps(made.results.quality(), ensure_ascii=False),
        by=by,
        at=clock.now(),
    )
    stored.save()
    Observation.objects.bulk_create([Observation(compilation=stored, **r) for r in rows], batch_size=200)
    return stored
