"""What the index of the last issues would have been with another basket or another method; nothing is stored here."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

from ellwand.engine.periods import natural_key
from ellwand.office import clock
from ellwand.office.quotes.models import Quote
from ellwand.office.record.models import Release
from ellwand.office.registry.models import Weight
from ellwand.office.rounds import producing, snapshot, work
from ellwand.office.rounds.models import Round
from ellwand.production.compile import Compiled, compile_line
from ellwand.production.folder import read_folder
from ellwand.production.line import run_line
from ellwand.production.method import MethodFile

ISSUES = 8
"""Issues that are shown."""
Row = dict[str, str]


@dataclass(frozen=True)
class Effect:
    """The last issues as they are and as they would be. inputs : SHA-256 of the snapshot, "" where nothing is there.

    figures : {"periods": [...], "classes": [{"code", "name_zh", "name_en", "level", "before", "after"}]}, levels as
    texts, null where there is none.
    """

    inputs: str
    figures: dict[str, Any]


NOTHING = Effect("", {"periods": [], "classes": []})


def last_round(family: str = work.FAMILY) -> Round | None:
    """The last round whose figures are public, so that the effect may be; before any release, the last with quotes."""
    quoted = set(Quote.objects.order_by().values_list("round", flat=True).distinct())
    rounds = [r for r in Round.objects.filter(family=family) if r.pk in quoted]
    known = public(family)
    return max((r for r in rounds if not known or r.period in known), key=lambda r: natural_key(r.period), default=None)


def public(family: str = work.FAMILY) -> set[str]:
    """The periods of which a release is public."""
    return set(Release.objects.all().public(clock.now()).filter(family=family).values_list("period", flat=True))


def of_basket(rows: Sequence[Row]) -> Effect:
    """The last issues with other weights, as if these had been in force since the first of them.

    rows : weights by the columns of `Weight`. Their price reference is left out: it lies after those issues.
    """
    found = last_round()
    if found is None:
        return NOTHING
    method = work.method_in_force(found.period)[1]
    taken = snapshot.take(found)
    with tempfile.TemporaryDirectory(prefix="ellwand-") as folder:
        taken.write(Path(folder), quotes=False)
        book = read_folder(folder, taken.quotes)
        line, _ = producing.line_of(found, taken, book, method, None, fresh=False)
        before = compile_line(line, method)
        shown = _shown(before)
        other = replace(taken, files={**taken.files, "basket.csv": _with(taken, rows, book.periods[shown[0]])})
        other.write(Path(folder), quotes=False)
        # The line knows no weights: only what follows it is made anew.
        after = compile_line(replace(line, book=read_folder(folder, taken.quotes)), method)
    return Effect(taken.hash, _figures(before, after, shown))


def _with(taken: snapshot.Snapshot, rows: Sequence[Row], start: str) -> tuple[list[str], list[list[str]]]:
    """The baskets before a period, and the given weights from it on."""
    heads, old = taken.files["basket.csv"]
    at = heads.index("valid_from")
    kept = [r for r in old if natural_key(r[at]) < natural_key(start)]
    given = [{"valid_from": start, **r, "price_reference": ""} for r in rows]
    return heads, [*kept, *([r.get(h, "") for h in heads] for r in given)]


def of_method(method: MethodFile) -> Effect:
    """The last issues by another method, with all that it does anew."""
    found = last_round()
    if found is None:
        return NOTHING
    taken = snapshot.take(found)
    with tempfile.TemporaryDirectory(prefix="ellwand-") as folder:
        taken.write(Path(folder), quotes=False)
        book = read_folder(folder, taken.quotes)
    own = work.method_in_force(found.period)[1]
    line, _ = producing.line_of(found, taken, book, own, None, fresh=False)
    before = compile_line(line, own)
    after = compile_line(run_line(book, method.method), method)
    return Effect(taken.hash, _figures(before, after, _shown(before)))


def _shown(compiled: Compiled) -> list[int]:
    """Positions of the last issues."""
    found: list[int] = np.flatnonzero(compiled.issued)[-ISSUES:].tolist()
    return found or [len(compiled.book.periods) - 1]


def _figures(before: Compiled, after: Compiled, shown: list[int]) -> dict[str, Any]:
    book = before.book
    rows = [book.classes.at[code] for code in book.classification.codes]
    zh, en = book.classes.column("name_zh"), book.classes.column("name_en")
    levels = _depths(book.classification.parents)
    return {
        "periods": [book.periods[t] for t in shown],
        "classes": [
            {
                "code": code, "name_zh": zh[rows[k]] or "", "name_en": en[rows[k]] or "", "level": levels[k],
                "before": _texts(before, k, shown), "after": _texts(after, k, shown),
            }
            for k, code in enumerate(book.classification.codes)
        ],
    }  # fmt: skip


def _depths(parents: Sequence[int]) -> list[int]:
    out: list[int] = []
    for p in parents:
        out.append(0 if p < 0 else out[p] + 1)
    return out


def _texts(compiled: Compiled, k: int, shown: list[int]) -> list[str | None]:
    values = [float(compiled.level[k, t]) for t in shown]
    hidden = [bool(compiled.suppressed[k, t]) or not compiled.issued[t] for t in shown]
    return [None if h or not np.isfinite(v) else f"{v:.6f}" for v, h in zip(values, hidden, strict=True)]


@dataclass(frozen=True)
class Line:
    """A class of an effect for the last issue shown. difference : of the levels; changes : on the issue before."""

    code: str
    name_zh: str
    name_en: str
    level: int
    before: Decimal | None
    after: Decimal | None
    difference: Decimal | None
    change_before: Decimal | None
    change_after: Decimal | None


def lines(figures: dict[str, Any]) -> list[Line]:
    """The classes of a stored effect, as a table shows them."""
    out = []
    for c in figures["classes"]:
        old, new = ([None if v is None else Decimal(v) for v in c[name]] for name in ("before", "after"))
        a, b = old[-1], new[-1]
        out.append(
            Line(c["code"], c["name_zh"], c["name_en"], c["level"], a, b,
                 None if a is None or b is None else b - a, _change(old), _change(new))
        )  # fmt: skip
    return out


def _change(levels: Sequence[Decimal | None]) -> Decimal | None:
    if len(levels) < 2 or levels[-1] is None or not levels[-2]:
        return None
    return 100 * (levels[-1] / levels[-2] - 1)


def of_public(figures: dict[str, Any], family: str = work.FAMILY) -> dict[str, Any]:
    """The same figures of the issues that are public, and no other."""
    known = public(family)
    kept = [k for k, period in enumerate(figures["periods"]) if period in known]
    return {
        "periods": [figures["periods"][k] for k in kept],
        "classes": [
            {**c, "before": [c["before"][k] for k in kept], "after": [c["after"][k] for k in kept]}
            for c in figures["classes"]
        ],
    }


def total(figures: dict[str, Any]) -> list[tuple[str, Decimal | None, Decimal | None]]:
    """Of each issue shown the total before and after."""
    if not figures["classes"]:
        return []
    first = figures["classes"][0]
    old, new = ([None if v is None else Decimal(v) for v in first[name]] for name in ("before", "after"))
    return list(zip(figures["periods"], old, new, strict=True))


def largest(figures: dict[str, Any]) -> Decimal | None:
    """The largest difference of the total in any issue shown, by size; None where there is nothing to compare."""
    return max((abs(b - a) for _, a, b in total(figures) if a is not None and b is not None), default=None)


def weight_rows(weights: Sequence[Weight]) -> list[Row]:
    """Weights of the record as rows."""
    return [{name: str(getattr(w, name)) for name in Weight.COLUMNS} for w in weights]
