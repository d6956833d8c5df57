"""The people of the demo: accounts with passwords and second factors of their own, made anew for each demo."""

import secrets
from dataclasses import dataclass
from pathlib import Path

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.db import transaction

from ellwand.office.accounts import people, roles
from ellwand.office.accounts.models import User
from ellwand.office.accounts.roles import (
    ADMIN,
    AUDITOR,
    COLLECTOR,
    COMPILER,
    REVIEWER,
    STAT_APPROVER,
    SUPERVISOR,
    TEXT_APPROVER,
    WRITER,
)
from ellwand.office.cases import declarations
from ellwand.office.home import write_private

ADMINISTRATOR = "admin"
CLERK, AUTHOR, STATISTICS, TEXTS, COLLECTS, AUDITS, EDITOR = "chen", "lin", "wang", "zhao", "sun", "he", "qian"
ROLES: dict[str, tuple[str, ...]] = {
    CLERK: (roles.CLERK, SUPERVISOR, REVIEWER),
    AUTHOR: (COMPILER, WRITER),
    STATISTICS: (STAT_APPROVER,),
    TEXTS: (TEXT_APPROVER,),
    COLLECTS: (COLLECTOR, SUPERVISOR),
    AUDITS: (AUDITOR,),
    EDITOR: (WRITER,),
}
"""Who works in the office of the demo. The first four close a round; the last one writes the news."""

WORDS = ("cotton", "linen", "silk", "twill", "satin", "indigo", "madder", "loom", "weft", "warp", "bobbin", "selvage")
CODES = 10
FILE = "demo-accounts.txt"


@dataclass(frozen=True)
class Account:
    """An account of the demo. codes : recovery codes, each a second factor once; empty where none is needed."""

    name: str
    roles: tuple[str, ...]
    password: str
    codes: tuple[str, ...]
    secret: str

    @property
    def user(self) -> User:
        """Its user."""
        return people.find(self.name)


def make() -> dict[str, Account]:
    """Make all accounts, with their declarations of interest."""
    out = {}
    with transaction.atomic():
        people.first_admin(ADMINISTRATOR)
        admin = people.find(ADMINISTRATOR)
        for name, held in ROLES.items():
            people.add(name, held, admin)
        for name, held in {ADMINISTRATOR: (ADMIN,), **ROLES}.items():
            user = people.find(name)
            password = _password()
            user.set_password(password)
            # A visitor of the demo has seen the printed password; he is not made to choose another.
            user.must_change_password = False
            user.save()
            secret, codes = "", ()
            # Who publishes pages needs one too.
            if {REVIEWER, STAT_APPROVER, TEXT_APPROVER} & set(held) or name == EDITOR:
                secret = generate_totp_secret()
                TOTP.activate(user, secret)
                codes = tuple(RecoveryCodes.activate(user).generate_codes()[:CODES])
            declarations.declare(user, "none: the demo's market is simulated")
            out[name] = Account(name, tuple(held), password, codes, secret)
    return out


def user(name: str) -> User:
    """The user of a name."""
    return people.find(name)


def _password() -> str:
    """Four words and a number of four digits: some 27 bits, enough for an office that answers this machine alone."""
    return "-".join([*(secrets.choice(WORDS) for _ in range(4)), f"{secrets.randbelow(10_000):04d}"])


def table(accounts: dict[str, Account]) -> str:
    """The accounts as lines of text."""
    lines = []
    for a in accounts.values():
        lines.append(f"  {a.name:<6} {a.password:<40} {', '.join(a.roles)}")
        if a.codes:
            lines.append(f"         second factor, one code each time you sign in: {' '.join(a.codes[:5])}")
    return "\n".join(lines)


def keep(accounts: dict[str, Account], folder: Path) -> Path:
    """Write the accounts into the office's folder, for its owner only."""
    path = folder / FILE
    lines = ["Accounts of the demo. They work on this machine and on this demo only.", "", table(accounts), ""]
    lines += ["All codes, and the secret for an authenticator application:"]
    lines += [f"  {a.name:<6} {' '.join(a.codes)}  {a.secret}" for a in accounts.values() if a.codes]
    write_private(path, ("\n".join(lines) + "\n").encode())
    return path
