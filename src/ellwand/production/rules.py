"""Edit rules of a method file: read, checked against one another, and put to columns of quotes.

A rule is a table: name, kind ("hard" must hold, "soft" is queried), `when` (optional condition), `must` (condition),
message_zh and message_en (optional). It fires where `when` is surely true and `must` is surely false; a rule on a field
that is missing does not fire, unless it asks `is_missing` of that field.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal, cast

from ellwand.formulas import edits as algebra
from ellwand.formulas.conditions import TRUE, negate
from ellwand.formulas.conditions import fields as condition_fields
from ellwand.formulas.edits import Edit
from ellwand.production.expression_algebra import surely
from ellwand.production.expression_values import Bools, Column, Table
from ellwand.production.expressions import (
    ConditionError,
    Fields,
    Node,
    RuleError,
    asked_missing,
    named,
    parse,
)

KINDS = ("hard", "soft")
KEYS = ("name", "kind", "when", "must", "message_zh", "message_en")


@dataclass(frozen=True)
class Rule:
    """An edit rule.

    kind : "hard" or "soft". must, when : trees of the conditions; must_text, when_text : as written ("" for none).
    message_zh, message_en : texts for the reader, or "". fields : kinds of the fields that the rule names.
    """

    name: str
    kind: Literal["hard", "soft"]
    must: Node
    when: Node | None
    must_text: str
    when_text: str
    message_zh: str
    message_en: str
    fields: Fields

    @property
    def needed(self) -> frozenset[str]:
        """Fields without which the rule does not fire."""
        nodes = [n for n in (self.when, self.must) if n is not None]
        return frozenset[str]().union(*(named(n) for n in nodes)) - self.asked

    @property
    def asked(self) -> frozenset[str]:
        """Fields that the rule asks `is_missing` of."""
        nodes = [n for n in (self.when, self.must) if n is not None]
        return frozenset[str]().union(*(asked_missing(n) for n in nodes))

    @property
    def edit(self) -> Edit:
        """The rule for the algebra of edits."""
        when = TRUE if self.when is None else surely(self.when)
        return Edit(self.name, negate(surely(self.must, False)), when)


class RuleConflictError(ValueError):
    """Rules that contradict one another. rules : their names, none of them to spare."""

    def __init__(self, rules: tuple[str, ...], message: str) -> None:
        super().__init__(message)
        self.rules = rules


def parse_rule(table: Mapping[str, object], fields: Fields) -> Rule:
    """A rule of its table.

    fields : the fields that rules may name, each "number" or "text". An empty `when` is none. RuleError names rule,
    key, column and remedy.
    """
    name = table.get("name")
    if not isinstance(name, str) or not name.strip():
        raise RuleError('a rule has no name; give name = "..."')
    where = f"rule {name!r}"
    for key, value in table.items():
        if key not in KEYS:
            near = get_close_matches(str(key), KEYS, 1)
            hint = f"did you mean {near[0]!r}? " if near else ""
            raise RuleError(f"{where}: key {key!r} is not known; {hint}allowed: {', '.join(KEYS)}")
        if not isinstance(value, str):
            raise RuleError(f"{where}, {key}: {value!r} is no text; write it in quotes")
    kind = table.get("kind")
    if kind not in KINDS:
        given = "is not given" if kind is None else f"is {kind!r}"
        raise RuleError(f'{where}: kind {given}; allowed: "hard" (must hold) or "soft" (is queried)')
    if "must" not in table:
        raise RuleError(f"{where}: `must`, the condition that has to hold, is not given")
    trees: dict[str, Node] = {}
    for key in ("when", "must"):
        if key == "must" or table.get(key):
            try:
                trees[key] = parse(str(table[key]), fields)
            except ConditionError as error:
                raise RuleError(f"{where}, {key}, column {error.column}: {error}") from error
    nodes = trees.values()
    used = frozenset[str]().union(*(named(n) | asked_missing(n) for n in nodes))
    return Rule(
        name=name,
        kind=cast("Literal['hard', 'soft']", kind),
        must=trees["must"],
        when=trees.get("when"),
        must_text=str(table["must"]),
        when_text=str(table.get("when", "")),
        message_zh=str(table.get("message_zh", "")),
        message_en=str(table.get("message_en", "")),
        fields={f: fields[f] for f in sorted(used)},
    )


def parse_rules(tables: Sequence[Mapping[str, object]], fields: Fields) -> tuple[Rule, ...]:
    """The rules of their tables, in order. RuleError also for a name that occurs twice."""
    rules: list[Rule] = []
    for table in tables:
        rule = parse_rule(table, fields)
        if any(rule.name == other.name for other in rules):
            raise RuleError(f"rule {rule.name!r} occurs twice; every rule has a name of its own")
        rules.append(rule)
    return tuple(rules)


def violations(rules: Sequence[Rule], columns: Mapping[str, Column]) -> list[Bools]:
    """For each rule, the rows where it fires.

    columns : arrays of equal length by field; numbers with NaN, texts with None, NaN or "" where missing.
    ValueError for a column that a rule names and that is not there, or is of another kind.
    """
    fields: dict[str, Literal["number", "text"]] = {}
    for rule in rules:
        fields |= rule.fields
    table = Table(columns, fields, frozenset(fields))
    out = []
    for rule in rules:
        _, fires = table.truth(rule.must)
        if rule.when is not None:
            fires = fires & table.truth(rule.when)[0]
        for field in sorted(rule.needed):
            fires = fires & ~table.absent[field]
        out.append(fires)
    return out


def edits(rules: Sequence[Rule], *, plain: bool = False) -> list[Edit]:
    """The rules for the algebra of edits and for localisation of errors.

    plain : leave out rules that ask `is_missing` or multiply and divide fields in a way that is not linear; the others
    speak of fields of a record only, as `localise` and `deduce` need it.
    """
    out = [(rule, rule.edit) for rule in rules]
    return [e for rule, e in out if not plain or condition_fields(e.condition) <= rule.fields.keys()]


def check(rules: Sequence[Rule]) -> tuple[str, ...]:
    """Check a rule set against itself; the warnings.

    RuleConflictError where no record can satisfy all rules, or where the case of a conditional rule can never pass
    though the unconditional rules allow it; it names the rules of an irreducible conflict. Warnings: a rule that says
    nothing new and the rules that already say it (in every record in which it could fire, and no less firmly), a
    conditional rule whose case never occurs, a field that the rules fix only together.
    """
    every = edits(rules)
    by_name = {rule.name: rule for rule in rules}
    names = algebra.conflict(every)
    if names:
        raise RuleConflictError(
            names,
            f"the edit rules contradict themselves; these cannot hold together: {_quoted(names, by_name)}. "
            "Correct or remove one of them",
        )
    warnings: list[str] = []
    plain = [e for e in every if e.when == TRUE]
    idle: set[str] = set()
    for name, against in algebra.contradicting(every).items():
        when = next(e.when for e in every if e.name == name)
        if not algebra.feasible([when, *(e.condition for e in plain)]):
            idle.add(name)
            by = algebra.conflict(plain, [when])
            warnings.append(f"rule {name!r} never applies: its case is excluded by {_quoted(by, by_name)}")
            continue
        raise RuleConflictError(
            against,
            f"the edit rules contradict themselves where {by_name[name].when_text}: these cannot hold together: "
            f"{_quoted(against, by_name)}. Correct or remove one of them",
        )

    def may(edit: Edit, other: Edit) -> bool:
        # Where a field is missing that only the other rule needs, the other does not fire; and a soft rule lets pass.
        mine, its = by_name[edit.name], by_name[other.name]
        return its.needed <= mine.needed and (its.kind == "hard" or mine.kind == "soft")

    for name, because in algebra.redundant(every, may).items():
        if name in idle:
            continue
        reason = f"it follows from {_quoted(because, by_name)}" if because else "it always holds"
        warnings.append(f"rule {name!r} says nothing new: {reason}")
    named_fields = frozenset[str]().union(*(r.fields for r in rules))
    for field, value in algebra.fixed(every).items():
        # A rule that alone gives a field its value means to.
        alone = any(field in algebra.fixed([e]) for e in every if field in condition_fields(e.condition))
        if field in named_fields and not alone:
            warnings.append(f"field {field!r} can have one value only, {value}: all rules together fix it")
    return tuple(warnings)


def _quoted(names: Sequence[str], rules: Mapping[str, Rule]) -> str:
    parts = []
    for name in names:
        rule = rules[name]
        case = f"when {rule.when_text}, " if rule.when_text else ""
        parts.append(f"{name!r} ({case}must {rule.must_text})")
    return ", ".join(parts)
