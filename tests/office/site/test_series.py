"""The page of a series: vintages, citations, pictures, frames; what a correction changes in it."""

import json
import re
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

import pytest

from ellwand.production.observations import COUNTS


@pytest.mark.parametrize("root", ["/", "/en/"])
def test_a_series_shows_what_is_behind_it(demo: Any, get: Any, root: str) -> None:
    from ellwand.office.record import reading
    from ellwand.web.registers import MEASURES

    last = reading.latest()
    assert last is not None
    (figure,) = reading.figures(["price/1"], [last.period])
    text = get(f"{root}index/1/").content.decode()
    side = 0 if root == "/" else 1
    for name in COUNTS:
        said = f"<dt>{MEASURES[name][side]}</dt><dd>{getattr(figure.observation, name):,}</dd>"
        assert said in text, name
    for part in ("/data/1.csv", "/data/1.xlsx", "/data/1.json", "/data/1.px", "&lt;iframe", "&lt;img", "read.csv("):
        assert part in text, part
    # The table stands before the picture.
    assert text.index(f'<th scope="row">{last.period}</th>') < text.index('class="chart block"')
    assert f"?vintage={last.code}" in text


def test_a_vintage_keeps_its_figures(demo: Any, get: Any) -> None:
    from ellwand.office.record import reading

    first, *_, last = reading.public()
    page = get(f"/en/index/0/?vintage={first.code}").content.decode()
    assert f"pinned to vintage {first.code}" in page and "See the newest issue" in page
    assert f'<th scope="row">{last.period}</th>' not in page and f'<th scope="row">{first.period}</th>' in page
    assert get("/en/index/0/?vintage=price-2001-W01-1").status_code == 404
    future = get("/en/index/0/?asOf=2999-01-01T00:00:00Z")
    assert future.status_code == 400 and "lies in the future" in future.content.decode()
    assert "时间还没有到" in get("/index/0/?asOf=2999-01-01T00:00:00Z").content.decode()


@pytest.mark.parametrize(
    ("root", "words"), [("/", "数据批准人、文稿批准人"), ("/en/", "statistics approver, text approver")]
)
def test_a_figure_leads_to_its_release_approvals_method_and_files(demo: Any, get: Any, root: str, words: str) -> None:
    import csv
    import io

    from ellwand.office.record import reading

    last = reading.latest()
    assert last is not None
    text = get(f"{root}index/1.1/").content.decode()
    made = reading.manifest(last)
    assert words in text and made.stat_hash in text and f"knowledge/method/{last.compilation.method.digest}/" in text
    sealed = f"{root}releases/{last.code}/files/outputs/history.csv"
    for address in (f"/data/1.1.csv?vintage={last.code}", sealed):
        assert f'href="{address}"' in text
        answer = get(address)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        rows = list(csv.DictReader(io.StringIO(body.decode())))
        (row,) = [r for r in rows if r["code"] == "1.1" and r["period"] == last.period]
        assert row["published"] in text and row["release"] == last.code


@pytest.mark.parametrize(("extension", "start"), [("bib", "@misc{"), ("ris", "TY  - DATA"), ("csl.json", "[")])
def test_citations_name_the_vintage(demo: Any, get: Any, extension: str, start: str) -> None:
    from ellwand.office.record import reading

    last = reading.latest()
    assert last is not None
    answer = get(f"/en/index/1/cite.{extension}?vintage={last.code}")
    text = answer.content.decode()
    assert text.startswith(start) and f"/en/index/1/?vintage={last.code}" in text and "Raw materials" in text
    assert answer["Content-Disposition"].startswith("attachment") and "simulated figures" in text
    if extension == "csl.json":
        (item,) = json.loads(text)
        assert item["type"] == "dataset" and item["issued"]["date-parts"][0][0] == last.release_at.year
    assert get("/en/index/1/cite.docx").status_code == 404


@pytest.mark.parametrize("root", ["/", "/en/"])
def test_the_picture_stands_alone(demo: Any, get: Any, root: str) -> None:
    from ellwand.office.record import reading

    last = reading.latest()
    assert last is not None
    answer = get(f"{root}index/1/chart.svg?vintage={last.code}")
    tree = ElementTree.fromstring(answer.content)
    words = " ".join("".join(e.itertext()) for e in tree.iter("{http://www.w3.org/2000/svg}text"))
    (figure,) = reading.figures(["price/1"], [last.period])
    assert figure.observation.published in words and last.code in words and "Simulated market" in words
    assert answer["Content-Type"].startswith("image/svg+xml")


def test_others_may_frame_the_embed_and_nothing_else(demo: Any, get: Any) -> None:
    embed, page = get("/en/embed/1/"), get("/en/index/1/")
    assert "frame-ancestors *" in embed["Content-Security-Policy"] and "X-Frame-Options" not in embed
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"] and page["X-Frame-Options"] == "DENY"
    assert not embed.cookies and "<script" not in embed.content.decode()
    from ellwand.office.record import reading

    first = reading.public()[0]
    assert "A newer issue exists" in get(f"/en/embed/1/?vintage={first.code}").content.decode()


def test_a_correction_shows_wherever_the_value_stands(sqlite_week: Any) -> None:
    from ellwand.office.approvals import corrections, sealing
    from ellwand.office.record import reading

    week, office = sqlite_week, sqlite_week.office
    week.public()
    week.at(2022, 1, 16, 3)
    last = week.public("2022-W02")
    week.at(2022, 1, 24, 6)
    old = reading.figures(["price/total"], ["2022-W02"])[0].observation.published
    row = corrections.open_(
        "price-2022-W02-1", "price/total", "2022-W02", "data", office.user("cai"), cause_zh="一个报价录入有误",
        cause_en="One quote was <typed> wrongly", found_by="the unit", found_how="by reading its return",
        first_seen=datetime(2022, 1, 20, 6, tzinfo=UTC),
    )  # fmt: skip
    week.change_quote("2022-W02")
    done = corrections.recompute(row, office.user("max"))
    corrections.write_texts(row, office.user("wen"))
    for kind in ("statistics", "text"):
        week.approve(last, kind, correction=row)
    sealing.seal(last, office.user("cai"), correction=row, at=datetime(2022, 1, 24, 7, tzinfo=UTC))
    client = office.client()
    before = client.get("/en/index/0/").content.decode()
    assert "corrections/#correction-1" not in before and done.new_value not in before
    assert "Nothing has been corrected" in client.get("/en/corrections/").content.decode()
    week.at(2022, 1, 24, 7)
    page = client.get("/en/index/0/").content.decode()
    assert "corrections/#correction-1" in page and f"<strong>{done.new_value}</strong>" in page
    log = client.get("/en/corrections/").content.decode()
    assert "One quote was &lt;typed&gt; wrongly" in log and f"{old} → {done.new_value}" in log
    assert "一个报价录入有误" in client.get("/corrections/").content.decode()
    text = client.get("/en/index/0/revisions/").content.decode()
    assert "Mean absolute revision" in text and old in text and done.new_value in text
    then = client.get("/en/index/0/revisions/?asOf=2022-01-23").content.decode()
    assert old in then and done.new_value not in then and "none was ever changed" in then
    pinned = client.get("/en/index/0/?vintage=price-2022-W02-1").content.decode()
    assert f"<strong>{old}</strong>" in pinned and "corrections/#correction-1" in pinned
    assert "corrected" in re.sub(r"<[^>]+>", "", client.get("/en/index/0/chart.svg").content.decode())


@pytest.mark.parametrize(
    ("text", "status"), [("", 200), ("2022-13-45", 400), ("yesterday", 400), ("2999-01-01", 400), ("2021-01-01", 404)]
)
def test_an_instant_that_a_reader_writes(demo: Any, get: Any, text: str, status: int) -> None:
    assert get("/en/index/0/revisions/", {"asOf": text} if text else {}).status_code == status
