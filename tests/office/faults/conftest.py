"""A small demo at the door of each act of its week, to be copied for every process that is killed."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

DOORS = ("import", "check", "compile", "approve", "release")
"""The acts, in the order of the week: late quotes, handing over to review, compiling, both approvals, sealing."""
OWN = {"zh": "本期采价按计划完成。", "en": "Collection went by plan."}


@dataclass
class Doors:
    """Folders and databases of an office before each act. url : of the database's copies, "" for SQLite."""

    folders: dict[str, Path]
    databases: dict[str, str]
    server: Any
    code: str

    def copy(self, door: str, folder: Path) -> str:
        """Copy the office before an act into a folder; the URL of its database."""
        shutil.copytree(self.folders[door], folder)
        return self.server.create(self.databases[door]) if self.server else ""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def doors(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, use: Any) -> Iterator[Doors]:
    """The week of a demo, and what it looked like before each act."""
    from ellwand.office import setup
    from ellwand.office.demo import weeks
    from ellwand.office.demo.make import make

    root = tmp_path_factory.mktemp("doors")
    server = request.getfixturevalue("postgres") if request.param == "postgresql" else None
    url = server.create(request.getfixturevalue("tables_postgres")) if server else ""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", url) if url else patch.delenv("DATABASE_URL", raising=False)
        patch.setattr(weeks, "CUTOFF", timedelta(seconds=2))
        made = make(root / "office", count=2, items=80, units=40, version="test")
    out = Doors({}, {}, server, made.open.code)
    for door in DOORS:
        _advance(door, made)
        setup.disconnect("default")
        out.folders[door] = root / door
        shutil.copytree(made.folder, out.folders[door])
        if server:
            out.databases[door] = server.name(server.create(server.name(url)))
        use(made.folder, url)
    setup.disconnect("default")
    yield out


def _advance(door: str, made: Any) -> None:
    """Take the week to an act: do what the act before it does."""
    import time

    from ellwand.office import clock
    from ellwand.office.accounts.four_eyes import Person
    from ellwand.office.approvals import checklists, previews, signing
    from ellwand.office.demo import people
    from ellwand.office.editorial import drafts, rationale
    from ellwand.office.review import cases, queue
    from ellwand.office.rounds import compiling, work
    from ellwand.office.rounds.models import SignedException

    found, clerk, author = made.open, people.user(people.CLERK), people.user(people.AUTHOR)
    if door == "import":
        time.sleep(max(0.0, (found.issue.cutoff_at - clock.now()).total_seconds()) + 0.2)
        work.settle(found)
    elif door == "compile":
        work.move(found, "reviewing", clerk, sign="small")
        queue.check(found)
        for case in found.alerts.filter(decisions=None):
            cases.decide(case, "explained", "simulated", clerk)
        for guard in ("queue", "cells"):
            SignedException(round=found, guard=guard, what="any", by=clerk, at=clock.now(), reason="small").save()
    elif door == "approve":
        compiling.compile_round(found.code, author, sign="small", version="test")
        drafts.generate(found, author)
        rationale.save(found, OWN, author)
        work.move(found, "drafted", author)
    elif door == "release":
        for kind, name in (("statistics", people.STATISTICS), ("text", people.TEXTS)):
            user = people.user(name)
            previews.look(found, user)
            person = Person(user.pk, user.roles, declared=True, second_factor=True)
            signing.approve(found, kind, person, {item.key: True for item in checklists.LISTS[kind]})
