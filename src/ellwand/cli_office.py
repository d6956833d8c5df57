"""The sub-commands of the index office: thin, one function a sub-command."""

import argparse
import sys
from typing import Any

import ellwand as ew
from ellwand.cli_words import Parser, Progress, whole


def _office() -> Any:
    """The releases of the office. ValueError where its packages are not installed."""
    try:
        from ellwand.office import releases
    except ModuleNotFoundError as error:
        raise ValueError(f"releases need the package {error.name}: pip install 'ellwand[office]'") from error
    return releases


def facts_of_release(code: str, directory: str | None) -> Any:
    """The facts of a release of an office, or of the folder of a release."""
    from pathlib import Path

    _office()
    from ellwand.office import setup

    if (Path(code) / "manifest.json").is_file():
        setup.prepare()
        from ellwand.office.editorial.released import facts_of_folder

        return facts_of_folder(Path(code))
    home = setup.office(directory)
    from ellwand.office.editorial.released import facts_of_release as of_office

    return of_office(code, home)


def _is_in_office(name: str, directory: str | None) -> bool:
    """Whether a release is named that no folder here has, while an office is at hand."""
    import os
    from pathlib import Path

    return not Path(name).exists() and Path(name).name == name and bool(directory or os.environ.get("ELLWAND_DIR"))


def run_verify(args: argparse.Namespace) -> int:
    """Releases checked and recomputed, one line each; 1 if a file or a value is at fault."""
    office = _office()
    keys = [office.read_public(k) for k in args.key]
    if (args.folder is None) == (args.all is None):
        raise ValueError("give the folder of a release, or --all and the folder that holds the releases")
    folder, parent = args.folder, args.all
    if parent == "" or (folder and _is_in_office(folder, args.dir)):
        from ellwand.office import home as homes

        home = homes.find(args.dir)
        folder, parent = folder and home.archive / folder, home.archive if parent == "" else None
        # The office trusts its own key, and no other one.
        keys = keys or [office.read_public(home.keys)]
    found = (
        office.verify_archive(parent, keys, Progress())
        if parent
        else [office.verify_release(folder, keys, progress=Progress())]
    )
    failed = total = 0
    for checked in found:
        failed += checked.fault is not None
        total += 1
        print(checked.line, file=sys.stderr if checked.fault else sys.stdout, flush=True)
    if parent:
        words = f"{total} release{'' if total == 1 else 's'}"
        print(f"{words}: {f'{failed} at fault' if failed else 'all is well'}", flush=True)
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


def _record() -> Any:
    """The commands on the office's record. ValueError where its packages are not installed."""
    try:
        from ellwand import web
        from ellwand.office import commands, setup

        web.enable()
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
    if args.pack:
        text, good = _record().evidence_verify(args.pack, key=args.key)
    else:
        text, good = _record().audit_verify(head=args.head, directory=args.dir)
    print(text, file=sys.stdout if good else sys.stderr)
    return 0 if good else 1


def run_drill_restore(args: argparse.Namespace) -> int:
    """A restore drill; 1 if it failed."""
    text, good = _record().restore_drill(as_user=args.as_user, directory=args.dir)
    print(text, file=sys.stdout if good else sys.stderr)
    return 0 if good else 1


def run_drill_stop(args: argparse.Namespace) -> None:
    """A drill of the emergency stop."""
    print(_record().stop_drill(args.round, as_user=args.as_user, zh=args.zh, en=args.en, directory=args.dir))


def run_backup(args: argparse.Namespace) -> None:
    """A backup of the office."""
    print(_record().backup(args.file, with_key=args.with_key, directory=args.dir))


def run_restore(args: argparse.Namespace) -> None:
    """An office from a backup."""
    print(_record().restore(args.file, directory=args.dir))


def run_serve(args: argparse.Namespace) -> None:
    """An office that answers browsers."""
    from ellwand import web

    _record().serve(
        args.port, host=args.host, application=web.APPLICATION, processes=args.processes, directory=args.dir
    )


def run_mcp(args: argparse.Namespace) -> None:
    """The released figures for agents, over standard input and output."""
    _record()
    from ellwand.office import setup
    from ellwand.web.agents import server

    setup.office(args.dir)
    try:
        server.run(ew.__version__)
    except ModuleNotFoundError as error:
        raise ValueError(f"agents need the package {error.name}: pip install 'ellwand[office,mcp]'") from error


def run_demo(args: argparse.Namespace) -> None:
    """An office on a simulated market, with released weeks and an open round; it answers browsers at once."""
    from ellwand import web

    record = _record()
    print(record.demo(args.dir, args.weeks, args.seed, version=ew.__version__, port=args.port, progress=Progress()))
    if not args.no_serve:
        sys.stdout.flush()
        record.serve(args.port, application=web.APPLICATION, directory=args.dir)


def add(commands: Any) -> None:
    """Add the sub-commands of the office to those of `ellwand`."""
    _release_parsers(commands)
    _record_parsers(commands)


def _release_parsers(commands: Any) -> None:
    """The commands on sealed releases."""
    verify = commands.add_parser(
        "verify",
        help="check a release: files, hashes, signature, chain, and its figures from the inputs anew",
        description="Exit status 0: all is well; 1: a file or a value is at fault, and named; 2: no release.",
    )
    verify.add_argument(
        "folder",
        metavar="FOLDER",
        nargs="?",
        help="folder of a release, a public copy of it, or its name in the office",
    )
    verify.add_argument("--key", metavar="PUBLIC", action="append", default=[], help="public key that must have signed")
    verify.add_argument(
        "--all",
        metavar="PARENT",
        nargs="?",
        const="",
        help="every release in this folder (the office's), and their chain",
    )
    verify.add_argument("--dir", metavar="DIR", help="the office's folder; default: ELLWAND_DIR")
    verify.set_defaults(run=run_verify)

    release = commands.add_parser("release", help="make sealed releases, list them, make the office's key")
    acts = release.add_subparsers(dest="act", required=True, metavar="ACT", parser_class=Parser)
    pack = acts.add_parser("pack", help="the release of one issue, from a market's folder")
    pack.add_argument("directory", metavar="DIR", help="folder of quotes, basket, classification and units")
    pack.add_argument("--period", metavar="P", required=True, help="the period of the issue")
    pack.add_argument("--method", metavar="FILE", help="as for compile")
    pack.add_argument("--number", metavar="N", type=whole, default=1, help="1 (default); 2 for its first correction")
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


def _record_parsers(commands: Any) -> None:
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
        return made.add_subparsers(dest="act", required=True, metavar="ACT", parser_class=Parser)

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
    verify.add_argument("--pack", metavar="FILE", help="check an evidence pack instead, without any office")
    verify.add_argument("--key", metavar="FILE", help="the office's public key; default: the one in the pack")
    drills = group("drill", "drills of the office")
    act(drills, "restore", run_drill_restore, "restore a backup into an empty folder and compare", who)
    stop = act(drills, "stop", run_drill_stop, "try the emergency stop of a round's release, and take it back", who)
    stop.add_argument("round", metavar="ID")
    stop.add_argument("--zh", metavar="TEXT", default="演练：紧急停止。", help="the notice in Chinese")
    stop.add_argument("--en", metavar="TEXT", default="A drill of the emergency stop.", help="the notice in English")

    show = commands.add_parser("demo", help="make an office on a simulated market, and open it")
    show.add_argument("--dir", metavar="DIR", default="demo", help="a new or empty folder; default: demo")
    show.add_argument("--weeks", metavar="N", type=whole, default=104, help="released weeks (default 104)")
    show.add_argument("--seed", metavar="S", type=whole, default=7, help="equal seeds, equal markets (default 7)")
    show.add_argument("--port", metavar="P", type=whole, default=8765, help="default: 8765")
    show.add_argument("--no-serve", action="store_true", help="make it only; `ellwand serve --dir DIR` opens it later")
    show.set_defaults(run=run_demo)
    live = act(commands, "serve", run_serve, "answer browsers, and work through the office's tasks", where)
    live.add_argument("--port", metavar="P", type=whole, default=8765, help="default: 8765")
    live.add_argument("--host", metavar="NAME", default="127.0.0.1", help="address to listen at; default: this machine")
    live.add_argument("--processes", metavar="N", type=whole, help="that answer; default: one for each core, at most 4")

    act(
        commands, "mcp", run_mcp, "answer an agent by the Model Context Protocol, over standard input and output", where
    )

    keep = act(commands, "backup", run_backup, "write the office into one file", where)
    keep.add_argument("file", metavar="FILE", help="a new file")
    keep.add_argument("--with-key", action="store_true", help="with the private key that signs releases")
    back = act(commands, "restore", run_restore, "restore a backup into a new or empty folder", where)
    back.add_argument("file", metavar="FILE")
