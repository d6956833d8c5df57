"""ODK Collect's way in: the form of one's own stalls, submissions once each, exports of the same known again."""

import base64
import io
import re
import xml.etree.ElementTree as ET
import zipfile
import zlib
from typing import Any

import pytest

from ellwand.office.collection import due, tokens
from ellwand.office.collection.models import Delivery, Instance, Picture, Stop
from ellwand.office.collection.odk import taking
from ellwand.office.quotes.models import Quote
from ellwand.office.registry.models import Unit
from ellwand.office.rounds.models import Round

SUBMIT, LIST = "/office/odk/submission", "/office/odk/formList"
X = "{http://www.w3.org/2002/xforms}"


class Phone:
    """ODK Collect with a name and a token."""

    def __init__(self, office: Any, name: str = "col") -> None:
        from django.core.cache import cache

        cache.clear()
        self.client = office.client()
        _, secret = tokens.make(office.user(name), "phone", ["odk"], 30, office.user("ada"))
        self.headers = {"Authorization": "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode()}

    def get(self, address: str) -> Any:
        return self.client.get(address, headers=self.headers)

    def send(self, xml: str | bytes, language: str = "en", **files: bytes) -> Any:
        content = xml.encode() if isinstance(xml, str) else xml
        parts: dict[str, Any] = {"xml_submission_file": _file("submission.xml", content)}
        parts |= {name: _file(name.replace("_", "."), bytes_) for name, bytes_ in files.items()}
        self.client.cookies["django_language"] = language
        return self.client.post(SUBMIT, parts, headers=self.headers)


def _file(name: str, content: bytes) -> Any:
    out = io.BytesIO(content)
    out.name = name
    return out


@pytest.fixture
def opened(office: Any, stopped: Any) -> Any:
    """An office with an open round, and two stalls on the way of col."""
    office.sign_open("2022-W01")
    rows = due.of_units(Round.objects.get(), [u.pk for u in Unit.objects.all()])
    units = [u for u in Unit.objects.order_by("code") if len(rows[u.pk]) > 1][:2]
    for k, unit in enumerate(units):
        Stop(unit=unit, collector=office.user("col"), position=2 - k, by=office.user("cai"), at=stopped.now()).save()
    return office


@pytest.fixture
def phone(opened: Any) -> Phone:
    return Phone(opened)


def panel(phone: Phone) -> list[tuple[str, str]]:
    """Units and items of the form."""
    address = re.findall(r"<downloadUrl>http://localhost([^<]*)</downloadUrl>", phone.get(LIST).content.decode())[0]
    root = ET.fromstring(phone.get(address).content)
    rows = root.find(f".//{X}instance[@id='rows']/{X}root")
    assert rows is not None
    return [(str(r.findtext(f"{X}unit")), str(r.findtext(f"{X}name"))) for r in rows]


def filled(unit: str, quotes: list[dict[str, str]], instance: str = "uuid:A", form: str = "price-2022-W01") -> str:
    said = "".join("<quote>" + "".join(f"<{k}>{v}</{k}>" for k, v in q.items()) + "</quote>" for q in quotes)
    return (
        f'<data id="{form}" version="1"><start/><end>2022-01-05T09:20:00.000+08:00</end><unit>{unit}</unit>{said}'
        f"<meta><instanceID>{instance}</instanceID></meta></data>"
    )


def test_the_form_is_that_of_ones_own_stalls(opened: Any, phone: Phone) -> None:
    rows = panel(phone)
    units = list(dict.fromkeys(u for u, _ in rows))
    last = Stop.objects.order_by("position").values_list("unit__code", flat=True)
    assert units == list(last) and len(rows) > 2
    listed = phone.get(LIST)
    assert listed["X-OpenRosa-Version"] == "1.0" and "<formID>price-2022-W01</formID>" in listed.content.decode()
    assert phone.get("/office/odk/forms/price-2022-W02").status_code == 404
    # Nothing on the way: no form.
    assert "<xform>" not in Phone(opened, "sun").get(LIST).content.decode()


def test_a_phone_asks_before_it_sends(phone: Phone) -> None:
    asked = phone.client.head(SUBMIT, headers=phone.headers)
    assert asked.status_code == 204 and int(asked["X-OpenRosa-Accept-Content-Length"]) > 10_000_000
    stranger = phone.client.head(SUBMIT)
    assert stranger.status_code == 401 and stranger["WWW-Authenticate"].startswith("Basic")
    assert phone.client.post(SUBMIT, {}).status_code == 401
    assert phone.client.get(LIST).status_code == 401
    assert phone.client.get(SUBMIT, headers=phone.headers).status_code == 405


def test_a_submission_counts_once(phone: Phone) -> None:
    (unit, item), (same, other) = panel(phone)[:2]
    assert unit == same
    given = filled(unit, [{"item": item, "status": "available", "price": "12.5", "remark": "r"},
                          {"item": other, "status": "out_of_stock"}])  # fmt: skip
    first = phone.send(given)
    assert first.status_code == 201 and "2 quotes taken in; receipt " in first.content.decode()
    again = phone.send(given)
    assert again.status_code == 201 and again.content == first.content
    assert (Quote.objects.count(), Delivery.objects.count(), Instance.objects.count()) == (2, 2, 1)
    q = Quote.objects.get(item__code=item)
    assert (q.price, q.collection_method, q.by.username, q.collected_on) == (12.5, "odk", "col", "2022-01-05")
    assert Instance.objects.get().content == given


def test_what_is_not_taken_in_is_kept_and_told(opened: Any, phone: Phone) -> None:
    (unit, item), (_, other) = panel(phone)[:2]
    late = {"item": other, "price": "3", "date": "2022-02-01"}
    wrong = [{"item": other, "price": "zehn"}, {"item": "I9", "price": "3"}, late]
    given = filled(unit, [{"item": item, "price": "12.5"}, *wrong])
    answer = phone.send(given, language="zh-hans")
    said = answer.content.decode()
    assert answer.status_code == 202 and "已接收1条报价" in said and "“zehn”不是数字" in said and "不在2022-W01" in said
    kept = Instance.objects.get()
    assert (kept.open, Quote.objects.count()) == (3, 1)
    # Again, and nothing has changed: nothing is written.
    assert phone.send(given, language="zh-hans").status_code == 202
    assert (Instance.objects.count(), Delivery.objects.count()) == (1, 1)
    # The item was added to the register in the meantime.
    from ellwand.office.registry.models import Assignment, Item

    like = Item.objects.get(code=item)
    like.pk, like.code = None, "I9"
    like.save(force_insert=True)
    Assignment(unit=Unit.objects.get(code=unit), item=like, valid_from="2022-W01").save()
    taken = taking.again(kept, opened.user("col"))
    assert taken.said["taken"] == 2 and taken.said["refused"] == 2
    assert Instance.objects.filter(key="A").count() == 2 and Quote.objects.count() == 2


def test_an_export_of_the_same_is_known_again(opened: Any, phone: Phone) -> None:
    (unit, item), (_, other) = panel(phone)[:2]
    phone.send(filled(unit, [{"item": item, "price": "12.5"}, {"item": other, "status": "closed"}]))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as zipped:
        rows = (f"2022-01-05T{hour}:20:00+08:00,{unit},uuid:{id_},uuid:{id_}" for hour, id_ in (("09", "A"), (10, "B")))
        zipped.writestr("p.csv", "\n".join(["end,unit,meta-instanceID,KEY", *rows]))
        parts = [
            f"{item},,12.5,uuid:A,uuid:A/quote[1]", f"{other},closed,,uuid:A,uuid:A/quote[2]",
            f"{item},,13,uuid:B,uuid:B/quote[1]",
        ]  # fmt: skip
        zipped.writestr("p-quote.csv", "\n".join(["item,status,price,PARENT_KEY,KEY", *parts]))
    # The office itself brings it, under another name.
    Stop(
        unit=Unit.objects.get(code=unit), collector=None, position=1, by=opened.user("cai"), at=Round.objects.get().at
    ).save()
    found, _ = taking.take_export(out.getvalue(), "p.zip", Round.objects.get(), opened.user("sun"))
    assert [(t.instance, t.again) for t in found] == [("A", True), ("B", False)]
    assert Quote.objects.filter(item__code=item).count() == 2
    again, _ = taking.take_export(out.getvalue(), "p.zip", Round.objects.get(), opened.user("sun"))
    assert all(t.again for t in again) and Quote.objects.count() == 3


def test_what_an_older_submission_says_stays_behind(phone: Phone) -> None:
    """A phone that was long without a connection does not undo what was entered since."""
    unit, item = panel(phone)[0]
    phone.send(filled(unit, [{"item": item, "price": "13"}], "uuid:late"))
    old = filled(unit, [{"item": item, "price": "12"}], "uuid:early").replace("09:20", "08:20")
    assert phone.send(old).status_code == 201
    assert Quote.objects.current().get().price == 13
    assert Delivery.objects.get(outcome="older").conflict


def test_pictures_come_along(phone: Phone) -> None:
    unit, item = panel(phone)[0]
    given = filled(unit, [{"item": item, "price": "12.5", "picture": "1.png"}])
    assert phone.send(given).status_code == 201 and Picture.objects.count() == 0
    wrong = phone.send(given, **{"1_png": b"no picture"})
    assert wrong.status_code == 202 and "1.png: is no JPEG" in wrong.content.decode()
    assert phone.send(given, **{"1_png": png()}).status_code == 201
    assert phone.send(given, **{"1_png": png()}).status_code == 201
    assert Picture.objects.get().item.code == item and Quote.objects.count() == 1


def test_pictures_of_another_way_are_not_kept(opened: Any, phone: Phone, stopped: Any) -> None:
    unit, item = panel(phone)[0]
    given = filled(unit, [{"item": item, "price": "12.5", "picture": "1.png"}])
    Stop(
        unit=Unit.objects.get(code=unit), collector=opened.user("sun"), position=1, by=opened.user("cai"),
        at=stopped.now(),
    ).save()  # fmt: skip
    answer = phone.send(given, **{"1_png": png()})
    assert answer.status_code == 202 and "on the route of another collector" in answer.content.decode()
    assert not Quote.objects.exists() and not Picture.objects.exists()


def png() -> bytes:
    def part(kind: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")

    head = (1).to_bytes(4, "big") * 2 + bytes([8, 0, 0, 0, 0])
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", zlib.compress(b"\0\0")) + part(b"IEND", b"")


@pytest.mark.parametrize(
    ("xml", "status", "said"),
    [
        (b"<data", 400, "not well-formed"),
        (b"<!DOCTYPE d [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><d>&a;</d>", 400, "document type"),
        (b"<data><item>I1</item></data>", 400, "no instanceID"),
        (b"x" * (2 * 2**20 + 1), 400, "bytes"),
    ],
)  # fmt: skip
def test_submissions_that_are_none(phone: Phone, xml: bytes, status: int, said: str) -> None:
    answer = phone.send(xml)
    assert answer.status_code == status and said in answer.content.decode()
    assert ET.fromstring(answer.content).tag.endswith("OpenRosaResponse")
    assert (Instance.objects.count(), Quote.objects.count()) == (0, 0)
    assert phone.client.post(SUBMIT, {"x": "y"}, headers=phone.headers).status_code == 400


def test_a_token_for_other_things(opened: Any, phone: Phone) -> None:
    _, secret = tokens.make(opened.user("col"), "program", ["quotes"], 30, opened.user("ada"))
    answer = phone.client.get(LIST, headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 403 and "not for odk" in answer.content.decode()
