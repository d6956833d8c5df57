"""The description of the collection's interface, for people and for programs."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

from ellwand.office.collection import api
from ellwand.office.collection.entry import ADDED, ANSWERED, ASKED, CHANGED, LATE, OLDER, REFUSED, UNCHANGED
from ellwand.office.screens.access import ANYBODY, screen
from ellwand.office.screens.page import show
from ellwand.office.screens.words import say

OUTCOMES = {
    ADDED: ("首次报价，已接收", "a first quote, taken in"),
    CHANGED: ("新的版本，已接收；旧版本保留", "a new version, taken in; the old one is kept"),
    UNCHANGED: ("与记录相同，未新增版本", "says what is there; no new version"),
    ANSWERED: ("对审核退回的答复，已接收", "the answer to a quote that the review sent back"),
    LATE: ("截止后收到，待主管决定", "after the cut-off; waits for a supervisor"),
    OLDER: ("记录中已有更晚填写的报价，保留备查", "something entered later is in force; kept beside it"),
    ASKED: ("须以 reason 确认，未接收", "not taken in: confirm it with a reason"),
    REFUSED: ("违反规则，未接收", "not taken in: a rule forbids it"),
}
FIELDS = {
    "unit": ("样本单位编号", "code of the sample unit"),
    "item": ("产品编号", "code of the item"),
    "price": ("价格，文本或数字，最多4位小数", "price, text or number, 4 decimals at most"),
    "same": ("true：与上期相同", "true: the price of last time holds"),
    "status": ("closed、out_of_stock、substituted 或空", "closed, out_of_stock, substituted, or empty"),
    "type": ("deal、firm_offer 或 asking", "deal, firm_offer or asking"),
    "quantity": ("价格对应的数量", "quantity that the price is of"),
    "unit_of_measure": ("计量单位，与产品不同时填写", "unit of measure, where it is not the item's own"),
    "remark": ("备注；替代时写明替代品", "remark; for a substitute, what it is"),
    "reason": ("确认异常价格或说明更改原因", "confirms what a soft rule asks about, or says why a price changes"),
    "key": ("本条报价的唯一键", "the quote's own key"),
    "seen": ("报送前看到的版本号，无则为0", "id of the version that was seen, 0 for none"),
    "made_at": ("填写时刻，带时区", "instant of entry, with its offset from UTC"),
}


@screen("office/api/", "interface", read=("quotes.enter", "users.read"))
def interface(request: HttpRequest) -> HttpResponse:
    """How programs read a collector's list and send quotes."""
    context: dict[str, Any] = {
        "root": api.ROOT,
        "base": f"{request.scheme}://{request.get_host()}",
        "rate": api.RATE,
        "fields": [(name, say(*words)) for name, words in FIELDS.items()],
        "outcomes": [(name, say(*words)) for name, words in OUTCOMES.items()],
    }
    return show(request, "office/interface.html", context, section="users")


@screen("office/api/v1/openapi.json", "interface_openapi", read=ANYBODY)
def openapi(request: HttpRequest) -> HttpResponse:
    """The description that programs read: OpenAPI 3.1."""
    return JsonResponse(api.description())
