"""The message to one subscriber of one release: subject, text in his language, and what a webhook gets.

Every figure in it is a published one, read through the gate. `told` says which figures he was told, so that who was
told a value that is corrected later gets the correction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ellwand.office import setup
from ellwand.office.alerts.models import ABOVE, CHANGE, CORRECTION, RELEASE, THRESHOLD, VALUE, Subscriber, Subscription
from ellwand.office.approvals.models import Correction
from ellwand.office.record.models import Observation, Release
from ellwand.office.registry.models import Market
from ellwand.office.releases.canonical import write_instant
from ellwand.production.report.periods import read

PUBLISHED = {VALUE: "published", CHANGE: "published_change_previous"}
SIMULATED = ("模拟市场，以下数字均为演示。", "A simulated market: the figures are invented.")
Told = dict[str, str]
"""Published figures by `code@period:measure`."""


@dataclass(frozen=True)
class Message:
    """A message. event : what it tells of. told : the figures in it."""

    event: str
    subject: str
    text: str
    payload: dict[str, Any]
    told: Told


@dataclass(frozen=True)
class Issue:
    """A public release with its figures. now : observations of its period by code. before : those of the issue before.

    correction : what it corrects, None for an ordinary one. changes : figures that it corrects, as the log has them, by
    `code@period:measure` with first and new value.
    """

    release: Release
    now: Mapping[str, Observation]
    before: Mapping[str, Observation]
    correction: Correction | None
    changes: Mapping[str, tuple[str, str]]
    names: Mapping[str, tuple[str, str]]


def compose(issue: Issue, one: Subscriber, wishes: Sequence[Subscription], known: Sequence[Told]) -> Message | None:
    """What a subscriber is told of a release; None for nothing. known : what he was told by earlier releases."""
    if issue.correction is not None:
        return _correction(issue, one, wishes, known)
    return _release(issue, one, wishes)


def _release(issue: Issue, one: Subscriber, wishes: Sequence[Subscription]) -> Message | None:
    k = 0 if one.language == "zh" else 1
    shown = [issue.now[w.series] for w in wishes if w.topic == RELEASE and w.series in issue.now]
    met = [w for w in wishes if w.topic == THRESHOLD and w.series in issue.now and _meets(issue, w)]
    if not shown and not met:
        return None
    rows = list({o.code: o for o in [*shown, *(issue.now[w.series] for w in met)]}.values())
    period = period_of(issue.release.period, k)
    first = rows[0]
    said = (
        ("{market}：{name}{value}（{period}）", "{market}: {name} {value} ({period})")
        if shown
        else ("{market}：{name}达到您的界限（{period}）", "{market}: {name} met your threshold ({period})")
    )
    subject = said[k].format(market=market(k), name=_name(first, k), value=first.published or "–", period=period)
    lines = [_simulated(k), _figures(rows, k)]
    if met:
        head = ("达到您设定的界限：", "Thresholds that were met:")[k]
        lines.append("\n".join([head, *(f"  {_threshold(w, issue.now[w.series], k)}" for w in met)]))
    lines.append(_pages(issue, rows[0].code, k))
    payload = {
        **_head(issue, RELEASE if shown else THRESHOLD),
        "figures": [_row(o) for o in rows],
        "thresholds": [
            {"series": w.series, "measure": w.measure, "way": w.way, "level": plain(w.level),
             "value": getattr(issue.now[w.series], PUBLISHED[w.measure])}
            for w in met
        ],
    }  # fmt: skip
    told = {f"{o.code}@{o.period}:{m}": v for o in rows for m, c in PUBLISHED.items() if (v := str(getattr(o, c)))}
    return Message(RELEASE if shown else THRESHOLD, _line(subject), _text(lines), payload, told)


def _correction(issue: Issue, one: Subscriber, wishes: Sequence[Subscription], known: Sequence[Told]) -> Message | None:
    k = 0 if one.language == "zh" else 1
    correction = issue.correction
    assert correction is not None
    # What he was told, and no longer stands; who asked for corrections gets all of them.
    wrong = told_wrong(issue, known)
    everything = any(w.topic == CORRECTION for w in wishes)
    rows = dict(issue.changes) if everything else wrong
    if not rows and not everything:
        return None
    subject = (
        "{market}：更正 {n} 号", "{market}: correction {n}"
    )[k].format(market=market(k), n=correction.number)  # fmt: skip
    cause = (correction.cause_zh, correction.cause_en)[k]
    lines = [
        _simulated(k),
        ("下列已公布的数字有更正。", "These published figures are corrected.")[k]
        if rows
        else ("没有公布的数字因此改变。", "No published figure changes.")[k],
        "\n".join(f"  {_changed(issue, key, c, k)}" for key, c in list(rows.items())[:LINES]),
        ("（其余见更正记录）", "(The log of corrections has the others.)")[k] if len(rows) > LINES else "",
        (f"您曾收到其中 {len(wrong)} 个数字的旧值。", f"We had sent you the first value of {len(wrong)} of them.")[k]
        if wrong
        else "",
        ("原因：", "Cause: ")[k] + cause,
        address("corrections/", k),
    ]
    payload = {
        **_head(issue, CORRECTION),
        "correction": {
            "number": correction.number, "cause_zh": correction.cause_zh, "cause_en": correction.cause_en,
            "class": correction.kind, "page": address("corrections/", 1),
        },
        "figures": [_figure(key, first, new, key in wrong) for key, (first, new) in rows.items()],
    }  # fmt: skip
    return Message(
        CORRECTION, _line(subject), _text(lines), payload, {key: new for key, (_, new) in rows.items() if new}
    )


def told_wrong(issue: Issue, known: Sequence[Told]) -> dict[str, tuple[str, str]]:
    """Of what somebody was told, in order, the figures that a correction changes: first and new value."""
    before: Told = {}
    for told in known:
        before |= told
    return {key: c for key, c in issue.changes.items() if before.get(key) == c[0]}


LINES = 30
"""Figures that a mail lists."""


def _meets(issue: Issue, one: Subscription) -> bool:
    """Whether a threshold is met: by a change in every issue in which it is, by a level when it is reached."""
    column = PUBLISHED[one.measure]
    if not _beyond(getattr(issue.now[one.series], column), one):
        return False
    earlier = issue.before.get(one.series)
    return one.measure == CHANGE or earlier is None or not _beyond(getattr(earlier, column), one)


def _beyond(text: str, one: Subscription) -> bool:
    if not text or one.level is None:
        return False
    value = Decimal(text)
    return value >= one.level if one.way == ABOVE else value <= one.level


def _head(issue: Issue, event: str) -> dict[str, Any]:
    release = issue.release
    return {
        "event": event, "release": release.code, "family": release.family, "period": release.period,
        "issued": write_instant(max(release.release_at, release.sealed_at)),
        "simulated": any(o.simulated for o in issue.now.values()),
        "manifest_sha256": release.manifest, "page": address(f"releases/{release.code}/", 1),
    }  # fmt: skip


def _row(o: Observation) -> dict[str, Any]:
    return {
        "series": o.code, "name_zh": o.name_zh, "name_en": o.name_en, "period": o.period,
        "value": o.published or None, "change_previous": o.published_change_previous or None, "grade": o.grade,
        "status": o.status,
    }  # fmt: skip


def _figure(key: str, first: str, new: str, was_told: bool) -> dict[str, Any]:
    code, _, rest = key.partition("@")
    period, _, measure = rest.partition(":")
    return {
        "series": code, "period": period, "figure": measure, "first_value": first or None, "new_value": new or None,
        "you_were_told": was_told,
    }  # fmt: skip


def _figures(rows: Sequence[Observation], k: int) -> str:
    out = []
    for o in rows:
        name = _name(o, k)
        if not o.published:
            out.append((f"{name}：本期不公布", f"{name}: not published in this issue")[k])
            continue
        change = o.published_change_previous
        moved = (f"，较上期 {_signed(change)}%", f", {_signed(change)} % on the previous issue")[k] if change else ""
        grade = (f"，等级 {o.grade}", f", grade {o.grade}")[k]
        out.append((f"{name}：{o.published} 点", f"{name}: {o.published} points")[k] + moved + grade)
    return "\n".join(out)


def _threshold(one: Subscription, o: Observation, k: int) -> str:
    what = {VALUE: ("指数", "index"), CHANGE: ("较上期涨跌幅（%）", "change on the previous issue (%)")}[one.measure][k]
    sign = "≥" if one.way == ABOVE else "≤"
    value = getattr(o, PUBLISHED[one.measure])
    said = _signed(value) if one.measure == CHANGE else value
    return f"{_name(o, k)} {what}: {said} {sign} {plain(one.level)}"


def _changed(issue: Issue, key: str, change: tuple[str, str], k: int) -> str:
    code, _, rest = key.partition("@")
    period, _, measure = rest.partition(":")
    name = issue.names.get(code, (code, code))[k] or code
    what = MEASURES.get(measure, (measure, measure))[k]
    first, new = (v or ("无", "none")[k] for v in change)
    return f"{name} {period} {what}: {first} → {new}"


MEASURES = {
    "value": ("指数", "index"),
    "change_previous": ("较上期 %", "change on the previous issue, %"),
    "change_year_start": ("较年初 %", "change since the start of the year, %"),
    "change_last_year": ("同比 %", "change on a year before, %"),
    "grade": ("等级", "grade"),
    "status": ("状态", "status"),
}


def _pages(issue: Issue, code: str, k: int) -> str:
    return "\n".join((address(f"comments/price/{issue.release.code}/", k), address(f"index/{code}/", k)))


def address(path: str, k: int) -> str:
    """The whole address of a page, in Chinese (0) or English (1)."""
    return f"{setup.current().outgoing.site}/{'en/' if k else ''}{path}"


def period_of(label: str, k: int) -> str:
    """A period in words."""
    found = read(label)
    if found.kind == "week":
        return (f"{found.year}年第{found.number}周", f"week {found.number} of {found.year}")[k]
    return label


def market(k: int) -> str:
    """The name of the market."""
    found = Market.objects.first()
    if found is None:
        return ("指数办公室", "Index office")[k]
    return str((found.name_zh, found.name_en)[k] or found.name_zh or found.name_en)


def _simulated(k: int) -> str:
    found = Market.objects.first()
    return SIMULATED[k] if found and found.simulated else ""


def _name(o: Observation, k: int) -> str:
    return str((o.name_zh, o.name_en)[k] or o.name_zh or o.name_en or o.code)


def _signed(text: str) -> str:
    return text.replace("-", "−") if text.startswith("-") else f"+{text}" if Decimal(text) else text


def plain(level: Decimal | None) -> str:
    """A level as somebody would write it."""
    return "" if level is None else f"{level.normalize():f}"


def _text(lines: Sequence[str]) -> str:
    return "\n\n".join(line for line in lines if line)


def _line(subject: str) -> str:
    """A subject of one line, whatever a name holds."""
    return " ".join(subject.split())[:200]
