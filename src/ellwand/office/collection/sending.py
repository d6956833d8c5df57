"""Quotes as programs send them: a body of JSON as lines of a submission, and what became of each as JSON again.

The interface with tokens, the collector's phone and ODK all come through here; `entry.take` takes them in.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Final

from django.core.exceptions import RequestDataTooBig
from django.db import IntegrityError
from django.http import HttpRequest
from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from ellwand.engine.errors import DataError
from ellwand.office import clock, plain
from ellwand.office.collection import entry
from ellwand.office.collection.checks import Said
from ellwand.office.collection.entry import Line, Result, Sender
from ellwand.office.collection.messages import shown
from ellwand.office.collection.models import Answer
from ellwand.office.quotes.models import Quote
from ellwand.office.rounds import work

MOST: Final = 500
"""Quotes of one request."""

KEY: Final = r"^[\x21-\x7e]{1,100}$"


def _plain(value: Any) -> Any:
    """A figure of JSON as the text that was written; exact, because Python reads the shortest one back."""
    if isinstance(value, bool) or value is None:
        return "" if value is None else value
    return repr(value) if isinstance(value, float) else str(value) if isinstance(value, int) else value


def _empty(value: Any) -> Any:
    return None if value == "" else value


Text = Annotated[str, Field(max_length=500)]
Figure = Annotated[str, BeforeValidator(_plain, json_schema_input_type=str | float), Field(max_length=60)]


class QuoteIn(BaseModel):
    """A quote as it is sent. Fields that are not known are errors."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    unit: Annotated[str, Field(min_length=1, max_length=60, description="code of the sample unit")]
    item: Annotated[str, Field(min_length=1, max_length=60, description="code of the item")]
    price: Annotated[Figure, Field(description="per unit of measure, in the market's currency; text or number")] = ""
    same: Annotated[bool, Field(description="the price of last time holds")] = False
    status: Annotated[Text, Field(description="closed, out_of_stock, substituted, or empty")] = ""
    type: Annotated[Text, Field(description="deal, firm_offer or asking")] = ""
    quantity: Annotated[Figure, Field(description="that the price is of")] = ""
    unit_of_measure: Annotated[Text, Field(description="of the price, where it is not the item's own")] = ""
    remark: Text = ""
    reason: Annotated[
        Text, Field(description="confirms a price that a soft rule asks about, or says why one changes")
    ] = ""
    key: Annotated[
        str | None, BeforeValidator(_empty),
        Field(pattern=KEY, description="made by the sender, new for each quote; else that of the request with the row"),
    ] = None  # fmt: skip
    seen: Annotated[
        int | None, BeforeValidator(_empty),
        Field(ge=0, description="id of the version in force that the sender saw, 0 for none; tells conflicts"),
    ] = None  # fmt: skip
    made_at: Annotated[
        AwareDatetime | None, BeforeValidator(_empty), Field(description="when it was entered; now if not given")
    ] = None


class Batch(BaseModel):
    """Quotes of one round that are sent together; each of them stands for itself."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    round: Annotated[str, Field(min_length=1, max_length=60, description="code of the round, as price-2026-W05")]
    quotes: Annotated[list[QuoteIn], Field(min_length=1, max_length=MOST)]


Problem = dict[str, Any]

RULES: Final[Mapping[str, tuple[str, str, str, str]]] = {
    "missing": ("缺少此项", "is missing", "请填写", "give it"),
    "extra_forbidden": ("没有此项", "is not known", "请删除此项，或检查拼写", "remove it, or check its spelling"),
    "too_long": ("条目过多", "has too many entries", "请分批发送", "send it in parts"),
    "too_short": ("是空的", "is empty", "请至少写一条", "give at least one"),
    "string_too_long": ("内容过长", "is too long", "请缩短", "shorten it"),
    "string_too_short": ("是空的", "is empty", "请填写", "give it"),
    "json_invalid": ("不是有效的JSON", "is no valid JSON", "请按接口说明发送", "send JSON as the documentation says"),
    "model_attributes_type": ("不是对象", "is no object", "请按接口说明发送", "send it as the documentation says"),
    "timezone_aware": (
        "时间没有时区", "has no offset from UTC", "请写成2026-01-05T09:30:00+08:00",
        "write it as 2026-01-05T09:30:00+08:00",
    ),
    "nul": ("含有空字符（U+0000）", "has a null character (U+0000)", "请删除此字符", "remove it"),
    "string_pattern_mismatch": (
        "含有不允许的字符", "has characters that are not allowed", "请用UUID", "use a UUID",
    ),
}  # fmt: skip
"""What pydantic finds, in both languages: fault and remedy. Other findings say what was expected."""
CALLED: Final = {"model_type": "model_attributes_type"}
"""Names of rules that programs know otherwise than pydantic calls them."""
NUL: Final = "\0"


class WrongBodyError(DataError):
    """A body that is no batch. problems : what is wrong, each with row, field, value, rule and remedy."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(f"{len(problems)} problems; each names its row and field")
        self.problems = problems


def is_too_large(request: HttpRequest, most: int) -> bool:
    """Whether a body has more bytes than these; of one that is larger than anything the office reads, none is read."""
    try:
        return len(request.body) > most
    except RequestDataTooBig:
        return True


def batch_of(content: bytes) -> Batch:
    """The batch that a body of JSON says. WrongBodyError for another body."""
    try:
        out = Batch.model_validate_json(content)
    except ValidationError as error:
        raise WrongBodyError([_problem(found) for found in error.errors(include_url=False)]) from None
    # JSON can say it in one way only; PostgreSQL keeps no such text, and nobody means it.
    if b"\\u0000" in content and (problems := _nuls(out)):
        raise WrongBodyError(problems)
    return out


def _nuls(batch: Batch) -> list[Problem]:
    rows: list[tuple[int, BaseModel]] = [(0, batch), *enumerate(batch.quotes, 1)]
    return [
        problem(row, name, shown(value), "nul", *RULES["nul"])
        for row, said in rows for name, value in said if isinstance(value, str) and NUL in value
    ]  # fmt: skip


def _problem(found: Any) -> Problem:
    place = list(found["loc"])
    row = next((p + 1 for p in place if isinstance(p, int)), 0)
    field = next((str(p) for p in reversed(place) if not isinstance(p, int)), "body")
    told = found["msg"][:1].lower() + found["msg"][1:]
    name = CALLED.get(found["type"], found["type"])
    rule = RULES.get(name, ("内容有误", told, "请按接口说明更正", "correct it as the documentation says"))
    return problem(row, field, _shown(found["input"]), name, *rule)


def _shown(value: Any) -> str:
    if isinstance(value, bytes):
        value = value[:100].decode("utf-8", "replace")
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return shown(text)


def problem(
    row: int, field: str, value: str, rule: str, message_zh: str, message_en: str, remedy_zh: str, remedy_en: str,
    *, hard: bool = True,
) -> Problem:  # fmt: skip
    """A problem as machines get it."""
    return {
        "row": row, "field": field, "value": value, "rule": rule, "hard": hard, "message_zh": message_zh,
        "message_en": message_en, "remedy_zh": remedy_zh, "remedy_en": remedy_en,
    }  # fmt: skip


def lines_of(batch: Batch, key: str) -> list[Line]:
    """The lines of a batch. key : of the request, from which rows without one of their own get theirs."""
    out = []
    for row, q in enumerate(batch.quotes, 1):
        said = Said(
            unit=q.unit, item=q.item, price=q.price, same=q.same, status=q.status, type=q.type, quantity=q.quantity,
            remark=q.remark, unit_of_measure=q.unit_of_measure, reason=q.reason,
        )  # fmt: skip
        out.append(Line(said, q.key or f"{key}#{row}", q.made_at, q.seen))
    return out


def send(
    batch: Batch, sender: Sender, key: str, also: Callable[[dict[str, Any]], None] | None = None
) -> dict[str, Any]:
    """Take a batch in; what became of each quote. also : what belongs into the same transaction, given the answer.

    RefusedError, DataError: nothing was taken in.
    """
    if not key and any(q.key is None for q in batch.quotes):
        raise DataError("key: missing; give every quote a key of its own, as a UUID")
    found = work.find(batch.round)
    out: dict[str, Any] = {}

    def answer(results: Sequence[Result]) -> None:
        out.update(answer_of(found.code, results))
        if also is not None:
            also(out)

    entry.take(found, lines_of(batch, key), sender, also=answer)
    return out


def send_once(batch: Batch, sender: Sender, key: str) -> tuple[dict[str, Any], bool]:
    """Take a batch in, once for its key; and whether it had been taken in before, which gives the same answer.

    A batch of which nothing is kept leaves the key free for the corrected one. DataError for a key that came with
    another batch.
    """
    digest = entry.key_of(sender, f"batch {key}")
    body = hashlib.sha256(batch.model_dump_json().encode()).hexdigest()

    def keep(out: dict[str, Any]) -> None:
        if out["taken"]:
            by = sender.by.pk if sender.by else None
            plain.add(Answer, ("digest", "body", "said", "by_id", "at"), [(digest, body, out, by, clock.now())])

    try:
        return send(batch, sender, key, keep), False
    except IntegrityError:
        # The key was there: whatever this request did is undone, and the first one's answer counts.
        if (before := _before(digest, body, key)) is None:
            raise
        return before, True


class ReusedKeyError(DataError):
    """A key that belongs to another batch."""


def _before(digest: str, body: str, key: str) -> dict[str, Any] | None:
    found = Answer.objects.filter(digest=digest).values_list("body", "said").first()
    if found is None:
        return None
    if found[0] != body:
        raise ReusedKeyError(f"key {key!r} came with other quotes before; make a new key for every batch")
    return dict(found[1])


def answer_of(code: str, results: Sequence[Result]) -> dict[str, Any]:
    """What became of each quote of a batch. receipt : of those that were taken in now, "" if none were."""
    rows = [_row(k, r) for k, r in enumerate(results, 1)]
    return {
        "round": code,
        "at": clock.now().isoformat(),
        "receipt": next((r.receipt for r in results if r.receipt and not r.again), ""),
        "taken": sum(r.outcome in entry.KEPT for r in results),
        "refused": sum(r.outcome not in entry.KEPT for r in results),
        "quotes": rows,
    }


def _row(number: int, r: Result) -> dict[str, Any]:
    said = r.line.said
    return {
        "row": number, "key": r.line.key, "unit": said.unit, "item": said.item, "outcome": r.outcome,
        "again": r.again, "receipt": r.receipt, "conflict": r.conflict, "quote": r.quote.pk if r.quote else 0,
        "now": now_of(r.other) if r.other else None,
        "problems": [
            problem(
                number, f.field or "row", getattr(said, f.field, "") if f.field else "", f.rule, f.message_zh,
                f.message_en, f.remedy_zh, f.remedy_en, hard=f.hard,
            )
            for f in r.findings
        ],
    }  # fmt: skip


def now_of(quote: Quote) -> dict[str, Any]:
    """A version of a quote as the phone shows it. by : name of who entered it, "" for the unit itself."""
    return {
        "quote": quote.pk, "version": quote.version, "price": text_of(quote.reported or quote.price),
        "status": quote.status, "type": quote.kind, "quantity": text_of(quote.quantity), "remark": quote.remark,
        "by": quote.by.username if quote.by else "", "at": quote.at.isoformat(),
    }  # fmt: skip


def text_of(value: Any) -> str:
    """A figure without the zeros at its end; "" for none."""
    if value is None or value == "":
        return ""
    return f"{value.normalize():f}" if hasattr(value, "normalize") else str(value)
