"""The server or the worker is killed at random instants of a week's acts: the round stays consistent, and the act is
done once, however often somebody presses the button again.
"""

import os
import random
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from .conftest import DOORS, Doors

INSTANTS = 8 if os.environ.get("ELLWAND_THOROUGH") else 1
"""Instants for each of the five acts on each database: 40 on each with ELLWAND_THOROUGH=1."""
LENGTH = {"import": 1.0, "check": 2.5, "compile": 3.5, "approve": 2.5, "release": 4.0}
"""Seconds that an act takes at least, from the request to the end of what the worker does."""
END = {"compile": "compiled", "approve": "text_approved", "release": "scheduled"}
PATIENCE = 90


class Stay(urllib.request.HTTPRedirectHandler):
    """Redirections are answers too."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Do not follow."""


@dataclass
class Hands:
    """Somebody's browser, which says nothing of a server that has died."""

    base: str
    cookies: dict[str, str]
    opener: Any = field(default_factory=lambda: urllib.request.build_opener(Stay()))

    def get(self, path: str) -> str:
        """A page; "" where the server is not there."""
        return self._ask(urllib.request.Request(self.base + path, headers=self._headers()))

    def post(self, path: str, given: dict[str, str], file: Path | None = None) -> str:
        """Send a form, with a file."""
        values = given | {"csrfmiddlewaretoken": self.cookies["csrftoken"]}
        headers = self._headers() | {"Referer": self.base + path}
        if file is None:
            body = urllib.parse.urlencode(values).encode()
        else:
            mark = uuid.uuid4().hex
            head = f"--{mark}\r\nContent-Disposition: form-data; name="
            parts = [f'{head}"{k}"\r\n\r\n{v}\r\n' for k, v in values.items()]
            parts.append(
                f'{head}"file"; filename="{file.name}"\r\n'
                f"Content-Type: text/csv\r\n\r\n{file.read_text()}\r\n--{mark}--\r\n"
            )
            body = "".join(parts).encode()
            headers["Content-Type"] = f"multipart/form-data; boundary={mark}"
        return self._ask(urllib.request.Request(self.base + path, body, headers, method="POST"))

    def _headers(self) -> dict[str, str]:
        return {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}

    def _ask(self, request: Any) -> str:
        try:
            with self.opener.open(request, timeout=30) as answer:
                return str(answer.read().decode())
        except urllib.error.HTTPError as error:
            return str(error.read().decode())
        except OSError:
            return ""


class Act:
    """An act of the week on a served office: doing it, whether it is done, and what must be true of it."""

    def __init__(self, door: str, served: Any, code: str, folder: Path) -> None:
        from django.middleware.csrf import _get_new_csrf_string

        from ellwand.office.rounds import work

        self.door, self.round, self.root = door, work.find(code), f"/office/rounds/{code}"
        self.file = self._late(folder) if door == "import" else None
        self.hands: dict[str, Hands] = {}
        for name in ("chen", "lin", "wang", "zhao", "sun"):
            jar = served.office.client(name).cookies
            cookies = {k: m.value for k, m in jar.items()} | {"csrftoken": _get_new_csrf_string()}
            self.hands[name] = Hands(served.base, cookies)

    def _late(self, folder: Path) -> Path:
        from ellwand.office.quotes.models import Quote

        rows = Quote.objects.filter(round=self.round).current().order_by("pk")[:60]
        self.before = Quote.objects.count()
        path = folder / "late.csv"
        lines = [f"{self.round.period},{q.unit.code},{q.item.code},{q.price + 1}\n" for q in rows]
        path.write_text("period,unit,item,price\n" + "".join(lines), encoding="utf-8")
        return path

    def why(self) -> list[Any]:
        """What the office says of an act that does not come to its end."""
        from django_tasks_db.models import DBTaskResult

        said: list[Any] = list(DBTaskResult.objects.values_list("task_path", "status", "traceback"))
        said += [list(run.steps.values_list("state", "words")) for run in self.round.runs.all()]
        return [*said, *self.round.sealings.values_list("step", "error")]

    def do(self) -> None:
        """What people do: press the buttons of the act that are not yet pressed."""
        if self.door == "import":
            self.hands["sun"].post(f"{self.root}/coverage/", {"act": "late", "sign": "the line was down"}, self.file)
        elif self.door == "check":
            given = {"act": "move", "target": "reviewing", "sign": "small"}
            self.hands["chen"].post(f"{self.root}/coverage/", given)
        elif self.door == "compile":
            self.hands["lin"].post(f"{self.root}/compile/", {"act": "compile", "sign": "small"})
        elif self.door == "approve":
            for name, kind in (("wang", "statistics"), ("zhao", "text")):
                self._approve(self.hands[name], kind)
        else:
            self.hands["chen"].post(f"{self.root}/schedule/", {"act": "schedule"})

    def _approve(self, hands: Hands, kind: str) -> None:
        from ellwand.office.approvals import checklists

        hands.get(f"{self.root}/preview/")
        page = hands.get(f"{self.root}/approve/")
        form = page[page.find(f'value="{kind}"') :]
        at = form.find('name="hash" value="')
        if at < 0:
            return
        hash_ = form[at + 19 :].partition('"')[0]
        given = {"kind": kind, "hash": hash_, "comment": "looked at"}
        given |= {f"check-{item.key}": "yes" for item in checklists.LISTS[kind]}  # type: ignore[index]
        hands.post(f"{self.root}/approve/", given)

    def done(self) -> bool:
        """Whether it is done, to its end."""
        from ellwand.office.quotes.models import Quote

        if self.door == "import":
            return Quote.objects.count() > self.before
        if self.door == "check":
            return bool(self.round.state == "reviewing" and self.round.checks.exists())
        return bool(
            self.round.state == {"compile": "compiled", "approve": "text_approved", "release": "scheduled"}[self.door]
        )

    def consistent(self, archive: Path) -> None:
        """Nothing by halves: rows that belong together are all there or none is."""
        from ellwand.office.audit import trail
        from ellwand.office.quotes.models import Quote
        from ellwand.office.record.models import Compilation, Observation, Release

        assert trail.verify()[2] is None
        if self.door == "import":
            assert Quote.objects.count() - self.before in (0, 60)
        compiled = self.round.state not in ("planned", "collecting", "closed", "reviewing")
        assert Compilation.objects.filter(round=self.round).count() == compiled
        series = Observation.objects.filter(compilation__round=self.round).count()
        before = Observation.objects.exclude(compilation__round=self.round)
        assert series == (before.values("series").distinct().count() if compiled else 0)
        rows = Release.objects.filter(compilation__round=self.round)
        assert rows.count() == (self.round.state == "scheduled")
        for row in rows:
            assert (archive / row.folder / "manifest.json").is_file()


@pytest.mark.parametrize("seed", range(INSTANTS))
@pytest.mark.parametrize("door", DOORS)
def test_killed_in_the_middle_of_a_week(
    doors: Doors, door: str, seed: int, tmp_path: Path, office_at: Any, serve: Any
) -> None:
    from django.db import connections

    from ellwand.office.record.models import Release
    from ellwand.office.releases import read_public, verify_archive

    url = doors.copy(door, tmp_path / "office")
    office = office_at(tmp_path / "office", url)
    served = serve(office)
    act = Act(door, served, doors.code, tmp_path)
    chance = random.Random(f"{door} {seed} {'postgresql' if url else 'sqlite'}")
    whom = chance.choice([("server",), ("worker",), ("server", "worker")])
    pressing = threading.Thread(target=act.do)
    pressing.start()
    time.sleep(chance.uniform(0.0, LENGTH[door]))
    for name in whom:
        served.kill(name)
    pressing.join()
    act.consistent(office.home.archive)
    for name in whom:
        served.start(name)
    served.wait()
    # What was under way goes on by itself, and what was not is begun again by whoever finds it undone.
    until = time.monotonic() + PATIENCE
    while not act.done() and time.monotonic() < until:
        act.do()
        for _ in range(20):
            if act.done():
                break
            time.sleep(0.2)
    assert act.done(), (act.round.state, whom, served.log("worker").read_text()[-1500:], act.why())
    act.do()
    time.sleep(0.5)
    act.consistent(office.home.archive)
    assert act.done()
    if door == "release":
        faults = [c.fault for c in verify_archive(office.home.archive, [read_public(office.home.keys)])]
        assert faults == [None] * Release.objects.count()
    connections.close_all()
    print(f"killed {' and '.join(whom)} in {door}: {act.round.state}")
