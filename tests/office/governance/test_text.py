"""What is told with an issue: rationale and quality (28, 32, 46), text (33), metadata (47), forecasts (48)."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from ellwand.engine.errors import DataError

Stage = Callable[[str], Any]
LANGUAGES = ("zh", "en")
OWN = {
    "zh": "样本稳定，推算主要来自未报价的单位，没有采用人工判断的数值。",
    "en": "The sample was stable; imputation fills units that did not report; no value was judged by hand.",
}


def _rationales(one: Any) -> dict[str, str]:
    from ellwand.office.editorial.texts import texts_of

    return {language: texts_of(one)[f"rationale.{language}.md"].decode() for language in LANGUAGES}


def test_governance_28_concentration(stage: Stage, found: Any) -> None:
    """The rationale names in both languages every class in which one unit has more than the limit of the weight; one
    without the warning goes nowhere. Above every share, the limit warns of nothing.
    """
    from dataclasses import replace

    from ellwand.office import setup
    from ellwand.office.editorial import drafts, rationale
    from ellwand.office.editorial.facts import last_compilation
    from ellwand.office.editorial.judging import drafts_of
    from ellwand.office.editorial.sheets import concentrated
    from ellwand.office.rounds import work
    from ellwand.office.rounds.producing import produce

    office, one = stage("second_compiled").office, found("2022-W02")
    made, wen = last_compilation(one), office.user("wen")
    warned = made.sheet.concentrated
    assert warned and all(share > office.home.concentration for _, share in warned)
    drafts.generate(one, wen)
    rationale.save(one, OWN, wen)
    names = {o.code: (o.name_zh, o.name_en) for o in made.observations.all()}
    for k, text in enumerate(_rationales(one).values()):
        part = text.split("警示：" if k == 0 else "Warning: in these classes")[1]
        assert all(names[code][k] in part for code, _ in warned)
    row = drafts_of(one, "rationale")["en"]
    silent = re.sub(r"Warning: in these classes.*?\n\n(- .*\n)+", "No warning.\n", row.marked)
    assert silent != row.marked
    with transaction.atomic():
        drafts.add(one, made, "rationale", "en", silent, wen, "", row.own)
    with pytest.raises(DataError, match="the rationale in en is out of date"):
        work.move(one, "drafted", wen)
    produced = produce(one)
    compiled, t = produced.results.compiled, produced.t
    assert concentrated(compiled, t, 1.0) == []
    assert [code for code, _ in concentrated(compiled, t, office.home.concentration)] == [code for code, _ in warned]
    setup.use(replace(office.home, concentration=0.0))
    assert len(concentrated(compiled, t, setup.current().concentration)) >= len(warned)


def test_governance_32_rationale(stage: Stage, found: Any) -> None:
    """An issue whose rationale is empty or says nothing can't be approved; counts, shares, exclusions and judgement
    are generated, and stand in the release in both languages.
    """
    from ellwand.office.editorial import drafts, rationale
    from ellwand.office.editorial.facts import last_compilation
    from ellwand.office.record import reading
    from ellwand.office.rounds import work

    week = stage("compiled")
    one, wen = found(), week.office.user("wen")
    drafts.generate(one, wen)
    with pytest.raises(DataError, match="rationale: the rationale in zh and en is empty"):
        work.move(one, "drafted", wen)
    with pytest.raises(DataError, match="rationale, zh: 2 characters; write one paragraph of judgement"):
        rationale.save(one, {"zh": "很好", "en": OWN["en"]}, wen)
    rationale.save(one, OWN, wen)
    last = json.loads(last_compilation(one).quality)["last"]
    zh, en = _rationales(one).values()
    assert f"收到报价：{last['quotes']}" in zh and f"Quotes received: {last['quotes']}" in en
    assert f"Set aside: {last['verdicts']['excluded']}" in en and "Weight that is imputed" in en
    assert "Values judged in place of a quote: 0" in en and OWN["en"] in en and OWN["zh"] in zh
    work.move(one, "drafted", wen)
    week = stage("public")
    release = reading.release("price-2022-W01-1")
    assert OWN["zh"] in reading.file(release, "texts/rationale.zh.md").read_text(encoding="utf-8")
    for root in ("/", "/en/"):
        page = week.page(week.office.client(), f"{root}comments/price/{one.period}/")
        assert OWN["zh" if root == "/" else "en"] in page


def _altered(bound: Any, change: float) -> dict[str, str]:
    """A text with a figure, and with a direction, that are not those of the release. change : of its total."""
    text = bound.text
    level = re.search(r"\d+\.\d\d(?= ?(点|points))", text)
    assert level is not None
    digit = str((int(level[0][-1]) + 1) % 10)
    # The first word of direction is that of the total.
    way = next(s for s in bound.spans if s.kind == "direction")
    against = {"zh": ("下跌", "上涨"), "en": ("fell", "rose")}[bound.language][change < 0]
    return {
        "figure": text[: level.end() - 1] + digit + text[level.end() :],
        "direction": text[: way.start] + against + text[way.end :],
    }


def test_governance_33_text_agrees(stage: Stage, found: Any) -> None:
    """A wrong figure or direction in either language keeps the round from the approvers; only by name and with a
    reason does one stand, and the trail tells who let it.
    """
    from ellwand.office.audit.models import Entry
    from ellwand.office.editorial import drafts, rationale
    from ellwand.office.editorial.judging import judge
    from ellwand.office.rounds import work

    week = stage("second_compiled")
    one, wen = found("2022-W02"), week.office.user("wen")
    drafts.generate(one, wen)
    rationale.save(one, OWN, wen)
    right, change = judge(one).texts, judge(one).compilation.observations.get(level=0).change_previous
    assert judge(one).findings == () and change
    for language in LANGUAGES:
        for kind, text in _altered(right[language], change).items():
            drafts.save(one, {language: text}, wen, "a slip")
            assert any(j.language == language for j in judge(one).blocking), (language, kind)
            with pytest.raises(DataError, match=r"text: \d+ findings in the texts"):
                work.move(one, "drafted", wen)
        drafts.save(one, {language: right[language].text}, wen, "mended")
    drafts.save(one, {"en": _altered(right["en"], change)["figure"]}, wen, "a slip")
    for j in judge(one).findings:
        with pytest.raises(DataError, match="reason: empty"):
            drafts.let_stand(one, j.language, j.finding.kind, j.finding.start, j.finding.text, wen, " ")
        drafts.let_stand(one, j.language, j.finding.kind, j.finding.start, j.finding.text, wen, "a test of the rule")
    entries = Entry.objects.filter(act="text.override")
    assert entries.count() == len(judge(one).findings) > 0
    assert {(e.actor, e.reason) for e in entries} == {(wen.pk, "a test of the rule")}
    assert work.move(one, "drafted", wen).target == "drafted"


def test_governance_46_quality_report(stage: Stage) -> None:
    """Every release holds a quality report: response, imputation, revisions, timeliness; it is under the signature."""
    from ellwand.office.record import reading
    from ellwand.office.releases import read_public, verify_release

    week = stage("second")
    for release in reading.public():
        report = json.loads(reading.file(release, "report/quality.json").read_text(encoding="utf-8"))
        assert 0 < report["last"]["response_rate"] <= 1 and report["last"]["series_by_status"] and report["grades_last"]
        en = reading.file(release, "texts/rationale.en.md").read_text(encoding="utf-8")
        for row in (
            "Response: ",
            "Price series imputed: ",
            "Grades: ",
            "Revisions: ",
            "Timeliness: released ",
            "Cut-off: ",
        ):
            assert f"- {row}" in en, row
    assert "the last 1 issues were computed again; none changed" in en
    folder, key = reading.folder(release), read_public(week.office.home.keys)
    path = folder / "report" / "quality.json"
    path.write_text(
        path.read_text(encoding="utf-8").replace('"response_rate"', '"response_rates"', 1), encoding="utf-8"
    )
    fault = verify_release(folder, [key]).fault
    assert fault is not None and fault.what == "report/quality.json"


def test_governance_47_metadata(stage: Stage, found: Any) -> None:
    """Scope, source, unit, base, frequency, licence and contact stand in both languages in every release; an office
    that lacks one of them hands nothing over.
    """
    from ellwand.office.editorial import drafts, metadata, rationale
    from ellwand.office.record import reading
    from ellwand.office.registry.models import Market
    from ellwand.office.rounds import work

    week = stage("compiled")
    one, wen = found(), week.office.user("wen")
    drafts.generate(one, wen)
    rationale.save(one, OWN, wen)
    Market.objects.update(simulated=False)
    with pytest.raises(DataError, match="the public metadata lack licence, contact"):
        work.move(one, "drafted", wen)
    metadata.state("licence", "知识共享署名 4.0", "CC BY 4.0", wen)
    with pytest.raises(DataError, match="contact, en: 0 characters"):
        metadata.state("contact", "指数办公室", " ", wen)
    with pytest.raises(DataError, match="the public metadata lack contact"):
        work.move(one, "drafted", wen)
    metadata.state("contact", "指数办公室", "The index office", wen)
    rationale.save(one, OWN, wen)
    assert metadata.lacks(one) == [] and "CC BY 4.0" in _rationales(one)["en"]
    stage("public")
    release = reading.release("price-2022-W01-1")
    for k, language in enumerate(LANGUAGES):
        text = reading.file(release, f"texts/rationale.{language}.md").read_text(encoding="utf-8")
        for names in metadata.NAMES.values():
            assert re.search(rf"^- {names[k]}[:：] ?\S", text, re.MULTILINE), names[k]


def test_governance_48_forecasts_apart(stage: Stage) -> None:
    """No observation is of a period after its release or of another status than the statistics know, and none shares
    its key with another one.

    Waits: forecasts, which are not made yet, with their scorecard.
    """
    from ellwand.engine.periods import natural_key
    from ellwand.office.record import reading
    from ellwand.office.record.models import Observation
    from ellwand.production.compile import STATUSES

    stage("second")
    figures = reading.figures()
    assert len(figures) > 80
    for one in figures:
        assert natural_key(one.observation.period) <= natural_key(one.release.period)
        assert one.observation.status in STATUSES
    keys = [(o.compilation_id, o.series, o.period) for o in Observation.objects.all()]
    assert len(set(keys)) == len(keys)
    assert not [f.name for f in Observation._meta.fields if "forecast" in f.name]
