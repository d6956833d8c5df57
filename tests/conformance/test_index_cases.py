"""Every index case of every expected_*.json of the conformance data: one test a case."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv
import pytest

import ellwand as ew

KINDS = ("bilateral", "multilateral", "extension", "similarity_linked")
NOT_COPIED = "prices_milk.csv"
RAN: set[str] = set()


def is_index_case(case: dict) -> bool:
    """A case of an index has several packages under `expected`; one of the hierarchy names its `package` itself."""
    return "package" not in case


def files(folder: Path) -> dict[str, list[dict]]:
    """Cases of each file that holds index cases."""
    out = {}
    for path in sorted(folder.glob("expected_*.json")):
        cases = [c for c in json.loads(path.read_text(encoding="utf-8"))["cases"] if is_index_case(c)]
        if cases:
            out[path.name] = cases
    return out


def required(folder: Path) -> list[dict]:
    return [case for cases in files(folder).values() for case in cases if not case.get("optional")]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "case" not in metafunc.fixturenames:
        return
    cases = [pytest.param(case, id=case["id"]) for case in required(metafunc.config.conformance_folder)]
    if metafunc.config.conformance_is_copy:
        reason = f"{NOT_COPIED} is not copied into the repository; set ELLWAND_CONFORMANCE to the full folder"
        cases.append(pytest.param(None, id="milk", marks=pytest.mark.skip(reason=reason)))
    metafunc.parametrize("case", cases)


_tables: dict[Path, pa.Table] = {}


def table(path: Path) -> pa.Table:
    if path not in _tables:
        _tables[path] = pcsv.read_csv(path)
    return _tables[path]


def reference(case: dict) -> dict:
    """The package to agree with: the first, or the one to follow where packages disagree."""
    if case["status"] == "disagree":
        return next(e for e in case["expected"] if e["package"] == case["follow"])
    assert case["status"] in ("agree", "single"), f"unknown status {case['status']!r}"
    return case["expected"][0]


def compare(folder: Path, case: dict) -> tuple[int, str]:
    """Number of values compared, and what is wrong with them ("" if nothing)."""
    if case["kind"] not in KINDS:
        return 0, f"unknown kind {case['kind']!r}"
    data = table(folder / case["data"])
    if case["kind"] == "multilateral":
        data = data.filter(pc.less_equal(data["period"], case["params"]["window"]))
    result = ew.index(data, case["method"], **case["params"])
    got = dict(zip(result["period"].to_pylist(), result["index"].to_pylist(), strict=True))
    package = reference(case)
    wrong, compared = [], 0
    for period, value in zip(case["periods"], package["values"], strict=True):
        if value is None:
            continue
        compared += 1
        if got.get(period) is None or not abs(got[period] / value - 1) <= case["tolerance"]:
            wrong.append(f"period {period}: {got.get(period)}, {package['package']} has {value}")
    if not compared:
        wrong.append("the case holds no value to compare with")
    return compared, "; ".join(wrong)


def test_case(case: dict, conformance: Path) -> None:
    compared, wrong = compare(conformance, case)
    RAN.add(case["id"])
    assert not wrong, wrong
    assert compared >= 1


def test_every_required_case_is_run(request: pytest.FixtureRequest, conformance: Path) -> None:
    wanted = [case["id"] for case in required(conformance)]
    assert len(wanted) == len(set(wanted)), "two cases have one id"
    optional = sum(bool(c.get("optional")) for cases in files(conformance).values() for c in cases)
    texts = {path.name: path.read_text(encoding="utf-8") for path in conformance.glob("expected_*.json")}
    assert len(wanted) + optional == sum(text.count('"max_rel_diff"') for text in texts.values())
    # The other cases are those of the hierarchy, which test_hierarchy_cases.py runs: none is lost between the two.
    other = [c for text in texts.values() for c in json.loads(text)["cases"] if not is_index_case(c)]
    assert len(wanted) + optional + len(other) == sum(text.count('"id":') for text in texts.values())
    chosen = [
        i for i in request.session.items if getattr(i, "originalname", "") == "test_case" and i.path == Path(__file__)
    ]
    ids = {i.callspec.id for i in chosen} - {"milk"}
    assert ids == RAN, "a case was chosen and did not get as far as a comparison"
    if not (request.config.option.keyword or request.config.option.markexpr or "::" in " ".join(request.config.args)):
        assert len(RAN) == len(wanted)


def test_the_copies_are_complete(pytestconfig: pytest.Config) -> None:
    copies = Path(__file__).parent / "data"
    counts = {name: sum(not c.get("optional") for c in cases) for name, cases in files(copies).items()}
    assert counts == {"expected_balanced.json": 134, "expected_churn.json": 151}
    assert not [p.name for p in copies.iterdir() if "milk" in p.name or "anchor" in p.name]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "no_such_kind"}, "unknown kind"),
        ({"tolerance": 0.0, "expected": [{"package": "x", "values": [1.0, 2.0]}], "periods": [1, 2]}, "period 2"),
        ({"expected": [{"package": "x", "values": [None]}], "periods": [1]}, "no value to compare"),
        ({"expected": [{"package": "x", "values": [1.0]}], "periods": [99]}, "period 99"),
    ],
)
def test_a_wrong_case_is_found(change: dict, message: str) -> None:
    copies = Path(__file__).parent / "data"
    case = required(copies)[0] | {"status": "single"} | change
    assert message in compare(copies, case)[1]


def test_an_unknown_method_fails() -> None:
    copies = Path(__file__).parent / "data"
    with pytest.raises(ValueError, match="no_such_method"):
        compare(copies, required(copies)[0] | {"method": "no_such_method"})


def test_a_disagreement_follows_the_named_package() -> None:
    case = {"status": "disagree", "follow": "b", "expected": [{"package": "a"}, {"package": "b"}]}
    assert reference(case) == {"package": "b"}
