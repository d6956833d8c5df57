"""Random observation tables with known facts, and the names of a small classification."""

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from ellwand.production.report.facts import COLUMNS

CLASSES = [
    ("原料", "Raw materials", [
        ("棉麻", "Cotton and hemp"), ("涤纶", "Polyester"), ("其他化纤", "Other chemical fibre"),
    ]),
    ("坯布", "Grey fabrics", [
        ("化纤坯布", "Chemical-fibre grey fabrics"), ("涤纶POY 150D/48F", "Polyester POY 150D/48F"),
    ]),
    ("服装面料", "Apparel fabrics", [
        ("纯棉面料", "Cotton fabrics"), ("棉麻面料", "Cotton-linen fabrics"), ("T/C府绸", "T/C poplin"),
    ]),
    ("家纺", "Home textiles", [("床上用品", "Bedding"), ("窗纱", "Window gauze")]),
    ("服饰辅料", "Accessories", [("衬料", "Interlining"), ("线绳", "Thread and rope")]),
    ("时尚面料", "Fashion fabrics", []),
]  # fmt: skip


def weeks(start: date, count: int) -> list[str]:
    days = [start + timedelta(weeks=k) for k in range(count)]
    return [f"{d.isocalendar().year}-W{d.isocalendar().week:02d}" for d in days]


def build(periods: list[str], rows: list[dict], columns: dict[str, np.ndarray], *, simulated: bool = True) -> pa.Table:
    """A table: one dict a series (code, parent, level, names), and arrays series x periods of what is given."""
    S, T = len(rows), len(periods)
    nothing = np.full((S, T), np.nan)
    out: dict[str, list] = {name: [] for name in COLUMNS}
    paths = {row["code"]: row for row in rows}

    def path(row: dict) -> str:
        if row["level"] == 0:
            return "price/total"
        above = paths[row["parent"]]
        return f"price/{row['code']}" if above["level"] == 0 else f"{path(above)}/{row['code']}"

    for s, row in enumerate(rows):
        for t, period in enumerate(periods):
            for name in COLUMNS:
                if name == "series":
                    value = path(row)
                elif name == "period":
                    value = period
                elif name == "simulated":
                    value = simulated
                elif name in row:
                    value = row[name]
                else:
                    value = columns.get(name, nothing)[s, t]
                    if isinstance(value, float | np.floating):
                        value = None if np.isnan(value) else float(value)
                    elif not isinstance(value, str):
                        value = int(value)
                out[name].append(value)
    counts = {"matched", "units", "due", "quotes", "observed", "corrected", "replaced", "imputed", "carried",
              "not_collected", "excluded", "queried"}  # fmt: skip
    types = {"level": pa.int64(), "simulated": pa.bool_()} | dict.fromkeys(counts, pa.int64())
    texts = {"series", "code", "parent", "name_zh", "name_en", "period", "grade", "status"}
    return pa.table({
        name: pa.array(values, pa.string() if name in texts else types.get(name, pa.float64()))
        for name, values in out.items()
    })  # fmt: skip


def random_table(seed: int) -> tuple[pa.Table, str]:
    """A table in which parents are weighted means of their parts, and a period that has an issue."""
    rng = np.random.default_rng(seed)
    T = int(rng.choice([1, 2, 3, 5, 9, 56]))
    periods = weeks(date(2022, 1, 3) + timedelta(weeks=int(rng.integers(0, 120))), T)
    chosen = [CLASSES[k] for k in sorted(rng.choice(len(CLASSES), int(rng.integers(1, 7)), replace=False))]
    rows = [{"code": "0", "parent": "", "level": 0, "name_zh": "总指数", "name_en": "Total index"}]
    for i, (zh, en, below) in enumerate(chosen, 1):
        rows.append({"code": str(i), "parent": "0", "level": 1, "name_zh": zh, "name_en": en})
        for j, (zh2, en2) in enumerate(below[: int(rng.integers(0, 4))], 1):
            rows.append({"code": f"{i}.{j}", "parent": str(i), "level": 2, "name_zh": zh2, "name_en": en2})
    S = len(rows)
    children = {r["code"]: [k for k, c in enumerate(rows) if c["parent"] == r["code"]] for r in rows}
    leaf = np.array([not children[r["code"]] for r in rows])
    scale = float(rng.choice([0.0, 0.02, 0.1, 0.3, 1.5]))
    steps = rng.normal(0, scale, (S, T)) * (rng.random((S, T)) < rng.choice([0.3, 1.0]))
    if rng.random() < 0.2:
        steps = np.abs(steps)
    steps[:, 0] = 0
    level = np.where(leaf[:, None], 100 * np.cumprod(1 + steps / 100, axis=1), 0.0)
    weight = np.where(leaf, rng.gamma(2.0, size=S), 0.0)
    for s in reversed(range(S)):
        if not leaf[s]:
            part = children[rows[s]["code"]]
            weight[s] = weight[part].sum()
            level[s] = (weight[part, None] * level[part]).sum(axis=0) / weight[s]
    weight /= weight[0]
    issued = rng.random(T) > rng.choice([0.0, 0.25])
    issued[[0, -1]] = True
    hidden = (rng.random(S) < 0.12) & (np.arange(S) > 0) & (rng.random() < 0.5)
    shown = np.where(issued[None, :] & ~hidden[:, None], level, np.nan)
    change = np.full((3, S, T), np.nan)
    contribution = np.full((S, T), np.nan)
    years = [int(p[:4]) for p in periods]
    for t in np.flatnonzero(issued):
        before = [u for u in range(t) if issued[u]]
        starts = [u for u in before if years[u] == years[t] - 1]
        bases = [before[-1] if before else None, starts[-1] if starts else None, t - 52 if t >= 52 else None]
        for b, u in enumerate(bases):
            if u is not None:
                change[b, :, t] = 100 * (shown[:, t] / shown[:, u] - 1)
        if before:
            u = before[-1]
            contribution[:, t] = np.where(hidden, np.nan, 100 * weight * (level[:, t] - level[:, u]) / level[0, u])
    wide = rng.gamma(1.0, scale / 3 + 1e-6, (S, T)) if rng.random() < 0.8 else np.full((S, T), np.nan)
    grade = rng.choice(["A", "A", "A", "B", "C"], (S, T)).astype(object)
    status = rng.choice(["observed", "observed", "observed", "imputed", "carried"], (S, T)).astype(object)
    if rng.random() < 0.5:
        grade[:], status[:] = "A", "observed"
    status[:, 0] = "reference"
    grade[hidden], status[hidden] = "S", "suppressed"
    status[:, ~issued] = "not_collected"
    counts = rng.integers(1, 9000, (S, T))
    table = build(periods, rows, {
        "index": shown, "change_previous": change[0], "change_year_start": change[1], "change_last_year": change[2],
        "low": shown - 0.3, "high": shown + 0.3, "change_low": change[0] - wide, "change_high": change[0] + wide,
        "contribution": contribution, "weight": np.repeat(weight[:, None], T, axis=1),
        "imputed_share": rng.random((S, T)) * 0.6, "carried_share": rng.random((S, T)) * 0.3,
        "matched": counts, "units": rng.integers(1, 1200, (S, T)), "grade": grade, "status": status,
    } | dict.fromkeys(("due", "quotes", "observed", "corrected", "replaced", "imputed", "carried", "not_collected",
                       "excluded", "queried"), counts))  # fmt: skip
    return table, periods[-1]


@pytest.fixture(scope="session")
def random_tables() -> Callable[[int], tuple[pa.Table, str]]:
    return random_table


@pytest.fixture(scope="session")
def table_of() -> Callable[..., pa.Table]:
    return build
