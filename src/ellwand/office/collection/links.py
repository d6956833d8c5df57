"""Signed links: a unit reports in a round without an account, until the cut-off.

The token of a link is an HMAC of its round, unit and number under the office's secret key. So the office can print a
link again, while the record holds a digest only: who reads the record can't open a link, nobody can guess one, and an
altered one is no link at all.
"""

import base64
import hashlib
import hmac
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.core import signing
from django.db import transaction
from django.urls import reverse

from ellwand.engine.errors import DataError
from ellwand.office import clock, setup
from ellwand.office.accounts import people
from ellwand.office.accounts.models import User
from ellwand.office.audit import trail
from ellwand.office.collection.models import Link, Opening, Revocation
from ellwand.office.registry.models import Unit
from ellwand.office.rounds import states
from ellwand.office.rounds.models import Round

REPORT, ANSWER = "report", "answer"
GOOD, EXPIRED, REVOKED, CLOSED = "good", "expired", "revoked", "closed"
"""What a link is: good; its instant has passed; the office took it back; its round does not take quotes now."""

LENGTH = 32
"""Characters of a token: 192 bits."""
DIGITS = 4
"""Last digits of a telephone number by which a phone is confirmed."""
PHONES = ("phone", "mobile", "telephone", "tel", "contact")
"""Columns of the register of units in which its number may stand, the first one that holds enough digits counts."""
SALT = "ellwand.office.collection.opening"


@dataclass(frozen=True)
class Opened:
    """A link that somebody holds. state : good, expired, revoked or closed."""

    link: Link
    state: str


def token_of(link: Link) -> str:
    """The token of a link, made anew from the office's secret key."""
    said = f"ellwand.link|{link.round.code}|{link.unit.code}|{link.number}|{link.purpose}"
    made = hmac.new(setup.current().secret_key.encode(), said.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(made).decode()[:LENGTH]


def digest_of(token: str) -> str:
    """What the record holds of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def address_of(link: Link) -> str:
    """The address of a link, from the root of the office's site."""
    return reverse("link", args=[token_of(link)])


def issue(
    found: Round, units: Collection[Unit], by: User, *, purpose: str = REPORT, until: datetime | None = None,
    act: str = "assignments.route",
) -> list[Link]:  # fmt: skip
    """A link for each unit that has no good one of the purpose; all of them, in the order of the units' codes.

    until : when new ones expire; the cut-off if None. act : what of the matrix of roles allows it. DataError for a
    round that takes no reports (REPORT) or is not in review (ANSWER), or for an instant that has passed.
    """
    role = people.require(by, act)
    now = clock.now()
    issue_ = found.issue
    if purpose == REPORT:
        if found.state not in (states.PLANNED, states.COLLECTING):
            raise DataError(f"round {found.code} is {found.state}; links are for rounds that collect")
        if issue_ is None:
            raise DataError(f"round {found.code}: {found.period} is not in the calendar; a link expires at its cut-off")
        until = until or issue_.cutoff_at
    elif purpose == ANSWER:
        if found.state != states.REVIEWING:
            raise DataError(f"round {found.code} is {found.state}; quotes are sent back while it is reviewing")
        until = until or (issue_.release_at if issue_ else None)
    else:
        raise DataError(f"purpose {purpose!r} is not known; write {REPORT} or {ANSWER}")
    if until is None or until <= now:
        raise DataError(f"until: {until}: has passed; a link needs time to be used")
    with transaction.atomic():
        Round.objects.select_for_update().get(pk=found.pk)
        there = {link.unit_id: link for link in good_links(found, units, purpose)}
        numbers: dict[int, int] = {}
        for pk, number in Link.objects.filter(round=found, unit__in=units).values_list("unit", "number"):
            numbers[pk] = max(number, numbers.get(pk, 0))
        made = []
        for unit in units:
            if unit.pk in there:
                continue
            link = Link(
                round=found, unit=unit, number=numbers.get(unit.pk, 0) + 1, purpose=purpose, expires_at=until, by=by,
                at=now,
            )  # fmt: skip
            link.digest = digest_of(token_of(link))
            made.append(link)
        if made:
            Link.objects.bulk_create(made)
            trail.append(
                by, "links.issue", f"round/{found.code}", role=role,
                after={"purpose": purpose, "until": until.isoformat(),
                       "links": [f"{link.unit.code}/{link.number}" for link in made]},
            )  # fmt: skip
    every = {**there, **{link.unit_id: link for link in made}}
    return [every[u.pk] for u in sorted(units, key=lambda u: u.code)]


def good_links(found: Round, units: Iterable[Unit] | None = None, purpose: str = REPORT) -> list[Link]:
    """The last good link of each unit (of all units if None), with their units."""
    rows = Link.objects.filter(round=found, purpose=purpose, revocation=None, expires_at__gt=clock.now())
    if units is not None:
        rows = rows.filter(unit__in=[u.pk for u in units])
    last: dict[int, Link] = {}
    for link in rows.select_related("unit", "round").order_by("number"):
        last[link.unit_id] = link
    return list(last.values())


def find(token: str) -> Opened | None:
    """The link of a token, and what it is now; None for a token that is none."""
    if len(token) != LENGTH:
        return None
    link = (
        Link.objects.select_related("round", "unit", "unit__source", "revocation")
        .filter(digest=digest_of(token))
        .first()
    )
    # The digest found it; the signature says that this office's key made it, and that the row is as it was made.
    if link is None or not hmac.compare_digest(token_of(link), token):
        return None
    return Opened(link, _state(link))


def _state(link: Link) -> str:
    if hasattr(link, "revocation"):
        return REVOKED
    if link.expires_at <= clock.now():
        return EXPIRED
    wanted = states.COLLECTING if link.purpose == REPORT else states.REVIEWING
    return GOOD if link.round.state == wanted else CLOSED


def revoke(link: Link, by: User, reason: str) -> None:
    """Take a link back. DataError without a reason, or for one that was taken back already."""
    role = people.require(by, "assignments.route")
    if not reason.strip():
        raise DataError("reason: empty; say why the link is taken back")
    with transaction.atomic():
        Unit.objects.select_for_update().get(pk=link.unit_id)
        if Revocation.objects.filter(link=link).exists():
            raise DataError(f"link {link.number} of {link.unit.code} was taken back already")
        Revocation(link=link, by=by, at=clock.now(), reason=reason.strip()).save()
        trail.append(
            by, "links.revoke", f"round/{link.round.code}", role=role,
            after={"link": f"{link.unit.code}/{link.number}"}, reason=reason.strip(),
        )  # fmt: skip


def digits_of(unit: Unit) -> str:
    """The last digits of a unit's telephone number; "" where the register has none."""
    for name in PHONES:
        digits = _digits(str(unit.more.get(name) or ""))
        if len(digits) >= 7:
            return digits[-DIGITS:]
    return ""


def _digits(text: str) -> str:
    """The digits of a text, full-width ones as the others."""
    return "".join(str(int(c)) for c in text if c.isdecimal())


def open_on(link: Link, given: str) -> Opening | None:
    """Open a link on a phone: the opening, None where the digits are not those of the unit's number."""
    wanted = digits_of(link.unit)
    if wanted and not hmac.compare_digest(_digits(given), wanted):
        return None
    with transaction.atomic():
        made = Opening(link=link, confirmed="digits" if wanted else "none", at=clock.now())
        made.save()
        trail.append(
            None, "links.open", f"round/{link.round.code}", role="unit",
            after={"link": f"{link.unit.code}/{link.number}", "opening": made.pk, "confirmed": made.confirmed},
        )  # fmt: skip
    return made


def sign(opening: Opening) -> str:
    """What a phone keeps to show that it opened a link."""
    return signing.dumps([opening.link_id, opening.pk], salt=SALT)


def opening_of(link: Link, kept: str) -> Opening | None:
    """The opening that a phone kept; None for another link's, or what this office never signed."""
    try:
        of, pk = signing.loads(kept, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return Opening.objects.filter(pk=pk, link=link).first() if of == link.pk else None
