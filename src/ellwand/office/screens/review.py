"""S5, the review queue: flagged quotes by their influence on the index, decided by keyboard from first to last."""

import math
import secrets
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse

from ellwand.engine.errors import DataError
from ellwand.office.accounts.people import RefusedError
from ellwand.office.accounts.roles import may
from ellwand.office.review import acts, alerts, cases, detail, pictures, queue, standing
from ellwand.office.review.decisions import PLACES, ConflictError, Ruling, decide, decide_small, proposal_text
from ellwand.office.review.models import Case, Flag
from ellwand.office.rounds import states, work
from ellwand.office.rounds.models import Round
from ellwand.office.screens.access import screen, told, user_of
from ellwand.office.screens.page import show
from ellwand.office.screens.templatetags.office import MINUS, figure
from ellwand.office.screens.words import is_chinese, name_of, say
from ellwand.production.report.method_notes import rule_words
from ellwand.production.report.texts import Language

VERDICTS = {
    "queried": ("待核，暂予采用", "in query, used so far"),
    "excluded": ("规则剔除", "set aside by a rule"),
    "edited": ("规则更正", "corrected by a rule"),
}
KEYS = (
    ("a", acts.ACCEPT), ("c", acts.CORRECT), ("x", acts.EXCLUDE), ("r", acts.SEND_BACK), ("m", acts.MISSING),
    ("j", acts.JUDGE),
)  # fmt: skip
"""Keys of the acts that open a panel; a accepts at once."""


@screen("office/rounds/<str:code>/review/", "review", read="review.read", write="review.decide")
def review(request: HttpRequest, code: str) -> HttpResponse:
    """The queue; acting runs the check, decides what is below the threshold, or decides a case."""
    found = work.find(code)
    if request.method == "POST":
        _act(request, found)
        return HttpResponseRedirect(reverse("review", args=[code]))
    work.settle(found)
    state, address = found.state, reverse("review", args=[code])
    check = queue.last_check(found)
    flags = queue.flags_of(found)
    asked = request.GET.get("q", "")
    chosen = next((s for s in flags if str(s.flag.pk) == asked), None)
    chosen = chosen or next((s for s in flags if s.state == standing.OPEN), None)
    count = {state: sum(s.state == state for s in flags) for state in (standing.OPEN, standing.RETURNED,
             standing.JUDGED)}  # fmt: skip
    small = queue.below(found, flags) if state == states.REVIEWING else []
    may_decide = may(user_of(request).roles, "review.decide") and state == states.REVIEWING
    context: dict[str, Any] = {
        "check": check,
        "stale": check is not None and queue.is_stale(found, check),
        "reviewing": state == states.REVIEWING,
        "may_decide": may_decide,
        "rows": [_row(s, chosen, address) for s in flags],
        "open": count[standing.OPEN],
        "done": sum(s.state == standing.SETTLED for s in flags),
        "returned": count[standing.RETURNED],
        "judged": count[standing.JUDGED],
        "small": small,
        "small_sum": sum(abs(s.flag.influence or 0) for s in small),
        "limit": queue.method_in_force(found.period).validate.review_share if check else 0,
        "small_key": secrets.token_hex(16),
        "cases": _cases(found),
        "case_codes": [(c, say(*words)) for c, words in alerts.CODES.items()],
    }
    if chosen is not None:
        context |= _detail(request, found, chosen.flag)
    return show(request, "office/review.html", context, found=found)


@screen("office/rounds/<str:code>/review/<int:flag>/", "review_quote", read="review.read", write="review.decide")
def review_quote(request: HttpRequest, code: str, flag: int) -> HttpResponse:
    """One flagged quote as a part of the page; acting decides of it, and answers a script with JSON."""
    found = work.find(code)
    row = Flag.objects.select_related("quote", "quote__unit", "quote__item").filter(of__round=found, pk=flag).first()
    if row is None:
        raise DataError(f"flag {flag} is not of round {code}; open the queue again")
    if request.method == "POST":
        return _decide(request, found, row)
    return render(request, "office/review_quote.html", {"round": found, **_detail(request, found, row)})


def _decide(request: HttpRequest, found: Round, row: Flag) -> HttpResponse:
    given, scripted = request.POST, request.headers.get("Accept", "").startswith("application/json")
    number = given.get("seen", "")
    seen = int(number) if number.isdecimal() and len(number) < 18 else None
    price = given.get("price", "")
    ruling = Ruling(
        given.get("act", ""), given.get("code", ""), given.get("reason", ""), price, given.get("evidence", ""),
        given.get("alternative", ""), seen, given.get("outside") == "yes",
        key=given.get("key", ""),
    )  # fmt: skip
    version = given.get("quote", "")
    if not version.isdecimal() or len(version) > 17:
        raise DataError("quote: which version of the quote is meant is missing; open the quote again")
    try:
        made = decide(found, int(version), ruling, user_of(request))
    except DataError as error:
        status = 409 if isinstance(error, ConflictError) else 403 if isinstance(error, RefusedError) else 422
        if not scripted:
            return told(request, str(error), status)
        outside = status == 422 and "outside the accepted interval" in str(error)
        return JsonResponse({"message": str(error), "outside": outside}, status=status)
    if scripted:
        state = standing.standings(found, [row])[0].state
        # The number of the whole queue is counted by the page itself, which knows it already.
        return JsonResponse({"flag": row.pk, "state": state, "words": say(*acts.DONE[made.act])})
    return HttpResponseRedirect(reverse("review", args=[found.code]))


def _act(request: HttpRequest, found: Round) -> None:
    given, by = request.POST, user_of(request)
    act = given.get("act", "")
    if act == "check":
        made = queue.check(found, by)
        messages.success(request, say("已校验{n}条报价，{f}条列入清单。", "{n} quotes checked, {f} of them flagged.",
                                      n=made.quotes, f=made.flags.count()))  # fmt: skip
    elif act == "small":
        chosen = queue.below(found, queue.flags_of(found))
        n = decide_small(found, chosen, by, given.get("key", ""))
        messages.success(request, say("{n}条按规则处理。", "{n} quotes were left to the rules.", n=n))
    elif act == "case":
        pk = given.get("case", "")
        case = Case.objects.filter(round=found, pk=int(pk) if pk.isdecimal() and len(pk) < 18 else 0).first()
        if case is None:
            raise DataError(f"case {given.get('case')!r} is not of round {found.code}; open the queue again")
        cases.decide(case, given.get("code", ""), given.get("reason", ""), by)
    else:
        raise DataError(f"act {act!r} is not known; use the buttons of the screen")


def _row(s: standing.Standing, chosen: standing.Standing | None, address: str) -> dict[str, Any]:
    quote = s.flag.quote
    change = None
    if s.flag.reference and quote.price:
        change = 100 * (float(quote.price) / s.flag.reference - 1)
    return {
        "pk": s.flag.pk,
        "part": f"{address}{s.flag.pk}/",
        "rank": s.flag.rank,
        "item": name_of(quote.item),
        "unit": name_of(quote.unit),
        "change": change,
        "influence": s.flag.influence,
        "state": s.state,
        "words": "" if s.state == standing.OPEN or s.last is None else say(*acts.DONE[s.last.act]),
        "chosen": chosen is not None and s.flag.pk == chosen.flag.pk,
    }


def _cases(found: Round) -> list[dict[str, Any]]:
    rows = Case.objects.filter(round=found).prefetch_related("decisions__by").order_by("pk")
    out = []
    for case in rows:
        last = max(case.decisions.all(), key=lambda d: d.number, default=None)
        words = say(*alerts.CODES[last.code]) if last else ""
        out.append({"case": case, "words": say(*alerts.KINDS[case.kind]), "last": last, "code": words})
    return out


def _detail(request: HttpRequest, found: Round, row: Flag) -> dict[str, Any]:
    d = detail.of(found, row)
    quote, flag, last = d.quote, d.flag, d.standing.last
    language: Language = "zh" if is_chinese() else "en"
    may_decide = may(user_of(request).roles, "review.decide") and found.state == states.REVIEWING
    bounds = None
    if flag.low is not None and flag.high is not None and flag.reference is not None:
        bounds = flag.low * flag.reference, flag.high * flag.reference
    out: dict[str, Any] = {
        "d": d,
        "flag": flag,
        "quote": quote,
        "item_name": name_of(quote.item),
        "unit_name": name_of(quote.unit),
        "verdict": say(*VERDICTS[flag.verdict]),
        "rule": rule_words(queue.method_in_force(found.period), flag.rule, language) if flag.rule else "",
        "bounds": bounds,
        "percent": None if d.change is None else 100 * math.expm1(d.change),
        "proposal": None if flag.proposal is None else proposal_text(flag),
        "proposal_shown": None if flag.proposal is None else pictures.price(flag.proposal),
        "decided": d.standing.state not in (standing.OPEN, standing.REPLACED),
        "replaced": d.standing.state == standing.REPLACED,
        "waits_for_me": d.standing.state == standing.JUDGED and last is not None and last.by_id != user_of(request).pk,
        "seen": last.number if last else 0,
        "key": secrets.token_hex(16),
        "may_decide": may_decide and d.standing.state != standing.REPLACED,
        "neighbours": [(n, name_of(n.item), None if n.change is None else 100 * math.expm1(n.change))
                       for n in d.neighbours[:12]],
        "panels": [_panel(key, act) for key, act in KEYS],
        "decisions": [
            {"row": x, "words": say(*acts.DONE[x.act]), "code": say(*acts.CODES[x.act][x.code])} for x in d.decisions
        ],
        "step": str(PLACES),
    }  # fmt: skip
    return out | _pictures(d, bounds)


def _panel(key: str, act: str) -> dict[str, Any]:
    codes = [(k + 1, code, say(*acts.CODES[act][code])) for k, code in enumerate(acts.choices(act))]
    return {"key": key, "act": act, "words": say(*acts.WORDS[act]), "codes": codes}


def _pictures(d: detail.Detail, bounds: tuple[float, float] | None) -> dict[str, Any]:
    price = float(d.quote.price) if d.quote.price is not None else None
    seen = [v for v in d.own[:-1] if v is not None]
    label = say(
        "{a}至{b}的价格：本条{p}，之前最低{low}、最高{high}；灰线为该产品的其他单位",
        "Prices {a} to {b}: this quote {p}, before it between {low} and {high}; grey lines are the item's other units",
        a=d.periods[0], b=d.periods[-1], p="–" if price is None else pictures.price(price),
        low=pictures.price(min(seen)) if seen else "–", high=pictures.price(max(seen)) if seen else "–",
    )  # fmt: skip
    out: dict[str, Any] = {"history": pictures.history(d.own, d.others, d.periods, label), "bar": "", "strip": ""}
    if bounds is not None and price is not None and price > 0 and d.flag.reference and bounds[0] > 0:
        words = say("可接受区间{low}至{high}，报价{p}", "Accepted interval {low} to {high}, quoted {p}",
                    low=pictures.price(bounds[0]), high=pictures.price(bounds[1]), p=pictures.price(price))  # fmt: skip
        out["bar"] = pictures.interval(bounds[0], bounds[1], d.flag.reference, price, words)
    if d.group:
        ordered = sorted(d.group)
        middle = 100 * math.expm1(ordered[len(ordered) // 2])
        words = say("同类{n}条报价的涨跌，中位数{m} %", "Changes of the group's {n} other quotes, median {m} %",
                    n=len(ordered), m=f"{middle:+.1f}".replace("-", MINUS))  # fmt: skip
        out |= {"strip": pictures.strip(d.group, d.change, words), "middle": figure(middle, 1)}
    return out
