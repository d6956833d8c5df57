"""The second factor in a real browser, under the content security policy: the QR code, a passkey, keyboard, axe."""

import time
from typing import Any

import pytest

PASSWORD = "a-long-password-of-the-test"


def _clean(page: Any, where: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    results = Axe().run(page)
    assert not results.response["violations"], (where, results.generate_report())


@pytest.mark.browser
@pytest.mark.parametrize(("language", "width", "scheme"), [("en", 1440, "light"), ("zh-hans", 390, "dark")])
def test_from_the_one_time_password_to_the_desk(
    sqlite_office: Any, serve: Any, chromium: Any, language: str, width: int, scheme: str
) -> None:
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
    from django.conf import settings

    from ellwand.office.accounts import people

    once = people.add("new", ["reviewer"], sqlite_office.user("ada"))
    served = serve(sqlite_office)
    context = chromium.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme)
    context.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": served.base}])
    page = context.new_page()
    faults: list[str] = []
    page.on("console", lambda m: faults.append(m.text) if "Content Security Policy" in m.text else None)
    page.on("pageerror", lambda e: faults.append(str(e)))
    # By the keyboard alone: the first field has the focus.
    page.goto(f"{served.base}/office/")
    _clean(page, "login")
    page.keyboard.type("new")
    page.keyboard.press("Tab")
    page.keyboard.type(once)
    page.keyboard.press("Enter")
    page.wait_for_url("**/accounts/password/change/")
    _clean(page, "password")
    for name, value in (("oldpassword", once), ("password1", PASSWORD), ("password2", PASSWORD)):
        page.fill(f"input[name={name}]", value)
    page.keyboard.press("Enter")
    page.wait_for_url("**/accounts/2fa/")
    _clean(page, "second factor")
    page.click("a[href='/accounts/2fa/totp/activate/']")
    page.wait_for_url("**/totp/activate/")
    _clean(page, "app")
    drawn = page.evaluate(
        "(() => { const i = document.querySelector('img.qr'); return i.complete && i.naturalWidth; })()"
    )
    assert drawn > 0, "the policy lets the QR code through"
    secret = page.inner_text("code.secret")
    page.fill("input[name=code]", format_hotp_value(hotp_value(secret, int(time.time()) // 30)))
    page.keyboard.press("Enter")
    page.wait_for_url("**/2fa/reauthenticate/**")
    _clean(page, "code")
    page.fill("input[name=code]", format_hotp_value(hotp_value(secret, int(time.time()) // 30)))
    page.keyboard.press("Enter")
    page.wait_for_url("**/2fa/recovery-codes/")
    _clean(page, "recovery codes")
    assert page.locator(".codes code").count() == 10
    page.click("main a.main")
    page.wait_for_url("**/office/")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert not faults
    context.close()


@pytest.mark.browser
def test_a_passkey_is_added_and_signs_in(sqlite_office: Any, serve: Any, chromium: Any) -> None:
    user = sqlite_office.user("rui")
    user.set_password(PASSWORD)
    user.must_change_password = False
    user.save()
    served = serve(sqlite_office)
    base = served.base.replace("127.0.0.1", "localhost")
    context = chromium.new_context(locale="en-GB")
    page = context.new_page()
    faults: list[str] = []
    page.on("console", lambda m: faults.append(m.text) if "Content Security Policy" in m.text else None)
    page.on("pageerror", lambda e: faults.append(str(e)))
    devices = context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    page.goto(f"{base}/office/")
    page.fill("input[name=login]", "rui")
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/accounts/2fa/")
    page.goto(f"{base}/accounts/2fa/webauthn/add/")
    _clean(page, "add a key")
    page.check("input[name=passwordless]")
    page.click("#mfa_webauthn_add")
    # Added, it is used at once, and then the recovery codes are there.
    page.wait_for_url("**/2fa/reauthenticate/**")
    page.click("a[href*='webauthn/reauthenticate']")
    page.wait_for_url("**/webauthn/reauthenticate/**")
    _clean(page, "use the key")
    page.click("#mfa_webauthn_reauthenticate")
    page.wait_for_url("**/2fa/recovery-codes/")
    page.goto(f"{base}/accounts/2fa/webauthn/")
    _clean(page, "keys")
    page.goto(f"{base}/accounts/logout/")
    _clean(page, "sign out")
    page.click("main button.main")
    page.wait_for_url("**/accounts/login/**")
    page.click("#passkey_login")
    page.wait_for_url("**/office/")
    assert "What waits for you today" in page.inner_text("main")
    assert not faults
    context.close()
