"""Submissions of ODK and KoBo: what they say, and what is refused without harm."""

import io
import zipfile

import pytest

from ellwand.office.collection.messages import SheetError
from ellwand.office.collection.odk.elements import LARGEST, parse
from ellwand.office.collection.odk.export import read_export
from ellwand.office.collection.odk.submissions import field_of, read_submission

OURS = """<?xml version='1.0'?>
<data id="price-2022-W01" version="abc" xmlns:orx="http://openrosa.org/xforms">
  <start>2022-01-05T09:00:00.000+08:00</start><end>2022-01-05T09:20:00.000+08:00</end>
  <unit>U0001</unit>
  <quote><item>I00005</item><status>available</status><price>12.5</price><remark>大单</remark></quote>
  <quote><item/><status/><price/></quote>
  <quote><item>I00006</item><status>out_of_stock</status></quote>
  <orx:meta><orx:instanceID>uuid:11111111-2222-3333-4444-555555555555</orx:instanceID></orx:meta>
</data>"""
KOBO = """<aX7 id="aX7" version="v3"><formhub><uuid>f</uuid></formhub>
<place><样本单位>U0001</样本单位></place><what><product_code>I00005</product_code><单价>9.9</单价></what>
<_status>submitted_via_web</_status><__version__>v3</__version__>
<meta><instanceID>uuid:AA</instanceID><deprecatedID>uuid:BB</deprecatedID></meta></aX7>"""


def test_our_form() -> None:
    said = read_submission(OURS.encode())
    assert (said.id, said.form, said.version) == ("11111111-2222-3333-4444-555555555555", "price-2022-W01", "abc")
    assert said.made_at == "2022-01-05T09:20:00.000+08:00"
    assert [(e.number, dict(e.fields)) for e in said.entries] == [
        (1, {"unit": "U0001", "item": "I00005", "status": "available", "price": "12.5", "remark": "大单"}),
        (3, {"unit": "U0001", "item": "I00006", "status": "out_of_stock"}),
    ]


def test_a_form_that_others_made() -> None:
    said = read_submission(KOBO.encode())
    assert said.id == "AA"
    assert [dict(e.fields) for e in said.entries] == [{"unit": "U0001", "item": "I00005", "price": "9.9"}]


@pytest.mark.parametrize(
    ("question", "field"),
    [("item", "item"), ("报价", "price"), ("unit_price", "price"), ("reason", "reason"), ("_status", None),
     ("deviceid", None), ("colour", None), ("code", None), ("价格类型", "type")],
)  # fmt: skip
def test_what_a_question_means(question: str, field: str | None) -> None:
    assert field_of(question) == field


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "empty file"),
        (b"x" * (LARGEST + 1), "file too large"),
        (b"<data>", "xml damaged"),
        (b"\x00\x01", "xml damaged"),
        (b"<?xml version='1.0' encoding='no-such'?><data/>", "xml damaged"),
        (b"<!DOCTYPE d [<!ENTITY a 'b'>]><d>&a;</d>", "xml doctype"),
        (b"<!DOCTYPE d SYSTEM 'file:///etc/passwd'><d/>", "xml doctype"),
        (b"<d>&a;</d>", "xml damaged"),
        (b"<a>" * 40 + b"</a>" * 40, "xml too deep"),
        (b"<d>" + b"<a/>" * 20_001 + b"</d>", "xml too many"),
        (b"<d><a>" + b"x" * 2001 + b"</a></d>", "cell too long"),
        (b"<d/>", "no submission"),
        (b"<d><item>I1</item></d>", "no instance id"),
        (b"<d><colour>red</colour><meta><instanceID>uuid:1</instanceID></meta></d>", "nothing said"),
    ],
)  # fmt: skip
def test_what_is_refused(content: bytes, rule: str) -> None:
    with pytest.raises(SheetError) as error:
        read_submission(content)
    assert error.value.rule == rule
    assert error.value.fault.message_zh and error.value.fault.remedy_en


def test_a_laughing_document_costs_nothing() -> None:
    """A billion laughs: the declaration is refused before an entity is made."""
    bomb = (
        "<!DOCTYPE l [<!ENTITY a0 'ha'>"
        + "".join(f"<!ENTITY a{k} '{f'&a{k - 1};' * 10}'>" for k in range(1, 12))
        + "]><l>&a11;</l>"
    )
    with pytest.raises(SheetError, match="document type"):
        parse(bomb.encode())


def archive(**tables: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, text in tables.items():
            zipped.writestr(f"{name}.csv", text)
    return out.getvalue()


CENTRAL = (
    "SubmissionDate,start,end,unit,SET-OF-quote,meta-instanceID,KEY,SubmitterName,ReviewState\n"
    "2022-01-05T02:00:00Z,2022-01-05T09:00:00.000+08:00,2022-01-05T09:20:00.000+08:00,U0001,"
    "uuid:A/quote,uuid:A,uuid:A,li,\n"
    "2022-01-05T02:10:00Z,,,U0002,uuid:B/quote,uuid:B,uuid:B,li,rejected\n"
)
REPEATED = (
    "item,status,price,PARENT_KEY,KEY\n"
    "I00005,available,12.5,uuid:A,uuid:A/quote[1]\n"
    "I00006,out_of_stock,,uuid:A,uuid:A/quote[3]\n"
    "I00007,available,1,uuid:B,uuid:B/quote[1]\n"
)


def test_an_export_says_what_the_phone_sent() -> None:
    """The same instance and places, so that what came by OpenRosa is known again."""
    found = read_export(archive(visits=CENTRAL, **{"visits-quote": REPEATED}))
    assert found.rejected == ("B",)
    (one,) = found.submissions
    assert one.id == "A" and one.form == "visits"
    assert [(e.number, e.row, dict(e.fields)) for e in one.entries] == [
        (1, 2, {"unit": "U0001", "item": "I00005", "status": "available", "price": "12.5"}),
        (3, 3, {"unit": "U0001", "item": "I00006", "status": "out_of_stock"}),
    ]


def test_an_export_of_kobo() -> None:
    text = (
        '"start";"place/样本单位";"quote[1]/item";"quote[1]/price";"quote[2]/item";"quote[2]/price";"_id";"_uuid";'
        '"_submission_time";"_status";"_validation_status"\n'
        '"";"U0001";"I00005";"12.5";"I00006";"3";"7";"A";"2022-01-05T02:00:00";"submitted_via_web";""\n'
        '"";"U0002";"I00005";"1";"";"";"8";"B";"2022-01-05T02:00:00";"submitted_via_web";"Not approved"\n'
    )
    found = read_export(("\ufeff" + text).encode())
    assert found.rejected == ("B",)
    (one,) = found.submissions
    assert one.made_at == "2022-01-05T02:00:00"
    assert [(e.number, dict(e.fields)) for e in one.entries] == [
        (1, {"unit": "U0001", "item": "I00005", "price": "12.5"}),
        (2, {"unit": "U0001", "item": "I00006", "price": "3"}),
    ]


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "empty file"),
        (b"unit,item,price\nU1,I1,2\n", "no export"),
        (b"unit,item,KEY\nU1,I1,\n", "no instance id"),
        (b'unit,item,KEY\n"U1,I1,uuid:A\n', "quoting"),
        (b"PK\x03\x04broken", "bad archive"),
        (archive(a="item,PARENT_KEY,KEY\nI1,uuid:Z,uuid:Z/q[1]\n"), "no parent"),
        (b"", "empty file"),
    ],
)  # fmt: skip
def test_exports_that_are_none(content: bytes, rule: str) -> None:
    with pytest.raises(SheetError) as error:
        read_export(content)
    assert error.value.rule == rule


def test_a_bomb_is_not_unpacked() -> None:
    with pytest.raises(SheetError) as error:
        read_export(archive(a="KEY\n" + "0" * (101 * 2**20)))
    assert error.value.rule == "unpacked too large"
