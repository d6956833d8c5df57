"""Words of the pages of signing in, in both languages: labels of fields, and what can go wrong."""

from django.utils.functional import lazy

from ellwand.office.screens.words import say

LABELS = {
    "login": ("用户名", "User name"),
    "password": ("密码", "Password"),
    "oldpassword": ("现在的密码", "Present password"),
    "password1": ("新密码", "New password"),
    "password2": ("再输入一次新密码", "New password once more"),
    "code": ("验证码", "Code"),
    "name": ("名称", "Name"),
    "passwordless": ("可单独用于登录（通行密钥）", "May sign in on its own (passkey)"),
}
"""Labels by the name of the field."""

HELP = {
    "code": ("验证器应用中的六位数字，或一个八位恢复码", "Six digits from your authenticator app, or a recovery code"),
    "password1": (
        "至少十二个字符，不能只是常见密码，也不要与用户名相近。",
        "Twelve characters or more; no common password, and nothing like your user name.",
    ),
    "name": ("便于您日后辨认，例如“办公桌上的密钥”", "So that you know it again, for example “key on my desk”"),
    "passwordless": (
        "密钥须以指纹、面容或 PIN 码确认是您本人。",
        "The key then asks for your finger, your face or a PIN.",
    ),
}

FAULTS = {
    "account_inactive": ("此账号已停用。", "This account is closed."),
    "username_password_mismatch": ("用户名或密码不正确。", "The user name or the password is not right."),
    "incorrect_password": ("密码不正确。", "The password is not right."),
    "enter_current_password": ("请输入现在的密码。", "Give your present password."),
    "invalid_login": ("登录无效，请重试。", "Signing in failed; try again."),
    "too_many_login_attempts": (
        "失败次数过多。请五分钟后再试。",
        "Too many failed attempts. Try again in five minutes.",
    ),
    "rate_limited": ("请求过于频繁，请稍候再试。", "Too many requests; wait a moment and try again."),
    "incorrect_code": (
        "验证码不正确，或已经用过。请等待应用显示新的验证码。",
        "The code is not right, or was used already. Wait for a new one.",
    ),
    "cannot_delete_authenticator": (
        "您的角色须有第二重验证：请先添加另一个，再移除这一个。",
        "Your roles need a second factor: add another one before you remove this one.",
    ),
    "cannot_generate_recovery_codes": (
        "请先设置第二重验证，再生成恢复码。",
        "Set up a second factor before you make recovery codes.",
    ),
    "unverified_email": ("请先核实电子邮箱。", "Confirm your e-mail address first."),
}


def _faults(codes: dict[str, tuple[str, str]]) -> dict[str, object]:
    later = lazy(say, str)
    return {code: later(zh, en) for code, (zh, en) in codes.items()}


faults = _faults(FAULTS)
"""What can go wrong, said in the language of the page that shows it."""
