"""The office in a real browser: it starts, signs people in by password and second factor, and speaks both languages."""

from typing import Any

import pytest


@pytest.mark.browser
def test_signing_in_by_password_and_second_factor(sqlite_office: Any, serve: Any, chromium: Any) -> None:
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    user = sqlite_office.user("sta")
    user.set_password("a-long-password-of-the-test")
    user.must_change_password = False
    user.save()
    TOTP.activate(user, generate_totp_secret())
    code = RecoveryCodes.activate(user).generate_codes()[0]
    served = serve(sqlite_office)
    context = chromium.new_context(viewport={"width": 390, "height": 844}, locale="en-GB")
    page = context.new_page()
    page.goto(f"{served.base}/office/")
    page.fill("input[name=login]", "sta")
    page.fill("input[name=password]", "a-long-password-of-the-test")
    page.keyboard.press("Enter")
    page.wait_for_url("**/accounts/2fa/authenticate/**")
    page.fill("input[name=code]", code)
    page.keyboard.press("Enter")
    page.wait_for_url("**/office/")
    assert "What waits for you today" in page.inner_text("main")
    page.get_by_role("button", name="中文").click()
    page.wait_for_load_state()
    assert "今天等您处理的事" in page.inner_text("main")
    context.close()
