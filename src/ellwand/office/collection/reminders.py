"""Messages to units: the link of a round, a reminder of what is missing, a question about what was sent back.

A message is a row before it goes out, and what became of it is a row after: what the worker did not come to is sent
when it runs again. A unit gets one message of a kind a day. The record keeps the text without the link.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from django.db import transaction
from django_tasks import task

from ellwand.engine.errors import DataError
from ellwand.office import clock, setup
from ellwand.office.accounts import people
from ellwand.office.accounts.models import User
from ellwand.office.audit import trail
from ellwand.office.collection import due, links, senders
from ellwand.office.collection.models import Dispatch, Message
from ellwand.office.registry.models import Market, Unit
from ellwand.office.rounds import states
from ellwand.office.rounds.models import Round
from ellwand.production.report.periods import read as read_period

LINK, REMIND, ANSWER = "link", "remind", "answer"
PLACE: Final = "{link}"
"""Where the link stands in the text of a message."""

SUBJECTS: Final = {
    LINK: ("{market}：{period}报价链接", "{market}: link for the prices of {period}"),
    REMIND: ("{market}：{period}还有{n}项待报", "{market}: {n} prices of {period} are still to come"),
    ANSWER: ("{market}：{period}有{n}项需要核实", "{market}: {n} prices of {period} to be checked"),
}
TEXTS: Final = {
    LINK: (
        "{name}：请报{period}的价格，共{n}项，{until}截止。链接仅供贵单位使用，请勿转发：\n" + PLACE,
        "{name}: please report the prices of {period}, {n} in all, until {until}. The link is yours alone, do not "
        "pass it on:\n" + PLACE,
    ),
    REMIND: (
        "{name}：{period}还有{n}项价格没有报，{until}截止。请打开：\n" + PLACE,
        "{name}: {n} prices of {period} are still to come, until {until}. Open:\n" + PLACE,
    ),
    ANSWER: (
        "{name}：{period}有{n}项价格请核实，{until}前有效。请打开：\n" + PLACE,
        "{name}: please check {n} prices of {period}, until {until}. Open:\n" + PLACE,
    ),
}
SIMULATED: Final = ("（模拟市场，无需理会）\n", "(A simulated market: nothing is asked of you.)\n")


@dataclass(frozen=True)
class Sent:
    """What was done: units that get a message; that had one of the kind today; that no sender reaches."""

    going: int
    today: int
    unreached: tuple[str, ...]


def remind(found: Round, unit_ids: Collection[int], by: User) -> Sent:
    """Remind units of what is missing in a round; those that owe nothing are left alone."""
    return send(found, unit_ids, by, REMIND)


def send(found: Round, unit_ids: Collection[int], by: User, kind: str, *, act: str = "assignments.route") -> Sent:
    """Have the worker send units a message of a kind, with their link.

    act : what of the matrix of roles allows it. DataError for a round that does not collect (ANSWER: is not in review),
    and where a sender of the settings is not provided.
    """
    if kind not in TEXTS:
        raise ValueError(f"kind {kind!r} is not known; there are {', '.join(TEXTS)}")
    role = people.require(by, act)
    wanted = states.REVIEWING if kind == ANSWER else states.COLLECTING
    if found.state != wanted:
        raise DataError(f"round {found.code} is {found.state}; such messages go out while it is {wanted}")
    ways = senders.of(setup.current())
    units = list(Unit.objects.filter(pk__in=unit_ids).order_by("code"))
    owed = {pk: _owed(rows, kind) for pk, rows in due.of_units(found, [u.pk for u in units]).items()}
    units = [u for u in units if owed[u.pk]]
    reached = {u.pk: way for u in units if (way := senders.choose(u, ways)) is not None}
    unreached = tuple(u.code for u in units if u.pk not in reached)
    now = clock.now()
    day = now.astimezone(setup.current().time_zone).date()
    with transaction.atomic():
        Round.objects.select_for_update().get(pk=found.pk)
        before: dict[int, list[Message]] = {}
        for m in Message.objects.filter(unit__in=list(reached), day=day).select_related("dispatch"):
            before.setdefault(m.unit_id, []).append(m)
        again = {pk for pk, rows in before.items() if any(m.round_id == found.pk and _stands(m, kind) for m in rows)}
        going = [u for u in units if u.pk in reached and u.pk not in again]
        if going:
            purpose = links.ANSWER if kind == ANSWER else links.REPORT
            their = {link.unit_id: link for link in links.issue(found, going, by, purpose=purpose, act=act)}
            made = [
                Message(
                    round=found, unit=u, day=day, attempt=len(before.get(u.pk, ())) + 1, sender=reached[u.pk][0].name,
                    kind=kind, text=_text(found, u, owed[u.pk], kind, their[u.pk].expires_at), by=by, at=now,
                )
                for u in going
            ]  # fmt: skip
            Message.objects.bulk_create(made)
            trail.append(
                by, f"messages.{kind}", f"round/{found.code}", role=role,
                after={"units": [u.code for u in going], "unreached": list(unreached)},
            )  # fmt: skip
            ids = [m.pk for m in made]
            transaction.on_commit(lambda: deliver.enqueue(ids))
    return Sent(len(going), len(again), unreached)


def _stands(message: Message, kind: str) -> bool:
    """Whether a message of the day counts: it went out, or is about to."""
    dispatch = getattr(message, "dispatch", None)
    return message.kind == kind and (dispatch is None or dispatch.sent)


def _owed(rows: list[due.Due], kind: str) -> int:
    if kind == ANSWER:
        return sum(d.asked is not None for d in rows)
    return len(rows) if kind == LINK else sum(d.quote is None for d in rows)


def _language(unit: Unit) -> int:
    """0 for Chinese, 1 for English: what the register says of the unit, else the office's first language."""
    said = str(unit.more.get("language") or setup.current().languages[0]).lower()
    return 1 if said.startswith("en") else 0


def _words(found: Round, unit: Unit, n: int, until: object, k: int) -> dict[str, object]:
    market = Market.objects.get()
    name, of = ("name_zh", "name_en")[k], ("name_en", "name_zh")[k]
    period = read_period(found.period)
    return {
        "market": getattr(market, name), "name": getattr(unit, name) or getattr(unit, of) or unit.code, "n": n,
        "period": f"{period.year}年第{period.number}周" if k == 0 and period.kind == "week" else found.period,
        "until": until, "link": PLACE,
    }  # fmt: skip


def _text(found: Round, unit: Unit, n: int, kind: str, expires_at: object) -> str:
    k = _language(unit)
    zone = setup.current().time_zone
    until = f"{expires_at.astimezone(zone):%Y-%m-%d %H:%M}"  # type: ignore[attr-defined]
    before = SIMULATED[k] if Market.objects.get().simulated else ""
    return before + TEXTS[kind][k].format(**_words(found, unit, n, until, k))


def subject_of(message: Message) -> str:
    """The subject of a message, where its sender has one."""
    k = _language(message.unit)
    n = _owed(due.of_unit(message.round, message.unit), message.kind)
    return SUBJECTS[message.kind][k].format(**_words(message.round, message.unit, n, "", k))


def take_up() -> int:
    """Have what was not sent yet sent, after a worker has died; how many messages."""
    ids = list(Message.objects.filter(dispatch=None).values_list("pk", flat=True))
    if ids:
        deliver.enqueue(ids)
    return len(ids)


@task()
def deliver(ids: list[int]) -> int:
    """Send messages that were not sent yet; how many went out. A sender that fails leaves what it said."""
    sent = 0
    ways = {way.name: way for way in senders.of(setup.current())}
    for pk in ids:
        message = Message.objects.select_related("unit", "round", "dispatch").filter(pk=pk, dispatch=None).first()
        if message is not None:
            sent += _deliver(message, ways.get(message.sender))
    return sent


def _deliver(message: Message, way: senders.Sender | None) -> bool:
    said = ""
    purpose = links.ANSWER if message.kind == ANSWER else links.REPORT
    there = links.good_links(message.round, [message.unit], purpose)
    to = way.reaches(message.unit) if way else ""
    if not there:
        said = "the link has expired or was taken back; nothing was sent"
    elif way is None or not to:
        said = f"sender {message.sender}: no longer in the settings, or the unit has no such address now"
    else:
        site = setup.current().outgoing.site
        try:
            way.send(to, subject_of(message), message.text.replace(PLACE, site + links.address_of(there[0])))
        except senders.SendingError as error:
            said = str(error)
    Dispatch(message=message, sent=not said, said=said[:1000], at=clock.now()).save()
    return not said
