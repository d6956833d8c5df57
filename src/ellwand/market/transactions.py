"""Transactions in volume: products that live, are put on sale and are dumped, in 200 strata of any size."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from ellwand.market.write import METADATA, decimals, write_csv

STRATA = 200
CODES = tuple(f"E{k:03d}" for k in range(STRATA))
CHUNK = 1_000_000
"""Rows written at a time: bounds the memory whatever the number of rows."""
KEY = 9
"""Branch of the seed that belongs to the transactions, so that they leave the quotes as they are."""


def part_name(code: str) -> str:
    """File of a stratum."""
    return f"transactions/ea={code}/part-0.parquet"


def write_transactions(folder: Path, rows: int, labels: Sequence[str], seed: int, done: Callable[[int], None]) -> None:
    """Write exactly `rows` rows, shared evenly by the strata, and the true trend of each stratum."""
    trends = np.empty((STRATA, len(labels)))
    for s, code in enumerate(CODES):
        rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(KEY, s)))
        count = rows // STRATA + (s < rows % STRATA)
        path = folder / part_name(code)
        path.parent.mkdir(parents=True, exist_ok=True)
        trends[s] = write_stratum(path, count, labels, rng)
        done(s + 1)
    write_csv(
        folder / "truth/transactions.csv",
        ["ea", "period", "trend_true"],
        (
            [code, label, repr(float(value))]
            for code, path in zip(CODES, trends, strict=True)
            for label, value in zip(labels, path, strict=True)
        ),
    )


def products_of(rows: int, weeks: int) -> int:
    """Number of product places of a stratum: about four transactions a product and week, 50 to 2000 places."""
    return int(np.clip(rows // weeks // 4, 50, 2000))


def cells(
    products: int, weeks: int, rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.intp], NDArray[np.float64]]:
    """Price, expected sales and mean size of a sale of every product place and week, which product, and the trend.

    Products last about a year and a half and follow one another in their places. Their regular price follows the trend
    with stickiness; in 4 weeks of 100 a sale of one or two weeks begins, at 10 to 35 per cent off, and the weeks after
    it sell less; in the last four weeks of its life a product is dumped, down to 45 per cent of its price, while its
    stock runs out. Quantities answer to relative prices with an elasticity between 2 and 4.
    """
    trend = np.concatenate(([0.0], np.cumsum(rng.normal(0.0004, 0.004, weeks - 1))))
    at = np.arange(weeks)
    end = rng.random((products, weeks)) < 1 / 78
    end[:, -1] = False
    generation = np.concatenate((np.zeros((products, 1), np.intp), np.cumsum(end[:, :-1], axis=1)), axis=1)
    offset = np.concatenate(([0], np.cumsum(generation[:, -1] + 1)[:-1]))
    product = generation + offset[:, None]
    # Weeks until the product ends; the last generation outlives the market.
    next_end = np.where(end, at, weeks + 99)
    left = np.minimum.accumulate(next_end[:, ::-1], axis=1)[:, ::-1] - at
    appeal = rng.normal(0.0, 0.8, int(product[-1, -1]) + 1)
    base = np.log(rng.uniform(5, 60)) + rng.normal(0.0, 0.35, appeal.size)
    # A regular price is set at the current trend, and kept for about six weeks.
    fresh = rng.random((products, weeks)) < 1 / 6
    fresh[:, 0] = True
    fresh[:, 1:] |= product[:, 1:] != product[:, :-1]
    since = np.maximum.accumulate(np.where(fresh, at, 0), axis=1)
    own = rng.normal(0.0, 0.02, (products, weeks))
    regular = base[product] + trend[since] + np.take_along_axis(own, since, axis=1)
    begin = rng.random((products, weeks)) < 0.04
    depth = np.where(begin, rng.uniform(0.10, 0.35, (products, weeks)), 0.0)
    second = np.zeros_like(depth)
    second[:, 1:] = np.where(rng.random((products, weeks - 1)) < 0.5, depth[:, :-1], 0.0)
    cut = np.log1p(-np.maximum(depth, second))
    dump = np.where(left < 4, np.log(np.array([0.45, 0.55, 0.70, 0.85]))[np.clip(left, 0, 3)], 0.0)
    cut = np.where(left < 4, dump, cut)
    stock = np.where(left < 4, np.array([0.05, 0.12, 0.30, 0.6])[np.clip(left, 0, 3)], 1.0)
    after = np.zeros_like(cut)
    after[:, 1:] = np.where((cut[:, :-1] < 0) & (cut[:, 1:] == 0), -0.4, 0.0)
    elasticity = rng.uniform(2.0, 4.0)
    relative = regular - base[product] - trend + cut
    demand = np.exp(appeal[product] - elasticity * relative + after) * stock
    # Two fifths of the answer to price are more sales, three fifths larger sales.
    size = 8.0 * np.exp(-0.6 * elasticity * relative) * np.sqrt(stock)
    sales = demand**0.4 * np.exp(0.6 * appeal[product])
    return np.exp(regular + cut), sales, np.asarray(size), np.asarray(product, dtype=np.intp), np.exp(trend)


def write_stratum(path: Path, rows: int, labels: Sequence[str], rng: np.random.Generator) -> NDArray[np.float64]:
    """Write one stratum, sorted by period and product place, chunk by chunk; return its true trend."""
    weeks = len(labels)
    price, sales, size, product, trend = cells(products_of(rows, weeks), weeks, rng)
    price, sales, size = (x.T.ravel() for x in (price, sales, size))
    product = product.T.ravel()
    count = rng.multinomial(rows, sales / sales.sum())
    stop = np.cumsum(count)
    names = pa.array([f"P{k:06d}" for k in range(int(product.max()) + 1)])
    periods = pa.array(list(labels))
    places = product.size // weeks
    schema = pa.schema(
        [("period", pa.string()), ("product", pa.string()), ("price", pa.decimal128(10, 2)), ("quantity", pa.int32())],
        metadata=METADATA,
    )
    cents = price * 100
    with pq.ParquetWriter(path, schema, compression="zstd", store_decimal_as_integer=True) as out:
        for start in range(0, rows, CHUNK):
            end = min(start + CHUNK, rows)
            low, high = np.searchsorted(stop, [start, end - 1], side="right")
            inside = np.diff(np.clip(np.concatenate(([start], stop[low : high + 1])), start, end))
            cell = np.repeat(np.arange(low, high + 1), inside)
            # Haggling: a sale is made within 2 per cent of the price of the week.
            paid = cents[cell] * (1 + 0.02 * (2 * rng.random(cell.size, dtype=np.float32) - 1))
            many = size[cell] * rng.standard_exponential(cell.size, dtype=np.float32)
            table = pa.Table.from_arrays(
                [
                    periods.take(pa.array(cell // places)),
                    names.take(pa.array(product[cell])),
                    decimals(np.maximum(np.rint(paid), 1).astype(np.int64), 10, 2),
                    pa.array((1 + np.minimum(many, 1e6)).astype(np.int32)),
                ],
                schema=schema,
            )
            out.write_table(table, row_group_size=CHUNK)
    return trend
