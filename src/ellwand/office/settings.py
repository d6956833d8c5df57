"""Settings of Django, made from the folder of an office. Nothing secret stands in the program."""

import os
from pathlib import Path
from typing import Any

from ellwand.office.home import Home, postgres

APPS = (
    "accounts", "audit", "registry", "rounds", "quotes", "record", "cases", "collection", "review", "editorial",
    "approvals", "alerts", "pages", "screens",
)  # fmt: skip
"""The apps of the office, in the order in which each builds on those before it."""

INSTALLED = (
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    *(f"ellwand.office.{name}" for name in APPS),
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_tasks",
    "django_tasks_db",
    "csp",
    "ninja",
)

ABOVE: dict[str, list[str]] = {"apps": [], "urls": ["ellwand.office.urls"]}
"""Rooms of the floor above, which that floor enters before the office is set up: apps, and the addresses of all."""

MIDDLEWARE = (
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "ellwand.office.accounts.private.private",
)

SQLITE = """
PRAGMA journal_mode=WAL;
PRAGMA synchronous=FULL;
PRAGMA foreign_keys=ON;
PRAGMA recursive_triggers=ON;
"""
"""Every committed act is on the disk; a row that INSERT OR REPLACE would remove meets the triggers too."""

BUSY = 5
"""Seconds that a writer waits for another one on SQLite."""

LASTS = 60
"""Seconds for which a thread of the server keeps its connection: opening one costs as much as several questions."""

POLICY = {
    "default-src": ["'self'"],
    "img-src": ["'self'", "data:", "blob:"],
    "object-src": ["'none'"],
    "base-uri": ["'none'"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'none'"],
}
"""The content security policy: everything from the office itself, and no script or style inside a page."""


ACCOUNT_FORMS = {"login": "Login", "change_password": "ChangePassword", "reauthenticate": "Reauthenticate"}
MFA_FORMS = {
    "authenticate": "Code",
    "reauthenticate": "CodeAgain",
    "activate_totp": "ActivateApp",
    "deactivate_totp": "DeactivateApp",
    "generate_recovery_codes": "MakeCodes",
    "add_webauthn": "AddKey",
    "edit_webauthn": "EditKey",
}
"""Our forms in place of allauth's: by the name that it gives them, the class in accounts/forms.py."""


def _forms(names: dict[str, str]) -> dict[str, str]:
    return {of: f"ellwand.office.accounts.forms.{name}" for of, name in names.items()}


def common() -> dict[str, Any]:
    """Settings that no office changes."""
    return {
        "INSTALLED_APPS": [*ABOVE["apps"], *INSTALLED],
        "AUTH_USER_MODEL": "accounts.User",
        "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
        "USE_TZ": True,
        "USE_I18N": True,
        "LANGUAGE_CODE": "zh-hans",
        "LANGUAGES": [("zh-hans", "中文"), ("en", "English")],
        "MIDDLEWARE": list(MIDDLEWARE),
        "ROOT_URLCONF": ABOVE["urls"][-1],
        "TEMPLATES": [
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                # Before the packages' own templates, so that their pages look like ours.
                "DIRS": [str(Path(__file__).parent / "screens" / "templates")],
                "APP_DIRS": True,
                "OPTIONS": {
                    "context_processors": [
                        "django.template.context_processors.request",
                        "django.contrib.auth.context_processors.auth",
                        "django.contrib.messages.context_processors.messages",
                        "ellwand.office.screens.frame.frame",
                    ],
                    "builtins": ["ellwand.office.screens.templatetags.office"],
                },
            }
        ],
        "STATIC_URL": "/static/",
        "STORAGES": {
            "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
            "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
        },
        "WHITENOISE_USE_FINDERS": True,
        "AUTHENTICATION_BACKENDS": ["allauth.account.auth_backends.AuthenticationBackend"],
        "ACCOUNT_ADAPTER": "ellwand.office.accounts.adapter.Adapter",
        "ACCOUNT_LOGIN_METHODS": {"username"},
        "ACCOUNT_SIGNUP_FIELDS": ["username*", "password1*"],
        "ACCOUNT_EMAIL_VERIFICATION": "none",
        "ACCOUNT_LOGOUT_REDIRECT_URL": "/accounts/login/",
        "ACCOUNT_FORMS": _forms(ACCOUNT_FORMS),
        # Signing in ends with the browser, and after half a day in any case.
        "ACCOUNT_SESSION_REMEMBER": False,
        "SESSION_EXPIRE_AT_BROWSER_CLOSE": True,
        "SESSION_COOKIE_AGE": 12 * 3600,
        "MFA_ADAPTER": "ellwand.office.accounts.adapter.SecondFactorAdapter",
        "MFA_FORMS": _forms(MFA_FORMS),
        "MFA_SUPPORTED_TYPES": ["totp", "webauthn", "recovery_codes"],
        "MFA_TOTP_ISSUER": "Ellwand",
        "MFA_PASSKEY_LOGIN_ENABLED": True,
        "LOGIN_URL": "account_login",
        "LOGIN_REDIRECT_URL": "/office/",
        "AUTH_PASSWORD_VALIDATORS": [
            {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
            {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
            {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
        ],
        "CONTENT_SECURITY_POLICY": {"DIRECTIVES": POLICY},
        "X_FRAME_OPTIONS": "DENY",
        "SECURE_REFERRER_POLICY": "same-origin",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "CSRF_COOKIE_HTTPONLY": False,
        "DATA_UPLOAD_MAX_MEMORY_SIZE": 4 << 20,
        # A form of many items with photographs; what is larger is refused before it is read.
        "DATA_UPLOAD_MAX_NUMBER_FIELDS": 2000,
        "FILE_UPLOAD_HANDLERS": [
            "ellwand.office.collection.uploads.Bounded",
            "django.core.files.uploadhandler.MemoryFileUploadHandler",
            "django.core.files.uploadhandler.TemporaryFileUploadHandler",
        ],
        "TASKS": {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"]}},
        # The limits of signing in, and the codes that were used: one file for all processes that serve.
        "CACHES": {"default": {"BACKEND": "ellwand.office.shared.Shared"}},
        "CSRF_FAILURE_VIEW": "ellwand.office.screens.faults.stale_form",
        # The commands say on their own what went wrong.
        "LOGGING_CONFIG": None,
    }


def database(home: Home) -> dict[str, Any]:
    """The connection to an office's record."""
    if home.is_sqlite:
        return {**sqlite(str(home.record)), "CONN_MAX_AGE": LASTS}
    return {"ENGINE": "django.db.backends.postgresql", "CONN_MAX_AGE": LASTS, **postgres(home.database)}


def sqlite(path: str) -> dict[str, Any]:
    """A connection to an SQLite file: write-ahead log, immediate transactions, foreign keys."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "OPTIONS": {"timeout": BUSY, "transaction_mode": "IMMEDIATE", "init_command": SQLITE},
    }


def of(home: Home) -> dict[str, Any]:
    """All settings of an office."""
    return {
        **common(),
        "SECRET_KEY": home.secret_key,
        "TIME_ZONE": str(home.time_zone),
        "DATABASES": {"default": database(home)},
        "ALLOWED_HOSTS": list(home.hosts),
        "CSRF_TRUSTED_ORIGINS": [f"https://{host}" for host in home.hosts if host not in LOCAL],
        **(local() if set(home.hosts) <= LOCAL else site()),
        **(collected(home) if os.environ.get(COLLECTED) else {}),
    }


def local() -> dict[str, Any]:
    """Settings of an office that only this machine reaches: there is no https."""
    return {
        "SESSION_COOKIE_SECURE": False,
        "CSRF_COOKIE_SECURE": False,
        "SECURE_SSL_REDIRECT": False,
        "SECURE_HSTS_SECONDS": 0,
        "SECURE_PROXY_SSL_HEADER": None,
        "ALLAUTH_TRUSTED_PROXY_COUNT": 0,
        # Keys are asked for by http://localhost, which browsers trust like https.
        "MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN": True,
    }


def site() -> dict[str, Any]:
    """Settings of an office under a name of its own: behind one proxy that speaks https and says whom it speaks for.

    The proxy sets X-Forwarded-Proto, and appends to X-Forwarded-For; the office itself answers on this machine only.
    """
    return {
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
        "SECURE_SSL_REDIRECT": True,
        "SECURE_HSTS_SECONDS": 365 * 24 * 3600,
        "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https"),
        "ALLAUTH_TRUSTED_PROXY_COUNT": 1,
        "MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN": False,
    }


COLLECTED = "ELLWAND_STATIC"
"""Environment variable of a process that serves style sheets and scripts from the office's own folder."""


def collected(home: Home) -> dict[str, Any]:
    """Style sheets, scripts and pictures from DIR/static: compressed, and named by their content."""
    storage = "whitenoise.storage.CompressedManifestStaticFilesStorage"
    return {
        "STATIC_ROOT": str(home.path / "static"),
        "STORAGES": {**common()["STORAGES"], "staticfiles": {"BACKEND": storage}},
        "WHITENOISE_USE_FINDERS": False,
    }


LOCAL = {"localhost", "127.0.0.1", "[::1]"}
"""Names of this machine itself."""
