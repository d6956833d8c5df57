"""Alerts on the site: asked for, confirmed by a link, changed, and stopped, in both languages, without an account."""

import importlib.util
import re
import sys
from pathlib import Path
from typing import Any

import pytest


def _load() -> Any:
    """The fixtures of the room of alerts."""
    path = Path(__file__).parents[1] / "alerts" / "conftest.py"
    spec = importlib.util.spec_from_file_location("alerts_fixtures", path)
    assert spec and spec.loader
    made = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = made
    spec.loader.exec_module(made)
    return made


_fixtures = _load()
in_files, hook = _fixtures.in_files, _fixtures.hook


@pytest.fixture(autouse=True)
def nobody_was_here() -> None:
    """The limits of an hour begin anew with every test."""
    from django.core.cache import cache

    cache.clear()


ROOTS = (("zh", "/"), ("en", "/en/"))


def client() -> Any:
    from django.test import Client

    return Client(SERVER_NAME="localhost", enforce_csrf_checks=False)


def run() -> None:
    """Do what the worker has waiting of requests."""
    from ellwand.office.alerts import tasks
    from ellwand.office.alerts.models import Subscriber

    for pk in Subscriber.objects.filter(confirmed_at=None).values_list("pk", flat=True):
        tasks.ask.call(pk)


def link(text: str, site: str = r"http://localhost:8765") -> str:
    (found,) = re.findall(rf"{site}(/\S*me/\S+)", text)
    return str(found)


@pytest.mark.parametrize(("language", "root"), ROOTS)
def test_from_the_form_to_the_first_message_and_out(week: Any, in_files: Any, language: str, root: str) -> None:
    from ellwand.office.alerts.models import Subscriber, Subscription
    from ellwand.office.audit.models import Entry

    week.public()
    in_files()
    visitor = client()
    page = visitor.get(f"{root}me/?series=1")
    assert page.status_code == 200 and '<option value="1" selected>' in page.content.decode()
    assert page["Cache-Control"] == "private, no-store"
    given = {"kind": "email", "address": "Ann@Example.ORG", "topic": ["release", "threshold"], "series": "1",
             "measure": "value", "way": "above", "level": "100.5"}  # fmt: skip
    sent = visitor.post(f"{root}me/", given)
    assert sent.status_code == 302 and sent["Location"] == f"{root}me/sent/"
    assert visitor.get(sent["Location"]).status_code == 200
    run()
    (mail,) = in_files()
    assert "To: Ann@example.org" in mail
    confirm = link(mail)
    assert confirm.startswith(f"{root}me/confirm/")
    assert not Subscriber.objects.exclude(confirmed_at=None).exists()
    # Opening the link alone, as mail programs do, confirms nothing.
    assert visitor.get(confirm).status_code == 200 and not Subscriber.objects.exclude(confirmed_at=None).exists()
    own = visitor.post(confirm)["Location"].partition("?")[0]
    (one,) = Subscriber.objects.exclude(confirmed_at=None)
    assert one.language == language and Subscription.objects.count() == 2
    text = visitor.get(own).content.decode()
    assert one.address in text and "100.5" in text and not re.search(r"<style|\sstyle=|\son\w+=|<script", text)
    # Another thing is added, one is taken away.
    assert visitor.post(own, {"act": "add", "topic": "correction"}).status_code == 302
    first = Subscription.objects.get(topic="threshold")
    assert visitor.post(own, {"act": "remove", "pk": first.pk}).status_code == 302
    assert set(Subscription.objects.values_list("topic", flat=True)) == {"release", "correction"}
    assert visitor.get(f"{own}stop/").status_code == 200 and Subscriber.objects.exists()
    assert visitor.post(f"{own}stop/").status_code == 200 and not Subscriber.objects.exists()
    assert visitor.get(own).status_code == 404 and visitor.get(confirm).status_code == 404
    acts = list(Entry.objects.filter(act__startswith="alerts.").order_by("sequence"))
    assert [e.act for e in acts] == ["alerts.confirm", "alerts.add", "alerts.remove", "alerts.forget"]
    assert not any("example" in str(e.after) + str(e.object) for e in acts)


def test_one_click_of_a_mail_program_stops_without_a_page(sqlite_week: Any) -> None:
    from django.test import Client

    from ellwand.office.alerts import subscribing
    from ellwand.office.alerts.models import Subscriber

    sqlite_week.public()
    one = subscribing.confirm(
        subscribing.ask("email", "a@example.org", "zh", [subscribing.wish("release", "0")])
    )  # fmt: skip
    strict = Client(SERVER_NAME="localhost", enforce_csrf_checks=True)
    address = f"/me/{subscribing.own_token(one)}/"
    # Only stopping is open to who can't show the form's token.
    assert strict.post(address, {"act": "add", "topic": "correction"}).status_code == 403
    assert strict.post(address + "stop/", {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert not Subscriber.objects.exists()


def test_wrong_forms(sqlite_week: Any) -> None:
    from django.core.cache import cache

    from ellwand.office.alerts.models import Subscriber

    sqlite_week.public()
    good = {"kind": "email", "address": "a@example.org", "topic": ["release"], "series": "0"}
    rise = {"topic": ["threshold"], "measure": "value", "way": "above", "level": "1"}
    for change in (
        {"address": ""}, {"address": "nobody"}, {"address": "a@b@example.org"},
        {"address": "a@example.org\nBcc: x@y.z"},
        {"kind": "fax"}, {"topic": []}, {"topic": ["weather"]}, {"series": "99"}, {"series": "<script>"},
        {**rise, "level": ""}, {**rise, "level": "much"}, {**rise, "level": "NaN"}, {**rise, "level": "1e99"},
        {**rise, "level": "1.00001"}, {**rise, "way": "sideways"}, {**rise, "measure": "weight"},
        {"kind": "webhook", "address": "http://hook.example.org/"}, {"kind": "webhook", "address": "https://10.0.0.1/"},
    ):  # fmt: skip
        cache.clear()
        for _, root in ROOTS:
            answer = client().post(f"{root}me/", {**good, **change})
            text = answer.content.decode()
            assert answer.status_code == 422 and 'role="alert"' in text, change
            assert ("没有接受" in text) == (root == "/") and "<script>" not in text
    assert not Subscriber.objects.exists()


def test_an_address_gets_few_mails_and_the_answer_tells_nothing(sqlite_week: Any, in_files: Any) -> None:
    sqlite_week.public()
    in_files()
    given = {"kind": "email", "address": "a@example.org", "topic": ["release"], "series": "0"}
    answers = [client().post("/me/", given) for _ in range(6)]
    assert {(a.status_code, a["Location"]) for a in answers} == {(302, "/me/sent/")}
    run()
    assert len(in_files()) == 3


def test_a_program_that_fills_in_every_field_gets_nothing(sqlite_week: Any) -> None:
    from ellwand.office.alerts.models import Subscriber

    sqlite_week.public()
    given = {"kind": "email", "address": "a@example.org", "topic": ["release"], "series": "0", "website": "x"}
    assert client().post("/me/", given).status_code == 302 and not Subscriber.objects.exists()


def test_links_of_another_kind_altered_or_too_old(sqlite_week: Any) -> None:
    from ellwand.office.alerts import subscribing
    from ellwand.office.alerts.models import Subscriber

    sqlite_week.public()
    one = subscribing.ask("email", "a@example.org", "zh", [subscribing.wish("release", "0")])
    token = subscribing.confirm_token(one)
    assert client().get(f"/me/{token}/").status_code == 404
    assert client().get(f"/me/confirm/{subscribing.own_token(one)}/").status_code == 404
    assert client().get(f"/me/confirm/{token[:-1]}/").status_code == 404
    assert client().get(f"/me/{subscribing.own_token(one)}/").status_code == 404
    assert client().get(f"/me/confirm/{token}/").status_code == 200
    sqlite_week.at(2022, 1, 20, 4)
    assert client().post(f"/me/confirm/{token}/").status_code == 404
    assert subscribing.forget_stale() > 0 and not Subscriber.objects.exists()


def test_who_asks_twice_keeps_one_link(sqlite_week: Any) -> None:
    from ellwand.office.alerts import subscribing
    from ellwand.office.alerts.models import Subscriber

    sqlite_week.public()
    first = subscribing.confirm(subscribing.ask("email", "a@example.org", "zh", [subscribing.wish("release", "0")]))
    again = subscribing.confirm(subscribing.ask("email", "a@EXAMPLE.org", "en", [subscribing.wish("correction")]))
    assert again.pk == first.pk and Subscriber.objects.count() == 1 and first.subscriptions.count() == 2


def test_a_webhook_shows_its_secret_and_whether_it_answered(sqlite_week: Any, hook: Any) -> None:
    from ellwand.office.alerts.models import Subscriber

    sqlite_week.public()
    visitor = client()
    given = {"kind": "webhook", "address": hook.address, "topic": ["release", "correction"], "series": "0"}
    own = visitor.post("/en/me/", given)["Location"]
    (one,) = Subscriber.objects.all()
    text = visitor.get(own).content.decode()
    assert one.secret in text and "Not confirmed yet" in text
    run()
    text = visitor.get(own).content.decode()
    assert "Confirmed." in text and "Not confirmed" not in text


@pytest.mark.browser
def test_in_a_browser_axe_finds_nothing(sqlite_week: Any, serve: Any, chromium: Any, monkeypatch: Any) -> None:
    axe_module = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    from ellwand.office.alerts import subscribing

    sqlite_week.public()
    wishes = [subscribing.wish("release", "0"), subscribing.wish("threshold", "1", "value", "above", "101.5")]
    one = subscribing.confirm(subscribing.ask("email", "reader@example.org", "zh", wishes))
    token = subscribing.own_token(one)
    served = serve(sqlite_week.office)
    axe = axe_module.Axe()
    for width in (390, 1440):
        context = chromium.new_context(viewport={"width": width, "height": 900})
        page = context.new_page()
        for _, root in ROOTS:
            for path in ("me/", "me/sent/", f"me/{token}/", f"me/{token}/stop/"):
                page.goto(served.base + root + path)
                found = axe.run(page).response["violations"]
                assert not found, (path, [(v["id"], v["nodes"][0]["html"][:200]) for v in found])
                wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
                assert not wide, (path, width)
        context.close()
