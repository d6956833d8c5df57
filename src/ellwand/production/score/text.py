"""A score as text and as JSON."""

import json
from collections.abc import Sequence
from typing import Any

from ellwand.production.score.scores import Score


def as_json(score: Score) -> str:
    """All figures and targets as one JSON object; null where there is no figure."""
    return json.dumps(
        {**score.figures, "targets": [vars(t) for t in score.targets], "met": score.met}, ensure_ascii=False, indent=2
    )


def as_text(score: Score) -> str:
    """Tables of the figures, the targets last."""
    f = score.figures
    e = f["editing"]
    method = f["method"]
    out = [
        f"scores of {f['market']}, compiled by method {method['name']} {method['version']}, "
        f"{f['periods'][0]} to {f['periods'][1]} (simulated market)",
        "",
        "Editing: flags are quotes set aside or corrected",
    ]
    rows = [("all errors", e["all"]), ("without stale_copy", e["without_stale_copy"])]
    rows += [(f"rule {name}", row) for name, row in e["by_rule"].items()]
    head = ("", "flagged", "right", "errors", "precision", "recall", "F1", "found most")
    out += _table(
        head,
        [
            (
                name,
                *(f"{r[k]:,}" for k in ("flagged", "right", "errors")),
                *(_share(r[k]) for k in ("precision", "recall", "f1")),
                ", ".join(f"{k} {n:,}" for k, n in list(r.get("kinds", {}).items())[:3]),
            )
            for name, r in rows
        ],
    )
    out += ["", "Errors by kind: recall, and F1 with the precision of all flags, since a flag names no kind"]
    out += _table(
        ("kind", "errors", "found", "recall", "F1"),
        [
            (name, f"{r['errors']:,}", f"{r['found']:,}", _share(r["recall"]), _share(r["f1"]))
            for name, r in e["by_kind"].items()
        ],
    )
    out += [
        "",
        f"Corrections: {e['corrected']:,}, of which {e['corrected_right']:,} ({_share(e['corrected_right_share'])}) "
        f"within {100 * e['right_within']:g} % of the true price",
        "",
        "Indices against the truth of the sample, per cent",
    ]
    out += _table(
        ("class", "error before editing", "error", "bias, last 13"),
        [
            (_class(code, r), _figure(r["rmse_before"]), _figure(r["rmse"]), _figure(r["bias_last_13"], sign=True))
            for code, r in f["indices"].items()
        ],
    )
    out += ["", "Imputed prices of missing quotes: error of the movement since the last price seen, per cent"]
    out += _table(
        ("class", "prices", "imputed", "carry-forward", "class mean"),
        [
            (_class(code, r), f"{r['prices']:,}", *(_figure(r[k]) for k in ("imputed", "carry_forward", "class_mean")))
            for code, r in f["imputation"].items()
        ],
    )
    out += ["", f"Share of {100 * f['intervals']['level']:g} % intervals that hold the index of the population"]
    out += _table(
        ("class", "levels", "changes"),
        [
            (_class(code, r), _share(r["levels"]), _share(r["changes"]))
            for code, r in [*f["intervals"]["classes"].items(), ("mean", f["intervals"])]
        ],
    )
    out += ["", "Targets"]
    out += _table(
        ("", "value", "target", ""),
        [
            (t.name, _share(t.value), t.rule, {True: "met", False: "not met", None: "not judged: no figure"}[t.met])
            for t in score.targets
        ],
    )
    return "\n".join(out)


def _class(code: str, row: dict[str, Any]) -> str:
    return f"{code} {row['name_en']}" if "name_en" in row else code


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _figure(value: float | None, *, sign: bool = False) -> str:
    return "-" if value is None else f"{value:+.3f}" if sign else f"{value:.3f}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Columns of equal width: the first and any text to the left, figures to the right."""
    cells = [head, *rows]
    width = [max(len(row[k]) for row in cells) for k in range(len(head))]
    left = [k == 0 or any(row[k][:1].isalpha() for row in rows) for k in range(len(head))]
    return [
        "  "
        + "  ".join(
            c.ljust(w) if to_left else c.rjust(w) for c, w, to_left in zip(row, width, left, strict=True)
        ).rstrip()
        for row in cells
    ]
