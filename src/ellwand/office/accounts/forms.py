"""The forms of signing in, with the office's own labels in both languages and no text inside of a field."""

from typing import Any

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.recovery_codes import forms as codes
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as keys
from django import forms

from ellwand.office.accounts.words import HELP, LABELS
from ellwand.office.screens.words import say


class Plain(forms.Form):
    """A form whose fields carry the labels and help of the office."""

    help_for: tuple[str, ...] = ()
    focus = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            if name in LABELS:
                field.label = say(*LABELS[name])
            field.help_text = say(*HELP[name]) if name in self.help_for else ""
            field.error_messages["required"] = say("请填写此项。", "Fill this in.")
            if name == self.focus:
                field.widget.attrs["autofocus"] = True
        if "code" in self.fields:
            self.fields["code"].widget.attrs |= {"inputmode": "numeric", "autocapitalize": "off", "spellcheck": "false"}


class Login(Plain, account.LoginForm):  # type: ignore[misc]
    """Name and password."""

    focus = "login"


class ChangePassword(Plain, account.ChangePasswordForm):  # type: ignore[misc]
    """A new password in place of the old one."""

    help_for = ("password1",)

    def clean(self) -> Any:
        """The same new password twice, and another one than the old one."""
        cleaned = forms.Form.clean(self) or {}
        first, second = cleaned.get("password1"), cleaned.get("password2")
        if first and second and first != second:
            self.add_error("password2", say("两次输入的新密码不一样。", "The two new passwords differ."))
        if first and first == cleaned.get("oldpassword"):
            self.add_error("password1", say("新密码与现在的密码相同。", "This is your present password."))
        return cleaned


class Reauthenticate(Plain, account.ReauthenticateForm):  # type: ignore[misc]
    """The password once more."""

    focus = "password"


class Code(Plain, mfa.AuthenticateForm):  # type: ignore[misc]
    """A code at signing in."""

    help_for, focus = ("code",), "code"


class CodeAgain(Plain, mfa.ReauthenticateForm):  # type: ignore[misc]
    """A code once more."""

    help_for, focus = ("code",), "code"


class ActivateApp(Plain, totp.ActivateTOTPForm):  # type: ignore[misc]
    """The first code of an authenticator app."""


class DeactivateApp(Plain, totp.DeactivateTOTPForm):  # type: ignore[misc]
    """Take an authenticator app away."""


class MakeCodes(Plain, codes.GenerateRecoveryCodesForm):  # type: ignore[misc]
    """Make new recovery codes."""


class AddKey(Plain, keys.AddWebAuthnForm):  # type: ignore[misc]
    """Name and kind of a new key."""

    help_for = ("name", "passwordless")


class EditKey(Plain, keys.EditWebAuthnForm):  # type: ignore[misc]
    """The name of a key."""

    help_for = ("name",)
