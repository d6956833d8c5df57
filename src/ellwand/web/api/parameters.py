"""The parameters of the API, each declared once: what the description of the API says, and how its text is read."""

from typing import Annotated, Any

from ninja import Schema
from pydantic import Field, WithJsonSchema

from ellwand.web.answers import only
from ellwand.web.moments import Moment, moment
from ellwand.web.problems import ProblemError
from ellwand.web.query import MOST_POINTS, MOST_SERIES

TRUTHS = {"true": True, "false": False}


def _given(schema: dict[str, Any], words: str, alias: str | None = None) -> Any:
    """A parameter: a text that is read here and not by the framework, so that every problem is told in one way."""
    return Annotated[str | None, WithJsonSchema(schema), Field(description=words, alias=alias)]


INSTANT: dict[str, Any] = {"type": "string", "format": "date-time", "examples": ["2026-11-23T12:00:00+08:00"]}
AsOf = _given(INSTANT, "an instant that has passed: the answer is what was public then, byte for byte")
Vintage = _given(
    {"type": "string", "examples": ["price-2026-W47-1"]},
    "the name of a release: as it stood when that became public; not beside asOf",
)
Codes = _given(
    {"type": "string", "examples": ["0", "0,1.1"]},
    f"codes of series, divided by commas, {MOST_SERIES} at most; all series if it is left out",
)
PERIOD: dict[str, Any] = {"type": "string", "examples": ["2026-W47"]}
COUNT: dict[str, Any] = {"type": "integer", "minimum": 1, "maximum": MOST_POINTS}


class Parameters(Schema):
    """Parameters of an address."""

    @classmethod
    def known(cls) -> tuple[str, ...]:
        """Their names."""
        return tuple(field.alias or name for name, field in cls.model_fields.items())


class Nothing(Parameters):
    """No parameters."""


class Instant(Parameters):
    """When: now, or as of an instant or a vintage."""

    asOf: AsOf = None  # type: ignore[valid-type]  # noqa: N815
    vintage: Vintage = None  # type: ignore[valid-type]


class OfObservations(Instant):
    """Which observations."""

    series: Codes = None  # type: ignore[valid-type]
    from_: _given(PERIOD, "the first period", "from") = None  # type: ignore[valid-type]
    to: _given(PERIOD, "the last period") = None  # type: ignore[valid-type]
    includeHistory: _given(  # type: ignore[valid-type]  # noqa: N815
        {"type": "boolean", "default": False}, "true: every vintage of each period, the first one first"
    ) = None
    firstNObservations: _given(  # type: ignore[valid-type]  # noqa: N815
        COUNT, "so many periods of each series from its beginning; not beside lastNObservations"
    ) = None
    lastNObservations: _given(COUNT, "so many periods of each series from its end") = None  # type: ignore[valid-type]  # noqa: N815


def seen_at(request: Any, given: Parameters) -> Moment:
    """The moment of a request whose parameters are all known. ProblemError for one that is not."""
    only(request, given.known())
    if isinstance(given, Instant):
        return moment(given.asOf, given.vintage)
    return moment()


def truth(field: str, text: str | None) -> bool:
    """A yes or no; no if it is left out."""
    if text is None:
        return False
    if text not in TRUTHS:
        raise ProblemError(
            "invalid-value", field=field, value=text, rule=("不是 true 或 false", "is neither true nor false"),
            remedy=("写 true 或 false", "write true or false"),
        )  # fmt: skip
    return TRUTHS[text]


def count(field: str, text: str | None) -> int | None:
    """A number of observations; None if it is left out."""
    if text is None:
        return None
    if not (text.isascii() and text.isdigit()) or not 1 <= len(text) <= 9 or not 1 <= int(text) <= MOST_POINTS:
        raise ProblemError(
            "invalid-value", field=field, value=text,
            rule=(f"不是 1 到 {MOST_POINTS} 的整数", f"is no whole number from 1 to {MOST_POINTS}"),
            remedy=("写一个整数，例如 52", "write a whole number, as 52"),
        )  # fmt: skip
    return int(text)
