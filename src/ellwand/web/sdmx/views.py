"""The addresses below /sdmx/v2/: structure, data, availability, each by path, query string and Accept header."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any
from xml.sax.saxutils import escape

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.cache import patch_vary_headers

from ellwand.engine.errors import DataError
from ellwand.web.answers import answered, door
from ellwand.web.kept import BODIES
from ellwand.web.moments import Moment, moment
from ellwand.web.problems import ProblemError
from ellwand.web.sdmx import (
    accept,
    asking,
    availability,
    csv_,
    faults,
    ids,
    json_,
    message,
    moments,
    rows,
    structures,
    xml_,
)
from ellwand.web.sdmx.faults import SdmxError

CONTEXTS = ("dataflow", "datastructure", "provisionagreement", "*")
STRUCTURE_FORMATS = (accept.STRUCTURE_JSON, accept.STRUCTURE_XML)
DATA_FORMATS = (accept.JSON, accept.CSV, accept.XML)
View = Callable[[HttpRequest, str], HttpResponse]


def told(answer: View) -> Callable[..., HttpResponse]:
    """A view that tells of errors as the standard does, and names what its answer depends on."""

    @wraps(answer)
    def run(request: HttpRequest, rest: str = "") -> HttpResponse:
        try:
            response = answer(request, rest.strip("/"))
        except SdmxError as fault:
            response = _fault(request, fault)
        except ProblemError as problem:
            response = _fault(request, SdmxError(140, str(problem)))
        except DataError as error:
            response = _fault(request, SdmxError(150, str(error)))
        patch_vary_headers(response, ["Accept", "Accept-Language"])
        return response

    return run


@told
def structure(request: HttpRequest, rest: str) -> HttpResponse:
    """`structure/{kind}/{agency}/{id}/{version}/{item}`: structures, with `references` and `detail`."""
    kind, agency, id_, version, item = _parts(rest, ("*", "*", "*", "*", ""))
    asked = asking.parameters(request.META.get("QUERY_STRING", ""), asking.STRUCTURE)
    wanted = _format(request, STRUCTURE_FORMATS)
    there = moments.all_(asked.as_of)
    all_ = structures.structures(there, _language(request))
    found = structures.select(all_, kind, agency, id_, version, item, asked.references, asked.detail)
    seen = there[0] if there else moment(asked.as_of)
    return answered(request, _message(request, wanted, there, found), seen, kind=wanted.media_type)


@told
def data(request: HttpRequest, rest: str) -> HttpResponse:
    """`data/{context}/{agency}/{id}/{version}/{key}`: observations."""
    context, agency, id_, version, key = _parts(rest, ("*",) * 5)
    asked = asking.parameters(request.META.get("QUERY_STRING", ""), asking.DATA)
    keys = asking.keys(key)
    wanted = _format(request, DATA_FORMATS)
    options, language = _options(wanted), _language(request)
    there = moments.all_(asked.as_of)
    chosen = _wanted(context, agency, id_, version, there)

    def make() -> bytes:
        answers = [a for seen in chosen if (a := rows.answer(seen, keys, asked)).rows]
        if not answers:
            raise faults.nothing()
        if wanted.format == accept.CSV:
            return csv_.write(answers, language, **options).encode()
        if wanted.format == accept.XML:
            return xml_.data(answers, structures.structures(there, language), _question(request)).encode()
        return json_.write(answers, _question(request), language).encode()

    body = _held(request, wanted, language, there, chosen[0], make)
    return answered(request, body, chosen[0], kind=wanted.media_type)


@told
def available(request: HttpRequest, rest: str) -> HttpResponse:
    """`availability/{context}/{agency}/{id}/{version}/{key}/{component}`: what is there."""
    context, agency, id_, version, key, component = _parts(rest, ("*",) * 6)
    asked = asking.parameters(request.META.get("QUERY_STRING", ""), asking.AVAILABILITY)
    keys = asking.keys(key)
    wanted = _format(request, (accept.STRUCTURE_JSON,))
    language = _language(request)
    there = moments.all_(asked.as_of)
    all_ = structures.structures(there, language)

    def named(zh: str, en: str) -> dict[str, Any]:
        return json_.named(zh, en, language)

    chosen = _wanted(context, agency, id_, version, there)

    def make() -> bytes:
        told_ = [availability.constraint(s, keys, asked, component, all_.agency, named) for s in chosen]
        found = {"dataConstraints": told_}
        for seen in chosen if asked.references != "none" else ():
            flow = ids.dataflow_of(seen.standing.family)
            more = structures.select(all_, "dataflow", "*", flow, "*", "", asked.references, "full")
            for holder, those in more.items():
                known = found.setdefault(holder, [])
                known += [one for one in those if one not in known]
        return _message(request, wanted, there, found)

    body = _held(request, wanted, language, there, chosen[0], make)
    return answered(request, body, chosen[0], kind=wanted.media_type)


def _held(
    request: HttpRequest, wanted: accept.Wanted, language: str, there: list[Moment], seen: Moment,
    make: Callable[[], bytes],
) -> bytes:  # fmt: skip
    """The body of an answer, made once for all who ask the same of the same releases."""
    marks = [part for one in there for part in (one.standing.family, one.mark, rows.constant(one)["LICENCE"])]
    return BODIES.get(seen, ("sdmx", _question(request), wanted.media_type, language, *marks), make)


def _message(
    request: HttpRequest, wanted: accept.Wanted, there: list[Moment], found: dict[str, Any]
) -> bytes:  # fmt: skip
    """A structure message."""
    simulated = any(rows.constant(seen)["SIMULATED"] == "true" for seen in there)
    at = message.prepared(there)
    head = message.meta("structure", _question(request), at, ids.agency(), _language(request), simulated)
    body = {"meta": head, "data": found}
    if wanted.format == accept.STRUCTURE_XML:
        return xml_.structure(body).encode()
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _parts(rest: str, defaults: tuple[str, ...]) -> list[str]:
    """The parts of a path, those that are left out by their default."""
    given = rest.split("/") if rest else []
    if len(given) > len(defaults):
        raise faults.syntax("path", rest, f"has at most {len(defaults)} parts")
    if "" in given:
        raise faults.syntax("path", rest, "has an empty part; write * for all")
    return [*given, *defaults[len(given) :]]


def _wanted(context: str, agency: str, id_: str, version: str, there: list[Moment]) -> list[Moment]:
    if context not in CONTEXTS:
        raise faults.syntax("context", context, f"is one of {', '.join(CONTEXTS)}")
    found = moments.wanted(context, agency, id_, version, there)
    if not found:
        raise faults.nothing()
    return found


def _format(request: HttpRequest, formats: tuple[str, ...]) -> accept.Wanted:
    there = tuple(f for f in formats if f not in (accept.XML, accept.STRUCTURE_XML) or xml_.is_there())
    found = accept.choose(request.headers.get("Accept", ""), there)
    if found is None:
        given = ", ".join(f"{accept.TYPES[f][0]};version={accept.TYPES[f][1]}" for f in there)
        raise SdmxError(140, f"Accept: {request.headers.get('Accept', '')!r}: there are {given}", 406)
    return found


def _options(wanted: accept.Wanted) -> dict[str, str]:
    """The parameters of the media type of SDMX-CSV; no other format has any."""
    csv = wanted.format == accept.CSV
    allowed = {"labels": csv_.LABELS, "keys": csv_.KEYS, "timeformat": csv_.TIMES} if csv else {}
    out = {}
    for name, value in wanted.parameters.items():
        if name not in allowed or value.lower() not in allowed[name]:
            known = "; ".join(f"{k} is one of {', '.join(v)}" for k, v in allowed.items()) or "there are none"
            raise SdmxError(140, f"Accept, {name}: {value!r}: {known}", 406)
        out["time" if name == "timeformat" else name] = value.lower()
    return out


def _language(request: HttpRequest) -> str:
    """The language of names: Chinese for who likes it better than English."""
    weights = {"zh": 0.0, "en": 0.0}
    for place, part in enumerate(request.headers.get("Accept-Language", "").split(",")):
        name, *rest = (p.strip().lower() for p in part.split(";"))
        weight = next((accept.weight(r[2:]) for r in rest if r.startswith("q=")), 1.0)
        language = name.split("-")[0]
        if language in weights:
            weights[language] = max(weights[language], weight - place * 1e-6)
    return "zh" if weights["zh"] > weights["en"] else "en"


def _question(request: HttpRequest) -> str:
    return f"{request.path}?{request.META.get('QUERY_STRING', '')}"


def _fault(request: HttpRequest, fault: SdmxError) -> HttpResponse:
    """An error message: SDMX-ML for who takes nothing but XML, else SDMX-JSON. Nothing keeps it."""
    zh, en = faults.TITLES[fault.code]
    title = zh if _language(request) == "zh" else en
    plain = request.headers.get("Accept", "")
    if "xml" in plain and not any(other in plain for other in ("json", "csv", "*/*")):
        text = (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            '<mes:Error xmlns:mes="http://www.sdmx.org/resources/sdmxml/schemas/v3_0/message" '
            'xmlns:com="http://www.sdmx.org/resources/sdmxml/schemas/v3_0/common">\n'
            f'<mes:ErrorMessage code="{fault.code}"><com:Text xml:lang="en">{escape(en)}: {escape(fault.detail)}'
            "</com:Text></mes:ErrorMessage>\n</mes:Error>\n"
        )
        kind = "application/vnd.sdmx.structure+xml;version=3.0.0"
    else:
        told_ = {"code": fault.code, "title": title, "detail": fault.detail}
        text = json.dumps({"errors": [told_]}, ensure_ascii=False)
        kind = "application/vnd.sdmx.data+json;version=2.0.0"
    answer = HttpResponse(text, status=fault.http, content_type=f"{kind}; charset=utf-8")
    answer["Cache-Control"] = "no-store"
    answer["Content-Language"] = "en"
    return answer


def addresses() -> list[URLPattern]:
    """The addresses; the root shows the dataflows."""
    views = {"structure": structure, "data": data, "availability": available}
    shapes = [
        path(f"sdmx/v2/{name}{end}", door(view))
        for name, view in views.items()
        for end in ("", "/", "/<path:rest>")
    ]  # fmt: skip
    return [*shapes, path("sdmx/v2/", door(structure), {"rest": "dataflow"})]
