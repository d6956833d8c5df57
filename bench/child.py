"""One run of one task in a process of its own: data first, then the clock, then one line of JSON.

The clock runs for the computation alone. Reading raw columns into memory and importing the packages come before it;
where the task starts from files, reading them is part of it.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench import office, stages
from bench.data import read_columns
from bench.measure import WorkError, timed

Work = Callable[[], list[float]]
STAGES: dict[str, Callable[[Path], Work]] = {
    "edit": stages.edit, "week": stages.week, "replicates": stages.replicates, **office.TASKS,
}  # fmt: skip
METHODS = {"geks": "geks_tornqvist", "wtpd": "wtpd", "gk": "gk"}


def ours(task: str, folder: Path) -> Work:
    """Ellwand's part of a task."""
    import pyarrow as pa

    import ellwand as ew

    if task in STAGES:
        return STAGES[task](folder)
    if task in METHODS:
        columns = read_columns(folder)
        table = pa.table({n: columns[n] for n in ("period", "product", "price", "quantity")})
        return lambda: list(ew.index(table, METHODS[task])["index"].to_pylist())
    if task.startswith("transactions"):

        def slips() -> list[float]:
            out = ew.index(str(folder), "ccdi", by="ea", window=25, splice="mean", on_duplicate="unit_value")
            return list(out["index"].to_pylist()[:104])

        return slips
    return _quotes(folder)


def _quotes(folder: Path) -> Work:
    """Quotes to imputed prices, elementary indices, three levels, levels of the total and every contribution.

    The contributions of the quotes to each class of each level are listed, as many rows as three times the quotes.
    """
    import pyarrow as pa

    import ellwand as ew

    columns = read_columns(folder)
    groups = columns.pop("structure_group")
    codes = [str(i + 1) for i in range(len(groups))]
    tree = pa.table({"total": ["total"] * len(codes), "group": [f"g{g}" for g in groups.tolist()], "ea": codes})
    weights = pa.table({"ea": codes, "weight": columns.pop("structure_weight")})
    price = pa.array(columns.pop("price"), from_pandas=True)
    table = pa.table({**columns, "price": price})

    def quotes() -> list[float]:
        classes = ew.Classification.from_levels(tree, ["total", "group", "ea"])
        elementary = ew.elementary(table, imputation="class_mean_hierarchical", classification=classes, weights=weights)
        index = ew.aggregate(elementary, classes, weights)
        levels = ew.chain(index)
        rows = sum(ew.contributions(index, code).num_rows for code in classes.codes)
        if rows != 3 * table.num_rows:
            raise WorkError(f"{rows} contributions were listed, and {3 * table.num_rows} were expected")
        return [float(x) for x in levels.series("total")]

    return quotes


def yardstick(task: str, folder: Path) -> Work:
    """Pandas: the sum of price times quantity by period (and stratum) on the same rows, the least anyone can do.

    For quotes, which have no quantities, the sum of prices by stratum and period.
    """
    import pandas as pd

    if task in STAGES:
        return office.least(folder) if task.startswith(("office-import", "office-collect")) else stages.totals(folder)
    if task in METHODS:
        frame = pd.DataFrame(read_columns(folder))
        return lambda: list((frame["price"] * frame["quantity"]).groupby(frame["period"]).sum())
    if task.startswith("transactions"):
        files = sorted(folder.rglob("*.parquet"))

        def slips() -> list[float]:
            sums = []
            # A file is a stratum: taken one by one, as 100 million rows are not held in memory by a data frame.
            for file in files:
                part = pd.read_parquet(file, columns=["period", "price", "quantity"], dtype_backend="pyarrow")
                value = part["price"].astype("float64") * part["quantity"].astype("float64")
                sums.append(value.groupby(part["period"]).sum())
            return list(sums[0])

        return slips
    frame = pd.DataFrame({k: v for k, v in read_columns(folder).items() if not k.startswith("structure")})
    return lambda: list(frame["price"].groupby([frame["ea"], frame["period"]]).sum())[:10]


def main(job: dict[str, Any]) -> dict[str, Any]:
    if job["part"] == "limits":
        from bench.machine import limits

        return limits()
    if job["part"] == "prepare":
        from bench.tasks import chosen, count_rows

        (task,) = chosen([job["task"]], large=True)
        folder = task.prepare(Path(job["root"]), job["params"])
        return {"folder": str(folder), "rows": count_rows(task, folder)}
    part = ours if job["part"] == "ours" else yardstick
    return timed(part(job["task"], Path(job["folder"])))


if __name__ == "__main__":
    print(json.dumps(main(json.loads(sys.argv[1]))))
