"""Answers to programs: headers, conditional requests, and for how long a cache may keep them.

What names a vintage or an instant never changes and may be kept for ever. Everything else is asked for again each time,
with its ETag, which names the release: a correction is not announced, so there is no time for which a cache could keep
what is latest, and a time that ended at an instant nobody knows of would tell of it.
"""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import http_date

from ellwand.office import once
from ellwand.office.once import while_same
from ellwand.office.registry.models import Issue, Market
from ellwand.office.releases.canonical import write_instant
from ellwand.web.limits import share_of
from ellwand.web.moments import Moment
from ellwand.web.problems import ProblemError
from ellwand.web.query import series

FOR_EVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "public, max-age=0, must-revalidate"
"""The rule for what is not pinned: a cache may hold it, and asks before each use whether it still stands."""
JSON = "application/json"
PROBLEM = "application/problem+json"
LANGUAGES = "zh-Hans, en"
"""Languages of an answer that holds both."""
View = Callable[..., HttpResponseBase]


def dumped(content: Any) -> bytes:
    """JSON in UTF-8, without blanks."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def envelope(seen: Moment, data: Any, **more: Any) -> dict[str, Any]:
    """What every answer says of itself, and the data."""
    return {**heading(seen), **more, "data": data}


def heading(seen: Moment) -> dict[str, Any]:
    """Issue, vintage and next release of an answer."""
    return {
        "family": seen.standing.family,
        "issued": write_instant(seen.issued) if seen.issued else None,
        "vintage": seen.vintage or None,
        "next_release": write_instant(seen.next_at) if seen.next_at else None,
        "simulated": is_simulated(seen),
    }


def is_simulated(seen: Moment) -> bool:
    """Whether what an answer says is of a simulated market."""
    if there := series(seen):
        return there[0].simulated
    market = Market.objects.first()
    return bool(market and market.simulated)


def answered(
    request: HttpRequest,
    content: bytes,
    seen: Moment,
    *,
    kind: str = JSON,
    links: tuple[str, ...] = (),
    language: str = LANGUAGES,
) -> HttpResponse:
    """The answer to a request, or 304 where the reader holds it already."""
    tag = f'"{seen.vintage or "none"}.{hashlib.blake2b(content, digest_size=12).hexdigest()}"'
    is_text = kind.startswith("text/") or kind.endswith(("json", "xml"))
    answer = HttpResponse(content, content_type=f"{kind}; charset=utf-8" if is_text else kind)
    answer["ETag"] = tag
    if seen.issued:
        answer["Last-Modified"] = http_date(seen.issued.timestamp())
    told(answer, seen, links)
    answer["Content-Language"] = language
    answer["Link"] = ", ".join([f'<{request.get_full_path()}>; rel="canonical"', *_links(seen), *links])
    changed = int(_changed(seen).timestamp())
    found = get_conditional_response(request, tag, changed, answer)
    return found if isinstance(found, HttpResponse) else answer


def told(answer: HttpResponseBase, seen: Moment, links: tuple[str, ...] = ()) -> None:
    """State vintage, next release, whether figures are simulated, and the rule for caches in the headers."""
    if is_simulated(seen):
        answer["Ellwand-Simulated"] = "true"
    if seen.vintage:
        answer["Ellwand-Vintage"] = seen.vintage
    if seen.next_at:
        answer["Ellwand-Next-Release"] = write_instant(seen.next_at)
    answer["Cache-Control"] = FOR_EVER if seen.pinned else ASK_AGAIN


def _links(seen: Moment) -> list[str]:
    last = seen.last
    links = ['</about/#licence>; rel="license"', '</api/v1/openapi.json>; rel="service-desc"']
    if last is not None:
        links.append(f'</knowledge/method/{last.method_digest}/>; rel="describedby"')
    return links


def _changed(seen: Moment) -> datetime:
    """When what an answer says may have changed last: at a release, or by a change of the calendar."""
    known = [at for at in (seen.issued, _calendar_changed()) if at is not None]
    return max(known, default=seen.at)


@while_same(Issue, most=4)
def _calendar_changed() -> datetime | None:
    changed: datetime | None = Issue.objects.aggregate(at=Max("at"))["at"]
    return changed


def refused(problem: ProblemError) -> HttpResponse:
    """The answer to a request that is wrong. Nothing in it depends on what is not public."""
    answer = HttpResponse(dumped(problem.content), status=problem.status, content_type=PROBLEM)
    answer["Content-Language"] = LANGUAGES
    answer["Cache-Control"] = "no-store"
    return answer


def door(view: View, *, limited: bool = True) -> View:
    """The door through which every request of a program goes: only reading, a fair share for each, problems as JSON."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **parts: Any) -> HttpResponseBase:
        with once.request():
            return let_in(request, *args, **parts)

    def let_in(request: HttpRequest, *args: Any, **parts: Any) -> HttpResponseBase:
        share = share_of(request) if limited else None
        made = share.problem if share and share.is_over else None
        response = refused(made) if made else _read(view, request, *args, **parts)
        if share:
            share.tell(response)
        # Public figures may be read from pages of anybody.
        response["Access-Control-Allow-Origin"] = "*"
        response["Access-Control-Expose-Headers"] = (
            "ETag, Link, Ellwand-Vintage, Ellwand-Next-Release, Ellwand-Simulated"
        )
        response["Cross-Origin-Resource-Policy"] = "cross-origin"
        return response

    answer.csrf_exempt = True  # type: ignore[attr-defined]
    return answer


def _read(view: View, request: HttpRequest, *args: Any, **parts: Any) -> HttpResponseBase:
    if request.method not in ("GET", "HEAD"):
        wrong = ProblemError(
            "method-not-allowed", field="", value=request.method or "",
            rule=(f"{request.method} 不被接受", f"{request.method} is not taken"),
            remedy=("用 GET 或 HEAD", "use GET or HEAD"),
        )  # fmt: skip
        response = refused(wrong)
        response["Allow"] = "GET, HEAD"
        return response
    # The server leaves the body out of an answer to HEAD.
    request.method = "GET"
    try:
        return view(request, *args, **parts)
    except ProblemError as error:
        return refused(error)


def only(request: HttpRequest, known: tuple[str, ...]) -> None:
    """ProblemError for a parameter that is not known, or is given twice."""
    for name, values in request.GET.lists():
        if name not in known:
            raise ProblemError(
                "unknown-parameter", field=name, value=str(values[-1]),
                rule=("不认识的参数", "the parameter is not known"),
                remedy=(
                    f"可用的参数：{'、'.join(known)}" if known else "这个地址没有参数",
                    f"there are {', '.join(known)}" if known else "this address has no parameters",
                ),
            )  # fmt: skip
        if len(values) > 1:
            raise ProblemError(
                "repeated-parameter", field=name, value=str(values[-1]),
                rule=(f"给出了 {len(values)} 次", f"is given {len(values)} times"),
                remedy=("只给一次；多个代码用逗号分隔", "give it once; commas divide several codes"),
            )  # fmt: skip
