"""The route of corrections: the wrong value and its cause, all that depends on it computed anew, two approvals, public.

A correction is a further release of the last public round, which supersedes the one before; nothing is overwritten.
What was wrong in the record (a quote, a register) is mended there, with its reason; here it is found what that changes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from ellwand.engine.errors import DataError
from ellwand.engine.periods import natural_key
from ellwand.office import clock
from ellwand.office.accounts import people
from ellwand.office.accounts.four_eyes import Work
from ellwand.office.accounts.models import User
from ellwand.office.approvals.models import CLASSES, Candidate, Correction, Recomputation, Share
from ellwand.office.audit import trail
from ellwand.office.editorial import drafts, rationale
from ellwand.office.editorial.facts import facts_of
from ellwand.office.editorial.judging import drafts_of
from ellwand.office.editorial.models import PRICE, RATIONALE
from ellwand.office.once import while_same
from ellwand.office.quotes.models import Quote
from ellwand.office.record import reading
from ellwand.office.record.models import Broken, Compilation, Release
from ellwand.office.releases.figures import CARRIED, PUBLISHED
from ellwand.office.rounds import compiling, producing, providers, snapshot, states, work
from ellwand.office.rounds.models import Round
from ellwand.production.comment import make_plan, write
from ellwand.production.observations import Results
from ellwand.production.report.texts import LANGUAGES

MINOR, SIGNIFICANT, SERIOUS = "minor", "significant", "serious"
COMPARED = tuple(c for c in CARRIED if c not in ("series", "period"))
TEXTS = ("cause_zh", "cause_en", "found_by", "found_how")
Rows = Mapping[tuple[str, str], Mapping[str, Any]]


def open_(
    code: str, series: str, period: str, kind: str, by: User, *, cause_zh: str, cause_en: str, found_by: str,
    found_how: str, first_seen: datetime,
) -> Correction:  # fmt: skip
    """Open a correction of a published value. DataError for a value that nobody published, and for what is left out."""
    role = people.require(by, "correction.open")
    given = {"cause_zh": cause_zh, "cause_en": cause_en, "found_by": found_by, "found_how": found_how}
    for name in TEXTS:
        if not given[name].strip():
            raise DataError(
                f"{name}: empty; a correction names class, cause in both languages, and who found it and how"
            )
    if kind not in dict(CLASSES):
        raise DataError(f"class {kind!r}: choose one of {', '.join(dict(CLASSES))}")
    if first_seen > clock.now():
        raise DataError(f"first seen {first_seen.isoformat()}: lies in the future")
    release = reading.release(code)
    found = reading.figures([series], [period], family=release.family)
    if not found:
        raise DataError(f"{series} of {period}: was never published; pick a value of {code}")
    with transaction.atomic():
        last = Correction.objects.select_for_update().order_by("-number").values_list("number", flat=True).first()
        row = Correction(
            number=(last or 0) + 1, release=release, series=series, period=period,
            first_value=found[0].observation.published, kind=kind, first_seen=first_seen, by=by, at=clock.now(),
            **{name: text.strip() for name, text in given.items()},
        )  # fmt: skip
        row.save()
        trail.append(
            by, "correction.open", f"correction/{row.number}", role=role,
            after={"series": series, "period": period, "first": row.first_value, "class": kind}, reason=cause_en,
        )  # fmt: skip
    return row


def round_of(correction: Correction) -> Round:
    """The round whose further release carries a correction: that of the last public release of its family."""
    last = reading.latest(correction.release.family)
    if last is None:
        raise DataError(f"correction {correction.number}: no release is public")
    return Round.objects.get(pk=last.compilation.round_id)


def work_of(correction: Correction) -> Work:
    """Who had a hand in a correction: in the round that carries it, by opening it, or by mending what was published.

    The error may lie in an earlier round than that one: whoever changed a quote of it since the last release was
    prepared has a hand in it too.
    """
    found, last = round_of(correction), reading.latest(correction.release.family)
    assert last is not None
    limit = natural_key(found.period)
    rounds = [r.pk for r in Round.objects.filter(family=found.family) if natural_key(r.period) <= limit]
    kept = Candidate.objects.filter(compilation=last.compilation_id, stat_hash=last.stat_hash).order_by("pk").first()
    since = Q(at__gt=last.sealed_at) if kept is None else Q(pk__gt=kept.stamp[0][1])
    menders = Quote.objects.filter(since, round__in=rounds).order_by().values_list("by", flat=True).distinct()
    done = providers.work_of(found)
    return replace(done, edited=done.edited | {correction.by_id} | {pk for pk in menders if pk is not None})


def recomputation(correction: Correction) -> Recomputation | None:
    """What was computed for a correction last."""
    return correction.recomputations.select_related("compilation").order_by("-number").first()


def release_of(correction: Correction) -> Release | None:
    """The sealed release that carries a correction; public from its instant."""
    last = recomputation(correction)
    return Release.objects.all().standing().filter(compilation=last.compilation).first() if last else None


def recompute(correction: Correction, by: User, progress: producing.Progress | None = None) -> Recomputation:
    """Compute everything that depends on the record as it stands, and keep what differs from what was published."""
    role = people.require(by, "round.compile")
    found = round_of(correction)
    _refuse_sealed(correction)
    if found.state != states.PUBLIC:
        raise DataError(f"round {found.code}: is {found.state}; a correction is a further release of a public one")
    made = producing.produce(found, progress, fresh=True)
    published = _published(found.family)
    compiled = made.results.compiled
    everything = _keyed(compiling.rows_of(Results(compiled, None, tuple(range(made.t + 1)))))
    first = first_changed(published, everything) or found.period
    if natural_key(first) > natural_key(found.period):
        raise DataError(f"{first}: lies after {found.period}; nothing of it is published")
    start = list(compiled.book.periods).index(first)
    rows = compiling.rows_of(Results.of(compiled, start, made.t))
    changes = changes_of(published, _keyed(rows))
    touched = sorted({str(published[c["series"], c["period"]]["release"]) for c in changes}, key=natural_key)
    new = everything.get((correction.series, correction.period))
    with transaction.atomic():
        work.lock(found)
        if snapshot.stamp() != made.stamp and snapshot.take(found).hash != made.inputs:
            raise DataError(f"correction {correction.number}: the inputs changed while it was computed; do it again")
        old = _last(found)
        version = str(old.versions.get("ellwand", ""))
        stored = compiling.store(found, made, rows[found.period], version, by)
        for keep in providers.COMPILED.values():
            keep(stored, made, rows)
        number = correction.recomputations.count() + 1
        row = Recomputation(
            correction=correction, number=number, compilation=stored, new_value=str(new["published"]) if new else "",
            size=size_of(changes, {s for s, r in _levels(rows).items() if r == 0}), revised_from=first, changes=changes,
            touched=touched, files=sorted(_files(touched)), by=by, at=clock.now(),
        )  # fmt: skip
        row.save()
        for period in sorted({c["period"] for c in changes} - {found.period}, key=natural_key):
            other = Round.objects.get(family=found.family, period=period)
            part = compiling.store(other, made, rows[period], version, by)
            Share(recomputation=row, compilation=part).save()
        trail.append(
            by, "correction.recompute", f"correction/{correction.number}", role=role,
            after={"size": row.size, "changes": len(changes), "revised_from": first, "new": row.new_value},
        )  # fmt: skip
    return row


def write_texts(correction: Correction, by: User, reason: str = "") -> None:
    """Write both texts and the rationale anew from the corrected figures; the writer's own paragraph stays.

    The round is public and its texts are closed, so nothing else than the plan of the new figures gets into them.
    """
    role = people.require(by, "texts.write")
    _refuse_sealed(correction)
    last = recomputation(correction)
    if last is None:
        raise DataError(f"correction {correction.number}: is not computed yet; recompute first")
    found, made = round_of(correction), last.compilation
    own = {language: row.own for language, row in drafts_of(found, RATIONALE).items()}
    plan = make_plan(facts_of(made))
    why = reason.strip() or f"correction {correction.number}"
    with transaction.atomic():
        work.lock(found)
        for language in LANGUAGES:
            drafts.add(found, made, PRICE, language, write(plan, language).marked(), by, why)
            text = own.get(language, "")
            drafts.add(found, made, RATIONALE, language, rationale.generated(made, language, text), by, why, text)
        trail.append(by, "correction.texts", f"correction/{correction.number}", role=role, reason=why)


def lacks(correction: Correction) -> list[str]:
    """What a correction needs before it can be approved; empty if nothing."""
    last = recomputation(correction)
    if last is None:
        return ["it is not computed yet"]
    found = round_of(correction)
    if _last(found).pk != last.compilation_id:
        return ["it was computed before the last compilation; recompute it"]
    told = [providers.GUARDS[name](found, None, "") for name in ("text", "rationale")]
    return [why for why in told if why is not None]


def log() -> list[dict[str, Any]]:
    """The public log of corrections, the newest first: those whose release is public. Permanent, as its rows are."""
    now = clock.now()
    return [row for since, row in _sealed() if since <= now]


@while_same(Correction, Recomputation, Release, Broken, most=4)
def _sealed() -> list[tuple[datetime, dict[str, Any]]]:
    """The corrections whose release is sealed, the newest first, each with the instant at which that becomes public."""
    out = []
    for row in Correction.objects.select_related("release").order_by("-number"):
        one, last = release_of(row), recomputation(row)
        if one is None or last is None:
            continue
        told = {
            "number": row.number, "series": row.series, "period": row.period, "first_value": row.first_value,
            "new_value": last.new_value, "size": last.size, "class": row.kind, "cause_zh": row.cause_zh,
            "cause_en": row.cause_en, "found_by": row.found_by, "found_how": row.found_how,
            "first_seen": row.first_seen.isoformat(), "revised_from": last.revised_from, "changes": last.changes,
            "releases": last.touched, "files": last.files, "release": one.code,
            "corrected_at": one.release_at.isoformat(),
        }  # fmt: skip
        out.append((max(one.release_at, one.sealed_at), told))
    return out


def size_of(changes: Iterable[Mapping[str, Any]], totals: set[str]) -> str:
    """Minor: no published figure changes. Serious: a headline changes. Significant: anything else that is published."""
    series = {c["series"] for c in changes}
    if not series:
        return MINOR
    return SERIOUS if series & totals else SIGNIFICANT


def first_changed(published: Rows, fresh: Rows) -> str | None:
    """The first period of which a figure, published or at full precision, comes out otherwise."""
    odd = [
        period
        for (series, period), old in published.items()
        if (new := fresh.get((series, period))) is None
        or any(not compiling._equal(old[name], new[name]) for name in COMPARED)
    ]
    return min(odd, key=natural_key) if odd else None


def changes_of(published: Rows, fresh: Rows) -> list[dict[str, str]]:
    """Every published figure that changes: series, period, which figure, first and new value."""
    out = []
    for (series, period), new in fresh.items():
        old = published.get((series, period))
        if old is None:
            continue
        for name in (*PUBLISHED, "grade", "status"):
            if str(old[name]) != str(new[name]):
                out.append(
                    {"series": series, "period": period, "figure": name, "first": str(old[name]), "new": str(new[name])}
                )
    return out


def _published(family: str) -> dict[tuple[str, str], dict[str, Any]]:
    """What stands published now, by series and period, with the release that published it."""
    return {
        (f.observation.series, f.observation.period): {
            **{name: getattr(f.observation, name) for name in COMPARED}, "release": f.release.code,
        }
        for f in reading.figures(family=family)
    }  # fmt: skip


def _keyed(rows: Mapping[str, list[dict[str, Any]]]) -> dict[tuple[str, str], dict[str, Any]]:
    return {(r["series"], r["period"]): r for part in rows.values() for r in part}


def _levels(rows: Mapping[str, list[dict[str, Any]]]) -> dict[str, int]:
    return {r["series"]: r["level"] for part in rows.values() for r in part}


def _last(found: Round) -> Compilation:
    last = found.compilations.order_by("-number").first()
    if last is None:
        raise DataError(f"round {found.code}: is not compiled")
    return last


def _files(codes: Iterable[str]) -> set[str]:
    """The public files of releases that hold observations."""
    out = set()
    for code in codes:
        listed = reading.manifest(reading.release(code)).files
        out |= {f"{code}/{f.path}" for f in listed if f.public and f.path.startswith(("outputs/", "report/", "texts/"))}
    return out


def _refuse_sealed(correction: Correction) -> None:
    if (one := release_of(correction)) is not None:
        raise DataError(f"correction {correction.number}: is sealed as {one.code}; a further error is a new correction")


def waiting() -> list[Correction]:
    """Corrections that no release carries yet, the oldest first."""
    return [c for c in Correction.objects.select_related("release", "by").order_by("number") if release_of(c) is None]
