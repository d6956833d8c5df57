"""The last sections: all issues, the method in words, and how to compile the same figures again."""

from ellwand.production.report.markup import Markup, tag
from ellwand.production.report.method_notes import method_notes
from ellwand.production.report.view import View, cells, section, table


def history(view: View) -> Markup:
    """All issues of the total and its classes as tables, newest first, folded away."""
    facts, words = view.facts, view.words
    total = facts.total
    shown = (total, *facts.at_level(1))
    newest = range(facts.last, -1, -1)
    names = [words.name(one) for one in shown]

    def head(position: int) -> Markup:
        return tag("th", facts.periods[position], scope="row")

    limits = (total.low, total.high) if view.has_intervals else ()
    levels = [
        tag("tr", head(t),
            cells(words.level(total.index[t]), *(words.level(one[t]) for one in limits),
                  *(words.level(one.index[t]) for one in shown[1:])))
        for t in newest
    ]  # fmt: skip
    moves = [
        tag("tr", head(t),
            cells(*(words.signed(change[t]) for change in
                    (total.change_previous, total.change_year_start, total.change_last_year)),
                  *(words.signed(one.contribution[t], 3) for one in shown[1:]),
                  words.count(int(total.matched[t])), words.count(int(total.excluded[t])),
                  words.count(int(total.corrected[t]))))
        for t in newest
    ]  # fmt: skip
    period = words.by_kind("period")
    between = [words("limit_low"), words("limit_high")] if limits else []
    changes = [words(key) for key in ("previous", "year_start", "last_year")]
    last = [words(key) for key in ("matched", "excluded", "corrected")]
    title = words("history_levels", count=words.count(facts.last + 1))
    return section(
        view, "history", words("history"),
        tag("details", tag("summary", title),
            table(view, title, [period, names[0], *between, *names[1:]], levels, kind="long", name="history-levels")),
        tag("details", tag("summary", words("history_changes")),
            table(view, words("history_changes_caption"), [period, *changes, *names[1:], *last], moves, kind="long",
                  name="history-changes")),
    )  # fmt: skip


def notes(view: View) -> Markup:
    """How the figures are made, in the order of the work, from the method itself."""
    words, back = view.words, view.background
    method = back.method
    said = method_notes(method, words, back.links, simulated=view.facts.simulated)
    title = method.title_zh if view.language == "zh" else method.title_en
    purpose = method.purpose_zh if view.language == "zh" else method.purpose_en
    line = words(
        "method_line", title=title or method.name, name=method.name, version=method.version,
        digest=back.method_digest[:12],
    )  # fmt: skip
    return section(
        view, "notes", words("notes"), tag("p", line, title=back.method_digest, class_="prose"),
        tag("p", purpose, class_="prose sub") if purpose else None,
        tag("dl", *(tag("div", tag("dt", head), tag("dd", text)) for head, text in said), class_="notes"),
    )  # fmt: skip


def recompute(view: View) -> Markup:
    """The command that makes these files again, and their digests."""
    words, back = view.words, view.background
    files = [
        tag("tr", tag("th", link, scope="row"), tag("td", tag("code", digest)))
        for link, digest in ((tag("a", tag("code", name), href=back.root + name), d) for name, d in back.digests)
    ]
    method = tag("tr", tag("th", words("method"), scope="row"), tag("td", tag("code", back.method_digest)))
    return section(
        view, "recompute", words("recompute"), tag("p", words("recompute_text"), class_="prose"),
        tag("pre", tag("code", "ellwand compile MARKET --method method.toml -o OUT\nsha256sum OUT/*"),
            tabindex=0, role="region", aria_label="ellwand compile"),
        table(view, words("files_caption"), [words("file"), "SHA-256"], [*files, method], kind="files", name="files"),
    )  # fmt: skip
