"""Signing in: the first password, the second factor, recovery codes, limits, sessions that end, cookies and https."""

import re
import threading
from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings as django_settings

PASSWORD = "a-long-password-of-the-test"


@pytest.fixture(autouse=True)
def _no_limits_left_over() -> None:
    from django.core.cache import cache

    cache.clear()


def _password(office: Any, name: str, password: str = PASSWORD) -> Any:
    user = office.user(name)
    user.set_password(password)
    user.must_change_password = False
    user.save()
    return user


def _sign_in(client: Any, name: str, password: str = PASSWORD, **more: Any) -> Any:
    return client.post("/accounts/login/", {"login": name, "password": password, **more})


def _code(secret: str, ahead: int = 0) -> str:
    import time

    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + ahead))


def test_the_first_sign_in_leads_to_a_password_of_ones_own(office: Any) -> None:
    from ellwand.office.accounts import people
    from ellwand.office.audit.models import Entry

    once = people.add("new", ["clerk"], office.user("ada"))
    client = office.client()
    assert _sign_in(client, "new", once)["Location"] == "/office/"
    for address in ("/office/", "/office/rounds/"):
        assert client.get(address)["Location"] == "/accounts/password/change/"
    page = client.get("/accounts/password/change/").content.decode()
    assert "one-time password" in page and 'class="menu"' not in page
    change = {"oldpassword": once, "password1": PASSWORD, "password2": PASSWORD}
    told = client.post("/accounts/password/change/", change | {"password2": "another-long-password"})
    assert "The two new passwords differ" in told.content.decode()
    told = client.post("/accounts/password/change/", change | {"password1": once, "password2": once})
    assert "This is your present password" in told.content.decode()
    assert client.post("/accounts/password/change/", change)["Location"] == "/office/"
    assert client.get("/office/").status_code == 200
    # The one-time password opens nothing any more, and the trail heard of it all.
    assert "not right" in _sign_in(office.client(), "new", once).content.decode()
    of = Entry.objects.filter(object=f"user/{office.user('new').pk}").order_by("sequence")
    assert list(of.values_list("act", flat=True)) == ["user.add", "account.sign_in", "account.password"]


@pytest.mark.parametrize("name", ["rui", "sta", "tex", "ada"])
def test_nothing_opens_before_the_second_factor_is_set_up_and_used(sqlite_office: Any, name: str) -> None:
    from ellwand.office.screens.access import ANYBODY, SCREENS

    _password(sqlite_office, name)
    client = sqlite_office.client()
    _sign_in(client, name)
    for one in SCREENS.values():
        if ANYBODY not in one.read:
            answer = client.get("/" + re.sub(r"<[^>]*>", "1", one.path))
            assert (answer.status_code, answer["Location"]) == (302, "/accounts/2fa/"), one.path
        if one.write and ANYBODY not in one.write:
            answer = client.post("/" + re.sub(r"<[^>]*>", "1", one.path))
            assert (answer.status_code, answer["Location"]) == (302, "/accounts/2fa/"), one.path
    page = client.get("/accounts/2fa/").content.decode()
    assert "Before any other page opens" in page and 'class="menu"' not in page
    # Set up.
    activate = "/accounts/2fa/totp/activate/"
    assert client.get(activate).status_code == 200
    secret = client.session["mfa.totp.secret"]
    wrong = client.post(activate, {"code": "000000" if _code(secret) != "000000" else "111111"})
    assert "The code is not right" in wrong.content.decode()
    codes = "/accounts/2fa/recovery-codes/"
    assert client.post(activate, {"code": _code(secret)})["Location"] == codes
    # Set up and not used: still nothing else, the recovery codes neither.
    for address in ("/office/rounds/", codes):
        there = client.get(address)["Location"]
        assert there == f"/accounts/2fa/reauthenticate/?next={address.replace('/', '%2F')}"
    assert client.post(there, {"code": _code(secret), "next": codes})["Location"] == codes
    assert len(re.findall(r"<li><code>\d{8}</code>", client.get(codes).content.decode())) == 10
    assert client.get("/office/rounds/").status_code == 200


def test_a_recovery_code_opens_once_and_no_code_twice(office: Any) -> None:
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    user = _password(office, "sta")
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    first = RecoveryCodes.activate(user).generate_codes()[0]

    def enter(code: str) -> Any:
        client = office.client()
        assert _sign_in(client, "sta")["Location"].startswith("/accounts/2fa/authenticate/")
        # The password alone opens nothing.
        assert client.get("/office/")["Location"].startswith("/accounts/login/")
        answer = client.post("/accounts/2fa/authenticate/", {"code": code})
        return client, answer

    client, answer = enter(first)
    assert answer["Location"] == "/office/" and client.get("/office/").status_code == 200
    _, answer = enter(first)
    assert "used already" in answer.content.decode()
    code = _code(secret)
    assert enter(code)[1].status_code == 302
    assert "used already" in enter(code)[1].content.decode()


def test_the_last_second_factor_of_who_needs_one_stays(sqlite_office: Any) -> None:
    from allauth.mfa.models import Authenticator
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    TOTP.activate(_password(sqlite_office, "rui"), generate_totp_secret())
    client = sqlite_office.client("rui")
    session = client.session
    session["account_authentication_methods"][-1]["reauthenticated"] = True
    session.save()
    told = client.get("/accounts/2fa/totp/deactivate/").content.decode()
    assert "add another one before you remove this one" in told
    client.post("/accounts/2fa/totp/deactivate/")
    assert Authenticator.objects.filter(user=sqlite_office.user("rui"), type="totp").exists()


def test_the_last_key_of_who_needs_one_stays(sqlite_office: Any) -> None:
    from allauth.mfa.models import Authenticator

    key = Authenticator.objects.create(user=sqlite_office.user("rui"), type="webauthn", data={"name": "k"})
    client = sqlite_office.client("rui")
    answer = client.post(f"/accounts/2fa/webauthn/keys/{key.pk}/remove/")
    assert answer["Location"] == "/accounts/2fa/webauthn/" and Authenticator.objects.filter(pk=key.pk).exists()


def test_who_has_a_second_factor_confirms_by_it_and_not_by_the_password(sqlite_office: Any) -> None:
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    TOTP.activate(_password(sqlite_office, "cai"), generate_totp_secret())
    client = sqlite_office.client("cai", second_factor=False)
    assert client.get("/accounts/reauthenticate/")["Location"] == "/accounts/2fa/reauthenticate/"


def test_guessing_is_limited_by_account_and_by_address(office: Any) -> None:
    _password(office, "cai")
    client = office.client()
    for _ in range(5):
        assert "not right" in _sign_in(client, "cai", "wrong").content.decode()
    assert "Too many failed attempts" in _sign_in(client, "cai").content.decode()
    # From another address the account stays shut; another account opens.
    assert "Too many failed attempts" in _sign_in(office.client(), "cai").content.decode()
    _password(office, "col")
    assert _sign_in(office.client(), "col").status_code == 302
    for _ in range(31):
        last = client.post("/accounts/login/", {"login": "x", "password": "y"})
    assert last.status_code == 429 and last["Retry-After"] == "60"
    assert "Wait a minute" in last.content.decode()


def test_limits_are_shared_by_the_threads_of_the_server(sqlite_office: Any) -> None:
    from django.core.cache import cache

    cache.set("seen", 0)
    threads = [threading.Thread(target=lambda: cache.incr("seen")) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert cache.get("seen") == 20
    for k in range(5000):
        cache.set(f"other{k}", k)
    # Nobody pushes a limit out by filling the cache.
    assert cache.get("seen") == 20


def test_codes_are_limited_too(sqlite_office: Any) -> None:
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    TOTP.activate(_password(sqlite_office, "sta"), generate_totp_secret())
    client = sqlite_office.client()
    _sign_in(client, "sta")
    said = [client.post("/accounts/2fa/authenticate/", {"code": "1234"}).content.decode() for _ in range(6)]
    assert all("not right" in s for s in said[:5]) and "Too many failed attempts" in said[5]


def test_sessions_end_with_the_password_and_with_the_roles(office: Any) -> None:
    from ellwand.office.accounts import people

    first, second = office.client("cai"), office.client("cai")
    assert first.get("/office/").status_code == second.get("/office/").status_code == 200
    people.change_roles("cai", ["writer"], [], office.user("ada"), "helps out")
    assert first.get("/office/")["Location"].startswith("/accounts/login/")
    _password(office, "cai")
    mine, other = office.client(), office.client()
    _sign_in(mine, "cai")
    _sign_in(other, "cai")
    mine.post(
        "/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": "quite-another-password", "password2": "quite-another-password"},
    )
    assert mine.get("/office/").status_code == 200
    assert other.get("/office/")["Location"].startswith("/accounts/login/")


def test_who_left_the_office_is_out_at_once(office: Any) -> None:
    from ellwand.office.accounts import people

    _password(office, "cai")
    client = office.client("cai")
    people.leave(office.user("cai"), office.user("ada"), "gone")
    assert client.get("/office/")["Location"].startswith("/accounts/login/")
    again = office.client()
    assert _sign_in(again, "cai")["Location"] == "/accounts/inactive/"
    assert "This account is closed" in again.get("/accounts/inactive/").content.decode()
    assert again.get("/office/")["Location"].startswith("/accounts/login/")


def test_a_session_ends_with_the_browser_and_after_half_a_day(sqlite_office: Any) -> None:
    _password(sqlite_office, "cai")
    client = sqlite_office.client()
    answer = _sign_in(client, "cai")
    cookie = answer.cookies["sessionid"]
    assert cookie["max-age"] == "" and cookie["expires"] == "" and cookie["httponly"] and cookie["samesite"] == "Lax"
    assert client.session.get_expiry_age() == 12 * 3600


@pytest.mark.parametrize("hosts", [("localhost", "127.0.0.1"), ("index.example",)])
def test_cookies_and_https_of_a_local_office_and_of_a_site(sqlite_office: Any, hosts: tuple[str, ...]) -> None:
    from ellwand.office import settings

    made = settings.of(replace(sqlite_office.home, hosts=hosts))
    is_site = hosts == ("index.example",)
    assert made["SESSION_COOKIE_SECURE"] is made["CSRF_COOKIE_SECURE"] is made["SECURE_SSL_REDIRECT"] is is_site
    assert (made["SECURE_HSTS_SECONDS"] >= 180 * 24 * 3600) is is_site
    assert made["ALLOWED_HOSTS"] == list(hosts) and "*" not in hosts


def test_a_site_answers_by_https_only_and_counts_the_visitors_address(
    sqlite_office: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from allauth.account.adapter import get_adapter
    from django.test import Client, RequestFactory

    from ellwand.office import settings

    for name, value in settings.site().items():
        monkeypatch.setattr(django_settings, name, value, raising=False)
    monkeypatch.setattr(django_settings, "ALLOWED_HOSTS", ["index.example"])
    plain = Client(SERVER_NAME="index.example").get("/accounts/login/")
    assert plain.status_code == 301 and plain["Location"] == "https://index.example/accounts/login/"
    safe = Client(SERVER_NAME="index.example", headers={"x-forwarded-proto": "https"}).get("/accounts/login/")
    assert safe.status_code == 200 and safe["Strict-Transport-Security"] == "max-age=31536000"
    assert safe.cookies["csrftoken"]["secure"]
    # What a visitor claims of himself is not believed; what the proxy appended is.
    request = RequestFactory().get("/", headers={"x-forwarded-for": "9.9.9.9, 192.0.2.7"})
    assert get_adapter().get_client_ip(request) == "192.0.2.7"
    # A visitor of IPv6 chooses half of his address; limits count the other half.
    for given, counted in (
        ("2001:db8:1:2::7", "2001:db8:1:2::/64"), ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::7", "2001:db8:1:3::/64"), ("::ffff:192.0.2.7", "192.0.2.7"),
    ):  # fmt: skip
        request = RequestFactory().get("/", headers={"x-forwarded-for": given})
        assert get_adapter().get_client_ip(request) == counted


def test_another_host_is_refused(sqlite_office: Any) -> None:
    from django.test import Client

    answer = Client(SERVER_NAME="evil.example").get("/accounts/login/")
    assert answer.status_code == 400
    assert "请求" in answer.content.decode() and "understood" in answer.content.decode()


def test_a_form_from_elsewhere_is_refused_in_words(sqlite_office: Any) -> None:
    from django.test import Client

    client = Client(SERVER_NAME="localhost", enforce_csrf_checks=True)
    client.cookies[django_settings.LANGUAGE_COOKIE_NAME] = "en"
    answer = client.post("/accounts/login/", {"login": "cai", "password": "x"})
    assert answer.status_code == 403 and "out of date" in answer.content.decode()


def test_pages_that_this_office_has_not_are_not_there(sqlite_office: Any) -> None:
    from django.urls import reverse

    from ellwand.office.accounts.urls import CLOSED

    for name, address in CLOSED.items():
        words = re.findall(r"<str:(\w+)>", address)
        at = reverse(name, kwargs=dict.fromkeys(words, "x"))
        for client in (sqlite_office.client(), sqlite_office.client("cai")):
            assert client.get(at).status_code == client.post(at).status_code == 404, at


def test_answers_are_not_kept_by_caches(sqlite_office: Any) -> None:
    for address in ("/office/", "/office/rounds/", "/accounts/2fa/", "/accounts/login/"):
        rule = sqlite_office.client("cai").get(address)["Cache-Control"]
        assert "no-store" in rule and "private" in rule, address
