"""S9, rationale and quality sheet: all but one paragraph is generated; the paragraph is the writer's."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from ellwand.engine.errors import DataError
from ellwand.office.accounts.roles import may
from ellwand.office.editorial import drafts, metadata, rationale
from ellwand.office.editorial.facts import last_compilation
from ellwand.office.editorial.judging import drafts_of
from ellwand.office.editorial.models import RATIONALE
from ellwand.office.rounds import work
from ellwand.office.rounds.models import Round
from ellwand.office.screens.access import screen, user_of
from ellwand.office.screens.page import show
from ellwand.office.screens.vocabulary import state_words
from ellwand.office.screens.words import say
from ellwand.production.report.texts import LANGUAGES

LANGUAGE_WORDS = {"zh": ("中文", "Chinese"), "en": ("英文", "English")}


@screen("office/rounds/<str:code>/rationale/", "rationale", read="texts.read", write="texts.write")
def rationale_(request: HttpRequest, code: str) -> HttpResponse:
    """The rationale; acting saves the paragraph in both languages, or states one of the public metadata."""
    found = work.find(code)
    if request.method == "POST":
        by, given = user_of(request), request.POST
        if given.get("act") == "metadata":
            metadata.state(given.get("name", ""), given.get("zh", ""), given.get("en", ""), by)
        elif given.get("act") == "save":
            rationale.save(found, {one: given.get(one, "") for one in LANGUAGES}, by, given.get("reason", ""))
        else:
            raise DataError(f"act {given.get('act', '')!r} is not known here")
        return HttpResponseRedirect(reverse("rationale", args=[code]))
    context: dict[str, Any] = {
        "may_write": may(user_of(request).roles, "texts.write"),
        "open": found.state in (*drafts.OPEN_IN, *drafts.MENDED_IN),
        "mended": found.state in drafts.MENDED_IN,
        "waits": state_words(found.state),
        "compiled": found.compilations.exists(),
    }
    if context["compiled"]:
        context |= _shown(found)
    return show(request, "office/rationale.html", context, found=found)


def _shown(found: Round) -> dict[str, Any]:
    made = last_compilation(found)
    there = drafts_of(found, RATIONALE)
    missing = [one for one in LANGUAGES if one not in there]
    texts = []
    for language in LANGUAGES:
        own = there[language].own if language in there else ""
        fresh = rationale.generated(made, language, own)
        # A closed round shows what was saved; an open one what saving would give.
        shown = (
            there[language].marked
            if language in there and found.state not in (*drafts.OPEN_IN, *drafts.MENDED_IN)
            else fresh
        )
        texts.append(
            {
                "language": language,
                "lang": "zh-Hans" if language == "zh" else "en",
                "words": say(*LANGUAGE_WORDS[language]),
                "own": own,
                "parts": parts(shown, own),
                "stale": language in there and there[language].marked != fresh,
                "draft": there.get(language),
                "least": rationale.LEAST[language],
            }
        )
    return {
        "texts": texts,
        "missing": bool(missing),
        "stale": any(t["stale"] for t in texts),
        "faults": rationale.faults(found),
        "metadata": [
            {"name": name, "words": say(*metadata.NAMES[name]), "told": told, "missing": not (told.zh and told.en)}
            for name, told in metadata.metadata_of(found).items()
        ],
        "lacks": metadata.lacks(found),
    }


def parts(text: str, own: str) -> list[dict[str, Any]]:
    """A rationale as title, headings, lists of pairs, and paragraphs. own : the writer's paragraph among them."""
    out: list[dict[str, Any]] = []
    mine = [line.strip() for line in own.splitlines() if line.strip()]
    for line in text.splitlines():
        bare = line.strip()
        if not bare:
            continue
        if bare.startswith("#"):
            out.append({"kind": "title" if bare.startswith("# ") else "head", "text": bare.lstrip("# ")})
        elif bare.startswith("- "):
            mark = "：" if "：" in bare else ": "
            name, found, value = bare[2:].partition(mark)
            if not (out and out[-1]["kind"] == "list"):
                out.append({"kind": "list", "rows": []})
            out[-1]["rows"].append({"name": name, "value": value if found else "", "inner": line.startswith("  ")})
        elif bare in mine:
            out.append({"kind": "own", "text": bare})
        else:
            out.append({"kind": "paragraph", "text": bare})
    return out
