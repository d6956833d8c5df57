"""The audit of published series: what their own figures show to be wrong, ours or another publisher's."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from ellwand.production.audit import issues
from ellwand.production.audit.breaks import breaks, misplaced
from ellwand.production.audit.changes import changes
from ellwand.production.audit.composites import composites
from ellwand.production.audit.declared import Composite, read_composites
from ellwand.production.audit.fields import read_row
from ellwand.production.audit.report import as_json, as_table, as_text
from ellwand.production.audit.rows import COLUMNS, Finding, Printed, Row, read_file, read_table
from ellwand.production.audit.series import collect

__all__ = [
    "COLUMNS",
    "RULES",
    "Audit",
    "Composite",
    "Finding",
    "as_json",
    "as_text",
    "audit",
    "audit_file",
    "read_composites",
]

RULES = {
    "impossible-value": "a value that is no number, not above 0 or far from its series; an absurd change; no figure",
    "period-label": "a label that is no period of the frequency, or one value under two labels",
    "basis-label": "a change without a basis, with an unknown one, or one that the frequency cannot have",
    "direction": "a direction word that contradicts the sign of the change",
    "duplicate-issue": "a period printed twice, alike or with other figures",
    "missing-issue": "a period absent from a listing where the publisher did not skip it",
    "issue-order": "an issue printed out of the order of its listing",
    "issue-weekday": "a weekly issue dated on another weekday than its series",
    "change-on-previous": "a change on the previous issue that the levels do not allow",
    "change-on-period": "a change on a named period that the levels do not allow",
    "change-on-year-start": "a change on the start of the year that its level does not allow",
    "change-on-last-year": "a change on the same period of last year that the levels do not allow",
    "year-start-base": "two issues of a year that imply different levels at its start",
    "parent-range": "a parent outside the range of its parts",
    "composite-weights": "weights other than declared, or not constant",
    "level-break": "a change out of all proportion to the others of the series",
}
"""Every rule by name, with what it finds."""


class Audit(NamedTuple):
    """Findings in the order of the rows, series by series, and the number of rows examined."""

    findings: list[Finding]
    rows: int


def audit(table: pa.Table, parts: Sequence[Composite] = ()) -> pa.Table:
    """Findings of a table of published figures.

    table: columns series, period, frequency, value, change_pct, change_basis and optionally direction, others are
    ignored; a null is "not printed"; numbers count with the digits that they show, so 106.30 is a text or a decimal,
    while the float 106.3 has one digit only. parts: declared composites. Returns columns series, period, rule,
    message; no rows if nothing is wrong. DataError for a missing column, a row without series, a table without rows.
    """
    return as_table(_examine(read_table(table), parts).findings)


def audit_file(source: str | Path, parts: Sequence[Composite] = ()) -> Audit:
    """Findings of a CSV file (`-`: standard input) and the number of its rows; see `audit`."""
    return _examine(read_file(source), parts)


def _examine(printed: Sequence[Printed], parts: Sequence[Composite]) -> Audit:
    rows: list[Row] = []
    findings: list[Finding] = []
    for text in printed:
        row, found = read_row(text)
        rows.append(row)
        findings += found
    findings += _across(rows, parts)
    series: dict[str, int] = {}
    periods: dict[tuple[str, str], int] = {}
    for i, row in enumerate(rows):
        series.setdefault(row.series, i)
        periods.setdefault((row.series, row.label), i)
    findings.sort(key=lambda f: (series[f.series], periods.get((f.series, f.period), len(rows))))
    return Audit(list(dict.fromkeys(findings)), len(rows))


def _across(rows: Sequence[Row], parts: Sequence[Composite]) -> Iterator[Finding]:
    everything = collect(rows)
    yield from issues.duplicates(rows)
    for series in everything:
        yield from issues.weekdays(series)
        yield from issues.order(series)
        yield from changes(series)
        yield from breaks(series)
        yield from misplaced(series)
    yield from issues.missing(everything)
    yield from composites(everything, parts)
