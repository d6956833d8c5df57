"""The table of a series' issues, the newest first. It is the longest part of its page, so it is written as text."""

from collections.abc import Mapping, Sequence
from html import escape

from ellwand.office.screens.words import say
from ellwand.production.report.facts import Series
from ellwand.production.report.markup import Markup
from ellwand.production.report.tree import status
from ellwand.production.report.view import View, arrow
from ellwand.web.site.figures import Told
from ellwand.web.site.page import Language, root_of


def shown_at(view: View, told: Mapping[str, Told], most: int) -> list[int]:
    """The places of the newest issues that are published, the newest first, out of so many periods at most."""
    facts = view.facts
    return [t for t in range(facts.last, max(facts.last - most, -1), -1) if facts.periods[t] in told]


def table(view: View, one: Series, told: Mapping[str, Told], at: Sequence[int], label: str, language: Language) -> str:
    """The table of the issues at places. label : what it holds, for who can't see it."""
    number = ' class="n"'
    heads = [
        ("", say("时期", "Period")), (number, say("指数", "Index")), (number, say("较上期", "Previous") + " %"),
        (number, say("较年初", "Year start") + " %"), (number, say("较上年", "Last year") + " %"),
        (number, say("区间", "Interval")), ("", say("等级", "Grade")), (number, say("配对报价", "Matched")),
        (number, say("单位", "Units")), ("", say("发布", "Release")),
    ]  # fmt: skip
    head = "".join(f'<th scope="col"{kind}>{words}</th>' for kind, words in heads)
    return Markup(
        f'<div class="scroll" tabindex="0" role="group" aria-label="{escape(label)}"><table>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>{''.join(_rows(view, one, told, at, language))}</tbody></table></div>"
    )


def _rows(view: View, one: Series, told: Mapping[str, Told], at: Sequence[int], language: Language) -> list[str]:
    words, root = view.words, root_of(language)
    level, count, periods = words.level, words.count, view.facts.periods
    corrected = f' <a class="state wait" href="{root}corrections/">{say("已更正", "corrected")}</a>'
    index, low, high = one.index.tolist(), one.low.tolist(), one.high.tolist()
    previous, clear = one.change_previous.tolist(), one.clear.tolist()
    start, year = one.change_year_start.tolist(), one.change_last_year.tolist()
    matched, units = one.matched.tolist(), one.units.tolist()
    out = []
    for t in at:
        about = told[periods[t]]
        grade, release = escape(one.grade[t]), escape(about.release.code)
        # A figure that is not there differs from itself.
        between = f"{level(low[t])} – {level(high[t])}" if low[t] == low[t] else ""
        said = "" if one.status[t] == "observed" else f" <small>{escape(status(view, one, t))}</small>"
        out.append(
            f'<tr><th scope="row">{periods[t]}</th><td class="n">{level(index[t])}{corrected * about.revised}</td>'
            f'<td class="n">{arrow(view, previous[t], clear=clear[t])}</td><td class="n">{arrow(view, start[t])}</td>'
            f'<td class="n">{arrow(view, year[t])}</td><td class="n">{between}</td>'
            f'<td><span class="grade grade-{grade.lower()}">{grade}</span>{said}</td>'
            f'<td class="n">{count(matched[t])}</td><td class="n">{count(units[t])}</td>'
            f'<td><a href="{root}releases/{release}/">{release}</a></td></tr>'
        )
    return out
