"""The commands of the office: what `ellwand init`, `import`, `round` and the others do, as functions that return text.

Every function that changes something takes the name of the user who acts; his roles decide.
"""

import functools
import json
import shutil
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from django.core.exceptions import ImproperlyConfigured
from django.db import Error as DatabaseError

from ellwand.engine.errors import DataError
from ellwand.office import home as homes
from ellwand.office import setup

P = ParamSpec("P")
T = TypeVar("T")
Progress = Callable[[int, int, str], None]


def _told(function: Callable[P, T]) -> Callable[P, T]:
    """A fault of the database as one of the input: one line, no traceback."""

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        setup.prepare()
        try:
            return function(*args, **kwargs)
        except (DatabaseError, ImproperlyConfigured) as error:
            said = " ".join(str(error).split())
            if "locked" in said:
                said = "another process writes to the record; try again"
            raise DataError(f"the record: {said}") from error

    return run


def _shown(instant: datetime) -> str:
    """An instant in the zone of the office, with its offset."""
    return instant.astimezone(setup.current().time_zone).isoformat(sep=" ", timespec="minutes")


@_told
def init(directory: str, *, admin: str | None = None, upgrade: bool = False) -> str:
    """Make an empty office, or bring the record of one up to this version."""
    from ellwand.office.accounts import people
    from ellwand.office.audit.models import Entry

    if upgrade:
        home = setup.use(homes.find(directory))
        missing = setup.pending()
        setup.migrate()
        return f"the record of {home.path} is up to date" + (f" now: {', '.join(missing)}" if missing else "")
    folder = Path(directory)
    there = folder.exists()
    home = homes.create(folder)
    try:
        setup.use(home)
        setup.migrate()
        if Entry.objects.exists():
            raise DataError("the database that DATABASE_URL names holds a record already; give an empty one")
        lines = [f"office in {directory}", f"  record: {'SQLite' if home.is_sqlite else 'PostgreSQL'}"]
        if admin is not None:
            lines.append(f"  account {admin} (admin), one-time password: {people.first_admin(admin)}")
    except BaseException:
        # Nothing half made stays: neither keys nor an empty record.
        for path in folder.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        if not there:
            folder.rmdir()
        raise
    return "\n".join(lines)


@_told
def user_add(name: str, roles: Sequence[str], *, as_user: str, directory: str | None = None) -> str:
    """An account with roles."""
    from ellwand.office.accounts import people

    setup.office(directory)
    password = people.add(name, roles, people.find(as_user))
    return f"account {name} ({', '.join(sorted(set(roles))) or 'no role'}), one-time password: {password}"


@_told
def user_roles(
    name: str, give: Sequence[str], take: Sequence[str], *, as_user: str, reason: str, directory: str | None = None
) -> str:
    """Give and take roles."""
    from ellwand.office.accounts import people

    setup.office(directory)
    held = people.change_roles(name, give, take, people.find(as_user), reason)
    return f"{name}: {', '.join(sorted(held)) or 'no role'}"


@_told
def user_list(*, directory: str | None = None) -> str:
    """All accounts with their roles."""
    from ellwand.office.accounts.models import User

    setup.office(directory)
    return "\n".join(f"{u.username}: {', '.join(sorted(u.roles)) or 'no role'}" for u in User.objects.order_by("pk"))


@_told
def import_market(
    folder: str, *, as_user: str, method: str | None = None, reason: str = "", directory: str | None = None
) -> tuple[str, list[str]]:
    """Take in registers, baskets and method; the counts, and the problems of rows that were left out."""
    from ellwand.office.accounts import people
    from ellwand.office.registry.market import import_market as take

    setup.office(directory)
    taken = take(folder, people.find(as_user), method=method, reason=reason)
    lines = ["register        added  changed  unchanged  refused"]
    for name, c in taken.counts.items():
        lines.append(f"{name:<14} {c['added']:>6} {c['changed']:>8} {c['unchanged']:>10} {c['refused']:>8}")
    return "\n".join(lines), [str(p) for p in taken.problems]


@_told
def import_quotes(
    file: str,
    round_code: str,
    *,
    as_user: str,
    reason: str = "",
    sign: str = "",
    only_period: bool = False,
    directory: str | None = None,
) -> tuple[str, list[str]]:
    """Take in a file of quotes; the counts, and the problems of rows that were left out."""
    from ellwand.office.accounts import people
    from ellwand.office.quotes.intake import import_quotes as take

    setup.office(directory)
    taken = take(file, round_code, people.find(as_user), reason=reason, sign=sign, only_period=only_period)
    if taken.again is not None:
        return f"{taken.name} was taken into {taken.round} at {_shown(taken.again)} already; nothing was done", []
    counts = f"{taken.added} added, {taken.changed} changed, {taken.unchanged} unchanged, {taken.refused} refused"
    more = f", {taken.elsewhere} of other periods left out" if taken.elsewhere else ""
    return f"{taken.name} into {taken.round}: {counts}{more}", [str(p) for p in taken.problems]


@_told
def round_open(period: str, *, as_user: str, sign: str = "", reason: str = "", directory: str | None = None) -> str:
    """Plan the round of a period and begin to collect."""
    from ellwand.office.accounts import people
    from ellwand.office.rounds import work

    setup.office(directory)
    found = work.open_round(period, people.find(as_user), sign=sign, reason=reason)
    return _line(_round(found))


@_told
def round_move(
    code: str, target: str, *, as_user: str, sign: str = "", reason: str = "", directory: str | None = None
) -> str:
    """Move a round to another state."""
    from ellwand.office.accounts import people
    from ellwand.office.rounds import states, work

    setup.office(directory)
    if target not in states.STATES:
        raise DataError(f"state {target!r} is not known; there are {', '.join(states.STATES)}")
    if target == states.COMPILED:
        raise DataError("a round becomes compiled by `ellwand round compile`")
    found = work.find(code)
    work.settle(found)
    work.move(found, target, people.find(as_user), sign=sign, reason=reason)
    return _line(_round(found))


@_told
def round_compile(
    code: str, *, as_user: str, sign: str = "", reason: str = "", version: str = "",
    progress: Progress | None = None, directory: str | None = None,
) -> str:  # fmt: skip
    """Compile a round."""
    from ellwand.office.accounts import people
    from ellwand.office.rounds import compiling

    setup.office(directory)
    made = compiling.compile_round(
        code, people.find(as_user), sign=sign, reason=reason, version=version, progress=progress
    )
    c = made.compilation
    lines = [f"{code}: compilation {c.number}, {made.observations} observations"]
    lines.append(f"  {_total(c.observations.filter(parent='').order_by('pk')[0])}")
    lines += [f"  method SHA-256 {c.method_digest}", f"  inputs SHA-256 {c.inputs}"]
    return "\n".join(lines)


def _round(found: Any) -> dict[str, Any]:
    """A round as plain values."""
    issue = found.issue
    last = found.compilations.order_by("-number").first()
    return {
        "round": found.code,
        "family": found.family,
        "period": found.period,
        "state": found.state,
        "cutoff_at": issue.cutoff_at.isoformat() if issue else None,
        "release_at": issue.release_at.isoformat() if issue else None,
        "quotes": found.quotes.filter(successor__isnull=True).count(),
        "compilations": last.number if last else 0,
        "inputs": last.inputs if last else None,
        "method_sha256": last.method_digest if last else None,
    }


def _total(found: Any) -> str:
    """The observation of the total in words."""
    change = f", {found.published_change_previous} % on the previous issue" if found.published_change_previous else ""
    return f"total {found.published or 'none'}{change}, grade {found.grade}, {found.status}"


def _line(row: dict[str, Any]) -> str:
    cutoff, release = (_shown(datetime.fromisoformat(row[k])) if row[k] else "-" for k in ("cutoff_at", "release_at"))
    return f"{row['round']}  {row['state']}  {row['quotes']} quotes  cut-off {cutoff}  release {release}"


@_told
def round_list(*, as_json: bool = False, directory: str | None = None) -> str:
    """All rounds in the order of their periods."""
    from ellwand.engine.periods import natural_key
    from ellwand.office.rounds import work
    from ellwand.office.rounds.models import Round

    setup.office(directory)
    found = sorted(Round.objects.all(), key=lambda r: (r.family, natural_key(r.period)))
    for one in found:
        work.settle(one)
    rows = [_round(r) for r in found]
    return json.dumps(rows, ensure_ascii=False, indent=2) if as_json else "\n".join(_line(r) for r in rows)


@_told
def round_show(code: str, *, as_json: bool = False, directory: str | None = None) -> str:
    """A round with its files, moves, exceptions, and the total of its last compilation."""
    from ellwand.office.rounds import work

    setup.office(directory)
    found = work.find(code)
    work.settle(found)
    row = _round(found)
    row["imports"] = [
        {"file": i.name, "sha256": i.digest, "by": i.by.username, "at": i.at.isoformat(), "added": i.added,
         "changed": i.changed, "unchanged": i.unchanged, "refused": i.refused}
        for i in found.imports.select_related("by").order_by("pk")
    ]  # fmt: skip
    row["moves"] = [
        {"from": m.source, "to": m.target, "by": m.by.username if m.by else None, "at": m.at.isoformat(),
         "reason": m.reason}
        for m in found.moves.select_related("by").order_by("number")
    ]  # fmt: skip
    row["exceptions"] = [
        {"guard": e.guard, "what": e.what, "by": e.by.username, "at": e.at.isoformat(), "reason": e.reason}
        for e in found.exceptions.select_related("by").order_by("pk")
    ]
    last = found.compilations.order_by("-number").first()
    total = last.observations.filter(parent="").first() if last else None
    row["total"] = total and {
        "published": total.published or None, "change_previous": total.published_change_previous or None,
        "grade": total.grade, "status": total.status, "index": None if total.index is None else repr(total.index),
    }  # fmt: skip
    if as_json:
        return json.dumps(row, ensure_ascii=False, indent=2)
    lines = [_line(row)]
    lines += [f"  file {i['file']}: {i['added']} added, {i['changed']} changed, by {i['by']}" for i in row["imports"]]
    lines += [f"  {m['from']} -> {m['to']} by {m['by'] or 'time'}" for m in row["moves"]]
    lines += [f"  exception {e['guard']}, signed by {e['by']}: {e['reason']} ({e['what']})" for e in row["exceptions"]]
    if total:
        lines += [f"  {_total(total)}", f"  inputs SHA-256 {row['inputs']}"]
    return "\n".join(lines)


@_told
def release_list(*, as_json: bool = False, directory: str | None = None) -> str:
    """The releases of the record, and whether the gate of time is open for each."""
    from ellwand.office import clock
    from ellwand.office.record.models import Release

    setup.office(directory)
    public = set(Release.objects.all().public(clock.now()).values_list("pk", flat=True))
    rows = [
        {"release": r.code, "family": r.family, "period": r.period, "number": r.number,
         "release_at": r.release_at.isoformat(), "public": r.pk in public, "manifest_sha256": r.manifest,
         "stat_hash": r.stat_hash, "text_hash": r.text_hash, "folder": r.folder}
        for r in Release.objects.order_by("family", "release_at", "number")
    ]  # fmt: skip
    if as_json:
        return json.dumps(rows, ensure_ascii=False, indent=2)
    if not rows:
        return "no release yet"
    return "\n".join(
        f"{r['release']}  {_shown(datetime.fromisoformat(str(r['release_at'])))}  "
        + ("public" if r["public"] else "embargoed")
        for r in rows
    )


@_told
def audit_verify(*, head: str | None = None, directory: str | None = None) -> tuple[str, bool]:
    """Verify the chain of the audit trail; what was found, and whether all is well."""
    from ellwand.office.audit import trail

    setup.office(directory)
    known = None
    if head is not None:
        number, _, digest = head.partition(":")
        if not number.isdigit() or len(digest) != 64:
            raise DataError(f"head {head!r}: write it as NUMBER:HASH, as `ellwand audit-log verify` prints it")
        known = (int(number), digest)
    count, last, fault = trail.verify(known)
    if fault:
        return f"audit trail: {fault}", False
    return f"audit trail: {count} entries, all in the chain; head {count}:{last}", True


@_told
def evidence_verify(file: str, *, key: str | None = None) -> tuple[str, bool]:
    """Check an evidence pack, without any office; what was found, and whether all is well."""
    from ellwand.office.audit.evidence import verify_pack

    try:
        found = verify_pack(file, key)
    except DataError as error:
        return f"evidence pack: {error}", False
    head = found["head"]
    own = "" if key else "; compare this key with the one that the office publishes"
    return (
        f"evidence pack of {found['round']}: {found['entries']} entries in a chain of {head['sequence']}, all in their "
        f"places; signed by key {found['key'][:16]}{own}; head {head['sequence']}:{head['hash']}"
    ), True


@_told
def restore_drill(*, as_user: str, directory: str | None = None) -> tuple[str, bool]:
    """A restore drill; what was found, and whether it passed."""
    from ellwand.office.accounts import people
    from ellwand.office.cases import drills

    setup.office(directory)
    made = drills.restore_drill(people.find(as_user))
    return drills.as_text(made), made.passed


@_told
def stop_drill(round_code: str, *, as_user: str, zh: str, en: str, directory: str | None = None) -> str:
    """A drill of the emergency stop; DataError where the stop would not have held."""
    from ellwand.office.accounts import people
    from ellwand.office.approvals import postponing
    from ellwand.office.rounds import work

    setup.office(directory)
    found = work.find(round_code)
    work.settle(found)
    made = postponing.drill(found, people.find(as_user), zh, en)
    return f"stop drill of {found.code}: the stop held and was taken back; notice {made.pk}, round {found.state}"


@_told
def backup(file: str, *, with_key: bool = False, directory: str | None = None) -> str:
    """Write a backup."""
    from ellwand.office.backup import backup as write

    kept = write(setup.office(directory), file, with_key=with_key)
    key = "with" if with_key else "without"
    return f"backup {kept.path}: {kept.parts} parts, {key} the private key; audit head {kept.entries}:{kept.head}"


@_told
def restore(file: str, *, directory: str | None = None) -> str:
    """Restore a backup into an empty folder."""
    import os

    given = directory or os.environ.get(homes.FOLDER)
    if not given:
        raise DataError(f"no folder: give --dir DIR, or set {homes.FOLDER}")
    from ellwand.office.backup import restore as read

    home, entries = read(file, given)
    key = "" if any(home.keys.glob("signing-key.pem")) else "; the private key was not in it"
    return f"office restored into {given}: {entries} entries of the audit trail verify{key}"


@_told
def serve(
    port: int, *, host: str = "127.0.0.1", application: str, processes: int | None = None, directory: str | None = None
) -> None:
    """Serve the office until it is interrupted."""
    from ellwand.office.serve import serve as live

    if not 1 <= port <= 65535:
        raise DataError(f"port {port}: lies outside 1 to 65535")
    if processes is not None and not 1 <= processes <= 64:
        raise DataError(f"processes {processes}: lies outside 1 to 64; leave it out for one for each core")
    live(directory, port, host=host, application=application, processes=processes)


@_told
def demo(
    directory: str, weeks: int, seed: int, *, version: str = "", port: int = 8765, progress: Progress | None = None
) -> str:
    """Make an office on a simulated market; what its visitor has to know."""
    from ellwand.office.demo import people
    from ellwand.office.demo.make import make

    made = make(directory, count=weeks, seed=seed, version=version, progress=progress)
    issue = made.open.issue
    assert issue is not None
    return "\n".join(
        [
            f"office in {made.folder}: {len(made.released)} released weeks, {made.released[0]} to {made.released[-1]}",
            f"open round {made.open.code}: cut-off {_shown(issue.cutoff_at)}, release {_shown(issue.release_at)}",
            f"site http://127.0.0.1:{port}/ and office http://127.0.0.1:{port}/office/ with these accounts",
            people.table(made.accounts),
            f"all of this is in {made.folder / people.FILE}; every figure is simulated",
        ]
    )
