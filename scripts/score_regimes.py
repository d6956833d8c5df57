"""The table of docs/score.md: the default method, or another, scored on every regime and several seeds.

    python scripts/score_regimes.py --seeds 11 12 13 14 [--regimes calm small] [--method FILE] [-o scores.json]

One market after the other is simulated into a temporary folder, compiled and scored; a row is printed as soon as it is
known. The default market takes about half a minute and 2 GB of memory.
"""

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from ellwand.market import simulate
from ellwand.market.regimes import REGIMES
from ellwand.production.compile import compile_book
from ellwand.production.folder import read_folder
from ellwand.production.method import MethodFile, read_method
from ellwand.production.observations import Results
from ellwand.production.score import score_folder

HEAD = (
    "regime", "seed", "precision", "recall", "F1", "F1 without copies", "yard recall", "index error before", "after",
    "bias, last 13", "imputed over carry-forward", "levels", "changes",
)  # fmt: skip


def scored(folder: Path, regime: str, seed: int, method: MethodFile) -> dict[str, Any]:
    """Figures of one market: simulated, compiled and scored in a folder."""
    simulate(folder, seed=seed, regime=regime)
    results = Results.of(compile_book(read_folder(folder), method))
    target = folder / "compiled"
    target.mkdir()
    for name in ("observations", "quotes", "prices"):
        pq.write_table(getattr(results, name)(), target / f"{name}.parquet")
    (target / "method.toml").write_text(method.text, encoding="utf-8")
    (target / "result.json").write_text(json.dumps({"simulated": True}), encoding="utf-8")
    score = score_folder(folder)
    return {**score.figures, "market": f"{regime}, seed {seed}", "targets": [vars(t) for t in score.targets]}


def row(regime: str, seed: int, f: dict[str, Any]) -> list[str]:
    """The row of the table: the worst class where classes differ."""
    classes = list(f["indices"].values())[1:]
    ratios = [r["imputed"] / r["carry_forward"] for r in f["imputation"].values() if r["carry_forward"]]
    yard = f["editing"]["by_kind"].get("yard_metre", {}).get("recall")
    bias = max((r["bias_last_13"] for r in classes), key=abs)
    shares = [f["editing"]["all"][k] for k in ("precision", "recall", "f1")]
    shares += [f["editing"]["without_stale_copy"]["f1"], yard]
    return [
        regime,
        str(seed),
        *(f"{v:.3f}" for v in shares),
        f"{max(r['rmse_before'] for r in classes):.2f}",
        f"{max(r['rmse'] for r in classes):.3f}",
        f"{bias:+.3f}",
        f"{max(ratios):.2f}",
        *(f"{f['intervals'][k]:.3f}" for k in ("levels", "changes")),
    ]


def main() -> None:
    """Print the table, and write all figures where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[11, 12, 13, 14])
    parser.add_argument("--regimes", nargs="+", default=list(REGIMES), choices=list(REGIMES))
    parser.add_argument("--method", help="a method file or the name of one that ships")
    parser.add_argument("-o", dest="out", help="JSON file for all figures")
    args = parser.parse_args()
    method, figures = read_method(args.method), []
    print("| " + " | ".join(HEAD) + " |\n|" + "---|" * len(HEAD), flush=True)
    for regime in args.regimes:
        for seed in args.seeds:
            with tempfile.TemporaryDirectory() as folder:
                figures.append(scored(Path(folder) / "market", regime, seed, method))
            print("| " + " | ".join(row(regime, seed, figures[-1])) + " |", flush=True)
    if args.out:
        Path(args.out).write_text(json.dumps(figures, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
