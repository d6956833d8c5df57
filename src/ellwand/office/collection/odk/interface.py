"""What ODK Collect and programs like it speak with: the list of forms, a form, and submissions (OpenRosa 1.0).

A token is the password of Basic authentication. The instance's id makes a submission count once. Source: the OpenRosa
interface specifications (form list, form submission, request and response).
"""

from email.utils import formatdate
from typing import Any, Final
from xml.sax.saxutils import escape

from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from ninja import NinjaAPI
from ninja.errors import AuthenticationError

from ellwand.engine.errors import DataError
from ellwand.office.accounts.models import User
from ellwand.office.accounts.people import RefusedError
from ellwand.office.collection import pictures, walk
from ellwand.office.collection.api import LimitedError, TokenAuth
from ellwand.office.collection.measures import name_of
from ellwand.office.collection.messages import SheetError
from ellwand.office.collection.odk import elements, submissions, taking
from ellwand.office.collection.odk.form import Due, Form, form_of
from ellwand.office.collection.sending import text_of
from ellwand.office.screens.access import operation
from ellwand.office.screens.words import is_chinese, say

ROOT: Final = "/office/odk"
LARGEST: Final = 60 << 20
"""Bytes of a submission with its pictures, as phones are told."""
NAMESPACE: Final = "http://openrosa.org/http/response"

odk = NinjaAPI(title="Ellwand: ODK", version="1", urls_namespace="odk", docs_url=None, openapi_url=None)
AUTH: Final = TokenAuth("odk")


def answer(message: str, status: int, content: str | None = None) -> HttpResponse:
    """An answer as OpenRosa has it: a message that the phone shows, or a document."""
    text = content or (
        f'<OpenRosaResponse xmlns="{NAMESPACE}"><message nature="{"submit_success" if status < 300 else "error"}">'
        f"{escape(message)}</message></OpenRosaResponse>"
    )
    made = HttpResponse(text, status=status, content_type="text/xml; charset=utf-8")
    made["X-OpenRosa-Version"] = "1.0"
    made["X-OpenRosa-Accept-Content-Length"] = str(LARGEST)
    made["Date"] = formatdate(usegmt=True)
    if status == 401:
        made["WWW-Authenticate"] = 'Basic realm="Ellwand", charset="UTF-8"'
    return made


@odk.exception_handler(AuthenticationError)
def _no_token(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return answer(say("用户名或令牌无效；请向管理员索取令牌", "Wrong name or token; ask the admin for a token"), 401)


@odk.exception_handler(RefusedError)
def _refused(request: HttpRequest, error: RefusedError) -> HttpResponse:
    return answer(str(error), 403)


@odk.exception_handler(LimitedError)
def _limited(request: HttpRequest, error: LimitedError) -> HttpResponse:
    made = answer(say("请求过于频繁，请稍后再试", "Too many requests; try again later"), 429)
    made["Retry-After"] = str(error.wait)
    return made


@odk.exception_handler(SheetError)
def _unreadable(request: HttpRequest, error: SheetError) -> HttpResponse:
    said = error.fault
    return answer(
        f"{said.message_zh}；{said.remedy_zh}" if is_chinese() else f"{said.message_en}; {said.remedy_en}", 400
    )


@odk.exception_handler(DataError)
def _wrong(request: HttpRequest, error: DataError) -> HttpResponse:
    return answer(str(error), 422)


@odk.exception_handler(OperationalError)
def _busy(request: HttpRequest, error: OperationalError) -> HttpResponse:
    made = answer(say("记录繁忙，请稍后再发送", "The record is busy; send it again in a moment"), 503)
    made["Retry-After"] = "2"
    return made


@odk.exception_handler(RequestDataTooBig)
def _too_large(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
    return answer(say("提交内容过大，请减少照片", "The submission is too large; send fewer pictures"), 413)


def form(user: User) -> Form | None:
    """The form of somebody's stalls in the round that is open; None where nothing is."""
    found = walk.round_of()
    if found is None:
        return None
    rows = [
        Due(
            call.unit.code, (call.unit.name_zh, call.unit.name_en or call.unit.name_zh), one.item.code,
            (one.item.name_zh, one.item.name_en or one.item.name_zh), _measure(one.item.unit_of_measure),
            text_of(one.last.price) if one.last is not None and one.shown else "",
        )
        for call in walk.of(user, found)
        for one in call.due
    ]  # fmt: skip
    return form_of(found.code, (f"价格 {found.period}", f"Prices {found.period}"), rows) if rows else None


def _measure(unit: str) -> str:
    zh = name_of(unit, "zh")
    return unit if zh == unit else f"{zh} {unit}"


@odk.get("/formList", auth=AUTH)
@operation("quotes.enter")
def form_list(request: HttpRequest) -> HttpResponse:
    """The forms that are there for the user: one, while a round is open and stalls are on his way."""
    made = form(request.auth)  # type: ignore[attr-defined]
    listed = ""
    if made is not None:
        address = request.build_absolute_uri(f"{ROOT}/forms/{made.id}")
        listed = (
            f"<xform><formID>{escape(made.id)}</formID><name>{escape(' '.join(made.names))}</name>"
            f"<version>{made.version}</version><hash>md5:{made.digest}</hash>"
            f"<downloadUrl>{escape(address)}</downloadUrl></xform>"
        )
    return answer("", 200, f'<xforms xmlns="http://openrosa.org/xforms/xformsList">{listed}</xforms>')


@odk.get("/forms/{code}", auth=AUTH)
@operation("quotes.enter")
def download(request: HttpRequest, code: str) -> HttpResponse:
    """A form."""
    made = form(request.auth)  # type: ignore[attr-defined]
    if made is None or made.id != code:
        return answer(say("没有此表单；请刷新表单列表", "No such form; refresh the list of forms"), 404)
    return answer("", 200, made.xml)


@odk.api_operation(["HEAD"], "/submission", auth=AUTH)
@operation("quotes.enter")
def ask(request: HttpRequest) -> HttpResponse:
    """What a phone asks before it sends: how much may be sent at once."""
    made = answer("", 204, " ")
    made.content = b""
    return made


@odk.post("/submission", auth=AUTH)
@operation("quotes.enter")
def submit(request: HttpRequest) -> HttpResponse:
    """Take in a submission: its XML as the file `xml_submission_file`, pictures as further files."""
    user: User = request.auth  # type: ignore[attr-defined]
    file = request.FILES.get("xml_submission_file")
    if file is None:
        raise SheetError("no submission", value="multipart/form-data")
    if (file.size or 0) > elements.LARGEST:
        raise SheetError("file too large", value=file.size, limit=elements.LARGEST)
    content = file.read()
    taken = taking.take_xml(content, user)
    told = _pictures(request, content, user)
    n, open_ = taken.said["taken"], taken.said["refused"]
    said = [str(say("已接收{n}条报价", "{n} quotes taken in", n=n))]
    if receipt := next((q["receipt"] for q in taken.said["quotes"] if q["receipt"]), ""):
        said.append(str(say("回执号 {r}", "receipt {r}", r=receipt)))
    if open_:
        said.append(str(say("{n}条未接收：", "{n} not taken in:", n=open_)))
        said += [p["message_zh"] if is_chinese() else p["message_en"] for p in taken.problems[:5]]
    return answer(str(say("；", "; ")).join(said + told), 202 if open_ or told else 201)


def _pictures(request: HttpRequest, content: bytes, user: User) -> list[str]:
    """Keep the pictures that came along, each with its item; what is wrong with others."""
    files: dict[str, Any] = {f.name or "": f for name in request.FILES for f in request.FILES.getlist(name)}
    submission = submissions.read_submission(content)
    found = taking.round_for(submission.form)
    told = []
    for name, unit, item in taking.picture_cells(submission, found, user):
        if name not in files:
            # It may come with a further part of the same submission.
            continue
        try:
            pictures.keep(found, unit, item, files[name].read(), user, "collector")
        except pictures.PictureError as error:
            told.append(f"{name}: {error.zh if is_chinese() else error.en}")
    return told


def addresses() -> list[URLPattern]:
    """The addresses, under `ROOT`."""
    return [a for a in odk.urls[0] if isinstance(a, URLPattern) and a.name != "api-root"]
