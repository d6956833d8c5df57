"""The page for R users: each call of ours runs, and where R and the package are there, gives R's figures."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

PAGE = Path(__file__).parents[2] / "docs" / "r-users.md"
PACKAGES = ("gpindex", "piar", "IndexNumR", "multilateral", "PriceIndices")

# What stands for `...` in the calls of a package, and what its calls need beside the page's own lines.
DOTS = {
    "IndexNumR": 'pvar = "price", qvar = "quantity", pervar = "period", prodID = "product"',
    "multilateral": "period = period, price = price, id = product",
}
SETUP = {
    "multilateral": "share <- price * quantity / ave(price * quantity, period, FUN = sum)",
    "piar": """
    quotes <- merge(expand.grid(period = unique(quotes$period), product = unique(quotes$product)),
                    quotes, all.x = TRUE)
    quotes$ea <- ave(quotes$ea, quotes$product, FUN = function(v) v[!is.na(v)][1])
    made <- function(method) with(quotes, impute_prices(price, period, product, ea = ea, method = method))
    carried <- imputed <- quotes
    carried$price <- made("carry-forward"); imputed$price <- made("overall-mean")
    for (name in c("quotes", "carried", "imputed")) {
      d <- get(name); d$rel <- price_relative(d, price ~ period + product); assign(name, d)
    }
    elementary <- elementary_index(quotes, rel ~ period + ea, na.rm = TRUE)
    groups <- list(c("1", "1", "2"), c("1.1", "1.2", "2.1"))
    pias <- aggregation_structure(groups, c(50, 20, 30)); pias2 <- aggregation_structure(groups, c(45, 25, 30))
    index <- aggregate(elementary, pias, na.rm = TRUE)
    """,
}
NOT_SERIES = ("expand_classification", "aggregation_structure", "contrib(", "update(", "as.data.frame")
"""Calls of piar that give no series of figures; what they give is compared elsewhere (tests of the hierarchy)."""

FLAT = """
flat <- function(r) {
  if (inherits(r, "piar_index")) return(as.numeric(t(as.matrix(r))))
  if (is.list(r) && "index" %in% names(r)) return(as.numeric(r$index$index))
  as.numeric(unlist(r))
}
"""


def rows() -> list[tuple[str, str, str]]:
    """Package, call in R and call of ours, of every row of the tables of packages."""
    out = []
    for part in re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE):
        package = part.splitlines()[0].strip()
        if package in PACKAGES:
            for line in part.splitlines():
                cells = re.fullmatch(r"\| `(.+)` \| (.+) \|", line)
                if cells:
                    out.append((package, cells[1], cells[2]))
    return out


ROWS = rows()
CALLS = [(p, r, o[1:-1]) for p, r, o in ROWS if re.fullmatch(r"`[^`]+`", o)]
SERIES = [(p, r, o) for p, r, o in CALLS if p != "PriceIndices" and not r.startswith(NOT_SERIES)]


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory, page_runner: Callable[[Path], Any]) -> dict[str, Any]:
    """The names of the page after its examples, and its folder."""
    runner = page_runner(tmp_path_factory.mktemp("r-users"))
    runner.page(PAGE.read_text(encoding="utf-8"))
    return runner.names | {"folder": runner.folder}


def values(result: Any) -> list[float]:
    """The figures of a result, class by class."""
    if isinstance(result, pa.Table):
        return result["index"].to_pylist()
    return np.asarray(getattr(result, "values", result), dtype=float).ravel().tolist()


def ours(call: str, names: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.chdir(names["folder"])
    return eval(call, dict(names))


def test_every_package_has_its_table() -> None:
    assert {package for package, _, _ in CALLS} == set(PACKAGES)
    assert len(ROWS) - len(CALLS) <= 1, "a row without a call of ours"
    assert len(SERIES) > 35


@pytest.mark.parametrize(("package", "theirs", "call"), CALLS, ids=[f"{p}-{n}" for n, (p, _, _) in enumerate(CALLS)])
def test_our_call_runs(
    package: str, theirs: str, call: str, names: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    result = ours(call, names, monkeypatch)
    assert result is not None
    if isinstance(result, pa.Table) and "status" in result.column_names:
        assert {s.split(":")[0] for s in result["status"].to_pylist()} <= {"ok", "imputed"}


@pytest.fixture(scope="module")
def r_figures(names: dict[str, Any]) -> dict[str, list[list[float] | None]]:
    """What R gives for each call, package by package; no key for a package that is not installed."""
    if shutil.which("Rscript") is None:
        pytest.skip("Rscript is not installed")
    block = re.search(r"```r\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert block
    out: dict[str, list[list[float] | None]] = {}
    for package in dict.fromkeys(p for p, _, _ in SERIES):
        calls = [r.replace("...", DOTS.get(package, "...")) for p, r, _ in SERIES if p == package]
        script = [
            f'if (!requireNamespace("{package}", quietly = TRUE)) {{ cat("absent"); quit() }}',
            f"suppressPackageStartupMessages(library({package})); options(warn = -1)",
            block[1],
            SETUP.get(package, ""),
            FLAT,
            'text <- function(v) ifelse(is.finite(v), sprintf("%.15g", v), "NaN")',
            'show <- function(v) cat("[", paste(text(v), collapse = ","), "]\\n")',
            *(f"show(flat({call}))" for call in calls),
        ]
        done = subprocess.run(
            ["Rscript", "--vanilla", "-e", "\n".join(script)],
            cwd=names["folder"],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        if done.stdout.strip() == "absent":
            continue
        assert done.returncode == 0, f"{package}: {done.stderr}"
        out[package] = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("[")]
        assert len(out[package]) == len(calls), f"{package}: {done.stdout}"
    return out


@pytest.mark.parametrize(("package", "theirs", "call"), SERIES, ids=[f"{p}-{n}" for n, (p, _, _) in enumerate(SERIES)])
def test_r_gives_the_same(
    package: str,
    theirs: str,
    call: str,
    names: dict[str, Any],
    r_figures: dict[str, list[list[float]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if package not in r_figures:
        pytest.skip(f"the R package {package} is not installed")
    at = [r for p, r, _ in SERIES if p == package].index(theirs)
    given = r_figures[package][at]
    expected = values(ours(call, names, monkeypatch))
    if len(given) == 1:  # one period on the first
        expected = expected[-1:]
    elif len(given) == len(expected) - 1:  # from the second period on: levels, or period on period
        given = [1.0, *given] if theirs.startswith("splice_index") else np.cumprod([1.0, *given]).tolist()
    assert given == pytest.approx(expected, rel=1e-6 if "GK" in theirs else 1e-9, nan_ok=True)
