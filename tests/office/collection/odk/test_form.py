"""The panel as a form: well-formed, whole in both languages, and what it asks comes back as an entry."""

import re
import xml.etree.ElementTree as ET

from ellwand.office.collection.odk.form import LANGUAGES, Due, Form, form_of
from ellwand.office.collection.odk.submissions import read_submission

X = "{http://www.w3.org/2002/xforms}"
ROWS = [
    Due("U1", ("甲<店>", "A & B"), "I1", ("涤纶", 'Polyester "75D"'), "m", "12.5"),
    Due("U1", ("甲<店>", "A & B"), "I2", ("棉布", "Cotton"), "kg", ""),
    Due("U2", ("乙店", "C"), "I1", ("涤纶", 'Polyester "75D"'), "m", "13"),
]


def made() -> Form:
    return form_of("price-2022-W01", ("价格", "Prices"), ROWS)


def test_every_reference_leads_somewhere() -> None:
    form = made()
    root = ET.fromstring(form.xml)
    text = form.xml
    for language in root.iter(f"{X}translation"):
        assert language.get("lang") in LANGUAGES
        texts = {t.get("id"): "".join(t.itertext()) for t in language.iter(f"{X}text")}
        asked = set(re.findall(r"jr:itext\('([^']+)'\)", text))
        asked |= {e.text for e in root.iter(f"{X}itextId")}
        assert asked <= texts.keys()
        assert all(v.strip() for v in texts.values())
    data = root.find(f".//{X}instance/{X}data")
    assert data is not None
    for bind in root.iter(f"{X}bind"):
        path = bind.get("nodeset", "").split("/")[2:]
        assert data.find("/".join(f"{X}{p}" for p in path)) is not None, bind.get("nodeset")
    bound = {b.get("nodeset") for b in root.iter(f"{X}bind")}
    asked_for = {e.get("ref") for e in root.iter() if e.get("ref", "").startswith("/")}
    assert asked_for - {"/data/quote"} <= bound


def test_the_choices_are_the_panel() -> None:
    root = ET.fromstring(made().xml)
    rows = root.find(f".//{X}instance[@id='rows']/{X}root")
    assert rows is not None
    seen = [tuple(i.findtext(f"{X}{k}") for k in ("unit", "name", "measure", "last")) for i in rows]
    assert seen == [("U1", "I1", "m", "12.5"), ("U1", "I2", "kg", "–"), ("U2", "I1", "m", "13")]
    units = root.find(f".//{X}instance[@id='units']/{X}root")
    assert units is not None and [i.findtext(f"{X}name") for i in units] == ["U1", "U2"]


def test_the_version_is_that_of_the_content() -> None:
    form, other = made(), form_of("price-2022-W01", ("价格", "Prices"), ROWS[:2])
    assert form.version == made().version != other.version
    assert form.digest != other.digest and f'version="{form.version}"' in form.xml


def test_what_the_form_asks_comes_back() -> None:
    """An instance filled in as a phone does it, by the names in the form itself."""
    root = ET.fromstring(made().xml)
    data = root.find(f".//{X}instance/{X}data")
    assert data is not None
    template, quote = data.findall(f"{X}quote")
    data.remove(template)
    answers = {
        "item": "I1", "status": "available", "price": "9.5", "type": "deal", "quantity": "100", "remark": "r",
        "reason": "why", "picture": "1.jpg",
    }  # fmt: skip
    assert {e.tag.removeprefix(X) for e in quote} == answers.keys()
    for e in quote:
        e.text = answers[e.tag.removeprefix(X)]
    unit, instance = data.find(f"{X}unit"), data.find(f"{X}meta/{X}instanceID")
    assert unit is not None and instance is not None
    unit.text, instance.text = "U1", "uuid:1"
    said = read_submission(ET.tostring(data))
    assert dict(said.entries[0].fields) == {"unit": "U1", **answers}
