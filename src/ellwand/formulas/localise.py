"""Error localisation and deductive imputation: which fields of a record are wrong, and which follow from the rest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np

from ellwand.formulas.conditions import fields as fields_of
from ellwand.formulas.conditions import numeric
from ellwand.formulas.edits import Edit, feasible, fixed, is_value, violated

Value = int | float | Decimal | Fraction | str | None


@dataclass(frozen=True)
class Localised:
    """Which fields are to be changed so that all rules can hold.

    fields : the fields, sorted; those that were empty are among `empty` instead and are free. alternatives : every set
    of the same, least weight, in order; `fields` is one of them, drawn by `seed`. violated : rules that the record
    breaks as it is.
    """

    fields: tuple[str, ...]
    alternatives: tuple[tuple[str, ...], ...]
    weight: Fraction
    empty: tuple[str, ...]
    violated: tuple[str, ...]
    seed: int


def exact(value: Value, field: str, *, number: bool) -> Fraction | str | None:
    """A value as the rules compare it: numbers as the decimals that they are written as; None for an empty one."""
    if value is None or value == "" or value != value:  # noqa: PLR0124
        return None
    if number:
        if isinstance(value, str | bool):
            raise ValueError(f"field {field!r} is {value!r}; the rules compare it as a number, so give a number")
        if isinstance(value, int | Fraction | Decimal | np.integer):
            return Fraction(int(value)) if isinstance(value, np.integer) else Fraction(value)
        if not np.isfinite(value):
            raise ValueError(f"field {field!r} is {value!r}; give a finite number, or nothing")
        return Fraction(repr(float(value)))
    if not isinstance(value, str):
        raise ValueError(f"field {field!r} is {value!r}; the rules compare it as a text, so give a text")
    return str(value)


def _record(edits: Sequence[Edit], record: Mapping[str, Value]) -> tuple[dict[str, Fraction | str], tuple[str, ...]]:
    """The values of the fields that the rules name, and the fields that are empty."""
    conditions = [e.condition for e in edits]
    numbers = numeric(conditions)
    named = sorted(frozenset().union(*(fields_of(c) for c in conditions)))
    lacking = [f for f in named if f not in record]
    if lacking:
        raise ValueError(f"the record has no field {lacking[0]!r}, which a rule names; give it, empty if need be")
    values = {f: exact(record[f], f, number=f in numbers) for f in named}
    return {f: v for f, v in values.items() if v is not None}, tuple(f for f, v in values.items() if v is None)


def localise(
    edits: Sequence[Edit], record: Mapping[str, Value], *, weights: Mapping[str, float] | None = None, seed: int = 0
) -> Localised:
    """The fields of least total weight whose change lets all rules hold (Fellegi and Holt's principle).

    record : value of every field that a rule names, None where empty; empty fields are free to be filled. weights :
    reliability of the fields, > 0, 1 where none is given; what is surer is changed later. seed : draws one of several
    sets of equal weight, and is recorded.
    ValueError if the rules contradict themselves, a field is lacking, or a weight is not > 0.

    Sets that meet every known conflict are tried, lightest first; a set that does not do shows another conflict of
    values that stay. Source: Fellegi and Holt (1976); de Waal, Pannekoek and Scholtus (2011), chapter 3.
    """
    values, empty = _record(edits, record)
    weight = {f: _weight(f, (weights or {}).get(f, 1)) for f in values}
    conditions = [e.condition for e in edits]

    def possible(kept: Sequence[str]) -> bool:
        return feasible([*conditions, *(is_value(f, values[f]) for f in kept)])

    cores: list[frozenset[str]] = []
    while True:
        candidates = _lightest(cores, weight)
        short = [c for c in candidates if not possible([f for f in values if f not in c])]
        if not short:
            break
        for candidate in short:
            # An earlier conflict of this round may have settled it.
            if any(not core & candidate for core in cores):
                continue
            core = [f for f in values if f not in candidate]
            for f in list(core):
                less_one = [g for g in core if g != f]
                if not possible(less_one):
                    core = less_one
            if not core:
                raise ValueError("the rules contradict themselves: no record can satisfy them; check the rules first")
            cores.append(frozenset(core))
    alternatives = tuple(sorted(tuple(sorted(c)) for c in candidates))
    chosen = alternatives[int(np.random.default_rng(seed).integers(len(alternatives)))]
    total = sum((weight[f] for f in chosen), Fraction(0))
    return Localised(chosen, alternatives, total, empty, violated(edits, values), seed)


def _weight(field: str, weight: float) -> Fraction:
    if not (np.isfinite(weight) and weight > 0):
        raise ValueError(f"weight of field {field!r} is {weight!r}: it must be > 0")
    return Fraction(repr(float(weight)))


def _lightest(cores: Sequence[frozenset[str]], weight: Mapping[str, Fraction]) -> list[frozenset[str]]:
    """All sets of least weight that meet every core."""
    best: Fraction | None = None
    found: set[frozenset[str]] = set()

    def extend(chosen: frozenset[str], total: Fraction, barred: frozenset[str]) -> None:
        nonlocal best
        if best is not None and total > best:
            return
        core = next((c for c in cores if not c & chosen), None)
        if core is None:
            if best is None or total < best:
                found.clear()
                best = total
            found.add(chosen)
            return
        # Each set is reached once: what an earlier branch chose is barred from the later ones.
        for f in sorted(core - barred):
            extend(chosen | {f}, total + weight[f], barred)
            barred = barred | {f}

    extend(frozenset(), Fraction(0), frozenset())
    return sorted(found, key=sorted)


def deduce(edits: Sequence[Edit], record: Mapping[str, Value]) -> dict[str, Fraction | str]:
    """Empty fields that can have one value only, with that value (deductive imputation).

    ValueError if the values that are there already break the rules: localise the error first.
    """
    values, empty = _record(edits, record)
    try:
        known = fixed(edits, [is_value(f, v) for f, v in values.items()])
    except ValueError as error:
        broken = ", ".join(violated(edits, values)) or "several rules together"
        raise ValueError(f"the values given break the rules ({broken}): localise the error first") from error
    return {f: known[f] for f in empty if f in known}
