"""The comment of an issue: the released words, each figure a link to what it stands for."""

import html
import json
import re
from typing import Any

import pytest


def words_of(text: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", "", text))).strip()


@pytest.mark.parametrize(("language", "root"), [("zh", "/"), ("en", "/en/")])
def test_the_page_shows_the_released_words(demo: Any, get: Any, language: str, root: str) -> None:
    from ellwand.office.record import reading

    for one in reading.public():
        text = reading.file(one, f"texts/price.{language}.md").read_text(encoding="utf-8")
        page = get(f"{root}comments/price/{one.code}/").content.decode()
        (body,) = re.findall(r'<div class="prose bound">(.*?)</div>', page, re.DOTALL)
        shown = words_of(re.sub(r"</(p|h2)>", " ", body))
        for part in text.split("\n\n")[1:]:
            if part.strip() and not part.startswith("#"):
                assert words_of(part) in shown


def test_every_figure_leads_to_its_series_in_its_vintage(demo: Any, get: Any) -> None:
    from ellwand.office.record import reading
    from ellwand.office.registry.models import Item

    last = reading.latest()
    assert last is not None
    page = get(f"/en/comments/price/{last.period}/").content.decode()
    links = re.findall(r'<a class="figure" href="([^"]+)" title="([^"]+)">([^<]+)</a>', page)
    assert len(links) > 10
    published = {f.observation.series: f.observation for f in reading.figures(periods=[last.period])}
    items = {f"item/{code}": ea for code, ea in Item.objects.values_list("code", "ea")}
    told = json.loads(reading.file(last, "texts/price.en.json").read_text(encoding="utf-8"))
    figures = [s for s in told["spans"] if s["kind"] == "figure" and s["start"] > told["text"].index("\n")]
    assert len(links) >= len(figures)
    for address, title, words in links:
        series, period, measure = title.split(", ")
        code = items[series] if series in items else published[series].code
        assert address == f"/en/index/{code}/?vintage={last.code}" and period == last.period
        if measure == "level":
            assert words == published[series].published
    assert get(links[0][0]).status_code == 200


def test_words_that_were_changed_carry_no_links(demo: Any) -> None:
    from ellwand.office.record import reading
    from ellwand.web.site.bound import bound_of, paragraphs

    last = reading.latest()
    assert last is not None
    text = reading.file(last, "texts/price.en.md").read_text(encoding="utf-8")
    assert bound_of(last, text, "en").spans
    assert not bound_of(last, text.replace("index", "Index"), "en").spans
    plain = paragraphs(last, text.replace("index", "Index"), "en", {"price/total": "0"})
    assert all(not piece.address for part in plain for piece in part.pieces)


def test_neighbours_and_strangers(demo: Any, get: Any) -> None:
    from ellwand.office.record import reading

    first, middle, last = reading.public()
    page = get(f"/comments/price/{middle.period}/").content.decode()
    assert f'rel="prev" href="/comments/price/{first.code}/"' in page
    assert f'rel="next" href="/comments/price/{last.code}/"' in page
    assert get("/comments/price/2001-W01/").status_code == 404


def test_a_change_that_may_be_nothing_has_no_direction_in_the_table(demo: Any, get: Any) -> None:
    from ellwand.office.record import reading

    looked = {True: 0, False: 0}
    for one in reading.public():
        page = get(f"/en/comments/price/{one.code}/").content.decode()
        rows = dict(re.findall(r'<th scope="row"><a href="/en/index/([\d.]+)/[^"]*">(.*?)</tr>', page, re.DOTALL))
        for code, row in rows.items():
            (figure,) = [f.observation for f in reading.figures(periods=[one.period]) if f.observation.code == code]
            if figure.change_low is None or not float(figure.change_previous or 0):
                continue
            unclear = figure.change_low <= 0 <= figure.change_high
            mark = re.findall(r'aria-hidden="true">(.)<', row)[0]
            assert (mark == "≈") == unclear, (one.code, code)
            looked[unclear] += 1
    assert sum(looked.values()) > 3
