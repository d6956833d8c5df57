"""Publishing and withdrawing: an edition for good, and an entry in the audit trail, in one transaction."""

import hashlib
from typing import Any

import rfc8785
from django.db import transaction

from ellwand.engine.errors import DataError
from ellwand.office import clock
from ellwand.office.accounts import people
from ellwand.office.accounts.models import User
from ellwand.office.audit import trail
from ellwand.office.pages.models import Article, Draft, Edition
from ellwand.office.pages.writing import FIELDS, Fault, UnfitError, faults
from ellwand.office.registry.models import Market
from ellwand.office.screens.words import say


def publish(draft: Draft, by: User) -> Edition:
    """Show a draft to the public from now on. UnfitError with all that it lacks; DataError if it is out already."""
    role = people.require(by, "pages.publish")
    if found := faults(draft):
        raise UnfitError(found)
    with transaction.atomic():
        before = last(draft.article)
        if before is not None and before.draft_id == draft.pk and not before.withdrawn:
            raise DataError(say("这一稿已经公开", "This draft is public already"))
        slug = Edition.objects.filter(article__section=draft.article.section, draft__slug=draft.slug)
        if slug.exclude(article=draft.article).exists():
            raise UnfitError([Fault("slug", say("另一篇文章用过这个地址", "Another article has had this address"))])
        market = Market.objects.first()
        made = Edition(draft=draft, simulated=bool(market and market.simulated))
        return _add(made, before, by, "pages.publish", role)


def withdraw(article: Article, by: User, reason: str) -> Edition:
    """Take an article from the site; its address says so from now on, with the reason. DataError without one."""
    role = people.require(by, "pages.publish")
    reason = " ".join(reason.split())
    if not reason or len(reason) > 500:
        raise UnfitError([Fault("reason", say("写明撤下的原因，最多 500 字", "Say why, in 500 characters at most"))])
    with transaction.atomic():
        before = last(article)
        if before is None or before.withdrawn:
            raise DataError(say("这篇文章没有公开", "This article is not public"))
        made = Edition(draft=before.draft, simulated=before.simulated, withdrawn=True, reason=reason)
        return _add(made, before, by, "pages.withdraw", role)


def last(article: Article) -> Edition | None:
    """The last edition of an article."""
    return article.editions.select_related("draft", "article", "by").order_by("-number").first()


def _add(made: Edition, before: Edition | None, by: User, act: str, role: str) -> Edition:
    made.article, made.number = made.draft.article, before.number + 1 if before else 1
    made.by, made.at = by, clock.now()
    made.digest = digest(made)
    made.save()
    trail.append(by, act, f"page/{made.address}", role=role, before=_told(before), after=_told(made),
                 reason=made.reason)  # fmt: skip
    return made


def digest(edition: Edition) -> str:
    """SHA-256 of the canonical content of an edition."""
    draft = edition.draft
    given: dict[str, Any] = {name: getattr(draft, name) for name in FIELDS}
    given |= {
        "day": draft.day.isoformat() if draft.day else "",
        "picture": draft.picture.sha256 if draft.picture else "",
        "section": edition.article.section,
        "number": edition.number,
        "simulated": edition.simulated,
        "withdrawn": edition.withdrawn,
        "reason": edition.reason,
    }
    return hashlib.sha256(rfc8785.dumps(given)).hexdigest()


def _told(edition: Edition | None) -> dict[str, Any] | None:
    if edition is None:
        return None
    return {"edition": edition.number, "draft": edition.draft.number, "digest": edition.digest,
            "withdrawn": edition.withdrawn}  # fmt: skip
