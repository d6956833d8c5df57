"""Deciding of quotes: every act has a coded reason, an entry in the trail and, where a price changes, a new version.

A decision is of the version that the reviewer saw; where somebody else was faster it is refused and nothing changes.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from django.db import IntegrityError, transaction

from ellwand.engine.errors import DataError
from ellwand.formulas.catalogue import suggest
from ellwand.office import clock
from ellwand.office.accounts import people
from ellwand.office.accounts.models import User
from ellwand.office.audit import trail
from ellwand.office.quotes.models import Quote
from ellwand.office.review import acts, standing
from ellwand.office.review.models import Decision, Flag
from ellwand.office.rounds import states, work
from ellwand.office.rounds.models import Round

PLACES, LARGEST = Decimal("0.0001"), Decimal("99999999.9999")
"""The record keeps prices to the fourth decimal, and no larger ones."""


class ConflictError(DataError):
    """Somebody else decided of the quote, or reported it anew, since it was looked at."""


@dataclass(frozen=True)
class Ruling:
    """What a reviewer says. price : text of correct and judge. evidence, alternative : of judge.

    seen : number of the last decision that the reviewer saw (0: none). outside : a corrected price outside the accepted
    interval is meant. key : of the request; one sent twice counts once.
    """

    act: str
    code: str = ""
    reason: str = ""
    price: str = ""
    evidence: str = ""
    alternative: str = ""
    seen: int | None = None
    outside: bool = False
    small: bool = False
    key: str = ""


def decide(found: Round, quote: int, ruling: Ruling, by: User) -> Decision:
    """Decide of a version of a quote. DataError says what is wrong with the ruling, ConflictError who was faster."""
    role = people.require(by, "review.decide")
    key = ruling.key or secrets.token_hex(16)
    with transaction.atomic():
        work.lock(found)
        if (there := Decision.objects.filter(key=key).first()) is not None:
            return _again(there, found, quote, ruling, by)
        row = Quote.objects.select_related("unit", "item").filter(round=found, pk=quote).first()
        if row is None:
            raise DataError(f"quote {quote} is not of round {found.code}; choose one of its queue")
        if found.state != states.REVIEWING:
            raise DataError(f"round {found.code} is {found.state}; quotes are decided while it is reviewing")
        last = _last(found, row)
        _refuse_late(row, last, ruling.seen)
        code, price = _checked(row, last, ruling, by)
        made = _version(row, last, ruling, price, by)
        before = last if ruling.act == acts.COUNTERSIGN else None
        decision = Decision(
            round=found, unit=row.unit, item=row.item, number=(last.number if last else 0) + 1, quote=row,
            act=ruling.act, code=code, reason=ruling.reason.strip(), made=made, price=price,
            evidence=ruling.evidence.strip(), alternative=ruling.alternative.strip(), of=before, small=ruling.small,
            key=key, by=by, at=clock.now(),
        )  # fmt: skip
        try:
            with transaction.atomic():
                decision.save()
        except IntegrityError as error:
            raise ConflictError(f"quote {row.pk}: somebody decided at the same moment; look at it again") from error
        trail.append(
            by, f"quote.{ruling.act}", f"quote/{row.pk}", role=role,
            before={"price": _text(row.price), "decision": last.pk if last else None},
            after={"decision": decision.pk, "code": code, "price": _text(made.price) if made else _text(price),
                   "version": made.pk if made else None},
            reason=ruling.reason.strip() or code,
        )  # fmt: skip
    return decision


def small(flags: Sequence[standing.Standing], budget: float) -> list[standing.Standing]:
    """Open flags that may be decided together: those of least influence whose influences sum to the budget at most.

    A flag without a known influence is none of them.
    """
    known = [s for s in flags if s.state == standing.OPEN and s.flag.influence is not None]
    out, spent = [], 0.0
    for one in sorted(known, key=lambda s: (abs(s.flag.influence or 0.0), s.flag.rank)):
        spent += abs(one.flag.influence or 0.0)
        if spent > budget:
            break
        out.append(one)
    return out


def decide_small(found: Round, chosen: Sequence[standing.Standing], by: User, key: str = "") -> int:
    """Let the rules decide of flags below the threshold: as the production would use them. Returns their number.

    A queried price is accepted; one set aside stays out; an error by a known factor is corrected to its proposal.
    """
    stem = key or secrets.token_hex(16)
    with transaction.atomic():
        for one in chosen:
            act = {"excluded": acts.EXCLUDE, "edited": acts.CORRECT}.get(one.flag.verdict, acts.ACCEPT)
            price = "" if act != acts.CORRECT else proposal_text(one.flag)
            seen = one.last.number if one.last else 0
            ruling = Ruling(
                act, acts.BATCH, price=price, seen=seen, small=True, outside=True, key=f"{stem[:48]}.{one.now}"
            )
            decide(found, one.now, ruling, by)
    return len(chosen)


def proposal_text(flag: Flag) -> str:
    """The proposed price as the record keeps prices. DataError where there is none."""
    if flag.proposal is None:
        raise DataError(f"quote {flag.quote_id}: no price is proposed; correct it with a price of your own")
    return str(Decimal(repr(flag.proposal)).quantize(PLACES).normalize().quantize(PLACES))


def _last(found: Round, row: Quote) -> Decision | None:
    return (
        Decision.objects.select_related("by", "made")
        .filter(round=found, unit=row.unit, item=row.item)
        .order_by("-number")
        .first()
    )


def _again(there: Decision, found: Round, quote: int, ruling: Ruling, by: User) -> Decision:
    """The decision that a request sent twice made. DataError where the key was another one's."""
    same = (there.round_id, there.quote_id, there.act, there.by_id) == (found.pk, quote, ruling.act, by.pk)
    if not same:
        raise DataError("key: it belongs to another decision; open the quote again")
    return there


def _refuse_late(row: Quote, last: Decision | None, seen: int | None) -> None:
    number = last.number if last else 0
    if seen is not None and seen != number and last is not None:
        raise ConflictError(
            f"{last.by.username} was faster: {acts.DONE[last.act][1]} at {last.at:%H:%M} UTC; look at the quote again"
        )
    if Quote.objects.filter(supersedes=row).exists():
        raise ConflictError(
            "the quote has a newer version since you opened it; look at the quote again, nothing was decided"
        )


def _checked(row: Quote, last: Decision | None, ruling: Ruling, by: User) -> tuple[str, Decimal | None]:
    """The code and the price of a ruling. DataError for what is wrong with it."""
    if ruling.act not in acts.ACTS:
        raise DataError(f"act {ruling.act!r} is not known; " + suggest(ruling.act, list(acts.ACTS)))
    allowed = list(acts.CODES[ruling.act]) if ruling.small else acts.choices(ruling.act)
    code = ruling.code or allowed[0]
    if code not in allowed:
        raise DataError(f"code {code!r} is no reason to {ruling.act}; choose one of {', '.join(allowed)}")
    if row.price is None and ruling.act in (acts.ACCEPT,):
        raise DataError("the quote has no price; correct it, or treat it as missing")
    held = standing.state_of(last, row.pk)
    if ruling.act == acts.UNDO and held == standing.OPEN:
        raise DataError("nothing was decided of this quote; there is nothing to take back")
    if ruling.act == acts.COUNTERSIGN:
        if last is None or held != standing.JUDGED:
            raise DataError("no judgement of this quote waits for a second reader")
        if last.by_id == by.pk:
            raise people.RefusedError(
                f"{by.username} made the judgement himself; another person must countersign it (rule 29)"
            )
        return code, last.price
    if ruling.act == acts.JUDGE:
        for name in ("reason", "evidence", "alternative"):
            if not getattr(ruling, name).strip():
                raise DataError(f"{name}: empty; a judgement says why, on what evidence, and what else was considered")
    if ruling.act not in (acts.CORRECT, acts.JUDGE):
        return code, None
    price = _price(ruling.price)
    if ruling.act == acts.CORRECT:
        if price == row.price:
            raise DataError(f"price: {price} is what the quote says; accept it instead")
        if not ruling.outside:
            _refuse_outside(row, price)
    return code, price


def _price(text: str) -> Decimal:
    try:
        price = Decimal(text.strip())
    except InvalidOperation:
        raise DataError(f"price: {text!r} is no number; write one such as 12.50") from None
    if not price.is_finite() or price <= 0:
        raise DataError(f"price: {text!r} is not above zero")
    if price > LARGEST or price != price.quantize(PLACES):
        raise DataError(f"price: {text!r}: at most 8 digits before the point and 4 behind it")
    return price.quantize(PLACES)


def _refuse_outside(row: Quote, price: Decimal) -> None:
    """DataError for a price that the rules would flag again."""
    flag = Flag.objects.filter(quote=row).order_by("-pk").first()
    if flag is None or flag.reference is None or flag.low is None or flag.high is None:
        return
    low, high = flag.low * flag.reference, flag.high * flag.reference
    if not low * (1 - 1e-9) <= float(price) <= high * (1 + 1e-9):
        raise DataError(
            f"price: {price.normalize():f} is outside the accepted interval {low:.4g} to {high:.4g} too; send it "
            "again and say that it is meant"
        )


def _version(row: Quote, last: Decision | None, ruling: Ruling, price: Decimal | None, by: User) -> Quote | None:
    """The new version of the quote that a ruling makes, saved; None where the version stays."""
    kind = row.kind
    if ruling.act in (acts.CORRECT, acts.COUNTERSIGN):
        kind = "judged" if ruling.act == acts.COUNTERSIGN else row.kind
    elif ruling.act == acts.UNDO and last is not None and last.made_id == row.pk:
        # Taken back: what was reported stands again, as a version of its own.
        price, kind = last.quote.price, last.quote.kind
    else:
        return None
    kept = ("code", "currency", "quantity", "collected_on", "collection_method", "reported", "reported_measure")
    made = Quote(
        round=row.round, unit=row.unit, item=row.item, version=row.version + 1, supersedes=row, price=price,
        # A corrected price is per the item's own unit of measure.
        unit_of_measure=last.quote.unit_of_measure if ruling.act == acts.UNDO and last else row.item.unit_of_measure,
        status="" if price is not None else row.status, kind=kind, remark=row.remark, more=row.more, by=by,
        at=clock.now(), reason=ruling.reason.strip() or acts.CODES[ruling.act][ruling.code or "taken_back"][1]
        if ruling.act == acts.UNDO else ruling.reason.strip() or ruling.code or acts.choices(ruling.act)[0],
        **{name: getattr(row, name) for name in kept},
    )  # fmt: skip
    made.save()
    return made


def _text(price: Decimal | None) -> str | None:
    return None if price is None else f"{price:f}"
