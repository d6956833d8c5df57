"""The lineage of a published value: from the figure to counts, weights, imputed share, parts, method and approvals."""

from typing import Any

from ellwand.engine.errors import DataError
from ellwand.office.record import reading
from ellwand.web import query
from ellwand.web.agents import provenance
from ellwand.web.moments import Moment
from ellwand.web.query import Asked, Point
from ellwand.web.registers import MEASURES, words_of_codes

Json = dict[str, Any]
COUNTED = (
    "matched", "units", "due", "quotes", "observed", "corrected", "replaced", "imputed", "carried", "not_collected",
    "excluded", "queried",
)  # fmt: skip


def explain(seen: Moment, code: str, period: str) -> Json:
    """Everything public that stands behind a value. DataError for a value that was not published."""
    one = query.one_series(seen, code, "series")
    query.periods_between(seen, period, period)
    vintages = query.points(seen, Asked((code,), (period,), history=True))
    if not vintages:
        raise DataError(
            f"series {code}, period {period}: nothing was published of it; see first_period and last_period"
        )
    last = vintages[-1]
    row, given = query.shown(seen, last), last[1]
    codes = words_of_codes()
    status: Json = next((s for s in codes["statuses"] if s["code"] == row["status"]), {})
    grade: Json = next((g for g in codes["grades"] if g["code"] == row["grade"]), {})
    manifest = reading.manifest(reading.release(given.code))
    log = [
        c for c in query.corrections(seen) if any((x["series"], x["period"]) == (code, period) for x in c["changes"])
    ]
    return {
        "provenance": provenance.of(seen),
        "series": {"code": code, "name_zh": one.name_zh, "name_en": one.name_en, "parent": one.parent or None},
        "period": period,
        "published": {name: row[name] for name in query.PUBLISHED},
        "full_precision": {name: row[name] for name in ("index", "low", "high", "contribution", "weight")},
        "status": {"code": row["status"], "zh": status.get("meaning_zh", ""), "en": status.get("meaning_en", "")},
        "grade": {"code": row["grade"], "zh": grade.get("name_zh", ""), "en": grade.get("name_en", "")},
        "imputed_share": row["imputed_share"],
        "counts": {n: {"count": row[n], "zh": MEASURES[n][0], "en": MEASURES[n][1]} for n in COUNTED if n in row},
        "parts": _parts(seen, code, period),
        "method": {
            "name": given.method,
            "sha256": given.method_digest,
            "page": provenance.pages(f"knowledge/method/{given.method_digest}/"),
        },
        "release": {
            **query.release(given),
            "page": provenance.pages(f"releases/{given.code}/"),
            "approved_by_roles": [a.role for a in manifest.approvals],
            "inputs_sha256": manifest.inputs,
        },
        "vintages": [_vintage(seen, v) for v in vintages],
        "corrections": log,
        "citation": provenance.citation(one, given, period, row["value"]),
        "page": provenance.pages(f"index/{code}/?vintage={given.code}"),
    }


def _parts(seen: Moment, code: str, period: str) -> list[Json]:
    """The classes right below, the largest contribution first."""
    below = tuple(n.code for n in query.series(seen) if n.parent == code)
    if not below:
        return []
    rows = query.observations(seen, Asked(below, (period,)))
    names = query.codes_of(seen)
    rows.sort(key=lambda r: -abs(float(r["contribution"] or 0)))
    kept = ("value", "change_previous", "contribution", "weight", "grade", "status")
    return [
        {"code": r["series"], "name_zh": names[r["series"]].name_zh, "name_en": names[r["series"]].name_en}
        | {k: r[k] for k in kept}
        for r in rows
    ]


def _vintage(seen: Moment, one: Point) -> Json:
    row = query.shown(seen, one)
    return {k: row[k] for k in ("vintage", "issued", *query.PUBLISHED, "revised", "correction")}
