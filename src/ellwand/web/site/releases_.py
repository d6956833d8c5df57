"""Releases: the archive with manifest and hash, and every public file of a release by its path."""

import mimetypes
from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse

from ellwand.engine.errors import DataError
from ellwand.office.record import reading
from ellwand.office.releases.manifest import NAME
from ellwand.office.screens.words import say
from ellwand.web.site.page import Language, Shown, page
from ellwand.web.site.roles_words import approved_by


@page("releases/", "releases")
def releases(request: HttpRequest, language: Language) -> Shown:
    """All public releases, the newest first."""
    found = list(reversed(reading.public()))
    gone = {r.code for r in found if getattr(r, "withdrawal", None) is not None}
    context = {"releases": found, "withdrawn": gone, "next": reading.next_issue()}
    return Shown("site/releases.html", say("发布档案", "Releases"), context)


@page("releases/<str:code>/", "release")
def release(request: HttpRequest, language: Language, code: str) -> Shown:
    """One release: what it is made of, its files with their SHA-256, and how to check it."""
    one = _found(code)
    made = reading.manifest(one)
    context: dict[str, Any] = {
        "release": one,
        "manifest": made,
        "files": [f for f in made.files if f.public],
        "inputs": sum(1 for f in made.files if not f.public),
        "withdrawal": getattr(one, "withdrawal", None),
        "approved": approved_by(made, language),
        "base": request.build_absolute_uri("/"),
    }
    return Shown("site/release.html", say("发布 {code}", "Release {code}", code=one.code), context)


@page("releases/<str:code>/files/<path:path>", "release_file")
def release_file(request: HttpRequest, language: Language, code: str, path: str) -> HttpResponse | FileResponse:
    """A public file of a release, byte for byte as it was sealed."""
    one = _found(code)
    try:
        place = reading.file(one, path)
    except DataError as error:
        raise Http404 from error
    kind = "application/json" if path == NAME else mimetypes.guess_type(path)[0] or "application/octet-stream"
    # A report is a page of its own with a policy of its own; here it is a file.
    answer = FileResponse(place.open("rb"), as_attachment=True, filename=f"{one.code}-{place.name}", content_type=kind)
    # What is released never changes.
    answer["Cache-Control"] = "public, max-age=31536000, immutable"
    return answer


def _found(code: str) -> Any:
    try:
        return reading.release(code)
    except DataError as error:
        raise Http404 from error
