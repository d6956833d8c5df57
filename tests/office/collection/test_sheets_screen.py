"""Price sheets on the screen: a trial run names row, field, value, rule and remedy; just that is taken in, once."""

import io
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from ellwand.engine.errors import DataError

ROUND = "price-2022-W02"
ADDRESS = f"/office/rounds/{ROUND}/sheets/"
HEADER = ("样本单位", "产品编号", "价格", "价格类型", "备注")
ROWS = (
    ("U0001", "I00005", 8.1, "成交价", ""),
    ("U0001", "I00006", "七块六", "", ""),
    ("U0002", "I00001", 15.5, "", ""),
    ("U0002", "I00005", 8, "", ""),
)


@pytest.fixture
def sheet(workbook: Callable[..., bytes]) -> Callable[..., Any]:
    """A file as a browser sends it."""

    def make(rows: Any = ROWS, name: str = "周报价.xlsx") -> Any:
        return SimpleUploadedFile(name, workbook([HEADER, *rows]))

    return make


def _try(client: Any, file: Any) -> str:
    """Try a file; the address of the trial run."""
    answer = client.post(ADDRESS, {"act": "try", "sheet": file})
    assert answer.status_code == 302, answer.content.decode()[:3000]
    return str(answer["Location"])


def _quotes() -> dict[tuple[str, str], Any]:
    from ellwand.office.quotes.models import Quote

    rows = Quote.objects.current().filter(round__code=ROUND).select_related("unit", "item")
    return {(q.unit.code, q.item.code): q for q in rows}


def test_a_trial_run_shows_every_problem_and_changes_nothing(collecting: Any, sheet: Any) -> None:
    from ellwand.office.audit.models import Entry

    client = collecting.client("col", language="zh-hans")
    address = _try(client, sheet())
    page = client.get(address).content.decode()
    for said in ("七块六", "不报送产品", '<th scope="row">3</th>', "周报价.xlsx"):
        assert said in page, said
    assert page.count("<tbody><tr>") >= 1 and not _quotes()
    last = Entry.objects.order_by("-sequence")[0]
    assert last.act == "sheet.try" and (last.after["accepted"], last.after["refused"]) == (2, 2)
    pk = address.partition("=")[2]
    report = client.get(f"{ADDRESS}{pk}/report.xlsx")
    cells = [[c.value for c in row] for row in openpyxl.load_workbook(io.BytesIO(report.content)).active]
    assert cells[0][:5] == list(HEADER) and "第3行" in cells[2][5] and cells[1][5] is None
    table = client.get(f"{ADDRESS}{pk}/report.csv").content.decode("utf-8-sig").splitlines()
    assert table[0].startswith("工作表,行,列,字段,原值,规则") and len(table) == 3 and "七块六" in table[1]


def test_what_was_tried_is_taken_in_and_the_same_file_is_not_taken_twice(collecting: Any, sheet: Any) -> None:
    client = collecting.client("col")
    file = sheet()
    pk = _try(client, file).partition("=")[2]
    assert client.post(ADDRESS, {"act": "take", "trial": pk}).status_code == 302
    assert {k: q.price for k, q in _quotes().items()} == {
        ("U0001", "I00005"): Decimal("8.1"), ("U0002", "I00001"): Decimal("15.5"),
    }  # fmt: skip
    assert _quotes()["U0001", "I00005"].kind == "deal" and _quotes()["U0001", "I00005"].source.name == "周报价.xlsx"
    # The same file again, under another name.
    file.seek(0)
    file.name = "renamed.xlsx"
    address = _try(client, file)
    page = client.get(address).content.decode()
    assert "was taken in at" in page and "Take" not in page.partition("<main")[2].partition("Files taken in")[0]
    answer = client.post(ADDRESS, {"act": "take", "trial": address.partition("=")[2]}, follow=True)
    assert "taken in before; nothing was done" in answer.content.decode() and len(_quotes()) == 2
    # Other contents with one changed price: one version more.
    changed = [("U0001", "I00005", 8.2, "成交价", ""), *ROWS[1:]]
    address = _try(client, sheet(changed))
    page = client.get(address).content.decode()
    assert "<dt>to be changed</dt><dd>1</dd>" in page and "<dt>unchanged</dt><dd>1</dd>" in page
    client.post(ADDRESS, {"act": "take", "trial": address.partition("=")[2]})
    assert _quotes()["U0001", "I00005"].version == 2


def test_soft_rules_ask_for_a_reason_and_hard_ones_refuse(collecting: Any, sheet: Any) -> None:
    client = collecting.client("col")
    address = _try(client, sheet([("U0001", "I00005", 80.6, "", ""), ("U0002", "I00001", 15.4, "", "")]))
    pk = address.partition("=")[2]
    page = client.get(address).content.decode()
    assert "Prices to be confirmed" in page and "+900 %" in page
    answer = client.post(ADDRESS, {"act": "take", "trial": pk})
    assert answer.status_code == 422 and "say why they are right" in answer.content.decode() and not _quotes()
    assert client.post(ADDRESS, {"act": "take", "trial": pk, "reason": "confirmed by phone"}).status_code == 302
    assert _quotes()["U0001", "I00005"].reason == "confirmed by phone"


def test_a_hard_rule_of_the_method_is_a_problem_of_its_row(collecting: Any, sheet: Any) -> None:
    from ellwand.office.registry.models import MethodVersion
    from ellwand.office.rounds import work

    row, _ = work.method_in_force()
    rule = (
        '\n[[validate.rule]]\nname = "below fifteen"\nkind = "hard"\nmust = "price < 15"\n'
        'message_zh = "高于15"\nmessage_en = "above fifteen"\n'
    )
    MethodVersion(
        name=row.name, version="hard", text=row.text + rule, digest="0" * 64, by=row.by, at=row.at,
    ).save()  # fmt: skip
    client = collecting.client("col")
    address = _try(client, sheet([ROWS[0], ROWS[2]]))
    page = client.get(address).content.decode()
    assert "above fifteen" in page and '<th scope="row">3</th>' in page
    client.post(ADDRESS, {"act": "take", "trial": address.partition("=")[2]})
    assert list(_quotes()) == [("U0001", "I00005")]


def test_a_sheet_whose_registers_changed_since_is_tried_again(collecting: Any, sheet: Any) -> None:
    from ellwand.office.collection import trials
    from ellwand.office.registry.models import Assignment
    from ellwand.office.rounds import work

    client = collecting.client("col")
    pk = int(_try(client, sheet()).partition("=")[2])
    Assignment.objects.filter(unit__code="U0002", item__code="I00001").update(valid_to="2022-W01")
    with pytest.raises(DataError, match="another result than its trial run"):
        trials.take_in(trials.find(work.find(ROUND), pk), collecting.user("col"))
    assert not _quotes()


def test_a_clerk_tries_and_a_collector_takes_in(collecting: Any, sheet: Any) -> None:
    clerk = collecting.client("cai")
    address = _try(clerk, sheet())
    assert "A collector takes quotes in" in clerk.get(address).content.decode()
    assert clerk.post(ADDRESS, {"act": "take", "trial": address.partition("=")[2]}).status_code == 403
    assert not _quotes()
    assert collecting.client("wen").get(ADDRESS).status_code == 403


def test_files_that_are_no_sheet(collecting: Any) -> None:
    from ellwand.office.collection.models import Trial

    client = collecting.client("col", language="zh-hans")
    old = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 600
    for name, content, told in (("x.xls", old, "97-2003"), ("x.csv", b"a,b\n1,2\n", "请"), ("x.xlsx", b"%PDF-1", "请")):
        answer = client.post(ADDRESS, {"act": "try", "sheet": SimpleUploadedFile(name, content)})
        page = answer.content.decode()
        assert answer.status_code == 422 and told in page.partition('role="alert"')[2], name
    assert client.post(ADDRESS, {"act": "try"}).status_code == 422
    assert client.post(ADDRESS, {"act": "take", "trial": "99"}).status_code == 422
    assert not Trial.objects.exists()
