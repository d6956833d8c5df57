"""Findings for people and for programs."""

import json
import textwrap
from collections.abc import Sequence

import pyarrow as pa

from ellwand.production.audit.rows import Finding

SCHEMA = pa.schema([(name, pa.string()) for name in Finding._fields])
WIDTH = 110


def as_table(findings: Sequence[Finding]) -> pa.Table:
    """Arrow table with columns series, period, rule, message."""
    return pa.table({name: [getattr(finding, name) for finding in findings] for name in Finding._fields}, schema=SCHEMA)


def as_json(findings: Sequence[Finding]) -> str:
    """A JSON list of objects with series, period, rule, message; `[]` if there is none."""
    return json.dumps([finding._asdict() for finding in findings], ensure_ascii=False, indent=2)


def as_text(findings: Sequence[Finding], rows: int) -> str:
    """A table with the message under its series, period and rule, and a last line that counts."""
    read = f"{rows} row{'s' * (rows != 1)}"
    if not findings:
        return f"no findings in {read}"
    heads = ("series", "period", "rule")
    cells = [heads, *((f.series, f.period or "-", f.rule) for f in findings)]
    widths = [max(len(row[i]) for row in cells) for i in range(3)]
    lines = ["  ".join(text.ljust(width) for text, width in zip(heads, widths, strict=True)).rstrip()]
    lines.append("  ".join("-" * width for width in widths))
    for finding, row in zip(findings, cells[1:], strict=True):
        lines.append("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())
        lines += textwrap.wrap(
            finding.message, WIDTH, initial_indent="    ", subsequent_indent="    ", break_long_words=False
        )
    series = len({finding.series for finding in findings})
    lines.append(f"{len(findings)} finding{'s' * (len(findings) > 1)} in {series} series, {read}")
    return "\n".join(lines)
