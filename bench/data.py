"""The rows of the tasks: made from a seed, kept in a folder named by their parameters, the same for all."""

import json
import shutil
import tempfile
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

Column = NDArray[np.generic]


def cached(root: Path, name: str) -> tuple[Path, bool]:
    """The folder of these parameters, and whether it is complete (it gets its name only then)."""
    folder = root / name
    return folder, folder.is_dir()


def keep(work: Path, folder: Path) -> Path:
    if folder.exists():
        shutil.rmtree(work)
    else:
        work.rename(folder)
    return folder


def work_folder(root: Path) -> Path:
    root.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix=".making-", dir=root))


def write_columns(folder: Path, columns: dict[str, Column]) -> None:
    """Columns as raw little-endian numbers: what every language reads without a parser."""
    for name, values in columns.items():
        kind = "f8" if values.dtype.kind == "f" else "i4"
        values.astype("<" + kind).tofile(folder / f"{name}.{kind}")


def read_columns(folder: Path) -> dict[str, Column]:
    """The columns that `write_columns` wrote."""
    return {p.stem: np.fromfile(p, dtype="<" + p.suffix[1:]) for p in sorted(folder.glob("*.[fi][48]"))}


def presence(rng: np.random.Generator, products: int, periods: int) -> NDArray[np.bool_]:
    """Products x periods, about 80 % true: two thirds stay all the time, the others enter or leave; 3 % gaps."""
    kind = rng.random(products)
    turn = rng.integers(1, periods, products)
    t = np.arange(periods)
    enter = np.where(kind < 0.175, turn, 0)
    leave = np.where((kind >= 0.175) & (kind < 0.35), turn, periods)
    alive = (t >= enter[:, None]) & (t < leave[:, None])
    return np.asarray(alive & (rng.random((products, periods)) >= 0.03))


def panel(root: Path, *, products: int, periods: int, seed: int = 20) -> Path:
    """One stratum: period, product, price, quantity and the value share in the period, one row a product and period."""
    folder, there = cached(root, f"panel-products={products}-periods={periods}-seed={seed}")
    if there:
        return folder
    rng = np.random.default_rng(seed)
    sold = presence(rng, products, periods)
    sold[0] = True
    level = rng.normal(2.5, 1.0, products)
    drift = np.cumsum(rng.normal(0.002, 0.01, periods))
    logs = level[:, None] + drift + rng.normal(0.0, 0.08, (products, periods))
    quantity = np.exp(rng.normal(3.0, 1.2, products)[:, None] - 1.5 * (logs - level[:, None]))
    quantity = np.ceil(quantity * np.exp(rng.normal(0.0, 0.3, (products, periods))))
    price = np.maximum(np.round(np.exp(logs), 2), 0.01)
    period, product = np.nonzero(sold.T)
    p, q = price.T[period, product], quantity.T[period, product]
    totals = np.bincount(period, weights=p * q, minlength=periods)
    work = work_folder(root)
    columns = {"period": period + 1, "product": product + 1, "price": p, "quantity": q}
    write_columns(work, {**columns, "share": p * q / totals[period]})
    return keep(work, folder)


def weeks(count: int) -> list[str]:
    """ISO weeks from 2021-W01 on."""
    first = date(2021, 1, 4)
    out = []
    for i in range(count):
        year, week, _ = (first + timedelta(weeks=i)).isocalendar()
        out.append(f"{year}-W{week:02d}")
    return out


def transactions(root: Path, *, rows: int, strata: int, periods: int = 104, per_cell: int = 5, seed: int = 30) -> Path:
    """Sales slips in Parquet, a folder a stratum: period text, product text, price decimal(10,2), quantity int32.

    Products come and go (about 80 % presence), some sell often and some seldom; there are about `per_cell` slips for
    each product and week. One stratum is in memory at a time.
    """
    folder, there = cached(root, f"slips-rows={rows}-strata={strata}-weeks={periods}-per={per_cell}-seed={seed}")
    if there:
        return folder
    work = work_folder(root)
    labels = pa.array(weeks(periods))
    sizes = np.full(strata, rows // strata)
    sizes[: rows % strata] += 1
    for s, n in enumerate(sizes.tolist()):
        rng = np.random.default_rng((seed, s))
        products = max(3, round(n / (0.8 * periods * per_cell)))
        popularity = np.cumsum(rng.lognormal(0.0, 0.6, products))
        product = np.searchsorted(popularity, rng.random(n) * popularity[-1], side="right").clip(max=products - 1)
        kind, turn = rng.random(products), rng.integers(1, periods, products)
        enter = np.where(kind < 0.2, turn, 0)
        leave = np.where((kind >= 0.2) & (kind < 0.4), turn, periods)
        week = enter[product] + (rng.random(n) * (leave - enter)[product]).astype(np.int64)
        drift = np.cumsum(rng.normal(0.001, 0.01, periods))
        noise = rng.standard_normal(n, dtype=np.float32)
        logs = rng.normal(2.5, 1.0, products)[product] + drift[week] + 0.05 * noise
        cents = np.maximum(np.rint(100 * np.exp(logs)), 1).astype(np.int64)
        quantity = rng.geometric(0.4, n).astype(np.int32)
        order = np.argsort(week, kind="stable")
        names = pa.array([f"E{s:03d}-P{i:05d}" for i in range(products)])
        table = pa.table(
            {
                "period": pa.DictionaryArray.from_arrays(pa.array(week[order].astype(np.int32)), labels),
                "product": pa.DictionaryArray.from_arrays(pa.array(product[order].astype(np.int32)), names),
                "price": _decimal(cents[order]),
                "quantity": pa.array(quantity[order]),
            }
        )
        part = work / f"ea=E{s:03d}"
        part.mkdir()
        # Without the stored schema the texts are read as plain texts, as in files of other makers.
        pq.write_table(table, part / "part-0.parquet", store_schema=False)
    return keep(work, folder)


def _decimal(cents: NDArray[np.int64]) -> pa.Array:
    """decimal(10,2) from whole cents, without a Python object for each."""
    words = np.zeros((len(cents), 2), dtype="<i8")
    words[:, 0] = cents
    words[:, 1] = np.where(cents < 0, -1, 0)
    return pa.Array.from_buffers(pa.decimal128(10, 2), len(cents), [None, pa.py_buffer(words)])


def quotes(root: Path, *, strata: int, periods: int, products: int, seed: int = 40) -> Path:
    """Quotes of a survey: `products` a stratum, 6 % of the prices missing, and 1 % of the strata's periods whole.

    period, ea, product and price (NaN where missing) are columns; `structure.json` holds each stratum's group and
    weight (strata form groups of ten, the groups the total).
    """
    folder, there = cached(root, f"quotes-strata={strata}-periods={periods}-products={products}-seed={seed}")
    if there:
        return folder
    rng = np.random.default_rng(seed)
    drift = np.cumsum(rng.normal(0.001, 0.01, (periods, strata)), axis=0)
    logs = rng.normal(3.0, 0.8, (strata, products)) + drift[:, :, None]
    price = np.round(np.exp(logs + rng.normal(0.0, 0.03, logs.shape)), 2).clip(min=0.01)
    missing = rng.random(price.shape) < 0.06
    missing |= (rng.random((periods, strata)) < 0.01)[:, :, None]
    missing[0] = False
    price[missing] = np.nan
    period, ea, product = (axis.ravel() for axis in np.indices(price.shape))
    work = work_folder(root)
    write_columns(
        work,
        {"period": period + 1, "ea": ea + 1, "product": ea * products + product + 1, "price": price.ravel()},
    )
    weight = np.round(rng.lognormal(0.0, 0.7, strata) * 100).clip(min=1)
    structure = {"group": [s // 10 + 1 for s in range(strata)], "weight": weight.tolist()}
    write_columns(work, {"structure_group": np.asarray(structure["group"]), "structure_weight": weight})
    (work / "structure.json").write_text(json.dumps(structure), encoding="utf-8")
    return keep(work, folder)
