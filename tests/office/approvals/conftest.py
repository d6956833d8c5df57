"""A round whose texts are written, and what its approvers do."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

OWN = {
    "zh": "样本稳定，推算主要来自未报价的单位，没有采用人工判断的数值。",
    "en": "The sample was stable; imputation fills units that did not report; no value was judged by hand.",
}


@dataclass
class Week:
    """The office's work on rounds, hour by hour. at : sets the clock (UTC)."""

    office: Any
    at: Callable[..., None]

    def compiled(self, period: str = "2022-W01") -> Any:
        """A round that is compiled."""
        from ellwand.office.rounds import compiling

        found = self.office.collect(period)
        self.office.review(found)
        compiling.compile_round(found.code, self.office.user("max"), sign="small market")
        return found

    def drafted(self, period: str = "2022-W01") -> Any:
        """A round whose texts went to the approvers."""
        from ellwand.office.editorial import drafts, rationale
        from ellwand.office.rounds import work

        found, writer = self.compiled(period), self.office.user("wen")
        drafts.generate(found, writer)
        rationale.save(found, OWN, writer)
        work.move(found, "drafted", writer)
        return found

    def approve(self, found: Any, kind: str, name: str = "", **more: Any) -> Any:
        """Look at the preview and sign."""
        from ellwand.office.approvals import checklists, previews, signing

        user = self.office.user(name or {"statistics": "sta", "text": "tex"}[kind])
        previews.look(found, user, more.get("correction"))
        answers = {item.key: True for item in checklists.LISTS[kind]}
        return signing.approve(found, kind, self.person(user.username), answers, "looked at", **more)

    def person(self, name: str, second_factor: bool = True) -> Any:
        """Somebody as the rule of four eyes sees him."""
        from ellwand.office.accounts.four_eyes import Person

        user = self.office.user(name)
        return Person(user.pk, user.roles, declared=True, second_factor=second_factor)

    def approved(self, period: str = "2022-W01") -> Any:
        """A round with both approvals."""
        found = self.drafted(period)
        for kind in ("statistics", "text"):
            self.approve(found, kind)
        return found

    def scheduled(self, period: str = "2022-W01") -> Any:
        """A round that waits for its instant."""
        from ellwand.office.approvals import scheduling

        found = self.approved(period)
        scheduling.schedule(found, self.office.user("cai"))
        return found

    def public(self, period: str = "2022-W01") -> Any:
        """A round that is public."""
        from ellwand.office.rounds import work

        found = self.scheduled(period)
        instant = found.issue.release_at
        self.at(instant.year, instant.month, instant.day, instant.hour, instant.minute)
        work.settle(found)
        assert found.state == "public"
        return found

    def change_quote(self, period: str = "2022-W01") -> None:
        """A new version of a quote, as a late correction of it would be."""
        from django.db import transaction

        from ellwand.office import clock
        from ellwand.office.audit import trail
        from ellwand.office.quotes.models import Quote

        old = Quote.objects.current().filter(round__period=period, price__isnull=False).order_by("pk")[0]
        with transaction.atomic():
            fields = {f.attname: getattr(old, f.attname) for f in Quote._meta.concrete_fields if f.attname != "id"}
            fields |= {"version": old.version + 1, "supersedes_id": old.pk, "price": old.price * Decimal("1.3"),
                       "at": clock.now(), "reason": "a slip"}  # fmt: skip
            Quote(**fields).save()
            trail.append(self.office.user("sun"), "quote.change", f"quote/{old.pk}", reason="a slip")


def _week(office: Any, monkeypatch: pytest.MonkeyPatch) -> Week:
    from ellwand.office.approvals import ntp

    monkeypatch.setattr(ntp, "kernel", lambda: (0, 0))
    week = Week(office, lambda *when: office.at(monkeypatch, *when))
    week.at(2022, 1, 9, 3)
    office.declare("sta", "tex")
    return week


@pytest.fixture
def week(office: Any, monkeypatch: pytest.MonkeyPatch) -> Week:
    """On both databases, on the Sunday before the first release."""
    return _week(office, monkeypatch)


@pytest.fixture
def sqlite_week(sqlite_office: Any, monkeypatch: pytest.MonkeyPatch) -> Week:
    """The same, on SQLite only."""
    return _week(sqlite_office, monkeypatch)
