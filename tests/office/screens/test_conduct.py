"""The screens of people and conduct: users, the trail, complaints, declarations; in both languages, axe-clean."""

import re
from typing import Any

import pytest

ADDRESSES = {
    "ada": ("/office/users/", "/office/cases/"),
    "aud": ("/office/audit/", "/office/audit/verify/", "/office/cases/"),
}


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_screen_opens(sqlite_office: Any, language: str) -> None:
    for name, addresses in ADDRESSES.items():
        client = sqlite_office.client(name, language=language)
        for address in (*addresses, "/office/declare/") if name != "aud" else addresses:
            answer = client.get(address)
            assert answer.status_code == 200, (name, address)
            assert "{%" not in answer.content.decode()


def test_an_account_from_its_password_to_its_end(sqlite_office: Any) -> None:
    admin = sqlite_office.client("ada")
    made = admin.post("/office/users/", {"name": "new", "role": ["clerk"]})
    password = re.search(r"<code>([^<]+)</code>", made.content.decode())
    user = sqlite_office.user("new")
    assert password is not None and user.check_password(password[1]) and user.roles == {"clerk"}
    address = f"/office/users/{user.pk}/"
    assert admin.get(address).status_code == 200
    admin.post(address, {"act": "roles", "role": ["writer"], "reason": "moves"})
    assert sqlite_office.user("new").roles == {"writer"}
    assert "moves" in admin.get(address).content.decode()
    assert admin.post(address, {"act": "roles", "role": [], "reason": ""}).status_code == 422
    admin.post(address, {"act": "leave", "reason": "left"})
    assert not type(user).objects.get(pk=user.pk).is_active
    assert sqlite_office.client("aud").post(address, {"act": "leave", "reason": "x"}).status_code == 403


def test_a_complaint_has_a_receipt_and_a_course(sqlite_office: Any) -> None:
    from ellwand.office.cases.models import Complaint

    visitor = sqlite_office.client()
    assert visitor.post("/complaints/new/", {"subject": "", "text": "x"}).status_code == 422
    answer = visitor.post("/complaints/new/", {"subject": "a <wrong> price", "text": "of twill"}, follow=True)
    one = Complaint.objects.get()
    page = answer.content.decode()
    assert one.receipt in page and "a &lt;wrong&gt; price" in page
    listed = sqlite_office.client("ada").get("/office/cases/").content.decode()
    assert one.receipt in listed
    assert sqlite_office.client("ada").get(f"/office/cases/{one.pk}/").status_code == 200


def test_the_trail_is_searched_and_an_entry_read(sqlite_office: Any) -> None:
    aud = sqlite_office.client("aud")
    text = aud.get("/office/audit/", {"act": "user.add"}).content.decode()
    number = re.search(r"/office/audit/entry/(\d+)/", text)
    assert number is not None
    entry = aud.get(f"/office/audit/entry/{number[1]}/").content.decode()
    assert "user.add" in entry
    assert aud.post("/office/audit/").status_code in (403, 405)


@pytest.mark.browser
def test_axe_finds_nothing(sqlite_office: Any, serve: Any, sign_in: Any) -> None:
    from axe_playwright_python.sync_playwright import Axe

    served = serve(sqlite_office)
    for width in (390, 1440):
        for name, addresses in {**ADDRESSES, "": ("/complaints/new/",), "sta": ("/office/declare/",)}.items():
            page = sign_in(served, name, language="zh-hans" if width == 390 else "en", width=width)
            for address in addresses:
                page.goto(served.base + address)
                results = Axe().run(page)
                assert not results.response["violations"], (address, results.generate_report())
