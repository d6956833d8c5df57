"""S6, imputation: what is filled, from which donors, and which classes are below their rule."""

from typing import Any

from ellwand.office.review import filled
from ellwand.office.rounds.compiling import compile_round
from ellwand.office.rounds.producing import produce


def test_what_is_filled_is_what_is_compiled(office: Any) -> None:
    office.collect("2022-W01")
    found = office.collect("2022-W02")
    address = f"/office/rounds/{found.code}/imputation/"
    max_ = office.client("max")
    office.review(found)
    seen = filled.of(produce(found))
    assert seen.prices and sum(seen.letters.values()) == len(seen.prices)
    text = max_.get(address).content.decode()
    assert f"<strong>{len(seen.prices)}</strong>" in text
    compile_round(found.code, office.user("max"), sign="small market")
    rows = {o.code: o for o in found.compilations.get().observations.all()}
    assert {g.code: (g.grade, g.counts["imputed"]) for g in seen.classes} == {
        code: (o.grade, o.imputed) for code, o in rows.items()
    }
    assert {g.code for g in seen.below} == {code for code, o in rows.items() if o.grade == "S"}
    assert all(g.why for g in seen.below)
    zh = office.client("rui", language="zh-hans").get(address).content.decode()
    assert "推算的价格" in zh and zh.count("<meter") == sum(g.imputed is not None for g in seen.classes)


def test_one_class_and_who_may_look(office: Any) -> None:
    office.collect("2022-W01")
    found = office.collect("2022-W02")
    address = f"/office/rounds/{found.code}/imputation/"
    seen = filled.of(produce(found))
    leaf = seen.prices[0].ea
    n = sum(p.ea == leaf for p in seen.prices)
    text = office.client("max").get(address + f"?class={leaf}").content.decode()
    assert text.split('id="prices"')[1].count('<th scope="row">') == n
    assert "No price is filled" in office.client("max").get(address + "?class=nowhere").content.decode()
    for name, status in (("aud", 200), ("sta", 200), ("wen", 403), ("col", 403)):
        assert office.client(name).get(address).status_code == status


def test_before_the_cut_off_there_is_nothing(sqlite_office: Any, monkeypatch: Any) -> None:
    sqlite_office.at(monkeypatch, 2022, 1, 5, 3)
    found = sqlite_office.sign_open("2022-W01")
    address = f"/office/rounds/{found.code}/imputation/"
    assert "Once the cut-off has passed" in sqlite_office.client("max").get(address).content.decode()
    sqlite_office.at(monkeypatch, 2022, 1, 8, 5)
    assert "there is no quote" in sqlite_office.client("max").get(address).content.decode()
