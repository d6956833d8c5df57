"""S3, collecting on a phone: pages that work without a connection, the list of a collector, and what he sends."""

import hashlib
import json
from functools import lru_cache
from pathlib import Path

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse

from ellwand.engine.errors import DataError
from ellwand.office.collection import sending, walk
from ellwand.office.collection.entry import Sender
from ellwand.office.screens.access import ANYBODY, screen, user_of

HERE = Path(__file__).parent
MODULES = ("app.js", "card.js", "dom.js", "sent.js", "stalls.js", "state.js", "store.js", "sync.js", "words.js")
LARGEST = 1 << 20
"""Bytes of what a phone sends at once."""


@screen("office/collect/", "collect", read="quotes.enter")
def collect(request: HttpRequest) -> HttpResponse:
    """The page that holds all of it; what it shows comes from the phone's own store."""
    return render(request, "office/collect.html")


@screen("office/collect/list/", "collect_list", read="quotes.enter")
def list_(request: HttpRequest) -> HttpResponse:
    """The stalls and items of the collector who is signed in."""
    get_token(request)
    return JsonResponse(walk.as_json(user_of(request)), json_dumps_params={"ensure_ascii": False})


@screen("office/collect/send/", "collect_send", read="quotes.enter", write="quotes.enter", raw=True)
def send(request: HttpRequest) -> HttpResponse:
    """Take entries in that a phone kept: each of them once, however often it arrives."""
    if request.method != "POST":
        return HttpResponse(status=405, headers={"Allow": "POST"})
    user = user_of(request)
    if sending.is_too_large(request, LARGEST):
        return _wrong("body", f"larger than {LARGEST >> 10} kB; send fewer entries at once", 413)
    if request.headers.get("Ellwand-User") != str(user.pk):
        return _wrong("user", f"somebody else is signed in: {user.username}; each sends what he entered himself", 409)
    try:
        batch = sending.batch_of(request.body)
        return JsonResponse(sending.send(batch, Sender("collector", by=user), ""))
    except sending.WrongBodyError as error:
        return JsonResponse({"problems": error.problems}, status=422)
    except DataError as error:
        return _wrong("round", str(error), 422)


def _wrong(field: str, said: str, status: int) -> JsonResponse:
    return JsonResponse(
        {"problems": [{"row": 0, "field": field, "message_en": said, "message_zh": said}]}, status=status
    )


@lru_cache(maxsize=4)
def _version(root: str) -> str:
    """Of all that the phone keeps of the pages: a change of any of it is a new version."""
    parts = [HERE / "templates" / "office" / "collect.html", HERE / "static" / "office" / "office.css"]
    parts += sorted((HERE / "static" / "office" / "collect").iterdir())
    found = hashlib.sha256(root.encode())
    for part in parts:
        found.update(part.read_bytes())
    return found.hexdigest()[:16]


@screen("office/collect/worker.js", "collect_worker", read=ANYBODY)
def worker(request: HttpRequest) -> HttpResponse:
    """The script that keeps the pages on the phone: the version, the files, and the program itself."""
    named = [static(f"office/{name}") for name in ("office.css", "rod.svg", "collect/collect.css", "collect/app.js")]
    root = static("office/collect/worker.js").rpartition("/")[0]
    files = [reverse("collect"), *named, *(f"{root}/{name}" for name in MODULES)]
    files = list(dict.fromkeys(files))
    program = (HERE / "static" / "office" / "collect" / "worker.js").read_text(encoding="utf-8")
    head = f"const VERSION = {json.dumps(_version(','.join(files)))};\nconst FILES = {json.dumps(files)};\n"
    return HttpResponse(head + program, content_type="text/javascript; charset=utf-8")


@screen("office/collect/manifest.json", "collect_manifest", read=ANYBODY)
def manifest(request: HttpRequest) -> HttpResponse:
    """What a phone needs to put the page on its home screen."""
    said = {
        "name": "Ellwand 采价 Collect", "short_name": "采价 Collect", "start_url": reverse("collect"),
        "scope": reverse("collect"), "display": "standalone", "background_color": "#FBFAF7", "theme_color": "#FBFAF7",
        "icons": [{"src": static("office/rod.svg"), "sizes": "any", "type": "image/svg+xml"}],
    }  # fmt: skip
    return JsonResponse(said, content_type="application/manifest+json")
