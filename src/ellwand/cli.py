"""The `ellwand` command: thin, one function a sub-command."""

import argparse
import csv
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

import ellwand as ew
from ellwand import cli_office
from ellwand.cli_words import Parser, Progress, whole
from ellwand.engine.source import find_files
from ellwand.formulas.catalogue import get
from ellwand.formulas.splice import SPLICES


def _value(text: str) -> Any:
    """A parameter as a number, a truth value, a list (with commas) or a text."""
    if "," in text:
        return [_value(part) for part in text.split(",") if part]
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _params(pairs: Sequence[str], method: str) -> dict[str, Any]:
    out: dict[str, Any] = {}
    allowed = get(method).params
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise ValueError(f"--param {pair!r} is not of the form name=value")
        if name in out:
            raise ValueError(f"--param {name} is given twice")
        given = _value(value)
        if name in allowed and allowed[name].kind == "columns" and not isinstance(given, list):
            given = [value]
        out[name] = given
    return out


def _write(table: pa.Table, target: str | None) -> None:
    if target and target.lower().endswith((".parquet", ".pq")):
        pq.write_table(table, target)
        return
    if target and not target.lower().endswith((".csv", ".tsv")):
        raise ValueError(f"-o {target}: the ending says the format; use .csv, .tsv or .parquet")
    if not target:
        _rows(table, sys.stdout, ",")
        return
    with Path(target).open("w", newline="", encoding="utf-8") as stream:
        _rows(table, stream, "\t" if target.endswith(".tsv") else ",")


def _rows(table: pa.Table, stream: TextIO, delimiter: str) -> None:
    """Rows as text; figures at full precision, an empty field where there is none."""
    writer = csv.writer(stream, delimiter=delimiter, lineterminator="\n")
    writer.writerow(table.column_names)
    for batch in table.to_batches(max_chunksize=50_000):
        columns = [c.to_pylist() for c in batch.columns]
        writer.writerows(
            ["" if v is None else repr(v) if isinstance(v, float) else v for v in row]
            for row in zip(*columns, strict=True)
        )


def run_index(args: argparse.Namespace) -> None:
    """A price index from a file."""
    from ellwand.engine.plugins import load_methods

    load_methods()
    keywords: dict[str, Any] = {
        "period": args.period,
        "product": args.product,
        "price": args.price,
        "quantity": args.quantity,
        "by": args.by or None,
        "output": args.output,
        "base": args.base,
        "window": args.window,
        "splice": args.splice,
        "on_duplicate": args.on_duplicate,
        **_params(args.param, args.method),
    }
    find_files(args.file)
    if args.engine == "spark":
        try:
            from ellwand.engine.spark_files import index_path
        except ModuleNotFoundError as error:
            raise ValueError("--engine spark needs PySpark and Java: pip install 'ellwand[spark]'") from error
        _write(index_path(args.file, args.method, **keywords), args.out)
        return
    _write(ew.index(args.file, args.method, progress=Progress(), **keywords), args.out)


def run_methods(args: argparse.Namespace) -> None:
    """The table of methods."""
    table = ew.methods()
    if args.family:
        families = sorted(set(table["family"].to_pylist()))
        if args.family not in families:
            raise ValueError(f"unknown family {args.family!r}; allowed: {', '.join(families)}")
        table = table.filter(pa.array([f == args.family for f in table["family"].to_pylist()]))
    _write(table, args.out)


def run_simulate(args: argparse.Namespace) -> None:
    """A simulated market."""
    from ellwand.market import simulate

    summary = simulate(
        args.directory,
        weeks=args.weeks,
        items=args.items,
        units=args.units,
        seed=args.seed,
        regime=args.regime,
        rows=args.rows,
        progress=Progress(),
    )
    print(f"simulated market in {args.directory}")
    for name, value in summary.items():
        if isinstance(value, int | float | str):
            print(f"  {name}: {value}")
    for name, count in summary["counts"].items():
        if isinstance(count, int):
            print(f"  counted {name}: {count:,}")
    for name, share in summary["measured"].items():
        print(f"  measured {name}: {'none' if share is None else f'{share:.4f}'}")


def run_audit(args: argparse.Namespace) -> int:
    """The faults of published series; 1 if there are any."""
    from ellwand.production.audit import as_json, as_text, audit_file, read_composites

    parts = read_composites(args.parts) if args.parts else []
    findings, rows = audit_file(args.file, parts)
    print(as_json(findings) if args.json else as_text(findings, rows))
    return 1 if findings else 0


def run_compile(args: argparse.Namespace) -> None:
    """All stages over a market's folder, from raw quotes to indices with their quality."""
    from ellwand.production.method import read_method
    from ellwand.production.publish import FILES, compile_folder

    out = Path(args.out) if args.out else Path(args.directory) / "compiled"
    method = read_method(args.method)
    results = compile_folder(
        args.directory, method, out, start=args.start, stop=args.stop, version=ew.__version__, progress=Progress()
    )
    shown = results.headline()
    print(f"compiled {args.directory} by method {method.method.name} {method.method.version} into {out}")
    for line in shown:
        print(f"  {line}")
    for name, what in FILES.items():
        print(f"  {out / name}: {what}")


def run_score(args: argparse.Namespace) -> int:
    """Scores of a compilation of a simulated market; 1 if a target is not met."""
    from ellwand.production.score import as_json, as_text, score_folder

    score = score_folder(args.directory, args.compiled, Progress())
    print(as_json(score) if args.json else as_text(score))
    return 0 if score.met else 1


def run_comment(args: argparse.Namespace) -> None:
    """The comment of one issue, from the facts of a compilation."""
    from ellwand.production.comment import make_plan, read_facts, write

    bound = write(make_plan(read_facts(args.folder, args.period, args.items)), args.lang)
    print({"text": bound.text, "marked": bound.marked(), "json": bound.json()}[args.form], end="")


def run_check_text(args: argparse.Namespace) -> int:
    """What a text says against the facts; 1 if there is any."""
    from ellwand.production.comment import check_files, read_facts

    if (args.observations is None) == (args.release is None):
        raise ValueError("give --observations FOLDER of a compilation, or --release ID of a release of the office")
    if args.release is not None:
        facts = cli_office.facts_of_release(args.release, args.dir)
    else:
        facts = read_facts(args.observations, args.period, args.items)
    found = check_files(facts, args.file, args.lang, args.beside)
    for line in found:
        print(line)
    print(f"{len(found)} finding{'' if len(found) == 1 else 's'}")
    return 1 if found else 0


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = Parser(prog="ellwand", description="From a price file to an index that anybody can recompute.")
    top.add_argument("--version", action="version", version=f"ellwand {ew.__version__}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=Parser)

    one = commands.add_parser("index", help="index of a file of prices")
    one.add_argument("file", metavar="FILE", help="CSV or Parquet file, a folder of them, or a glob")
    one.add_argument("--method", required=True, help="a name of `ellwand methods`")
    one.add_argument("--output", default="chained", help="bilateral methods: chained (default) or fixedbase")
    one.add_argument("--window", type=whole, help="multilateral methods: periods estimated together")
    one.add_argument("--splice", help="how later windows are linked: " + ", ".join(SPLICES))
    one.add_argument("--by", action="append", default=[], metavar="COL", help="column that makes the strata; repeat")
    one.add_argument("--base", help="period whose index is 1")
    one.add_argument("--param", action="append", default=[], metavar="K=V", help="parameter of the method; repeat")
    for role in ("period", "product", "price", "quantity"):
        one.add_argument(f"--{role}", default=role, metavar="COL", help=f"column with the {role}")
    one.add_argument("--on-duplicate", default="error", choices=("error", "unit_value"))
    one.add_argument("--engine", default="local", choices=("local", "spark"))
    one.add_argument("-o", dest="out", metavar="OUT", help=".csv, .tsv or .parquet; default: CSV on standard output")
    one.set_defaults(run=run_index)

    two = commands.add_parser("methods", help="every method with formula, properties and reference")
    two.add_argument("--family", help="only one family")
    two.add_argument("-o", dest="out", metavar="OUT")
    two.set_defaults(run=run_methods)

    three = commands.add_parser("simulate", help="write a simulated market with known truth")
    three.add_argument("directory", metavar="DIR", help="a new or empty folder, or a simulated market to replace")
    three.add_argument("--weeks", metavar="N", type=whole, default=156, help="ISO weeks from 2022-W01 (default 156)")
    three.add_argument("--items", metavar="N", type=whole, help="items in force (default 1600; small: 160)")
    three.add_argument("--units", metavar="N", type=whole, help="sample units in force (default 1000; small: 60)")
    three.add_argument("--seed", metavar="N", type=whole, default=7, help="equal seeds, equal files (default 7)")
    three.add_argument(
        "--regime",
        metavar="NAME",
        default="calm",
        help="how the market behaves: calm (default), inflation, sticky (prices seldom change), volatile, "
        "churn (items and units come and go), small (few items and units)",
    )
    three.add_argument(
        "--rows",
        metavar="N",
        type=whole,
        help="write exactly N transactions too, in 200 strata of Parquet files, with sales, dumping and quantities "
        "(200 or more; 10_000_000 may be written so); the quotes stay the same",
    )
    three.set_defaults(run=run_simulate)
    audit = commands.add_parser(
        "audit",
        help="find the faults of published series",
        description="Exit status 0: no findings; 1: findings; 2: the file cannot be read.",
    )
    audit.add_argument(
        "file",
        metavar="FILE",
        help="CSV with the columns series, period, frequency, value, change_pct, change_basis; - for standard input",
    )
    audit.add_argument("--parts", metavar="TOML", help="declared parts and weights of composites")
    audit.add_argument("--json", action="store_true", help="findings as a JSON list")
    audit.set_defaults(run=run_audit)

    make = commands.add_parser("compile", help="from a market's raw quotes to indices with their quality")
    make.add_argument("directory", metavar="DIR", help="folder of quotes, basket, classification and units")
    make.add_argument(
        "--method", metavar="FILE", help="a method file, or careful (default), minimal, transactions, keqiao"
    )
    make.add_argument("--from", dest="start", metavar="P", help="first period of the tables")
    make.add_argument("--to", dest="stop", metavar="P", help="last period of the tables")
    make.add_argument("-o", dest="out", metavar="OUT", help="folder for the results; default: DIR/compiled")
    make.set_defaults(run=run_compile)

    score = commands.add_parser(
        "score",
        help="how near a compilation of a simulated market comes to the truth",
        description="Exit status 0: all targets are met; 1: one is not; 2: there is no truth or no compilation.",
    )
    score.add_argument("directory", metavar="DIR", help="folder of a simulated market, with its truth")
    score.add_argument("--compiled", metavar="FOLDER", help="the compilation; default: DIR/compiled")
    score.add_argument("--json", action="store_true", help="all figures as a JSON object")
    score.set_defaults(run=run_score)

    comment = commands.add_parser("comment", help="the comment of one issue, in Chinese or English")
    comment.add_argument("folder", metavar="FOLDER", help="folder of a compilation")
    comment.add_argument("--lang", default="zh", choices=("zh", "en"), help="language (default zh)")
    comment.add_argument(
        "--form", default="text", choices=("text", "marked", "json"), help="plain text (default), or bound to its facts"
    )

    check = commands.add_parser(
        "check-text",
        help="find what a text says against the figures",
        description="Exit status 0: no findings; 1: findings; 2: a file cannot be read.",
    )
    check.add_argument("file", metavar="FILE", help="a comment: plain text, marked text or .json, in UTF-8")
    check.add_argument("--observations", metavar="FOLDER", help="folder of a compilation")
    check.add_argument("--release", metavar="ID", help="a release of the office, or the folder of one")
    check.add_argument("--dir", metavar="DIR", help="the office of the release; default: ELLWAND_DIR")
    check.add_argument("--lang", choices=("zh", "en"), help="language; default: that of the text")
    check.add_argument("--with", dest="beside", metavar="FILE", help="the same comment in the other language")
    for one in (comment, check):
        one.add_argument("--period", metavar="P", help="the issue; default: the newest")
        one.add_argument("--items", metavar="FILE", help="register of items, whose moves the comment names")
    comment.set_defaults(run=run_comment)
    check.set_defaults(run=run_check_text)

    cli_office.add(commands)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; its exit status, or 2 with one line on standard error for bad input."""
    args = parser().parse_args(argv)
    try:
        status = args.run(args)
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except (ValueError, OSError, duckdb.Error) as error:
        print(f"ellwand {args.command}: {' '.join(str(error).split())}", file=sys.stderr)
        return 2
    return int(status or 0)


if __name__ == "__main__":
    raise SystemExit(main())
