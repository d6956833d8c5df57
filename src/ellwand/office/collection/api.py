"""The collection's interface for programs: a collector's list, and quotes in batches, by a token.

Errors are problem+json (RFC 9457) that name row, field, value, rule and remedy in both languages. A request that takes
quotes in carries an Idempotency-Key: the same key gives the same answer, and nothing is taken in twice.
"""

import base64
import binascii
import re
import time
from typing import Any, Final

from django.core.cache import cache
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError
from ninja.security.base import AuthBase

from ellwand.engine.errors import DataError
from ellwand.office.accounts import limits
from ellwand.office.accounts.models import User
from ellwand.office.accounts.people import RefusedError
from ellwand.office.collection import sending, tokens, walk
from ellwand.office.collection.entry import Sender
from ellwand.office.collection.messages import shown
from ellwand.office.collection.sending import Batch, ReusedKeyError, WrongBodyError, problem
from ellwand.office.collection.tokens import Holder
from ellwand.office.screens.access import operation

RATE: Final = 600
"""Requests of a token within `WINDOW`."""
WINDOW: Final = 60
FAILED: Final = 60
"""Requests with a wrong token from one address within an hour."""
ROOT: Final = "/office/api/v1"


class LimitedError(Exception):
    """More requests than a token may make. wait : seconds until the next one."""

    def __init__(self, wait: int) -> None:
        super().__init__(wait)
        self.wait = wait


def given_token(header: str) -> str | None:
    """The token of an Authorization header: Bearer, or Basic with it as the password (the name is told apart below)."""
    scheme, _, rest = header.partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(rest.strip(), validate=True).decode("utf-8").partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            return None
    return None


def _name(header: str) -> str | None:
    """The user name of a Basic header; None for another one."""
    scheme, _, rest = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(rest.strip(), validate=True).decode("utf-8").partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def token_of(request: HttpRequest, scope: str) -> Holder | None:
    """The token of a request, where it is good for a scope; None where there is none or it is not known.

    With Basic the name must be that of the token's user. LimitedError for too many requests, of the token or, with
    wrong ones, of the address; RefusedError for a token that is good for other things.
    """
    header = request.headers.get("Authorization", "")
    secret = given_token(header)
    found = tokens.find(secret) if secret else None
    if found is not None and (name := _name(header)) is not None and name != found.user.username:
        found = None
    if found is None:
        if header and limits.is_over(request, "token", FAILED):
            raise LimitedError(limits.HOUR)
        return None
    count(request, found)
    if scope not in found.scopes:
        raise RefusedError(
            f"the token is good for {', '.join(found.scopes)}, not for {scope}; ask the admin for another one"
        )
    return found


def count(request: HttpRequest, token: Holder) -> None:
    """Count a request of a token. LimitedError when there were too many in this minute."""
    now = int(time.time())
    window, left = now // WINDOW, WINDOW - now % WINDOW
    key = f"ellwand.token:{token.pk}:{window}"
    cache.add(key, 0, timeout=WINDOW)
    made = int(cache.incr(key))
    request.limits = (max(RATE - made, 0), left)  # type: ignore[attr-defined]
    if made > RATE:
        raise LimitedError(left)


class TokenAuth(AuthBase):
    """A token in the Authorization header, good for a scope; gives its user."""

    openapi_type = "http"
    openapi_scheme = "bearer"

    def __init__(self, scope: str) -> None:
        self.scope = scope
        super().__init__()

    def __call__(self, request: HttpRequest) -> User | None:
        """The user of the token; None where it is not good."""
        found = token_of(request, self.scope)
        if found is None:
            return None
        found.user.know_roles()
        return found.user


api = NinjaAPI(
    title="Ellwand: collection", version="1", urls_namespace="collection_api", docs_url=None, openapi_url=None,
    description="Lists of collectors, and quotes in batches. Tokens are made by the office's admin.",
    openapi_extra={"info": {"license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}}},
)  # fmt: skip

TITLES: Final = {
    400: ("无法理解的请求", "Not understood"),
    401: ("令牌无效", "No good token"),
    403: ("没有权限", "Not allowed"),
    404: ("没有此项", "Not there"),
    409: ("与先前的请求冲突", "Conflicts with an earlier request"),
    413: ("内容过大", "Too large"),
    422: ("没有接收任何内容", "Nothing was taken in"),
    429: ("请求过于频繁", "Too many requests"),
    503: ("记录繁忙", "Busy"),
}


def told(
    status: int, rule: str, detail: str, problems: list[dict[str, Any]] | None = None, **headers: str
) -> HttpResponse:
    """An answer as problem+json. rule : its name, which the type's address ends in."""
    zh, en = TITLES[status]
    body = {
        "type": f"{ROOT}/problems#{rule}", "title": en, "title_zh": zh, "status": status, "detail": detail,
        "problems": problems or [],
    }  # fmt: skip
    answer = JsonResponse(body, status=status, json_dumps_params={"ensure_ascii": False})
    answer["Content-Type"] = "application/problem+json"
    for name, value in headers.items():
        answer[name.replace("_", "-")] = value
    return answer


@api.exception_handler(AuthenticationError)
def _no_token(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    detail = "send `Authorization: Bearer TOKEN` with a token that the office's admin made, and that is not over"
    return told(401, "token", detail, WWW_Authenticate='Bearer realm="Ellwand"')


@api.exception_handler(RefusedError)
def _refused(request: HttpRequest, error: RefusedError) -> HttpResponse:
    return told(403, "roles", str(error))


@api.exception_handler(ReusedKeyError)
def _reused(request: HttpRequest, error: ReusedKeyError) -> HttpResponse:
    return told(409, "key", str(error))


@api.exception_handler(DataError)
def _wrong(request: HttpRequest, error: DataError) -> HttpResponse:
    return told(422, "round", str(error))


@api.exception_handler(LimitedError)
def _limited(request: HttpRequest, error: LimitedError) -> HttpResponse:
    return told(429, "rate", f"wait {error.wait} seconds", Retry_After=str(error.wait))


@api.exception_handler(OperationalError)
def _busy(request: HttpRequest, error: OperationalError) -> HttpResponse:
    """The record was busy for too long: nothing was taken in, and the same request may come again."""
    return told(503, "busy", "the record is busy; send the same request again", Retry_After="2")


@api.exception_handler(HttpError)
def _unreadable(request: HttpRequest, error: HttpError) -> HttpResponse:
    return told(error.status_code if error.status_code in TITLES else 400, "body", str(error))


@api.exception_handler(WrongBodyError)
def _invalid(request: HttpRequest, error: WrongBodyError) -> HttpResponse:
    return told(422, "body", str(error), error.problems)


KEY: Final = re.compile(r"[\x21-\x7e]{8,100}")
LARGEST: Final = 1 << 20
"""Bytes of a body."""


def key_of(request: HttpRequest) -> str:
    """The key of a request. WrongBodyError where it is missing or none."""
    given = request.headers.get("Idempotency-Key", "")
    if KEY.fullmatch(given):
        return given
    raise WrongBodyError(
        [
            problem(
                0, "Idempotency-Key", shown(given), "missing" if not given else "string_pattern_mismatch",
                "请求头缺少此项或内容有误", "is missing from the headers, or is none", "请为每一批新建一个UUID",
                "make a UUID for every batch",
            )
        ]
    )  # fmt: skip


def _schema() -> dict[str, Any]:
    """What a body looks like, in one piece."""
    out = Batch.model_json_schema()
    out["properties"]["quotes"]["items"] = out.pop("$defs")["QuoteIn"]
    return out


BODY: Final = {
    "requestBody": {"required": True, "content": {"application/json": {"schema": _schema()}}},
    "parameters": [
        {
            "in": "header", "name": "Idempotency-Key", "required": True,
            "schema": {"type": "string", "minLength": 8, "maxLength": 100},
            "description": "made by the sender, new for every batch, as a UUID; the same key gives the same answer",
        }
    ],
}  # fmt: skip


@api.get("/assignments", auth=TokenAuth("assignments"), response=dict[str, Any])
@operation("quotes.enter")
def assignments(request: HttpRequest, response: HttpResponse) -> dict[str, Any]:
    """The stops of the token's user in the round that collects now, in walking order, and what is due at each."""
    _left(request, response)
    return walk.as_json(request.auth)  # type: ignore[attr-defined]


@api.post("/quotes", auth=TokenAuth("quotes"), response=dict[str, Any], openapi_extra=BODY)
@operation("quotes.enter")
def quotes(request: HttpRequest, response: HttpResponse) -> Any:
    """Take a batch of quotes in. Each stands for itself: those that are wrong are told with their rows.

    If none can be taken in the answer is a problem (422), and the key is free for the corrected batch.
    """
    key = key_of(request)
    if sending.is_too_large(request, LARGEST):
        return told(413, "body", f"larger than {LARGEST >> 10} kB; send fewer quotes at once")
    sender = Sender("api", by=request.auth)  # type: ignore[attr-defined]
    out, again = sending.send_once(sending.batch_of(request.body), sender, key)
    if not out["taken"]:
        problems = [p for q in out["quotes"] for p in q["problems"]]
        return told(422, "quotes", f"none of {len(out['quotes'])} quotes can be taken in", problems)
    response["Idempotency-Replayed"] = "true" if again else "false"
    _left(request, response)
    return out


def _left(request: HttpRequest, response: HttpResponse) -> None:
    left, seconds = getattr(request, "limits", (RATE, WINDOW))
    response["RateLimit-Policy"] = f"{RATE};w={WINDOW}"
    response["RateLimit"] = f"limit={RATE}, remaining={left}, reset={seconds}"


def addresses() -> list[URLPattern]:
    """The addresses of the operations, under `ROOT`."""
    return [found for found in api.urls[0] if isinstance(found, URLPattern) and found.name != "api-root"]


def description() -> dict[str, Any]:
    """The interface as OpenAPI 3.1."""
    return dict(api.get_openapi_schema(path_prefix=f"{ROOT}/"))
