"""What readers see of the articles: the last edition of each, unless it was withdrawn."""

from collections.abc import Sequence

from django.db.models import F, OuterRef, QuerySet, Subquery

from ellwand.office import clock
from ellwand.office.pages.models import Article, Edition, Picture


def current(*sections: str) -> QuerySet[Edition]:
    """The pages that are public now, the newest first; of all sections if none is named."""
    out = _last().filter(withdrawn=False)
    if sections:
        out = out.filter(article__section__in=sections)
    return out.order_by(F("draft__day").desc(nulls_last=True), "-at", "-pk")


def find(section: str, slug: str) -> Edition | None:
    """The page at an address, or the one that stood there and has another address now; None for a stranger.

    A withdrawn page is found too: its address says that it was withdrawn, and does not pretend that it never was.
    """
    was = Edition.objects.filter(at__lte=clock.now(), article__section=section, draft__slug=slug).order_by("-pk")
    article = was.values_list("article", flat=True).first()
    return None if article is None else _last().get(article=article)


def editions(article: Article) -> Sequence[Edition]:
    """All editions of an article that the public has seen, the newest first."""
    rows = article.editions.filter(at__lte=clock.now()).select_related("draft", "article", "by")
    return list(rows.order_by("-number"))


def picture(name: str) -> Picture | None:
    """A picture that is on a public page, by the name of its file or of the small one."""
    stem = name.removesuffix(".jpg").removesuffix("-small")
    if len(stem) != 24 or stem == name:
        return None
    shown = current().order_by().values("draft__picture")
    return Picture.objects.filter(sha256__startswith=stem, pk__in=shown).first()


def _last() -> QuerySet[Edition]:
    newest = Edition.objects.filter(article=OuterRef("article"), at__lte=clock.now()).order_by("-number")
    out = Edition.objects.filter(pk=Subquery(newest.values("pk")[:1]))
    return out.select_related("article", "draft", "draft__picture").defer("draft__picture__data")
