"""Tools for agents: figures with provenance, lineage, and claims in words held against what was published."""

import json
from datetime import timedelta
from typing import Any

import pytest

pytest.importorskip("jsonschema", reason="the packages of the extra mcp are not installed")

from ellwand.engine.errors import DataError


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Any:
    from ellwand.office import setup
    from ellwand.office.demo.make import make

    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("DATABASE_URL", raising=False)
        yield make(tmp_path_factory.mktemp("agents") / "office", count=3, items=80, units=40, version="test")
        setup.disconnect("default")


def call(name: str, **arguments: Any) -> Any:
    from ellwand.web.agents.server import call as answer

    return json.loads(json.dumps(answer(name, arguments), ensure_ascii=False))


def total() -> Any:
    from ellwand.office.record import reading

    last = reading.latest()
    assert last is not None
    return reading.figures(["price/total"], [last.period])[0].observation


def test_every_answer_has_its_provenance(demo: Any) -> None:
    from ellwand.office.record import reading

    last = reading.latest()
    assert last is not None
    first = reading.public()[0]
    answers = [
        call("search_series", query="Cotton"),
        call("get_observations", series=["0"]),
        call("get_release"),
        call("compare", series=["1", "2"], **{"from": first.period, "to": last.period}),
        call("explain_value", series="0", period=last.period),
        call("next_releases"),
        call("verify_claim", claim="The general index fell."),
        *call("list_indices")["families"],
    ]
    for answer in answers:
        told = answer["provenance"]
        assert told["vintage"] == last.code and told["issue"] == last.period and told["issued"]
        assert told["licence"]["zh"] and told["licence"]["en"] and told["simulated"] is True


def test_series_are_found_in_both_languages(demo: Any) -> None:
    def codes(words: str) -> list[str]:
        return [s["code"] for s in call("search_series", query=words)["series"]]

    assert codes("1.1")[0] == codes("棉麻")[0] == codes("Cotton and hemp")[0] == codes("cotton HEMP")[0] == "1.1"
    assert "2" in codes("坯布")[:1] and codes("xyzzy") == []
    assert codes("布棉") and all("棉" in s["name_zh"] for s in call("search_series", query="布棉")["series"][:1])


def test_observations_are_the_published_ones_with_a_citation(demo: Any) -> None:
    from ellwand.office.record import reading

    found = call("get_observations", series=["0", "1"], last=2)["observations"]
    published = {(f.observation.code, f.observation.period): f for f in reading.figures()}
    assert len(found) == 4
    for row in found:
        figure = published[row["series"], row["period"]]
        assert row["value"] == figure.observation.published and row["vintage"] == figure.release.code
        for words in row["citation"].values():
            assert figure.release.code in words and row["value"] in words and f"?vintage={figure.release.code}" in words
    first = reading.public()[0]
    past = call("get_observations", series=["0"], vintage=first.code)
    assert past["provenance"]["vintage"] == first.code and past["observations"][0]["period"] == first.period


def test_a_value_is_explained_down_to_its_counts(demo: Any) -> None:
    from ellwand.office.record import reading

    row = total()
    told = call("explain_value", series="0", period=row.period)
    assert told["published"]["value"] == row.published and told["grade"]["code"] == row.grade
    assert {k: v["count"] for k, v in told["counts"].items()} == {k: getattr(row, k) for k in told["counts"]}
    assert float(told["imputed_share"]) == row.imputed_share
    assert [p["code"] for p in told["parts"]] and set(told["release"]["approved_by_roles"]) == {
        "stat_approver", "text_approver",
    }  # fmt: skip
    parts = sum(float(p["contribution"]) for p in told["parts"] if p["contribution"])
    assert parts == pytest.approx(row.change_previous, abs=1e-6)
    assert told["method"]["sha256"] == reading.latest().compilation.method_digest  # type: ignore[union-attr]
    assert [v["vintage"] for v in told["vintages"]] == [told["release"]["release"]]


def test_series_are_compared_from_full_precision(demo: Any) -> None:
    from ellwand.office.record import reading

    first, last = reading.public()[0].period, reading.public()[-1].period
    told = call("compare", series=["0", "1"], **{"from": first, "to": last})
    for row in told["series"]:
        level = {
            f.observation.period: f.observation.index for f in reading.figures() if f.observation.code == row["code"]
        }
        assert row["rebased"][first] == "100.00"
        assert float(row["change_percent"]) == pytest.approx(100 * (level[last] / level[first] - 1), abs=0.00501)


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        ("The general index stood at {value} points, {way} {change} % on the previous issue.", "supported"),
        ("总指数为{value}点，较上期{zh}{change}%。", "supported"),
        ("The general index stood at {wrong} points.", "contradicted"),
        ("The general index {against} by {change} %.", "contradicted"),
        ("总指数{zh_against}{change}%。", "contradicted"),
        ("In week 1 of 1999 the general index stood at {value} points.", "not published"),
        ("The weather is fine.", "nothing to check"),
    ],
)
def test_claims(demo: Any, claim: str, verdict: str) -> None:
    row = total()
    up = row.published_change_previous[0] != "-"
    told = call(
        "verify_claim",
        claim=claim.format(
            value=row.published, change=row.published_change_previous.lstrip("-"), wrong="123.45",
            way="up" if up else "down", against="fell" if up else "rose", zh="上涨" if up else "下跌",
            zh_against="下跌" if up else "上涨",
        ),
    )  # fmt: skip
    assert told["verdict"] == verdict, told
    if verdict == "contradicted":
        assert told["findings"] and not all(c["agrees"] for c in told["claims"])
    if verdict == "supported":
        assert [c["agrees"] for c in told["claims"]] == [True, True] and row.published in told["citations"][0]["en"]


@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        ("nothing", {}, "tool 'nothing'"),
        ("get_observations", {}, "'series' is a required property"),
        ("get_observations", {"series": "0"}, "series: '0' is not of type 'array'"),
        ("get_observations", {"series": ["0"], "colour": "red"}, "colour"),
        ("get_observations", {"series": ["9.9.9"]}, "series '9.9.9': no such code"),
        ("get_observations", {"series": ["0"], "as_of": "2999-01-01T00:00:00Z"}, "future"),
        ("get_observations", {"series": ["0"], "from": "2026-W47", "to": "2026-W45"}, "to '2026-W45'"),
        ("get_release", {"release": "price-1999-W01-1"}, "no such release"),
        ("explain_value", {"series": "0", "period": "soon"}, "'soon'"),
        ("verify_claim", {"claim": "x", "issue": "1999-W01"}, "issue '1999-W01'"),
        ("verify_claim", {"claim": "x" * 3000}, "claim"),
        ("search_series", {"query": "x", "limit": 0}, "limit"),
    ],
)
def test_wrong_questions(demo: Any, name: str, arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(DataError) as told:
        call(name, **arguments)
    assert words in str(told.value)


def test_nothing_before_its_instant(demo: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from ellwand.office import clock
    from ellwand.office.record import reading

    last = reading.latest()
    assert last is not None
    row = total()
    monkeypatch.setattr(clock, "now", lambda: last.release_at - timedelta(seconds=1))
    said = f"第{last.period[-2:]}周，总指数为{row.published}点。"
    told = call("verify_claim", claim=said)
    unknown = call("verify_claim", claim=said.replace(last.period[-2:], "52"))
    assert told == unknown and told["verdict"] == "not published"
    for answer in (call("get_release"), call("get_observations", series=["0"]), call("list_indices"), told):
        assert last.code not in json.dumps(answer)
    messages = []
    for code in (last.code, "price-1999-W01-1"):
        with pytest.raises(DataError) as refused:
            call("get_release", release=code)
        messages.append(str(refused.value).replace(code, ""))
    assert messages[0] == messages[1]
    monkeypatch.setattr(clock, "now", lambda: last.release_at)
    assert call("verify_claim", claim=said)["verdict"] == "supported"


def test_a_corrected_figure_is_told_of(corrected: Any) -> None:
    from ellwand.office.record import reading

    row, week = corrected
    week.at(2022, 1, 24, 8)
    name = reading.figures(["price/total"], ["2022-W02"])[0].observation
    assert name.published != row.first_value
    for value, verdict in ((row.first_value, "superseded"), (name.published, "supported"), ("123.45", "contradicted")):
        told = call("verify_claim", claim=f"{name.name_zh}为{value}点。", issue="2022-W02")
        assert told["verdict"] == verdict, told
        assert [s["vintage"] for s in told["superseded"]] == ["price-2022-W02-1"] * (verdict == "superseded")
        assert "price-2022-W03-2" in told["citations"][0]["zh"]
    told = call("explain_value", series="0", period="2022-W02")
    assert [v["vintage"] for v in told["vintages"]] == ["price-2022-W02-1", "price-2022-W03-2"]
    assert [c["number"] for c in told["corrections"]] == [row.number]
    assert call("get_release", release="price-2022-W02-1")["corrections"][0]["number"] == row.number
