"""The shapes of the answers, for the description of the API; a test compares every answer with its shape."""

from typing import Any, Literal

from ninja import Schema
from pydantic import ConfigDict, Field, create_model

from ellwand.production.observations import COUNTS
from ellwand.web.query import EXACT, PUBLISHED
from ellwand.web.registers import MEASURES


class Shape(Schema):
    """An object whose fields are all listed."""

    model_config = ConfigDict(extra="forbid")


class Heading(Shape):
    """What every answer says of itself."""

    family: str = Field(description="the series that are released together")
    issued: str | None = Field(description="instant of the release that the answer is of, UTC")
    vintage: str | None = Field(description="name of that release; null before the first one")
    next_release: str | None = Field(description="instant of the next release by the calendar, UTC")
    simulated: bool = Field(description="true: a program invented the figures")


_figures: dict[str, Any] = {name: (str | None, Field(description=MEASURES[name][1])) for name in (*PUBLISHED, *EXACT)}
_counts: dict[str, Any] = {name: (int, Field(description=MEASURES[name][1])) for name in COUNTS}
Observation = create_model(
    "Observation",
    __base__=Shape,
    series=(str, Field(description="code of the series")),
    period=(str, Field(description="2026-W47, 2026-11 or 2026-Q4")),
    status=(str, Field(description="how the value came about; /api/v1/codes lists the statuses")),
    grade=(str, Field(description="A, B, C or S; empty where the period has no issue")),
    method=(str, Field(description="name and version of the method")),
    vintage=(str, Field(description="the release that gave this value")),
    issued=(str, Field(description="when that became public, UTC")),
    revised=(bool, Field(description="an earlier release gave another value")),
    correction=(int | None, Field(description="number of the correction that changed it")),
    **_figures,
    **_counts,
)


class Observations(Heading):
    """Observations in the order of series and periods."""

    history: bool = Field(description="every vintage of each period")
    data: list[Observation]  # type: ignore[valid-type]


class SeriesRow(Shape):
    """A series and its newest observation."""

    code: str
    series: str = Field(description="codes from the family down to the series, divided by /")
    parent: str | None
    level: int
    name_zh: str
    name_en: str
    first_period: str
    last_period: str
    latest: Observation | None  # type: ignore[valid-type]
    page: str
    page_en: str
    files: list[str]


class SeriesList(Heading):
    """All series that were ever published."""

    data: list[SeriesRow]


class Code(Shape):
    """An entry of the code dictionary."""

    code: str
    series: str
    name_zh: str
    name_en: str
    definition_zh: str
    definition_en: str
    level: int
    parent: str | None
    family: str
    unit: str
    unit_zh: str
    base_period: str
    base_value: str
    frequency: str
    frequency_zh: str
    valid_from: str
    valid_to: str | None
    predecessors: list[str]
    successors: list[str]
    classification_version: int | None
    first_period: str
    last_period: str
    simulated: bool


class OneSeries(Heading):
    """A series: its entry of the code dictionary, its newest observation, and the codes right below it."""

    data: Code
    latest: Observation | None  # type: ignore[valid-type]
    children: list[str]
    page: str
    page_en: str
    files: list[str]


class Word(Shape):
    """A code that stands in a field, in both languages."""

    code: str
    name_zh: str
    name_en: str
    meaning_zh: str | None = None
    meaning_en: str | None = None


class Codes(Heading):
    """The code dictionary."""

    data: list[Code]
    statuses: list[Word]
    grades: list[Word]
    fields: list[Word]


class Withdrawn(Shape):
    """That a release was withdrawn."""

    at: str
    zh: str
    en: str


class Release(Shape):
    """A release."""

    release: str
    period: str
    number: int
    issued: str
    method: str
    method_sha256: str
    manifest_sha256: str
    stat_hash: str
    text_hash: str
    supersedes: str | None
    revised_from: str | None
    reason: str | None
    withdrawn: Withdrawn | None


class Releases(Heading):
    """All public releases, the newest first."""

    data: list[Release]


class Changed(Shape):
    """A published figure that a correction changed."""

    series: str
    period: str
    figure: str
    first: str
    new: str


class Correction(Shape):
    """An entry of the log of corrections."""

    number: int
    series: str
    period: str
    first_value: str = Field(description="as it was published first")
    new_value: str
    size: Literal["minor", "significant", "serious"]
    class_: Literal["data", "method", "transcription", "system"] = Field(alias="class")
    cause_zh: str
    cause_en: str
    found_by: str
    found_how: str
    first_seen: str
    revised_from: str
    changes: list[Changed]
    releases: list[str] = Field(description="releases that published a value that was wrong")
    files: list[str] = Field(description="public files of those that hold it")
    release: str = Field(description="the release that carries the right values")
    corrected_at: str


class Corrections(Heading):
    """The log of corrections, the newest first."""

    data: list[Correction]


class Moved(Shape):
    """A change of a date."""

    announced: str
    old_release_at: str | None
    new_release_at: str | None
    reason: str


class Issue(Shape):
    """An issue of the calendar."""

    period: str
    release_at: str | None
    cutoff_at: str | None
    planned_at: str = Field(description="the instant that the calendar gave, also of a period without an issue")
    announced: str = Field(description="when this was announced")
    state: Literal["released", "ahead", "late", "no issue"]
    release: str | None
    reason: str | None
    changes: list[Moved]


class Calendar(Heading):
    """All issues of the calendar."""

    data: list[Issue]


class Method(Shape):
    """A version of the method."""

    name: str
    version: str
    title_zh: str
    title_en: str
    purpose_zh: str
    purpose_en: str
    sha256: str
    file: str
    first_release: str | None
    last_release: str | None


class Methods(Heading):
    """The versions of the method, the newest first."""

    data: list[Method]


class UnitRow(Shape):
    """A sample unit that agreed to be named."""

    unit: str
    name_zh: str
    name_en: str
    source: str | None
    source_zh: str | None
    source_en: str | None


class SourceRow(Shape):
    """A collecting source and how many units report there."""

    source: str
    name_zh: str
    name_en: str
    kind: str
    units: int


class Units(Heading):
    """The sample units that agreed to be named, and counts of all."""

    data: list[UnitRow]
    sources: list[SourceRow]


class Entrance(Heading):
    """Where the other addresses are."""

    data: dict[str, str]


class Wrong(Shape):
    """What is wrong in a field: the rule that it breaks, and the remedy."""

    field: str
    value: str
    rule: str
    rule_zh: str
    remedy: str
    remedy_zh: str


class Problem(Shape):
    """A request that can't be answered as it is (RFC 9457)."""

    type: str
    title: str
    title_zh: str
    status: int
    detail: str
    detail_zh: str
    errors: list[Wrong]


class Kind(Shape):
    """A kind of problem."""

    kind: str
    type: str
    status: int
    title: str
    title_zh: str


class Kinds(Heading):
    """All kinds of problems."""

    data: list[Kind]
