"""The catalogue and the page for developers: what they name is there; the code that they show runs."""

import json
import re
import subprocess
import sys
from typing import Any

import pytest


@pytest.mark.parametrize("root", ["/", "/en/"])
def test_every_series_stands_in_the_catalogue(demo: Any, get: Any, root: str) -> None:
    from ellwand.web.moments import moment
    from ellwand.web.query import series

    text = get(f"{root}data/").content.decode()
    for one in series(moment()):
        for ext in ("csv", "xlsx", "json", "px"):
            assert f'href="/data/{one.code}.{ext}"' in text
    assert moment().vintage in text and "/data/price.sqlite" in text


@pytest.mark.parametrize("root", ["/", "/en/"])
def test_the_interfaces_that_are_named_answer(demo: Any, get: Any, root: str) -> None:
    from ellwand.web.site.developers import API

    text = get(f"{root}developers/").content.decode()
    for name, _, _ in API:
        assert f"/api/v1/{name}" in text
        if "{" not in name:
            assert get(f"/api/v1/{name}").status_code == 200


def test_python_of_the_page_runs(demo: Any, get: Any) -> None:
    """The code, with the answer of the interface in the place of the network."""
    from ellwand.office.record import reading
    from ellwand.web.site.snippets import snippets

    last = reading.latest()
    assert last is not None
    code = next(s.text for s in snippets("http://index.example/", "1", last.code) if s.name == "Python")
    address = f"/api/v1/observations?series=1&vintage={last.code}"
    assert f"http://index.example{address}" in code
    answer = get(address)
    assert json.loads(answer.content)["data"]
    stub = (
        "import io, sys, urllib.request\nbody = sys.stdin.buffer.read()\n"
        "urllib.request.urlopen = lambda address: io.BytesIO(body)\n"
    )
    done = subprocess.run([sys.executable, "-c", stub + code], input=answer.content, capture_output=True, check=False)
    (figure,) = reading.figures(["price/1"], [last.period])
    said = done.stdout.decode().splitlines()
    assert done.returncode == 0, done.stderr
    assert said[-1].split()[:2] == [last.period, figure.observation.published]


def test_a_proposal_stands_with_comments_and_replies(sqlite_office: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from datetime import date

    from ellwand.office import clock
    from ellwand.office.registry import effect
    from ellwand.office.registry.models import MethodComment, MethodProposal, MethodVersion, ParallelRun

    sqlite_office.at(monkeypatch, 2022, 1, 7)
    old, by = MethodVersion.objects.get(), sqlite_office.user("max")
    one = MethodProposal(
        name=old.name, version="99", text=old.text.replace("\ndecimals = 2", "\ndecimals = 3"), digest="d" * 64,
        summary_zh="改用<几何>平均",
        summary_en="A <new> mean",
        comments_until=date(2022, 1, 31), effective_from="2022-W10", by=by, at=clock.now(),
    )  # fmt: skip
    one.save()
    asked = MethodComment(proposal=one, author="A weaver", text="Why?", by=by, at=clock.now())
    asked.save()
    MethodComment(proposal=one, answers=asked, author="Office", text="Because.", by=by, at=clock.now()).save()
    client = sqlite_office.client()
    text = client.get("/en/consultations/").content.decode()
    assert "A &lt;new&gt; mean" in text and "25 days left" in text and text.index("Why?") < text.index("Because.")
    assert re.search(r"<code>release\.decimals</code></th><td[^>]*>2</td><td[^>]*>3</td>", text)
    assert "Parallel run" not in text
    ParallelRun(
        proposal=one, method=old, by=by, at=clock.now(), figures={"periods": ["2021-W51", "2021-W52"], "classes": [
            {"code": "0", "name_zh": "总", "name_en": "All", "level": 0, "before": ["100.1", "100.2"],
             "after": ["100.3", "100.45"]}]},
    ).save()  # fmt: skip
    # No issue of these periods is public, so nothing of the run is.
    assert "Parallel run" not in client.get("/en/consultations/").content.decode()
    monkeypatch.setattr(effect, "public", lambda family: {"2021-W52"})
    text = client.get("/en/consultations/").content.decode()
    assert "Parallel run" in text and "100.2 → 100.45" in text and "100.3" not in text
    assert "改用&lt;几何&gt;平均" in client.get("/consultations/").content.decode()
    sqlite_office.at(monkeypatch, 2022, 2, 2)
    assert "awaits its decision" in client.get("/en/consultations/").content.decode()
