"""The page itself: two languages with the same facts, every text escaped, nothing from outside, the method in words."""

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser

import pyarrow as pa
import pytest

from ellwand.production.compile import STATUSES
from ellwand.production.line import STATES
from ellwand.production.method import SHIPPED, read_method
from ellwand.production.report.method_notes import method_notes, rule_words
from ellwand.production.report.texts import TEXTS
from ellwand.production.report.words import Words, fields

EVIL = "<script>alert(1)</script>\"'&amp;</table>"


class Off:
    """A test of prices that a method does not have."""

    k = 0.0


class Elements(HTMLParser):
    """Start tags of a page with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


@pytest.mark.parametrize("key", sorted(TEXTS))
def test_both_languages_have_the_same_fields(key: str) -> None:
    zh, en = TEXTS[key]
    assert zh
    assert en
    assert fields(zh) == fields(en)


def test_both_languages_have_the_same_shape(page) -> None:
    halves = page.split("<main ")[1:3]
    assert len(halves) == 2
    for mark in ("<h2", "<h3", "<table", "<tr", "<td", "<svg", "<dt", "<details"):
        assert halves[0].count(mark) == halves[1].count(mark), mark


def test_every_text_is_escaped(compiled, figures) -> None:
    count = compiled.observations.num_rows
    table, drill = compiled.observations, compiled.drill
    for name in ("name_zh", "name_en"):
        table = table.set_column(table.column_names.index(name), name, pa.array([EVIL] * count))
    for name in ("item_zh", "item_en", "unit_zh", "unit_en", "unit_of_measure", "rule"):
        drill = drill.set_column(drill.column_names.index(name), name, pa.array([EVIL] * drill.num_rows))
    background = replace(
        compiled.background, market_zh=EVIL, market_en=EVIL, version=EVIL, method_digest=EVIL,
        method=replace(compiled.background.method, title_zh=EVIL, title_en=EVIL, purpose_zh=EVIL, purpose_en=EVIL),
    )  # fmt: skip
    text = compiled.page(observations=table, drill=drill, background=background)
    assert [name for name, _ in Elements(text).found].count("script") == 2
    assert "<script>alert" not in text
    assert figures(text)["quotes"]["items"][0][1] == EVIL


def test_the_policy_names_the_blocks_of_the_page_and_nothing_else(page) -> None:
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy
    rules = dict(part.strip().split(" ", 1) for part in policy[1].replace("&#x27;", "'").split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["base-uri"] == rules["form-action"] == "'none'"
    blocks = {"style-src": re.search(r"<style>(.*?)</style>", page, re.S), "script-src": None}
    blocks["script-src"] = re.search(r"<script data-titles=\"[^\"]*\">(.*?)</script>", page, re.S)
    for name, block in blocks.items():
        assert block
        digest = base64.b64encode(hashlib.sha256(block[1].encode()).digest()).decode()
        assert rules[name] == f"'sha256-{digest}'"
    assert not any("style" in attributes for _, attributes in Elements(page).found)
    assert not any(name.startswith("on") for _, attributes in Elements(page).found for name in attributes)


def test_nothing_comes_from_outside(page) -> None:
    allowed = {"http://www.w3.org/2000/svg"}
    assert set(re.findall(r"https?://[^\s\"'<>)]+", page)) <= allowed
    assert not re.search(r"url\(|@import|srcset", page)
    for name, attributes in Elements(page).found:
        for key in ("src", "href"):
            address = attributes.get(key)
            if address is not None and not address.startswith("#"):
                assert (name, address) == ("link", "data:,") or re.fullmatch(r"[\w.]+", address), (name, address)


def test_ids_are_unique_and_every_label_points_somewhere(page) -> None:
    elements = Elements(page).found
    ids = [attributes["id"] for _, attributes in elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    pointed = {
        word
        for _, attributes in elements
        for key in ("for", "aria-labelledby", "aria-describedby")
        for word in (attributes.get(key) or "").split()
    }
    pointed |= {a["href"][1:] for n, a in elements if n == "a" and (a.get("href") or "").startswith("#")}
    assert pointed <= set(ids)


def test_a_simulated_market_says_so_in_every_picture_and_a_real_one_nowhere(compiled, page) -> None:
    mains = page.split("<main ")[1:]
    for part in mains:
        for picture in re.findall(r"<svg .*?</svg>", part, re.S):
            assert "amber" in picture or 'class="legend"' in picture
    table = compiled.observations
    real = compiled.page(
        observations=table.set_column(
            table.column_names.index("simulated"), "simulated", pa.array([False] * table.num_rows)
        )
    )
    body = real.split("</style>")[1].split('<script type="application/json"')[0]
    assert "amber" not in body.replace('data-amber=""', "")
    assert "imulated" not in body.replace(compiled.background.market_en, "")


@pytest.mark.parametrize("name", SHIPPED)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_notes_say_what_the_method_does(name: str, language: str) -> None:
    method = read_method(name).method
    notes = method_notes(method, Words(language), ("2022-W01",), simulated=False)
    text = "\n".join(said for _, said in notes)
    formulas = {"jevons": "Jevons", "carli": "Carli", "geks_tornqvist": "geks_tornqvist"}
    for key, mark in formulas.items():
        assert (mark in text) == (method.compile.elementary == key), key
    no_interval = {"zh": "不计算区间", "en": "no interval"}[language]
    assert (no_interval in text) == (method.variance.replicates < 2)
    not_imputed = {"zh": "不推算", "en": "is not imputed"}[language]
    assert (not_imputed in text) == (method.impute.movement == "none")
    for rule in method.validate.rule:
        assert rule_words(method, rule.name, language) in text
    tested = method.validate.outlier or vars(method.validate).get("relation", Off).k > 0
    assert ({"zh": "不做离群检验", "en": "No outlier rule"}[language] in text) == (not tested)
    if method.release.minimum_open:
        assert f"{100 * method.release.minimum_open:g}" in text


def test_two_methods_give_two_texts() -> None:
    careful, keqiao = (
        method_notes(read_method(name).method, Words("en"), (), simulated=False) for name in ("careful", "keqiao")
    )
    assert careful != keqiao


def test_method_name_version_and_digest_stand_in_the_page(compiled, page) -> None:
    method = compiled.background.method
    assert compiled.background.method_digest in page
    for words in (Words("zh"), Words("en")):
        title = method.title_zh if words.language == "zh" else method.title_en
        assert words("method_text", title=title, version=method.version) in page


def test_rules_of_the_stages_have_words() -> None:
    method = read_method("careful").method
    assert rule_words(method, "factor: yard_metre", "en") == "yards for metres"
    assert rule_words(method, "outlier 1: robust_z", "en") == "robust z score"
    assert rule_words(method, "price above zero", "en") == "a price must be above zero"
    assert rule_words(method, "a plug-in's rule", "en") == "a plug-in's rule"


def test_every_status_has_words() -> None:
    assert {f"status_{name}" for name in STATUSES} <= set(TEXTS)
    assert {f"state_{code}" for code in (*STATES, "X") if code} <= set(TEXTS)
    assert {f"grade_{letter}" for letter in "ABCS"} <= set(TEXTS)


def test_the_page_stays_small(page) -> None:
    assert len(page.encode()) < 1_000_000
