"""The hierarchy against loops over classes, products and periods, one number at a time."""

import math
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import ellwand as ew

CODES = ["1.1.1", "1.1.2", "1.2.1", "2.1.1", "2.1.2.1", "2.1.2.2", "3"]
PERIODS = 7


def market(seed: int) -> tuple[dict[tuple[str, str, int], float], dict[str, float], dict[str, float]]:
    """Prices by class, product and period, three in ten missing and one class closed at times; two baskets."""
    rng = np.random.default_rng(seed)
    prices = {}
    for code in CODES:
        closed = set(rng.choice(np.arange(1, PERIODS), 2, replace=False).tolist()) if rng.random() < 0.5 else set()
        for i in range(int(rng.integers(1, 4))):
            p = float(np.exp(rng.normal(1, 1)))
            for t in range(PERIODS):
                p *= float(np.exp(rng.normal(0, 0.1)))
                if rng.random() > 0.3 and t not in closed:
                    prices[code, f"{code}/{i}", t] = p
    first, second = ({c: float(rng.uniform(1, 9)) for c in CODES} for _ in range(2))
    return prices, first, second


def data(prices: dict[tuple[str, str, int], float]) -> pa.Table:
    """A row for every product and period, empty where there is no price."""
    series = sorted({(c, i) for c, i, _ in prices})
    rows = [
        {"ea": c, "product": i, "period": t, "price": prices.get((c, i, t))} for c, i in series for t in range(PERIODS)
    ]
    return pa.Table.from_pylist(rows)


def mean(pairs: list[tuple[float, float]], r: float) -> float | None:
    """(weight, value) pairs."""
    total = sum(w for w, _ in pairs)
    if not total:
        return None
    if r == 0:
        return math.exp(sum(w * math.log(x) for w, x in pairs) / total)
    return (sum(w * x**r for w, x in pairs) / total) ** (1 / r)


def slow_elementary(prices: dict, t: int, r: float) -> dict[str, float | None]:
    out = {}
    for code in CODES:
        own = {i: p for (c, i, s), p in prices.items() if c == code and s == t}
        if t == 0:
            out[code] = 1.0 if own else None
        else:
            before = {i: p for (c, i, s), p in prices.items() if c == code and s == t - 1}
            out[code] = mean([(1.0, p / before[i]) for i, p in sorted(own.items()) if i in before], r)
    return out


def above(code: str) -> str:
    return code.rpartition(".")[0]


def slow_tree(leaf: dict[str, float | None], w: dict[str, float], r: float) -> dict[str, float | None]:
    """Changes of all classes of one period; what is missing follows the nearest class above it."""
    nodes = sorted({".".join(c.split(".")[: n + 1]) for c in CODES for n in range(c.count(".") + 1)})
    weight = {n: sum(v for c, v in w.items() if c == n or c.startswith(n + ".")) for n in nodes}
    value: dict[str, float | None] = dict(leaf)
    for node in sorted(nodes, key=lambda n: -n.count(".")):
        if node not in CODES:
            below = [c for c in nodes if above(c) == node and value[c] is not None]
            value[node] = mean([(weight[c], value[c]) for c in below], r)
    for node in sorted(nodes, key=lambda n: n.count(".")):
        if value[node] is None and above(node):
            value[node] = value[above(node)]
    return value


def slow_changes(prices: dict, baskets: dict[int, dict[str, float]], low: float, high: float) -> list[dict]:
    out, w = [], dict(baskets[0])
    for t in range(PERIODS):
        w = dict(baskets.get(t, w))
        value = slow_tree(slow_elementary(prices, t, low), w, high)
        out.append(value)
        if high:
            w = {c: v * (1.0 if value[c] is None else value[c]) ** high for c, v in w.items()}
    return out


def slow_class_mean(prices: dict, w: dict[str, float], whole_tree: bool) -> dict:
    filled = dict(prices)
    w = dict(w)
    series = sorted({(c, i) for c, i, _ in prices})
    for t in range(PERIODS):
        change: dict[str, float | None] = {}
        for code in CODES:
            pairs = [(1.0, filled[c, i, t] / filled[c, i, t - 1]) for c, i in series
                     if c == code and (c, i, t) in prices and (c, i, t - 1) in filled]  # fmt: skip
            first = 1.0 if any((c, i, 0) in prices for c, i in series if c == code) else None
            change[code] = mean(pairs, 0) if t else first
        if whole_tree:
            value = slow_tree(change, w, 1)
            change = {c: value[c] for c in CODES}
            w = {c: v * (1.0 if change[c] is None else change[c]) for c, v in w.items()}
        for c, i in series:
            if (c, i, t) not in prices and (c, i, t - 1) in filled and change[c] is not None:
                filled[c, i, t] = filled[c, i, t - 1] * change[c]
    return filled


def check(x: ew.Indices, expected: list[dict]) -> None:
    for t, values in enumerate(expected):
        for code in x.codes:
            got, wanted = x.series(code)[t], values[code]
            if wanted is None:
                assert math.isnan(got), (code, t)
            else:
                assert got == pytest.approx(wanted, rel=1e-12), (code, t)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (1.0, 0.0), (-1.0, -1.0), (0.0, 2.0), (0.5, 0.5)])
def test_changes_of_all_classes(seed: int, low: float, high: float) -> None:
    prices, first, second = market(seed)
    tree = ew.Classification.from_codes(CODES)
    rows = [{"ea": c, "weight": v, "valid_from": s} for s, w in ((0, first), (4, second)) for c, v in w.items()]
    x = ew.aggregate(ew.elementary(data(prices), order=low), tree, pa.Table.from_pylist(rows), order=high)
    check(x, slow_changes(prices, {0: first, 4: second}, low, high))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("method", ["class_mean", "class_mean_hierarchical"])
def test_filled_prices(seed: int, method: str) -> None:
    prices, first, _ = market(seed)
    more: dict[str, Any] = {}
    if method == "class_mean_hierarchical":
        more = {"classification": ew.Classification.from_codes(CODES), "weights": first}
    expected = slow_class_mean(prices, first, bool(more))
    filled = ew.impute(data(prices), method, **more)
    got = {(r["ea"], r["product"], r["period"]): r["price"] for r in filled.to_pylist() if r["price"] is not None}
    assert got.keys() == expected.keys()
    for key, price in expected.items():
        assert got[key] == pytest.approx(price, rel=1e-12), key
