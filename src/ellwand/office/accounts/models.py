"""Users, and the roles that they were given and lost."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.crypto import salted_hmac

from ellwand.office import plain
from ellwand.office.accounts.roles import ROLES
from ellwand.office.append_only import AppendOnly


class User(AbstractUser):
    """Somebody who works in the office. Roles say what he may do; the flags of Django say nothing here."""

    must_change_password = models.BooleanField(default=False)
    epoch = models.PositiveIntegerField(default=0)
    """Counted up by whatever ends the sessions of somebody: other roles, a second factor taken away, leaving."""

    @property
    def roles(self) -> frozenset[str]:
        """The roles held now: of each the last word counts."""
        if self._known is not None:
            return self._known
        # Asked by every request: the plain statement takes a fifth of the time of a query set.
        rows = plain.select("SELECT role, held FROM accounts_grant WHERE user_id = %s ORDER BY id", self.pk)
        last: dict[str, bool] = dict(rows)
        return frozenset(role for role, held in last.items() if held)

    _known: frozenset[str] | None = None

    def know_roles(self) -> None:
        """Read the roles once, for the one request that this object lives for."""
        self._known = self.roles

    def get_session_auth_hash(self) -> str:
        """What a session must carry to go on: it changes with the password, and with `epoch`."""
        return salted_hmac("ellwand.session", f"{super().get_session_auth_hash()}:{self.epoch}").hexdigest()


class Grant(AppendOnly):
    """A role that somebody was given (held) or lost, by whom and why."""

    user = models.ForeignKey(User, models.PROTECT, related_name="grants")
    role = models.CharField(max_length=20, choices=[(r, r) for r in ROLES])
    held = models.BooleanField()
    by = models.ForeignKey(User, models.PROTECT, related_name="grants_made", null=True)
    at = models.DateTimeField()
    reason = models.TextField(blank=True)
