"""The `ellwand` command: thin, one function a sub-command."""

import argparse
import csv
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn, TextIO

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

import ellwand as ew
from ellwand.engine.source import find_files
from ellwand.formulas.catalogue import get
from ellwand.formulas.splice import SPLICES

QUIET = 2.0
"""Seconds after which progress is shown."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}; see {self.prog} --help\n")


class Progress:
    """Progress on standard error for whatever takes more than two seconds."""

    def __init__(self) -> None:
        self.start = time.monotonic()
        self.shown = 0.0

    def __call__(self, done: int, total: int, what: str) -> None:
        now = time.monotonic()
        if now - self.start < QUIET or (now - self.shown < 0.5 and done < total):
            return
        self.shown = now
        print(f"  {done:,} of {total:,} {what} ({now - self.start:.0f} s)", file=sys.stderr, flush=True)


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


def _office() -> Any:
    """The releases of the office. ValueError where its packages are not installed."""
    try:
        from ellwand.office import releases
    except ModuleNotFoundError as error:
        raise ValueError(f"releases need the package {error.name}: pip install 'ellwand[office]'") from error
    return releases


def run_verify(args: argparse.Namespace) -> int:
    """Releases checked and recomputed, one line each; 1 if a file or a value is at fault."""
    office = _office()
    keys = [office.read_public(k) for k in args.key]
    if (args.folder is None) == (args.all is None):
        raise ValueError("give the folder of a release, or --all and the folder that holds the releases")
    found = (
        office.verify_archive(args.all, keys, Progress())
        if args.all
        else [office.verify_release(args.folder, keys, progress=Progress())]
    )
    failed = 0
    for checked in found:
        failed += checked.fault is not None
        print(checked.line, file=sys.stderr if checked.fault else sys.stdout, flush=True)
    return 1 if failed else 0


def run_release_key(args: argparse.Namespace) -> None:
    """A new key pair of the office."""
    print(f"key {_office().make_key(args.folder)} in {args.folder}; keep signing-key.pem, publish public-key.pem")


def run_release_pack(args: argparse.Namespace) -> None:
    """The sealed release of one issue."""
    from datetime import UTC, datetime

    from ellwand.production.method import read_method

    office = _office()
    target = office.pack(
        args.directory,
        args.out,
        read_method(args.method),
        period=args.period,
        at=office.read_instant(args.at) if args.at else datetime.now(UTC).replace(microsecond=0),
        number=args.number,
        family=args.family,
        previous=args.previous,
        key=office.read_private(args.key) if args.key else None,
        texts=args.texts,
        revised_from=args.revised_from,
        version=ew.__version__,
        progress=Progress(),
    )
    print(target)


def run_release_list(args: argparse.Namespace) -> None:
    """The releases of an archive, or of the office's record."""
    if args.parent is None:
        print(_record().release_list(as_json=args.json, directory=args.dir))
        return
    office = _office()
    found = office.read_archive(args.parent)
    print(office.listed_json(found) if args.json else office.listed_text(found))


def run_comment(args: argparse.Namespace) -> None:
    """The comment of one issue, from the facts of a compilation."""
    from ellwand.production.comment import make_plan, read_facts, write

    bound = write(make_plan(read_facts(args.folder, args.period, args.items)), args.lang)
    print({"text": bound.text, "marked": bound.marked(), "json": bound.json()}[args.form], end="")


def run_check_text(args: argparse.Namespace) -> int:
    """What a text says against the facts; 1 if there is any."""
    from ellwand.production.comment import check_files, read_facts

    found = check_files(read_facts(args.observations, args.period, args.items), args.file, args.lang, args.beside)
    for line in found:
        print(line)
    print(f"{len(found)} finding{'' if len(found) == 1 else 's'}")
    return 1 if found else 0


def _record() -> Any:
    """The commands on the office's record. ValueError where its packages are not installed."""
    try:
        from ellwand.office import commands, setup

        setup.prepare()
    except ModuleNotFoundError as error:
        package = str(error.name).partition(".")[0]
        raise ValueError(f"the office needs the package {package}: pip install 'ellwand[office]'") from error
    return commands


def run_init(args: argparse.Namespace) -> None:
    """An empty office."""
    print(_record().init(args.directory, admin=args.admin, upgrade=args.upgrade))


def run_user_add(args: argparse.Namespace) -> None:
    """An account."""
    print(_record().user_add(args.name, args.role, as_user=args.as_user, directory=args.dir))


def run_user_roles(args: argparse.Namespace) -> None:
    """Roles given and taken."""
    record = _record()
    print(
        record.user_roles(args.name, args.give, args.take, as_user=args.as_user, reason=args.reason, directory=args.dir)
    )


def run_user_list(args: argparse.Namespace) -> None:
    """All accounts."""
    print(_record().user_list(directory=args.dir))


def _with_problems(told: tuple[str, list[str]]) -> int:
    """The outcome of an import; 1 if rows were left out, each with a line on standard error."""
    text, problems = told
    for line in problems:
        print(line, file=sys.stderr)
    print(text)
    return 1 if problems else 0


def run_import_market(args: argparse.Namespace) -> int:
    """Registers, baskets and method from a market's folder; 1 if rows were left out."""
    return _with_problems(
        _record().import_market(
            args.folder, as_user=args.as_user, method=args.method, reason=args.reason, directory=args.dir
        )
    )


def run_import_quotes(args: argparse.Namespace) -> int:
    """Quotes into a round; 1 if rows were left out."""
    return _with_problems(
        _record().import_quotes(
            args.file,
            args.round,
            as_user=args.as_user,
            reason=args.reason,
            sign=args.sign,
            only_period=args.only_period,
            directory=args.dir,
        )
    )


def run_round_open(args: argparse.Namespace) -> None:
    """A round that begins to collect."""
    record = _record()
    print(record.round_open(args.period, as_user=args.as_user, sign=args.sign, reason=args.reason, directory=args.dir))


def run_round_move(args: argparse.Namespace) -> None:
    """A round in another state."""
    record = _record()
    print(
        record.round_move(
            args.round, args.to, as_user=args.as_user, sign=args.sign, reason=args.reason, directory=args.dir
        )
    )


def run_round_compile(args: argparse.Namespace) -> None:
    """A compiled round."""
    record = _record()
    print(
        record.round_compile(
            args.round,
            as_user=args.as_user,
            sign=args.sign,
            reason=args.reason,
            version=ew.__version__,
            progress=Progress(),
            directory=args.dir,
        )
    )


def run_round_list(args: argparse.Namespace) -> None:
    """All rounds."""
    print(_record().round_list(as_json=args.json, directory=args.dir))


def run_round_show(args: argparse.Namespace) -> None:
    """One round."""
    print(_record().round_show(args.round, as_json=args.json, directory=args.dir))


def run_audit_verify(args: argparse.Namespace) -> int:
    """The chain of the audit trail; 1 if it is broken."""
    text, good = _record().audit_verify(head=args.head, directory=args.dir)
    print(text, file=sys.stdout if good else sys.stderr)
    return 0 if good else 1


def run_backup(args: argparse.Namespace) -> None:
    """A backup of the office."""
    print(_record().backup(args.file, with_key=args.with_key, directory=args.dir))


def run_restore(args: argparse.Namespace) -> None:
    """An office from a backup."""
    print(_record().restore(args.file, directory=args.dir))


def _whole(text: str) -> int:
    return int(text.replace("_", "").replace(",", ""))


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = _Parser(prog="ellwand", description="From a price file to an index that anybody can recompute.")
    top.add_argument("--version", action="version", version=f"ellwand {ew.__version__}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=_Parser)

    one = commands.add_parser("index", help="index of a file of prices")
    one.add_argument("file", metavar="FILE", help="CSV or Parquet file, a folder of them, or a glob")
    one.add_argument("--method", required=True, help="a name of `ellwand methods`")
    one.add_argument("--output", default="chained", help="bilateral methods: chained (default) or fixedbase")
    one.add_argument("--window", type=_whole, help="multilateral methods: periods estimated together")
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
    three.add_argument("--weeks", metavar="N", type=_whole, default=156, help="ISO weeks from 2022-W01 (default 156)")
    three.add_argument("--items", metavar="N", type=_whole, help="items in force (default 1600; small: 160)")
    three.add_argument("--units", metavar="N", type=_whole, help="sample units in force (default 1000; small: 60)")
    three.add_argument("--seed", metavar="N", type=_whole, default=7, help="equal seeds, equal files (default 7)")
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
        type=_whole,
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
    check.add_argument("--observations", metavar="FOLDER", required=True, help="folder of a compilation")
    check.add_argument("--lang", choices=("zh", "en"), help="language; default: that of the text")
    check.add_argument("--with", dest="beside", metavar="FILE", help="the same comment in the other language")
    for one in (comment, check):
        one.add_argument("--period", metavar="P", help="the issue; default: the newest")
        one.add_argument("--items", metavar="FILE", help="register of items, whose moves the comment names")
    comment.set_defaults(run=run_comment)
    check.set_defaults(run=run_check_text)

    verify = commands.add_parser(
        "verify",
        help="check a release: files, hashes, signature, chain, and its figures from the inputs anew",
        description="Exit status 0: all is well; 1: a file or a value is at fault, and named; 2: no release.",
    )
    verify.add_argument("folder", metavar="FOLDER", nargs="?", help="folder of a release, or a public copy of it")
    verify.add_argument("--key", metavar="PUBLIC", action="append", default=[], help="public key that must have signed")
    verify.add_argument("--all", metavar="PARENT", help="every release in this folder, and their chain")
    verify.set_defaults(run=run_verify)

    release = commands.add_parser("release", help="make sealed releases, list them, make the office's key")
    acts = release.add_subparsers(dest="act", required=True, metavar="ACT", parser_class=_Parser)
    pack = acts.add_parser("pack", help="the release of one issue, from a market's folder")
    pack.add_argument("directory", metavar="DIR", help="folder of quotes, basket, classification and units")
    pack.add_argument("--period", metavar="P", required=True, help="the period of the issue")
    pack.add_argument("--method", metavar="FILE", help="as for compile")
    pack.add_argument("--number", metavar="N", type=_whole, default=1, help="1 (default); 2 for its first correction")
    pack.add_argument("--at", metavar="INSTANT", help="when it is public, as 2024-12-30T12:00:00+08:00; default: now")
    pack.add_argument("--previous", metavar="FOLDER", help="the release before it; needed for all but the first")
    pack.add_argument("--revised-from", metavar="P", help="published figures from this period on are replaced")
    pack.add_argument("--key", metavar="KEY", help="private key that signs, or its folder")
    pack.add_argument("--texts", metavar="FOLDER", help="texts, each as NAME.zh.EXT and NAME.en.EXT")
    pack.add_argument("--family", metavar="NAME", default="price", help="default: price")
    pack.add_argument("-o", dest="out", metavar="OUT", required=True, help="the archive: the folder of all releases")
    pack.set_defaults(run=run_release_pack)
    shown = acts.add_parser("list", help="the releases of an archive")
    shown.add_argument(
        "parent", metavar="PARENT", nargs="?", help="the folder that holds the releases; default: the office's record"
    )
    shown.add_argument("--dir", metavar="DIR", help="the office's folder; default: ELLWAND_DIR")
    shown.add_argument("--json", action="store_true", help="as a JSON list")
    shown.set_defaults(run=run_release_list)
    made = acts.add_parser("key", help="make the key pair that signs releases")
    made.add_argument("folder", metavar="FOLDER", help="a new or empty folder, outside of every release")
    made.set_defaults(run=run_release_key)
    _office_parsers(commands)
    return top


def _office_parsers(commands: Any) -> None:
    """The commands on the office's record."""
    where = argparse.ArgumentParser(add_help=False)
    where.add_argument("--dir", metavar="DIR", help="the office's folder; default: ELLWAND_DIR")
    who = argparse.ArgumentParser(add_help=False, parents=[where])
    who.add_argument("--as", dest="as_user", metavar="USER", required=True, help="who acts; his roles decide")
    why = argparse.ArgumentParser(add_help=False)
    why.add_argument("--reason", metavar="TEXT", default="", help="why, kept in the audit trail")
    signed = argparse.ArgumentParser(add_help=False)
    signed.add_argument(
        "--sign", metavar="REASON", default="", help="sign the exceptions that the user's roles allow, with this reason"
    )

    def act(acts: Any, name: str, run: Any, said: str, *parents: argparse.ArgumentParser) -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = acts.add_parser(name, help=said, parents=list(parents))
        made.set_defaults(run=run)
        return made

    def group(name: str, said: str) -> Any:
        made = commands.add_parser(name, help=said)
        return made.add_subparsers(dest="act", required=True, metavar="ACT", parser_class=_Parser)

    init = act(commands, "init", run_init, "make an empty office")
    init.add_argument("directory", metavar="DIR", help="a new or empty folder")
    init.add_argument("--admin", metavar="NAME", help="make an account with the role admin and print its password")
    init.add_argument("--upgrade", action="store_true", help="bring the record of an office up to this version")

    users = group("user", "accounts and their roles")
    add = act(users, "add", run_user_add, "make an account and print its one-time password", who)
    add.add_argument("name", metavar="NAME")
    add.add_argument("--role", metavar="ROLE", action="append", default=[], help="a role; repeat")
    roles = act(users, "roles", run_user_roles, "give and take roles", who, why)
    roles.add_argument("name", metavar="NAME")
    roles.add_argument("--give", metavar="ROLE", action="append", default=[], help="repeat")
    roles.add_argument("--take", metavar="ROLE", action="append", default=[], help="repeat")
    act(users, "list", run_user_list, "all accounts with their roles", where)

    imports = group("import", "take registers or quotes into the record")
    market = act(imports, "market", run_import_market, "registers, baskets and method of a market's folder", who, why)
    market.add_argument("folder", metavar="FOLDER", help="folder in the layout of `ellwand compile`")
    market.add_argument(
        "--method", metavar="FILE", help="as for compile; default: method.toml of the folder, or careful"
    )
    quotes = act(imports, "quotes", run_import_quotes, "quotes of one file into a round", who, why, signed)
    quotes.add_argument("file", metavar="FILE", help="CSV, Parquet or XLSX")
    quotes.add_argument("--round", metavar="ID", required=True, help="as price-2026-W05")
    quotes.add_argument("--only-period", action="store_true", help="leave out rows of other periods than the round's")

    rounds = group("round", "open, show, move and compile rounds")
    act(rounds, "list", run_round_list, "all rounds", where).add_argument("--json", action="store_true")
    show = act(rounds, "show", run_round_show, "a round with its files, moves and exceptions", where)
    show.add_argument("round", metavar="ID")
    show.add_argument("--json", action="store_true")
    begin = act(rounds, "open", run_round_open, "plan the round of a period and begin to collect", who, why, signed)
    begin.add_argument("--period", metavar="P", required=True, help="as 2026-W05, 2026-02 or 2026-Q1")
    move = act(rounds, "move", run_round_move, "move a round to another state", who, why, signed)
    move.add_argument("round", metavar="ID")
    move.add_argument("--to", metavar="STATE", required=True)
    make = act(rounds, "compile", run_round_compile, "compile a round that is in review", who, why, signed)
    make.add_argument("round", metavar="ID")

    audit = group("audit-log", "the audit trail")
    verify = act(audit, "verify", run_audit_verify, "verify the chain of hashes; exit status 1 if it is broken", where)
    verify.add_argument("--head", metavar="N:HASH", help="an entry known from elsewhere, so that a cut trail shows")

    keep = act(commands, "backup", run_backup, "write the office into one file", where)
    keep.add_argument("file", metavar="FILE", help="a new file")
    keep.add_argument("--with-key", action="store_true", help="with the private key that signs releases")
    back = act(commands, "restore", run_restore, "restore a backup into a new or empty folder", where)
    back.add_argument("file", metavar="FILE")


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
