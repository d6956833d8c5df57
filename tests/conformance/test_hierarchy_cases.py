"""Every hierarchy case of every expected_*.json of the conformance data, asked of the public verbs: one test a case."""

import json
import math
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pcsv
import pytest

import ellwand as ew
from ellwand.formulas import means, outliers

MISSING = "is not copied into the repository; set ELLWAND_CONFORMANCE to the full folder"
SMALL = 1e-4
"""Below this size values are compared absolutely."""

RAN: set[str] = set()


class UnknownError(Exception):
    """A case that says something the runner does not know."""


# -- the cases
def hierarchy_files(folder: Path) -> dict[str, list[dict]]:
    """Cases of each file that names the package of a single expected value (index cases have a list of packages)."""
    out = {}
    for path in sorted(folder.glob("expected_*.json")):
        cases = [c for c in json.loads(path.read_text(encoding="utf-8"))["cases"] if "package" in c]
        if cases:
            out[path.name] = cases
    return out


def all_cases(folder: Path) -> list[dict]:
    return [case for cases in hierarchy_files(folder).values() for case in cases]


def data_files(case: dict) -> list[str]:
    """Names of the files that `data` speaks of, in order; what stands in brackets is a remark."""
    plain = case["data"].split(" (")[0]
    return [name.strip() for name in plain.split(",") if name.strip()]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "case" not in metafunc.fixturenames:
        return
    folder = metafunc.config.conformance_folder
    cases = []
    for case in all_cases(folder):
        lost = [name for name in data_files(case) if not (folder / name).exists()]
        marks = ()
        if lost and metafunc.config.conformance_is_copy:
            marks = (pytest.mark.skip(reason=f"{lost[0]} {MISSING}"),)
        cases.append(pytest.param(case, id=case["id"], marks=marks))
    metafunc.parametrize("case", cases)


class Folder:
    """The data of a folder, as the verbs take it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._tables: dict[str, pa.Table] = {}

    def table(self, name: str) -> pa.Table:
        if name not in self._tables:
            types = pcsv.ConvertOptions(column_types={"ea": pa.string()})
            self._tables[name] = pcsv.read_csv(self.path / name, convert_options=types)
        return self._tables[name]

    def weights(self, name: str) -> dict[str, float]:
        return dict(zip(*(self.table(name)[c].to_pylist() for c in ("ea", "weight")), strict=True))

    def inputs(self, case: dict) -> dict[str, np.ndarray]:
        """The vectors that a case without data is about: those of the last case of the kind `input` before it."""
        for cases in hierarchy_files(self.path).values():
            found: dict[str, list[float]] = {}
            for other in cases:
                if other["kind"] == "input":
                    found = other["value"]
                if other["id"] == case["id"] and found:
                    return {k: np.asarray(v, dtype=float) for k, v in found.items()}
        raise UnknownError(f"{case['id']} has no data and no case of the kind 'input' comes before it")


# -- what every case of the hierarchy starts from
def taken(params: dict, *allowed: str) -> None:
    """Every parameter is used or known to be a description."""
    for name in params:
        if name not in allowed:
            raise UnknownError(f"unknown parameter {name!r}")


FILLINGS = {
    "carry forward": "carry_forward",
    "overall mean within stratum": "class_mean",
    "overall mean, recursive in hierarchy": "class_mean_hierarchical",
}


class Hierarchy:
    """The generated market: prices of products in a tree, and one or two baskets."""

    def __init__(self, folder: Folder, case: dict) -> None:
        names = data_files(case)
        self.prices = folder.table(names[0])
        self.weights = folder.weights(names[1])
        self.second = folder.weights(names[2]) if len(names) > 2 else None
        self.classes = ew.Classification.from_codes(self.weights)

    def elementary(self, order: float = 0, imputation: str | None = None) -> ew.Indices:
        more: dict[str, Any] = {}
        if imputation == "class_mean_hierarchical":
            more = {"classification": self.classes, "weights": self.weights}
        return ew.elementary(self.prices, order=order, imputation=imputation, **more)

    def aggregate(self, order: float = 1, filling: str | None = None, **more: Any) -> ew.Indices:
        return ew.aggregate(self.elementary(0, filling), self.classes, self.weights, order=order, **more)


def matrix(x: ew.Indices, levels: list[str]) -> dict:
    return {"levels": levels, "periods": list(x.periods), "values": [x.series(code).tolist() for code in levels]}


# -- kinds of the hierarchy
def elementary(folder: Folder, case: dict) -> Any:
    taken(case["params"], "order", "chainable", "missing")
    x = Hierarchy(folder, case).elementary(case["params"]["order"])
    return matrix(x, list(x.codes))


def aggregate(folder: Folder, case: dict) -> Any:
    p = case["params"]
    if "formula" in p:
        return two_basket_link(folder, case)
    if "link_month" in p:
        return Hicp(folder, case).total().series("total").tolist()
    h = Hierarchy(folder, case)
    if "second_basket" in p:
        taken(p, "order", "second_order", "second_basket")
        x = h.aggregate(p["order"], second_weights=folder.weights(p["second_basket"]), second_order=p["second_order"])
    else:
        taken(p, "order", "price_update", "parental_imputation")
        x = h.aggregate(
            p["order"], price_update=p["price_update"], imputation="parent" if p["parental_imputation"] else None
        )
    return matrix(x, list(x.codes))


def chained(folder: Folder, case: dict) -> Any:
    p = case["params"]
    if "link_month" in p:
        levels = ew.chain(Hicp(folder, case).total())
        first = int(np.flatnonzero(np.isfinite(levels.series("total")))[0])
        return ew.rebase(levels, levels.periods[first], 100.0).series("total").tolist()
    h = Hierarchy(folder, case)
    if "new_weights_from" in p:
        taken(p, "order", "new_weights_from", "second_basket")
        start = h.prices["period"][0].as_py()
        baskets = [(start, h.weights), (p["new_weights_from"], folder.weights(p["second_basket"]))]
        rows = [{"ea": c, "weight": w, "valid_from": f} for f, basket in baskets for c, w in basket.items()]
        x = ew.aggregate(h.elementary(), h.classes, pa.Table.from_pylist(rows), order=p.get("order", 1))
    else:
        taken(p, "order", "imputation")
        if "imputation" in p and p["imputation"] not in FILLINGS:
            raise UnknownError(f"unknown imputation {p['imputation']!r}")
        x = h.aggregate(p.get("order", 1), FILLINGS[p["imputation"]] if "imputation" in p else None)
    return matrix(ew.chain(x), list(x.codes))


def rebase(folder: Folder, case: dict) -> Any:
    p = case["params"]
    if "reference" in p:
        taken(p, "reference")
        return ew.rebase(ew.chain(Hicp(folder, case).total()), p["reference"], 100.0).series("total").tolist()
    taken(p, "base")
    x = ew.rebase(ew.chain(Hierarchy(folder, case).aggregate()), p["base"])
    return matrix(x, list(x.codes))


def period_mean(folder: Folder, case: dict) -> Any:
    taken(case["params"], "window")
    x = ew.average(ew.chain(Hierarchy(folder, case).aggregate()), window=case["params"]["window"])
    return matrix(x, list(x.codes))


def price_updated_weights(folder: Folder, case: dict) -> Any:
    taken(case["params"], "period")
    h = Hierarchy(folder, case)
    return ew.price_update(h.weights, ew.chain(h.aggregate()), case["params"]["period"])


def by_product(table: pa.Table) -> dict[str, dict[Any, float]]:
    out: dict[str, dict[Any, float]] = {}
    for row in table.to_pylist():
        out.setdefault(row["product"], {})[row["period"]] = row["contribution"]
    return out


def identity(folder: Folder, case: dict) -> Any:
    taken(case["params"], "level")
    h = Hierarchy(folder, case)
    x = h.aggregate()
    parts = by_product(ew.contributions(x, case["params"]["level"]))
    return {t: 1 + math.fsum(row[t] for row in parts.values() if t in row) for t in x.periods}


def contributions(folder: Folder, case: dict) -> Any:
    p = case["params"]
    if "component" in p:
        return ribe(folder, case)
    if "level" not in p:
        return product_contributions(folder, case)
    taken(p, "level")
    x = Hierarchy(folder, case).aggregate()
    parts = by_product(ew.contributions(x, p["level"], imputed="null"))
    products = sorted(parts)
    values = [[parts[i].get(t) for t in x.periods] for i in products]
    return {"products": products, "periods": list(x.periods), "values": values}


def imputation(folder: Folder, case: dict) -> Any:
    p = case["params"]
    if "impute" in p:
        return carried_fisher(folder, case)
    taken(p, "method")
    h = Hierarchy(folder, case)
    more: dict[str, Any] = {}
    if p["method"] == "class_mean_hierarchical":
        more = {"classification": h.classes, "weights": h.weights}
    filled = ew.impute(h.prices, p["method"], **more)
    prices = {(r["period"], r["product"]): r for r in filled.to_pylist()}
    asked = [
        (r["period"], r["product"]) for r in h.prices.to_pylist() if r["price"] is None or not math.isfinite(r["price"])
    ]
    assert all((prices[k]["status"] == "missing") == (prices[k]["price"] is None) for k in asked)
    return {
        "period": [k[0] for k in asked],
        "product": [k[1] for k in asked],
        "price": [prices[k]["price"] for k in asked],
    }


def carried_fisher(folder: Folder, case: dict) -> Any:
    taken(case["params"], "impute")
    if case["params"]["impute"] != "carry forward then backward":
        raise UnknownError(f"unknown imputation {case['params']['impute']!r}")
    data = folder.table(data_files(case)[0])
    for method in ("carry_forward", "carry_backward"):
        data = ew.impute(data, method, ea=None, quantity="quantity").drop(["status"])
    return ew.index(data, "fisher", output="fixedbase")["index"].to_pylist()


# -- the harmonised index: components with weights of the year, linked in December
class Hicp:
    """Component indices, their weights of each row, and the aggregate of the components on their link."""

    def __init__(self, folder: Folder, case: dict) -> None:
        table = folder.table(data_files(case)[0])
        self.periods = table["date"].to_pylist()
        self.names = [n for n in table.column_names if n != "date" and not n.endswith(".1")]
        rows = table.to_pylist()
        long = [{"code": n, "period": row["date"], "index": float(row[n])} for row in rows for n in self.names]
        self.levels = ew.Indices.from_table(pa.Table.from_pylist(long))
        self.weights = pa.Table.from_pylist(
            [{"ea": n, "weight": float(row[f"{n}.1"]), "valid_from": row["date"]} for row in rows for n in self.names]
        )
        self.rows = rows
        classes = [{"code": "total", "parent": ""}, *({"code": n, "parent": "total"} for n in self.names)]
        self.classes = ew.Classification.from_parents(pa.Table.from_pylist(classes))
        self.month = case["params"].get("link_month", 12)

    def unchained(self) -> ew.Indices:
        return ew.unchain(self.levels, link=self.month)

    def total(self) -> ew.Indices:
        return ew.aggregate(self.unchained(), self.classes, self.weights)


def unchain(folder: Folder, case: dict) -> Any:
    taken(case["params"], "link_month")
    hicp = Hicp(folder, case)
    return [hicp.unchained().series(name).tolist() for name in hicp.names]


def rates(folder: Folder, case: dict) -> Any:
    taken(case["params"], "type")
    if case["params"]["type"] != "year":
        raise UnknownError(f"unknown type of rate {case['params']['type']!r}")
    return ew.rates(ew.chain(Hicp(folder, case).total()), on="year").series("total").tolist()


def ribe(folder: Folder, case: dict) -> Any:
    taken(case["params"], "component", "type")
    if case["params"]["type"] != "year":
        raise UnknownError(f"unknown type of rate {case['params']['type']!r}")
    hicp = Hicp(folder, case)
    name = hicp.names[case["params"]["component"] - 1]
    total = hicp.total()
    published = ew.chain(total)
    values = ew.ribe_contributions(hicp.levels, hicp.weights, published.series("total"))[name]
    # By the other way, from the aggregate itself.
    same: dict[Any, float | None] = dict.fromkeys(hicp.periods)
    for row in ew.contributions(total, "total", of=2, lag=12).to_pylist():
        if row["code"] == name:
            same[row["period"]] = 100 * row["contribution"]
    assert match(values.tolist(), list(same.values()), 1e-10) == ""
    return values.tolist()


def two_basket_link(folder: Folder, case: dict) -> Any:
    taken(case["params"], "formula", "row", "last_row")
    hicp = Hicp(folder, case)
    row, last = case["params"]["row"] - 1, case["params"]["last_row"] - 1
    x = hicp.unchained()
    relatives = np.asarray([x.series(n)[row] for n in hicp.names])
    w0, wt = (np.asarray([float(hicp.rows[r][f"{n}.1"]) for n in hicp.names]) for r in (row, last))
    return ew.superlative(relatives, w0, wt, case["params"]["formula"])


# -- pure mathematics
def mean(folder: Folder, case: dict) -> Any:
    taken(case["params"], "r")
    given = folder.inputs(case)
    x, w = given["x"], given["w"]
    kind = case["id"].rsplit("_", 1)[0] if "r" in case["params"] else case["id"]
    if kind == "generalized_mean":
        return means.generalized_mean(x, w, case["params"]["r"])
    if kind == "lehmer_mean":
        return means.lehmer_mean(x, w, case["params"]["r"])
    if kind == "logmean":
        return means.logmean(x[:10], x[10:20]).tolist()
    raise UnknownError(f"unknown mean {case['id']!r}")


def weights(folder: Folder, case: dict) -> Any:
    p, given = case["params"], folder.inputs(case)
    if set(p) == {"r"}:
        return means.factor_weights(given["x"], given["w"], p["r"]).tolist()
    if set(p) == {"from", "to"}:
        return means.transmute_weights(given["x"], given["w"], p["from"], p["to"]).tolist()
    raise UnknownError(f"unknown weights {case['id']!r}")


def outlier_flags(folder: Folder, case: dict) -> Any:
    p = dict(case["params"])
    method = p.pop("method")
    name = {"Hidiroglou-Berthelot transform then quartile": "hb_quartile"}.get(method, method)
    x = folder.inputs(case)["x"]
    flags = outliers.outliers(x, name, **p)
    # The verb on a table of the same relatives.
    table = pa.table(
        {
            "period": [t for t in (1, 2) for _ in x],
            "product": [i for _ in (1, 2) for i in range(len(x))],
            "price": [1.0] * len(x) + x.tolist(),
        }
    )
    assert ew.outliers(table, name, **p)["outlier"].to_pylist() == flags.tolist()
    return (np.flatnonzero(flags) + 1).tolist()


# -- prices and quantities
SHARES = {"arithmetic": "laspeyres", "geometric": "geolaspeyres", "harmonic": "harmonic_laspeyres"}


def product_contributions(folder: Folder, case: dict) -> Any:
    p = case["params"]
    data = folder.table(data_files(case)[0])
    if "window" in p:
        taken(p, "from", "to", "window", "method")
        method = {"geks": "geks_fisher", "ccdi": "geks_tornqvist"}.get(p["method"])
        if method is None:
            raise UnknownError(f"unknown decomposition {p['method']!r}")
        return geks_factors(
            ew.decompose(data, method, base=p["from"], to=p["to"], window=p["window"]), p["method"].upper()
        )
    taken(p, "from", "to", "weights")
    first, _, rest = case["id"].partition("_")
    if "weights" in p:
        if p["weights"] != "base shares" or first not in SHARES or not rest.startswith("contributions"):
            raise UnknownError(f"unknown contributions {case['id']!r}")
        method = SHARES[first]
    else:
        named = {"fisher_contributions": "fisher", "fisher_contributions2": "fisher_additive"}
        if case["id"] not in named:
            raise UnknownError(f"unknown contributions {case['id']!r}")
        method = named[case["id"]]
    table = ew.decompose(data, method, base=p["from"], to=p["to"])
    return {"products": table["product"].to_pylist(), "values": table["contribution"].to_pylist()}


def geks_factors(table: pa.Table, name: str) -> Any:
    """The three tables of such a case: factors with the index as last row, and what is made of them."""
    products = table["product"].to_pylist()
    ours = {"multiplicative": "factor", "normalized": "normalised", "impact": "impact"}
    out = {part: {"product": list(products), name: table[column].to_pylist()} for part, column in ours.items()}
    out["multiplicative"]["product"].append("index value (product)")
    out["multiplicative"][name].append(math.prod(table["factor"].to_pylist()))
    return out


def indicator(folder: Folder, case: dict) -> Any:
    p = case["params"]
    data = folder.table(data_files(case)[0])
    if "from" in p:
        taken(p, "from", "to", "matched")
        if p["matched"] is not True:
            raise UnknownError("indicators are those of the matched products")
        table = ew.indicators(data, case["id"].removeprefix("pi_"), base=p["from"])
        (row,) = [r for r in table.to_pylist() if r["period"] == p["to"]]
        return {
            "Value_difference": row["value_change"],
            "Price_indicator": row["price_part"],
            "Quantity_indicator": row["quantity_part"],
        }
    taken(p, "method")
    part = case["id"].split("_")[0]
    if part not in ("price", "quantity"):
        raise UnknownError(f"unknown indicator {case['id']!r}")
    return ew.indicators(data, p["method"])[f"{part}_part"].to_pylist()


def dissimilarity(folder: Folder, case: dict) -> Any:
    taken(case["params"], "measure")
    table = ew.dissimilarity(folder.table(data_files(case)[0]), case["params"]["measure"])
    names = {"period_i": "period", "period_j": "other", "dissimilarity": "dissimilarity"}
    return {name: table[column].to_pylist() for name, column in names.items()}


def coverage(folder: Folder, case: dict) -> Any:
    taken(case["params"], "output")
    if case["params"]["output"] != "chained":
        raise UnknownError(f"unknown output {case['params']['output']!r}")
    table = ew.coverage(folder.table(data_files(case)[0]))
    ours = table.to_pydict()
    before = [t - 1 for t in ours["period"]]
    value = {
        "base_index": before,
        "base": ours["base_value"],
        "base_matched": ours["base_value_matched"],
        "base_share": ours["base_value_share"],
        "current_index": ours["period"],
        "current": ours["value"],
        "current_matched": ours["value_matched"],
        "current_share": ours["value_share"],
    }
    count = {
        "base_index": before,
        "base": ours["base_count"],
        "base_matched": ours["matched"],
        "base_share": ours["base_count_share"],
        "current_index": ours["period"],
        "current": ours["count"],
        "current_matched": ours["matched"],
        "current_share": ours["count_share"],
        "new": ours["new"],
        "leaving": ours["leaving"],
    }
    return {"expenditure": value, "counts": count}


def year_over_year(folder: Folder, case: dict) -> Any:
    taken(case["params"], "freq", "note")
    seasons = {"quarterly": 4, "monthly": 12}
    if case["params"]["freq"] not in seasons:
        raise UnknownError(f"unknown frequency {case['params']['freq']!r}")
    n = seasons[case["params"]["freq"]]
    data = folder.table(data_files(case)[0])

    def season_of(t: int) -> int:
        return (t - 1) % n + 1

    number = [season_of(t) for t in data["period"].to_pylist()]
    table = ew.index(data.append_column("quarter", pa.array(number)), "fisher", by="quarter")
    out = []
    for season in sorted(set(number)):
        own = [r for r in table.to_pylist() if r["quarter"] == season and season_of(r["period"]) == season]
        values = [r["index"] for r in own]
        out.append({"prices": values, "time": [*range(1, len(values) + 1)], "quarter": [season] * len(values)})
    return out


def given(folder: Folder, case: dict) -> Any:
    """The vectors that other cases use: read as those cases read them, and fit for it."""
    taken(case["params"])
    vectors = folder.inputs(case)
    assert {len(v) for v in vectors.values()} == {len(vectors["x"])}
    assert all((v > 0).all() for v in vectors.values())
    return {name: v.tolist() for name, v in vectors.items()}


KINDS: dict[str, Callable[[Folder, dict], Any]] = {
    "aggregate": aggregate,
    "chained": chained,
    "contributions": contributions,
    "coverage": coverage,
    "dissimilarity": dissimilarity,
    "elementary": elementary,
    "identity": identity,
    "imputation": imputation,
    "indicator": indicator,
    "input": given,
    "mean": mean,
    "outlier_flags": outlier_flags,
    "period_mean": period_mean,
    "price_updated_weights": price_updated_weights,
    "rates": rates,
    "rebase": rebase,
    "unchain": unchain,
    "weights": weights,
    "year_over_year": year_over_year,
}


# -- comparison
def flat(value: Any) -> dict[Any, Any]:
    """Every number of a value under its name: order has a meaning in plain lists only."""
    if isinstance(value, dict):
        if set(value) == {"levels", "periods", "values"} or set(value) == {"products", "periods", "values"}:
            rows = value[next(k for k in value if k in ("levels", "products"))]
            table = zip(rows, value["values"], strict=True)
            return {(r, t): v for r, row in table for t, v in zip(value["periods"], row, strict=True)}
        if set(value) == {"products", "values"}:
            return dict(zip(value["products"], value["values"], strict=True))
        keys = [k for k in ("period_i", "period_j", "period", "product") if k in value]
        others = [k for k in value if k not in keys]
        if keys and len(others) == 1:
            labels = zip(*(value[k] for k in keys), strict=True)
            return {(others[0], *label): v for label, v in zip(labels, value[others[0]], strict=True)}
        return {(k, *([i] if i != () else [])): v for k, part in value.items() for i, v in flat(part).items()}
    if isinstance(value, list):
        return {(n, *([i] if i != () else [])): v for n, part in enumerate(value) for i, v in flat(part).items()}
    return {(): value}


def match(got: Any, expected: Any, tolerance: float) -> str:
    """What differs ("" if nothing): numbers within the tolerance, null where null is expected."""
    ours, theirs = flat(got), flat(expected)
    wrong = []
    for name, value in theirs.items():
        mine = ours.pop(name, None)
        if isinstance(mine, float) and math.isnan(mine):
            mine = None
        if value is None or mine is None:
            good = value is mine
        elif isinstance(value, str) or isinstance(mine, str):
            good = value == mine
        elif abs(value) < SMALL:
            good = abs(mine - value) <= 1e-12
        else:
            good = abs(mine - value) <= tolerance * abs(value)
        if not good:
            wrong.append(f"{name}: {mine}, expected {value}")
    wrong += [f"{name}: {mine}, expected nothing" for name, mine in ours.items() if mine is not None]
    return "; ".join(wrong[:6]) + (f" and {len(wrong) - 6} more" if len(wrong) > 6 else "")


def compare(folder: Path, case: dict) -> tuple[int, str]:
    """How many values were compared, and what is wrong with them ("" if nothing)."""
    if case["kind"] not in KINDS:
        return 0, f"unknown kind {case['kind']!r}"
    # The runner does not see what is expected; a case of the kind `input` is what other cases start from.
    asked = case if case["kind"] == "input" else {k: v for k, v in case.items() if k != "value"}
    try:
        got = KINDS[case["kind"]](Folder(folder), asked)
    except UnknownError as unknown:
        return 0, str(unknown)
    count = sum(v is not None for v in flat(case["value"]).values())
    return count, match(got, case["value"], case["tolerance"]) if count else "the case holds no value to compare with"


def test_case(case: dict, conformance: Path) -> None:
    compared, wrong = compare(conformance, case)
    RAN.add(case["id"])
    assert not wrong, wrong
    assert compared >= 1


def ran_all(request: pytest.FixtureRequest) -> bool:
    """Whether the whole module was asked for."""
    config = request.config
    return not (config.option.keyword or config.option.markexpr or "::" in " ".join(config.args))


def test_every_case_is_run(request: pytest.FixtureRequest, conformance: Path) -> None:
    wanted = [case["id"] for case in all_cases(conformance)]
    assert len(wanted) == len(set(wanted)), "two cases have one id"
    chosen = [
        i for i in request.session.items if getattr(i, "originalname", "") == "test_case" and i.path == Path(__file__)
    ]
    skipped = {i.callspec.id for i in chosen if i.get_closest_marker("skip")}
    assert {i.callspec.id for i in chosen} - skipped == RAN, "a case was chosen and did not get as far as a comparison"
    if not request.config.conformance_is_copy:  # type: ignore[attr-defined]
        assert not skipped
    if ran_all(request):
        assert RAN | skipped == set(wanted)


def test_the_copies_are_complete() -> None:
    copies = Path(__file__).parent / "data"
    counts = {name: Counter(c["kind"] for c in cases) for name, cases in hierarchy_files(copies).items()}
    assert {name: sum(kinds.values()) for name, kinds in counts.items()} == {"expected_hierarchy.json": 81}
    assert set(counts["expected_hierarchy.json"]) == set(KINDS), "a kind that no case has, or the other way round"
    lost = {name for case in all_cases(copies) for name in data_files(case) if not (copies / name).exists()}
    assert not lost, "the copies lack data that a case is about"


def copied(name: str) -> dict:
    return next(c for c in all_cases(Path(__file__).parent / "data") if c["id"] == name)


def leaves(value: Any, path: tuple = ()) -> Iterator[tuple]:
    """Paths to the numbers of a value."""
    if isinstance(value, dict | list):
        for key, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(part, (*path, key))
    elif isinstance(value, float):
        yield path


COPIED = [c["id"] for c in all_cases(Path(__file__).parent / "data") if c["kind"] != "input"]


@pytest.mark.parametrize("name", COPIED)
def test_a_changed_number_is_found(name: str) -> None:
    """One number of the expected value moved by ten tolerances fails the comparison, in any place."""
    case = copied(name)
    value = case["value"]
    for path in list(leaves(value))[:: max(1, len(list(leaves(value))) // 5)]:
        other = json.loads(json.dumps(value))
        at = other
        for key in path[:-1]:
            at = at[key]
        if path:
            at[path[-1]] += max(10 * case["tolerance"] * abs(at[path[-1]]), 1e-11)
        else:
            other += 10 * case["tolerance"] * other
        assert match(value, other, case["tolerance"]), path
    assert match(value, value, case["tolerance"]) == ""


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("elementary_pop_r0", {"kind": "no_such_kind"}, "unknown kind 'no_such_kind'"),
        ("elementary_pop_r0", {"params": {"order": 0, "more": 1}}, "unknown parameter 'more'"),
        ("aggregate_chained_rcf", {"params": {"imputation": "guess"}}, "unknown imputation 'guess'"),
        ("imputed_carry_forward", {"value": {"period": ["t01"], "product": ["1.1.1-p3"], "price": [1.5]}}, "t01"),
        ("fisher_contributions", {"id": "theil_contributions"}, "unknown contributions"),
        ("arithmetic_contributions", {"id": "cubic_contributions"}, "unknown contributions"),
        ("m_decomposition_geks", {"params": {"from": 1, "to": 5, "window": 9, "method": "wtpd"}}, "unknown decomp"),
        ("price_indicator_bennet", {"id": "volume_indicator_bennet"}, "unknown indicator"),
        ("logmean", {"id": "no_such_mean"}, "no_such_mean"),
        ("generalized_mean_2", {"value": 1.0}, "expected 1.0"),
        ("hicp_annual_rate", {"params": {"type": "week"}}, "unknown type of rate 'week'"),
        ("hicp_annual_rate", {"value": [None, None, 1.0]}, "expected nothing"),
        ("weights_factor", {"params": {"s": 1}}, "unknown weights"),
    ],
)
def test_a_wrong_case_is_found(name: str, change: dict, message: str) -> None:
    _, wrong = compare(Path(__file__).parent / "data", copied(name) | change)
    assert message in wrong


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("outlier_robust_z", {"params": {"method": "no_such_test", "cu": 2.5}}),
        ("dissimilarity_logquadratic", {"params": {"measure": "no_such_measure"}}),
        ("price_indicator_bennet", {"params": {"method": "no_such_indicator"}}),
        ("imputed_carry_forward", {"params": {"method": "no_such_filling"}}),
        ("hicp_fisher_link", {"params": {"formula": "no_such_formula", "row": 20, "last_row": 26}}),
        ("contributions_1", {"params": {"level": "no such level"}}),
        ("rebased", {"params": {"base": "t99"}}),
    ],
)
def test_an_unknown_name_fails(name: str, change: dict) -> None:
    with pytest.raises(ValueError, match=r"no.such|t99"):
        compare(Path(__file__).parent / "data", copied(name) | change)
