"""The addresses of files: /data/{code}.{ending} of a series or a family, and /releases/{release}.zip."""

from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, re_path
from django.utils.cache import get_conditional_response

from ellwand.office.record import reading
from ellwand.web.answers import FOR_EVER, answered, door, only
from ellwand.web.data.bundle import BUNDLES
from ellwand.web.data.formats import FORMATS, of_family, of_series
from ellwand.web.data.vintages import SEALED, Vintage, vintage_of
from ellwand.web.kept import BODIES
from ellwand.web.moments import Moment, moment
from ellwand.web.problems import ProblemError, unknown_code, unknown_release

FAMILIES = (reading.FAMILY,)
"""Families that have files. A test sees to it that no series has the code of one."""


def file(request: HttpRequest, name: str, ext: str) -> HttpResponseBase:
    """A file of a series or a family, of the newest vintage or of the one that the request names."""
    only(request, ("vintage", "asOf"))
    if ext not in FORMATS or (name not in FAMILIES and not FORMATS[ext].of_series):
        there = [e for e, f in FORMATS.items() if f.of_series or name in FAMILIES]
        raise ProblemError(
            "unknown-address", field="", value=f"{name}.{ext}", rule=(f"没有 {ext} 格式", f"there is no format {ext}"),
            remedy=(f"可用的格式：{'、'.join(there)}", f"the formats are {', '.join(there)}"),
        )  # fmt: skip
    seen = moment(request.GET.get("asOf"), request.GET.get("vintage"), name if name in FAMILIES else reading.FAMILY)
    made = vintage_of(seen)
    content = None if made is None else _content(seen, made, name, ext)
    if made is None or content is None:
        raise unknown_code("code", name)
    pinned = f'</data/{name}.{ext}?vintage={made.given.code}>; rel="bookmark"'
    described = f'</data/{name}.csv-metadata.json>; rel="describedby"; type="application/csvm+json"'
    links = (pinned, described) if ext == "csv" else (pinned,)
    answer = answered(request, content, seen, kind=FORMATS[ext].kind, links=links)
    if answer.status_code == 200 and not ext.endswith("json"):
        answer["Content-Disposition"] = f'attachment; filename="{name}-{made.given.code}.{ext}"'
    return answer


def _content(seen: Moment, made: Vintage, name: str, ext: str) -> bytes | None:
    if name in FAMILIES:
        if ext in SEALED:
            return of_family(made, ext)
        return BODIES.get(seen, ("file", name, ext), lambda: of_family(made, ext))
    if not made.rows(name):
        return None
    return BODIES.get(seen, ("file", name, ext), lambda: of_series(made, name, ext) or b"")


def bundle(request: HttpRequest, release: str) -> HttpResponseBase:
    """A release as one file."""
    only(request, ())
    found = [g for g in moment().standing.given if g.code == release]
    if not found:
        raise unknown_release("release", release)
    given = found[-1]
    answer = FileResponse(
        BUNDLES.of(given).open("rb"), as_attachment=True, filename=f"{given.code}.zip", content_type="application/zip"
    )
    answer["ETag"] = tag = f'"{given.code}.{given.manifest[:24]}"'
    answer["Ellwand-Vintage"] = given.code
    answer["Cache-Control"] = FOR_EVER
    answer["Link"] = '</about/#licence>; rel="license"'
    same = get_conditional_response(
        request, tag, int(given.since.timestamp()), HttpResponse(headers=dict(answer.items()))
    )
    if same is not None and same.status_code == 304:
        answer.close()
        return same
    return answer


def nowhere(request: HttpRequest, **parts: Any) -> HttpResponse:
    """A file that is not there."""
    raise ProblemError(
        "unknown-address", field="", value=request.path, rule=("没有这个文件", "there is no such file"),
        remedy=("/data/ 列出全部文件", "/data/ lists all files"),
    )  # fmt: skip


def addresses() -> list[URLPattern]:
    """The addresses of files, each behind the door."""
    endings = "|".join(e.replace(".", r"\.") for e in sorted(FORMATS, key=len, reverse=True))
    return [
        re_path(rf"^data/(?P<name>[^/]+?)\.(?P<ext>{endings})$", door(file), name="data_file"),
        re_path(r"^releases/(?P<release>[^/]+)\.zip$", door(bundle), name="release_bundle"),
    ]


def last_addresses() -> list[URLPattern]:
    """What is below /data/ and is no file."""
    return [re_path(r"^data/(?P<rest>[^/]+\.[^/]+)$", door(nowhere), name="data_nowhere")]
