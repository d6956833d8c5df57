"""Checks on the releases: approvals, hashes, the gate and its instant, recomputation, manifests."""

from collections.abc import Sequence
from datetime import timedelta

from ellwand.engine.errors import DataError
from ellwand.office import clock, setup
from ellwand.office.accounts.four_eyes import own_work
from ellwand.office.approvals import alarm, ntp
from ellwand.office.approvals.models import STATISTICS, TEXT, Approval, Lateness
from ellwand.office.audit.selftest import Found, check
from ellwand.office.record import reading
from ellwand.office.record.models import Release
from ellwand.office.releases.canonical import digest_file
from ellwand.office.releases.manifest import NAME, FaultError, read_manifest
from ellwand.office.rounds import providers

LAST = 8
"""Releases that a check looks at where it reads much of each."""
FRESH = timedelta(hours=36)
"""How old the last run of what runs every night may be."""
NONE = Found(None, "还没有公开的发布。", "No release is public yet.")


def standing() -> list[Release]:
    """All releases whose seal stands, in their order."""
    return list(Release.objects.all().standing().select_related("compilation__round").order_by("release_at", "pk"))


def approvals_of(one: Release) -> list[Approval]:
    """The approvals that a release was sealed with."""
    rows = Approval.objects.filter(compilation=one.compilation_id, void__isnull=True).select_related("by")
    return [row for row in rows if row.hash in (one.stat_hash, one.text_hash)]


def _named(found: Sequence[str]) -> str:
    return ", ".join(found[:5]) + (" ..." if len(found) > 5 else "")


@check(1)
def four_eyes() -> Found:
    """Nobody who approved one of the last releases had a hand in it."""
    rows = standing()[-LAST:]
    if not rows:
        return NONE
    wrong = []
    for one in rows:
        work = providers.work_of(one.compilation.round)
        wrong += [one.code for row in approvals_of(one) if row.correction_id is None and own_work(row.by_id, work)]
    return Found(
        not wrong, f"查了最近{len(rows)}次发布，批准人参与过工作的有{len(wrong)}次。",
        f"Of the last {len(rows)} releases, {len(wrong)} were approved by somebody who had a hand in them.",
    )  # fmt: skip


@check(2)
def two_people() -> Found:
    """Every release was approved by two people."""
    rows = standing()
    if not rows:
        return NONE
    wrong = []
    for one in rows:
        found = {row.kind: row.by_id for row in approvals_of(one)}
        if set(found) != {STATISTICS, TEXT} or len(set(found.values())) != 2:
            wrong.append(one.code)
    return Found(
        not wrong, f"{len(rows)}次发布中，两人分别批准的有{len(rows) - len(wrong)}次。",
        f"{len(rows) - len(wrong)} of {len(rows)} releases were approved by two different people.",
    )  # fmt: skip


@check(3)
def hashes() -> Found:
    """Every approval signs the hash of its release."""
    rows = standing()
    if not rows:
        return NONE
    signed = {(a.compilation_id, a.kind, a.hash) for a in Approval.objects.filter(void__isnull=True)}

    def is_signed(one: Release) -> bool:
        key = one.compilation_id
        return {(key, STATISTICS, one.stat_hash), (key, TEXT, one.text_hash)} <= signed

    wrong = [r.code for r in rows if not is_signed(r)]
    return Found(
        not wrong, f"{len(rows)}次发布中，{len(wrong)}次的散列值与批准不符。",
        f"{len(wrong)} of {len(rows)} releases have another hash than the one that was approved.",
    )  # fmt: skip


@check(4)
def embargo() -> Found:
    """What is sealed and not due can't be read; what is due can."""
    now, early, missing, waits = clock.now(), 0, 0, 0
    for one in standing():
        due = one.release_at <= now and one.sealed_at <= now
        try:
            seen = reading.release(one.code).pk == one.pk
        except DataError:
            seen = False
        waits, early, missing = waits + (not due), early + (seen and not due), missing + (due and not seen)
    return Found(
        not early and not missing, f"待发布{waits}项，提前可见{early}项，到时不可见{missing}项。",
        f"{waits} releases wait for their instant; {early} show early, {missing} do not show although due.",
    )  # fmt: skip


@check(5)
def exact_time() -> Found:
    """The clock is synchronised, and nothing showed late within the last year."""
    fault = ntp.fault()
    seconds = [r.seconds for r in Lateness.objects.filter(due_at__gte=clock.now() - timedelta(days=366))]
    trusted = setup.current().clock == "trusted"
    zh = "由外部系统校时" if trusted else "系统时钟已同步" if fault is None else "系统时钟未同步"
    en = "another system keeps the clock" if trusted else f"the clock is {'not ' if fault else ''}synchronised"
    most = max(seconds, default=0)
    return Found(
        fault is None and most <= 1, f"{zh}；一年内最晚{most}秒。",
        f"{en[0].upper()}{en[1:]}; within a year the latest release was {most} seconds late.",
    )  # fmt: skip


@check(10)
def lateness() -> Found:
    """Every public release has its entry in the log of lateness."""
    rows = reading.public()
    if not rows:
        return NONE
    logged = dict(Lateness.objects.values_list("release", "seconds"))
    wait = clock.now() - timedelta(minutes=10)
    missing = [r.code for r in rows if r.pk not in logged and max(r.release_at, r.sealed_at) < wait]
    late = sum(1 for r in rows if logged.get(r.pk))
    return Found(
        not missing, f"{len(rows)}次发布中，{late}次晚于公布的时间，{len(missing)}次没有记录。",
        f"Of {len(rows)} public releases {late} were late; {len(missing)} have no entry in the log.",
    )  # fmt: skip


@check(13)
def as_of() -> Found:
    """Read as of its instant, the last release gives what its file says."""
    import csv

    last = reading.latest()
    if last is None:
        return NONE
    at = max(last.release_at, last.sealed_at)
    with reading.file(last, "outputs/observations.csv").open(encoding="utf-8", newline="") as stream:
        filed = {(r["series"], r["period"]): r["published"] for r in csv.DictReader(stream)}
    then = {
        (f.observation.series, f.observation.period): f.observation.published
        for f in reading.figures(periods=[last.period], at=at)
    }
    odd = sum(then.get(key) != value for key, value in filed.items()) + len(then.keys() - filed.keys())
    return Found(
        odd == 0 and bool(filed), f"{last.period}的{len(filed)}个数值中，与归档文件不同的有{odd}个。",
        f"Of {len(filed)} figures of {last.period}, {odd} differ from the archived file.",
    )  # fmt: skip


def _recomputed() -> tuple[int, list[str], timedelta | None]:
    """How many of the last releases were computed anew, which came out otherwise, and how long ago the oldest was."""
    rows = standing()[-LAST:]
    found = [(r, alarm.last_of(r)) for r in rows]
    done = [(r, c) for r, c in found if c is not None]
    age = max((clock.now() - c.at for _, c in done), default=None)
    return len(done), [r.code for r, c in done if c.fault], age


@check(14)
def recompute() -> Found:
    """The last releases came out again from their archived inputs."""
    count, odd, _ = _recomputed()
    if not count:
        return Found(None, "夜间重算尚未运行。", "The nightly recomputation has not run yet.")
    return Found(
        not odd, f"重算最近{count}次发布，不一致{len(odd)}次。",
        f"Of the last {count} releases computed anew, {len(odd)} came out otherwise: {_named(odd) or 'none'}.",
    )  # fmt: skip


@check(23)
def silent_change() -> Found:
    """The alarm ran within a day and a half, and found nothing."""
    count, odd, age = _recomputed()
    if age is None:
        return Found(None, "警报尚未运行。", "The alarm has not run yet.")
    hours = int(age.total_seconds() // 3600)
    return Found(
        not odd and age <= FRESH, f"警报在{hours}小时前运行，{count}次发布中有{len(odd)}次变化。",
        f"The alarm ran {hours} hours ago; {len(odd)} of {count} releases changed.",
    )  # fmt: skip


@check(15)
def manifests() -> Found:
    """Every archived manifest is the one that was sealed, and each names the one before it."""
    rows, odd = standing(), []
    archive = setup.current().archive
    before: dict[str, str] = {}
    for one in sorted(rows, key=lambda r: r.pk):
        folder = archive / one.folder
        try:
            held = digest_file(folder / NAME)
            told = read_manifest(folder)[0].previous_manifest
        except (OSError, FaultError, DataError):
            odd.append(one.code)
            continue
        if held != one.manifest or told != before.get(one.family):
            odd.append(one.code)
        before[one.family] = one.manifest
    if not rows:
        return NONE
    return Found(
        not odd, f"{len(rows)}份清单成链，不符{len(odd)}份。",
        f"{len(rows)} manifests in a chain; {len(odd)} are not as sealed: {_named(odd) or 'none'}.",
    )  # fmt: skip
