"""The JSON API, version 1: released figures and all that a reader needs to know of them, for anybody, without a key.

Only additions are made within a version. Every address answers from `web.query`, as the pages do.
"""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, re_path
from ninja import NinjaAPI, Query

from ellwand.office.record import reading
from ellwand.web import query, registers
from ellwand.web.answers import FOR_EVER, answered, door, dumped, envelope, heading
from ellwand.web.api import parameters as given
from ellwand.web.api import shapes
from ellwand.web.api.fast import asked_json
from ellwand.web.kept import BODIES
from ellwand.web.moments import Moment, moment
from ellwand.web.problems import KINDS, TYPE, ProblemError, unknown_release

ROOT = "api/v1/"
FORMATS = ("csv", "xlsx", "json", "px")
ABOUT = """Released figures of the index, as pages and files show them. Anybody may read without a key, so many requests
a minute as the headers RateLimit-* say; who wants everything takes the files below /data/.

Every answer names its vintage. With asOf or vintage an answer is what was public then, byte for byte, and never
changes; without them it is the newest. Decimals are texts, so that no program rounds them. Unknown parameters are
errors. Errors are application/problem+json and name the field, the rule and the remedy.

每个答复写明版本。给出 asOf 或 vintage 时，答复与当时公布的逐字节相同，永不改变；不给则为最新。小数写成文本。"""

api = NinjaAPI(
    title="Ellwand API",
    version="1",
    description=ABOUT,
    urls_namespace="ellwand-api-1",
    docs_url=None,
    openapi_url=None,
)
PROBLEMS = dict.fromkeys((400, 404, 405, 429), shapes.Problem)
View = Callable[..., HttpResponse]


def address(where: str, shape: type[Any], *, words: str) -> Callable[[View], View]:
    """Make a function answer an address of the API. shape : of its answer. words : what the answer is."""

    def keep(function: View) -> View:
        responses: dict[int, Any] = {200: shape, **PROBLEMS}
        name = function.__name__
        made: View = api.get(where, response=responses, summary=words, operation_id=name, url_name=name)(function)
        return made

    return keep


@address("/", shapes.Entrance, words="where the other addresses are")
def entrance(request: HttpRequest) -> HttpResponse:
    """The addresses of the API."""
    seen = given.seen_at(request, given.Nothing())
    root = f"/{ROOT}"
    there = {
        "series": f"{root}series",
        "one_series": f"{root}series/{{code}}",
        "observations": f"{root}observations?series={{codes}}",
        "releases": f"{root}releases",
        "manifest": f"{root}releases/{{release}}/manifest",
        "corrections": f"{root}corrections",
        "calendar": f"{root}calendar",
        "methods": f"{root}methods",
        "codes": f"{root}codes",
        "units": f"{root}units",
        "problems": f"{root}problems",
        "openapi": f"{root}openapi.json",
        "files": "/data/{code}.csv",
        "sdmx": "/sdmx/v2/",
    }
    return answered(request, dumped(envelope(seen, there)), seen)


@address("/series", shapes.SeriesList, words="all series that were ever published, each with its newest observation")
def series(request: HttpRequest, asked: Query[given.Instant]) -> HttpResponse:
    """Series in the order of their codes."""
    seen = given.seen_at(request, asked)
    newest = {row["series"]: row for row in query.observations(seen, query.Asked(last=1))}
    rows = [
        {
            "code": one.code,
            "series": one.series,
            "parent": one.parent or None,
            "level": one.level,
            "name_zh": one.name_zh,
            "name_en": one.name_en,
            "first_period": one.first,
            "last_period": one.last,
            "latest": newest.get(one.code),
            **places(one.code),
        }
        for one in query.series(seen)
    ]
    return answered(request, dumped(envelope(seen, rows)), seen)


def places(code: str) -> dict[str, Any]:
    """Where a series stands on the site."""
    return {
        "page": f"/index/{code}/",
        "page_en": f"/en/index/{code}/",
        "files": [f"/data/{code}.{ext}" for ext in FORMATS],
    }


@address("/series/{code}", shapes.OneSeries, words="one series: definition, place in the tree, newest observation")
def one_series(request: HttpRequest, code: str, asked: Query[given.Instant]) -> HttpResponse:
    """A series by its code."""
    seen = given.seen_at(request, asked)
    one, entry = query.one_series(seen, code), registers.entry(seen, code)
    newest = query.observations(seen, query.Asked((code,), last=1))
    children = [n.code for n in query.series(seen) if n.parent == one.code]
    content = envelope(seen, entry) | {"latest": newest[-1] if newest else None, "children": children, **places(code)}
    link = f'</index/{code}/>; rel="alternate"; type="text/html"'
    return answered(request, dumped(content), seen, links=(link,))


@address("/observations", shapes.Observations, words="observations of some series or all, over some periods or all")
def observations(request: HttpRequest, asked: Query[given.OfObservations]) -> HttpResponse:
    """Observations in the order of series and periods."""
    seen = given.seen_at(request, asked)
    wanted = asked_for(seen, asked)

    def make() -> bytes:
        found = asked_json(seen, wanted)
        head = dumped(heading(seen) | {"history": wanted.history}).decode("utf-8")
        return f'{head[:-1]},"data":{found}}}'.encode()

    return answered(request, BODIES.get(seen, ("observations", repr(wanted)), make), seen)


def asked_for(seen: Moment, asked: given.OfObservations) -> query.Asked:
    """What of the observations a request asks for. ProblemError names what is wrong."""
    first = given.count("firstNObservations", asked.firstNObservations)
    last = given.count("lastNObservations", asked.lastNObservations)
    if first is not None and last is not None:
        raise ProblemError(
            "conflicting-parameters", field="lastNObservations", value=str(last),
            rule=("与 firstNObservations 同时给出", "is given beside firstNObservations"),
            remedy=("二者只给一个", "give one of the two"),
        )  # fmt: skip
    return query.Asked(
        codes=None if asked.series is None else query.split_codes(asked.series),
        periods=query.periods_between(seen, asked.from_, asked.to),
        history=given.truth("includeHistory", asked.includeHistory),
        first=first,
        last=last,
    )


@address("/releases", shapes.Releases, words="all public releases, the newest first")
def releases(request: HttpRequest, asked: Query[given.Instant]) -> HttpResponse:
    """Releases with the SHA-256 of their manifests."""
    seen = given.seen_at(request, asked)
    return answered(request, dumped(envelope(seen, query.releases(seen))), seen)


@address("/releases/{release}/manifest", dict[str, Any], words="the manifest of a release, byte for byte as sealed")
def manifest(request: HttpRequest, release: str) -> HttpResponse:
    """The manifest: files with SHA-256, versions, hashes, signature."""
    seen = given.seen_at(request, given.Nothing())
    found = [g for g in seen.standing.given if g.code == release]
    if not found:
        raise unknown_release("release", release)
    one = moment(vintage=release)
    place = reading.folder(reading.release(release)) / "manifest.json"
    answer = answered(request, place.read_bytes(), one)
    # What is released never changes, whatever the calendar does.
    answer["Cache-Control"] = FOR_EVER
    return answer


@address("/corrections", shapes.Corrections, words="the log of corrections, the newest first")
def corrections(request: HttpRequest, asked: Query[given.Instant]) -> HttpResponse:
    """Every correction with class, cause, finder, and each figure that changed."""
    seen = given.seen_at(request, asked)
    link = '</feed/corrections.atom>; rel="alternate"; type="application/atom+xml"'
    return answered(request, dumped(envelope(seen, query.corrections(seen))), seen, links=(link,))


@address("/calendar", shapes.Calendar, words="all issues of the calendar, with every change of a date and its reason")
def calendar(request: HttpRequest, asked: Query[given.Instant]) -> HttpResponse:
    """Issues that appeared and those ahead."""
    seen = given.seen_at(request, asked)
    link = '</calendar.ics>; rel="alternate"; type="text/calendar"'
    return answered(request, dumped(envelope(seen, registers.calendar(seen))), seen, links=(link,))


@address("/methods", shapes.Methods, words="the versions of the method, the newest first")
def methods(request: HttpRequest, asked: Query[given.Instant]) -> HttpResponse:
    """Versions of the method, each with its file and the releases that were made by it."""
    seen = given.seen_at(request, asked)
    return answered(request, dumped(envelope(seen, registers.methods(seen))), seen)


@address("/codes", shapes.Codes, words="the code dictionary: every code with names, definition, place, unit, base")
def codes(request: HttpRequest, asked: Query[given.Instant]) -> HttpResponse:
    """Codes of series, and the codes that stand in fields."""
    seen = given.seen_at(request, asked)
    content = envelope(seen, registers.dictionary(seen)) | registers.words_of_codes()
    return answered(request, dumped(content), seen)


@address("/units", shapes.Units, words="the sample units that agreed to be named, and counts of all")
def units(request: HttpRequest) -> HttpResponse:
    """Units by name only where they agreed."""
    seen = given.seen_at(request, given.Nothing())
    content = envelope(seen, registers.units(seen)) | {"sources": registers.counted_units()}
    return answered(request, dumped(content), seen)


@address("/problems", shapes.Kinds, words="the kinds of problems that an answer may tell")
def problems(request: HttpRequest) -> HttpResponse:
    """What the field type of a problem may say."""
    seen = given.seen_at(request, given.Nothing())
    rows = [
        {"kind": kind, "type": TYPE.format(kind=kind), "status": one.status, "title": one.en, "title_zh": one.zh}
        for kind, one in KINDS.items()
    ]
    return answered(request, dumped(envelope(seen, rows)), seen)


def openapi(request: HttpRequest) -> HttpResponse:
    """The description of the API, OpenAPI 3.1."""
    seen = given.seen_at(request, given.Nothing())
    return answered(request, dumped(description()), seen)


def description() -> dict[str, Any]:
    """The description of the API as a dictionary. Problems stand under their own media type."""
    content: dict[str, Any] = dict(api.get_openapi_schema(path_prefix=ROOT))
    for methods_ in content["paths"].values():
        for operation in methods_.values():
            for status, response in operation["responses"].items():
                if str(status) != "200":
                    response["content"] = {"application/problem+json": response["content"]["application/json"]}
                    response["description"] = "a problem"
            operation["responses"] = {str(k): v for k, v in operation["responses"].items()}
    content["servers"] = [{"url": "/"}]
    return content


def nowhere(request: HttpRequest, **parts: Any) -> HttpResponse:
    """An address below the API that is not there."""
    raise ProblemError(
        "unknown-address", field="", value=request.path, rule=("没有这个地址", "there is nothing at this address"),
        remedy=("/api/v1/ 列出全部地址", "/api/v1/ lists all addresses"),
    )  # fmt: skip


@api.exception_handler(ProblemError)
def _passed_on(request: HttpRequest, error: ProblemError) -> HttpResponse:
    """The door tells every problem in one way."""
    raise error


def addresses() -> list[URLPattern]:
    """The addresses of the API, each behind the door."""
    found: list[URLPattern] = []
    for pattern in api.urls[0]:
        if isinstance(pattern, URLPattern) and pattern.name != "api-root":
            where = f"{ROOT}{pattern.pattern}".replace("//", "/")
            view: Any = pattern.callback
            found.append(path(where, door(view), name=f"api_{pattern.name}"))
    found.append(path(f"{ROOT}openapi.json", door(openapi), name="api_openapi"))
    found.append(re_path(rf"^{ROOT}.*$", door(nowhere), name="api_nowhere"))
    return found
