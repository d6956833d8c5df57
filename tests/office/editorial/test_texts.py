"""The texts of a round: from the record's facts to the files of a release, and what keeps them from the approvers."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ellwand.engine.errors import DataError
from ellwand.production.comment import Bound, check_text, read_facts

LANGUAGES = ("zh", "en")


def text_of(found: Any, language: str) -> str:
    from ellwand.office.editorial.judging import judge

    return judge(found).texts[language].text


def guards_of(found: Any) -> tuple[str | None, str | None]:
    from ellwand.office.editorial import guards

    return guards.text(found, None, "drafted"), guards.rationale(found, None, "drafted")


def wrong_level(text: str) -> str:
    """A text with a digit of its first level changed."""
    at = re.search(r"\d+\.\d\d(?= ?(点|points))", text)
    assert at is not None
    shown = at.group()
    return text[: at.start()] + shown[:-1] + str((int(shown[-1]) + 1) % 10) + text[at.end() :]


def test_both_texts_from_the_record_go_to_the_approvers(office: Any, compiled: Callable[..., Any]) -> None:
    from ellwand.office.audit import trail
    from ellwand.office.audit.models import Entry
    from ellwand.office.editorial import drafts, rationale
    from ellwand.office.editorial.texts import texts_of
    from ellwand.office.releases.texts import read_texts
    from ellwand.office.rounds import providers, work

    found = compiled(office)
    wen = office.user("wen")
    assert guards_of(found) == (
        "the price comment in zh and en is not written", "the rationale in zh and en is empty",
    )  # fmt: skip
    with pytest.raises(DataError, match="text: the price comment in zh and en is not written"):
        work.move(found, "drafted", wen)
    with pytest.raises(DataError, match=r"may not do texts\.write"):
        drafts.generate(found, office.user("max"))
    with pytest.raises(DataError, match="the price comment in zh and en is not written"):
        texts_of(found)
    drafts.generate(found, wen)
    own = {"zh": "样本稳定，没有采用人工判断的数值。", "en": "The sample was stable; nothing was judged by hand."}
    rationale.save(found, own, wen)
    assert guards_of(found) == (None, None)
    files = texts_of(found)
    assert sorted(files) == [
        "price.en.json", "price.en.md", "price.zh.json", "price.zh.md", "rationale.en.md", "rationale.zh.md",
    ]  # fmt: skip
    assert read_texts(files, found.period) == files
    bound = Bound.of_json(files["price.zh.json"].decode())
    assert bound.period == found.period and bound.text.encode() == files["price.zh.md"] and len(bound.spans) > 40
    for language in LANGUAGES:
        assert own[language] in files[f"rationale.{language}.md"].decode()
    assert providers.work_of(found).wrote == {wen.pk} and office.user("max").pk in providers.work_of(found).compiled
    work.move(found, "drafted", wen)
    # Once handed over, the texts are mended with a reason; nothing is written anew, until the round is taken back.
    for act in (lambda: drafts.generate(found, wen), lambda: drafts.take_over(found, wen)):
        with pytest.raises(DataError, match="is drafted: its texts are closed; move it back to compiled"):
            act()
    for act in (lambda: rationale.save(found, own, wen), lambda: drafts.save(found, {"zh": "x"}, wen)):
        with pytest.raises(DataError, match=r"reason: empty; round \S+ is drafted"):
            act()
    work.move(found, "compiled", wen, reason="a comma")
    drafts.save(found, {"zh": text_of(found, "zh").replace("，尚无上年可比", "。尚无上年可比")}, wen, "a comma")
    acts = set(Entry.objects.values_list("act", flat=True))
    assert {"text.generate", "text.save", "rationale.save"} <= acts and trail.verify()[2] is None
    assert texts_of(found)["price.en.md"] == files["price.en.md"] != texts_of(found)["price.zh.md"]


def test_the_record_gives_the_facts_of_the_folder(
    sqlite_office: Any, compiled: Callable[..., Any], tmp_path: Path
) -> None:
    """Equal plans, and equal verdicts on right and on corrupted texts, in both languages."""
    from ellwand.cli import main
    from ellwand.office.editorial.facts import facts_of, last_compilation
    from ellwand.office.rounds import snapshot
    from ellwand.production.comment import make_plan, write

    found = compiled(sqlite_office, 4)
    made = last_compilation(found)
    mine = facts_of(made)
    folder = tmp_path / "market"
    folder.mkdir()
    snapshot.take(found).write(folder)
    method = tmp_path / "method.toml"
    method.write_text(made.method.text, encoding="utf-8")
    out = tmp_path / "out"
    assert main(["compile", str(folder), "--method", str(method), "-o", str(out)]) == 0
    theirs = read_facts(out, found.period, folder / "items.csv")
    assert mine.bases == theirs.bases and mine.period == theirs.period
    assert mine.items == theirs.items and len(mine.items) > 20
    planted = 0
    for language in LANGUAGES:
        bound = write(make_plan(mine), language)
        assert bound == write(make_plan(theirs), language)
        assert check_text(bound.text, language, mine, bound.spans) == []
        for span in [s for s in bound.spans if s.kind in ("figure", "direction", "name", "unit", "basis", "period")]:
            shown = bound.text[span.start : span.end]
            other = re.sub(r"\d(?=\D*$)", lambda m: str((int(m.group()) + 3) % 10), shown)
            if other == shown:
                other = {"涨": "跌", "跌": "涨"}.get(shown, "某某" if language == "zh" else "something else")
            text = bound.text[: span.start] + other + bound.text[span.end :]
            verdicts = [check_text(text, language, facts, bound.edited(text)[0].spans) for facts in (mine, theirs)]
            assert verdicts[0] == verdicts[1], (language, shown, other)
            planted += bool(verdicts[0])
    assert planted > 50


def test_a_wrong_figure_blocks_and_is_let_stand_only_by_name(office: Any, written: Callable[..., Any]) -> None:
    from ellwand.office.audit.models import Entry
    from ellwand.office.editorial import drafts
    from ellwand.office.editorial.judging import judge
    from ellwand.office.editorial.models import Draft, Override
    from ellwand.office.rounds import providers, work

    found = written(office)
    wen = office.user("wen")
    right = text_of(found, "zh")
    bad = wrong_level(right)
    saved = drafts.save(found, {"zh": bad, "en": text_of(found, "en")}, wen, "a slip")
    assert list(saved) == ["zh"], "an unchanged text gets no new draft"
    state = judge(found)
    assert {(j.language, j.finding.kind) for j in state.blocking} == {
        ("zh", "figure"), ("zh", "parity"), ("en", "parity"),
    }  # fmt: skip
    first = state.of("zh")[0]
    assert bad[first.finding.start :].startswith(first.finding.text) and first.finding.line == 5
    with pytest.raises(DataError, match="3 findings in the texts, the first: zh 5:"):
        work.move(found, "drafted", wen)
    with pytest.raises(DataError, match="reason: empty"):
        drafts.let_stand(found, "zh", "figure", first.finding.start, first.finding.text, wen, " ")
    with pytest.raises(DataError, match="there is no finding figure at 'nothing'"):
        drafts.let_stand(found, "zh", "figure", first.finding.start, "nothing", wen, "so")
    for j in state.findings:
        drafts.let_stand(found, j.language, j.finding.kind, j.finding.start, j.finding.text, wen, "a test of the rule")
    assert guards_of(found)[0] is None
    entry = Entry.objects.filter(act="text.override").first()
    assert entry.actor == wen.pk and entry.reason == "a test of the rule" and "figure" in entry.after["finding"]
    assert {j.override.by for j in judge(found).findings} == {wen}
    # An override holds for its sentence: another fault in it is a fault again.
    drafts.save(found, {"zh": wrong_level(wrong_level(bad))}, wen)
    assert guards_of(found)[0] is not None
    drafts.save(found, {"zh": right}, wen, "mended")
    assert judge(found).blocking == [] and wen.pk in providers.work_of(found).wrote
    assert judge(found).texts["zh"].spans, "a mended figure is bound again"
    kinds = [s.kind for s in judge(found).texts["zh"].spans]
    assert kinds.count("figure") == [s.kind for s in Bound.of_marked(
        Draft.objects.filter(kind="price", language="zh", number=1).get().marked, "zh", found.period).spans
    ].count("figure")  # fmt: skip
    for row in (Override.objects.first(), Draft.objects.first()):
        with pytest.raises(DataError, match="rows are added and never changed"):
            row.save()


def test_outside_knowledge_is_told_with_its_source(sqlite_office: Any, written: Callable[..., Any]) -> None:
    from ellwand.office.editorial import drafts
    from ellwand.office.editorial.judging import judge
    from ellwand.office.editorial.models import Outside

    found = written(sqlite_office)
    wen = sqlite_office.user("wen")
    added = "原油价格上涨3.5%，成本上升。"
    drafts.save(found, {"zh": text_of(found, "zh") + f"\n{added}\n"}, wen)
    assert {j.finding.kind for j in judge(found).of("zh")} >= {"figure", "parity"}
    with pytest.raises(DataError, match="source '': name who knows it"):
        drafts.mark_outside(found, "zh", added, "  ", wen)
    with pytest.raises(DataError, match="holds no such passage"):
        drafts.mark_outside(found, "zh", "别的话。", "某资讯", wen)
    drafts.mark_outside(found, "zh", added, "某资讯 2022-01-14", wen)
    state = judge(found)
    assert state.findings == () and [(s.source, s.text) for s in state.outside] == [
        ("某资讯 2022-01-14", "原油价格上涨3.5%，成本上升"),
    ]  # fmt: skip
    assert "【据某资讯 2022-01-14：原油价格上涨3.5%，成本上升】" in text_of(found, "zh")
    assert Outside.objects.get().by == wen
    # Whoever writes the brackets himself is noted too.
    drafts.save(found, {"en": text_of(found, "en") + "\n[According to a trader: PTA rose by 80 yuan].\n"}, wen)
    assert judge(found).findings == ()
    assert sorted(Outside.objects.values_list("source", flat=True)) == ["a trader", "某资讯 2022-01-14"]
    # What the office measured is no outside knowledge.
    total = re.search(r"比上期[^。]*。|与上期[^。]*。", text_of(found, "zh"))
    assert total is not None
    drafts.mark_outside(found, "zh", "总指数报" + text_of(found, "zh").split("总指数报")[1].split("，")[0], "某人", wen)
    assert [j.finding.kind for j in judge(found).of("zh")].count("outside") >= 1


def test_a_text_without_the_level_of_the_total_goes_nowhere(sqlite_office: Any, written: Callable[..., Any]) -> None:
    from ellwand.office.editorial import drafts

    found = written(sqlite_office)
    wen = sqlite_office.user("wen")
    drafts.save(found, {"zh": "# 本期\n", "en": "# The issue\n"}, wen)
    assert "does not state the level of the total" in str(guards_of(found)[0])
    with pytest.raises(DataError, match="line 1: holds ⟦"):
        drafts.save(found, {"zh": "⟦x⟧"}, wen)


def another_price(found: Any, by: Any) -> None:
    """A price of the round changes, as a new version."""
    from decimal import Decimal

    from ellwand.office import clock
    from ellwand.office.quotes.models import Quote

    old = Quote.objects.current().filter(round=found, price__isnull=False).order_by("pk").first()
    values = {f.name: getattr(old, f.name) for f in Quote._meta.fields if f.name != "id"}
    values |= {
        "version": old.version + 1, "supersedes": old, "price": (old.price * Decimal("1.04")).quantize(Decimal("0.01")),
        "by": by, "at": clock.now(),
    }  # fmt: skip
    Quote(**values).save()


def test_a_new_compilation_makes_the_texts_stale(office: Any, written: Callable[..., Any]) -> None:
    from ellwand.office.editorial import drafts, rationale
    from ellwand.office.editorial.judging import judge
    from ellwand.office.rounds import compiling, work

    found = written(office)
    wen, max_ = office.user("wen"), office.user("max")
    mine = "买家询价增多。"
    drafts.save(found, {"zh": text_of(found, "zh").rstrip("\n") + f"\n\n{mine}\n"}, wen)
    work.move(found, "reviewing", max_, reason="a unit called")
    another_price(found, office.user("rui"))
    compiling.compile_round(found.code, max_, sign="a small market")
    told = guards_of(found)
    assert "of an earlier compilation; take over the new figures" in str(told[0])
    assert "the rationale in" in str(told[1]) and "out of date" in str(told[1])
    before = text_of(found, "en")
    drafts.take_over(found, wen)
    state = judge(found)
    assert not state.stale and not state.findings, [str(j.finding) for j in state.findings]
    assert mine in state.texts["zh"].text and state.texts["en"].text != before
    after = text_of(found, "zh")
    drafts.generate(found, wen)
    assert text_of(found, "en") == state.texts["en"].text, "what nobody edited is what the new plan says"
    assert text_of(found, "zh").strip() == after.replace(mine, "").strip()
    rationale.save(found, {"zh": "样本稳定，更正了一个报价。", "en": "Stable sample; one quote was corrected."}, wen)
    assert guards_of(found) == (None, None)


def test_the_rationale_says_what_the_issue_rests_on(sqlite_office: Any, written: Callable[..., Any]) -> None:
    from ellwand.office.editorial import metadata, rationale
    from ellwand.office.editorial.facts import last_compilation
    from ellwand.office.editorial.texts import texts_of
    from ellwand.office.registry.models import Market

    found = written(sqlite_office)
    wen = sqlite_office.user("wen")
    made = last_compilation(found)
    last = json.loads(made.quality)["last"]
    zh, en = (texts_of(found)[f"rationale.{one}.md"].decode() for one in LANGUAGES)
    for text, words in ((zh, "收到报价：{}"), (en, "Quotes received: {}")):
        assert words.format(last["quotes"]) in text
    assert f"Set aside: {last['verdicts']['excluded']}" in en and f"剔除：{last['verdicts']['excluded']}" in zh
    assert f"Response: {100 * last['response_rate']:.1f} %" in en
    sheet = made.sheet
    assert sheet.concentrated, "twenty units for forty items: some class rests on one of them"
    assert en.count("one sample unit has a large part") == 1 and zh.count("警示：") == 1
    # Row by row both languages state the same numbers.
    rows = [[r for r in t.splitlines() if r.lstrip().startswith("- ")] for t in (zh, en)]
    assert len(rows[0]) == len(rows[1]) > 25
    for left, right in zip(*rows, strict=True):
        if "时效" not in left:
            assert re.findall(r"\d+(?:[.,]\d+)*", left) == re.findall(r"\d+(?:[.,]\d+)*", right), (left, right)
    with pytest.raises(DataError, match="rationale, zh: 2 characters; write one paragraph"):
        rationale.save(found, {"zh": "很好", "en": "It is good enough, as always."}, wen)
    # A market that is not simulated states its licence and contact, or nothing is handed over (feature 47).
    Market.objects.update(simulated=False)
    assert "the public metadata lack licence, contact" in str(guards_of(found)[1])
    with pytest.raises(DataError, match="licence, en: 0 characters"):
        metadata.state("licence", "CC BY 4.0", " ", wen)
    metadata.state("licence", "知识共享署名 4.0", "CC BY 4.0", wen)
    metadata.state("contact", "指数办公室", "The index office", wen)
    assert "out of date" in str(guards_of(found)[1])
    rationale.save(found, {one: d.own for one, d in _own(found).items()}, wen)
    assert guards_of(found) == (None, None) and b"CC BY 4.0" in texts_of(found)["rationale.en.md"]


def _own(found: Any) -> Any:
    from ellwand.office.editorial.judging import drafts_of

    return drafts_of(found, "rationale")


def test_the_largest_share_of_a_unit(sqlite_office: Any, compiled: Callable[..., Any]) -> None:
    """The shares that warn, against sums over the series one by one."""
    from ellwand.office.editorial.sheets import largest_shares
    from ellwand.office.rounds.producing import produce
    from ellwand.production.line import CORRECTED, OBSERVED, REPLACED

    found = compiled(sqlite_office, 1)
    made = produce(found)
    c, t = made.results.compiled, made.t
    book = c.book
    leaf = book.classification.tree.leaves[book.aggregate]
    got = largest_shares(c, t)
    for k in range(len(book.classification.parents)):
        sums: dict[int, float] = {}
        for s in range(book.series):
            node, chain = int(leaf[s]), []
            while node >= 0:
                chain.append(node)
                node = int(book.classification.parents[node])
            if k in chain and c.line.state[s, t] in (OBSERVED, CORRECTED, REPLACED):
                weight = c.weight[s, t] * (1 if chain[0] == k else c.aggregated.weights[chain[0], t])
                sums[int(book.unit[s])] = sums.get(int(book.unit[s]), 0.0) + weight
        total = sum(sums.values())
        assert got[k] == pytest.approx(max(sums.values()) / total if total else 0.0, abs=1e-12)
