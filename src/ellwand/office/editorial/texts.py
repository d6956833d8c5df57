"""The texts of a round as the files of its release."""

from functools import lru_cache

from ellwand.office.editorial.judging import bound_of, require_both
from ellwand.office.editorial.models import PRICE, RATIONALE
from ellwand.office.rounds.models import Round
from ellwand.production.comment import Bound


def texts_of(found: Round) -> dict[str, bytes]:
    """The files of the release's folder `texts`, by name, from the last drafts of a round.

    price.zh.md, price.en.md: the price comment. price.zh.json, price.en.json: the same with the fact that each figure,
    word, name, period and unit of it stands for (`Bound.json`). rationale.zh.md, rationale.en.md: the rationale with
    the quality sheet. Equal drafts give equal bytes. DataError where a text is not written in both languages.
    """
    price, rationale = require_both(found, PRICE), require_both(found, RATIONALE)
    out: dict[str, bytes] = {}
    for language, draft in price.items():
        bound = bound_of(draft, found.period)
        out[f"price.{language}.md"] = bound.text.encode()
        out[f"price.{language}.json"] = _json(bound)
    for language, draft in rationale.items():
        out[f"rationale.{language}.md"] = bound_of(draft, found.period).text.encode()
    return dict(sorted(out.items()))


@lru_cache(maxsize=32)
def _json(bound: Bound) -> bytes:
    """The bindings of a text; it is asked for at every step of its round, and a draft never changes."""
    return bound.json().encode()
