"""Making users, giving and taking roles, and finding who acts."""

import secrets
from collections.abc import Collection, Sequence

from django.db import transaction
from django.db.models import F

from ellwand.engine.errors import DataError
from ellwand.formulas.catalogue import suggest
from ellwand.office import clock
from ellwand.office.accounts.models import Grant, User
from ellwand.office.accounts.roles import ADMIN, MAY, ROLES, UNIT, may
from ellwand.office.audit import trail


class RefusedError(DataError):
    """Somebody tried what his roles do not allow."""


def find(name: str) -> User:
    """A user by name. DataError for one that is not there or has left."""
    user = User.objects.filter(username=name).first()
    if user is None:
        names = list(User.objects.values_list("username", flat=True)[:1000])
        raise DataError(f"user {name!r} has no account; {suggest(name, names)}")
    if not user.is_active:
        raise DataError(f"user {name!r} has left the office; act as somebody else")
    return user


def require(user: User, act: str) -> str:
    """The role by which somebody may do an act. RefusedError if he may not, superuser or not."""
    held = user.roles
    if not may(held, act):
        raise RefusedError(
            f"{user.username} may not do {act}: it needs the role {' or '.join(sorted(MAY[act]))}, and "
            f"{user.username} holds {', '.join(sorted(held)) or 'none'}"
        )
    return min(MAY[act] & held)


def first_admin(name: str) -> str:
    """The first account of an office, with the role admin; its one-time password."""
    with transaction.atomic():
        user, password = _new(name)
        Grant(user=user, role=ADMIN, held=True, by=None, at=clock.now(), reason="first account").save()
        trail.append(None, "user.add", f"user/{user.pk}", after={"roles": [ADMIN]}, reason="first account")
    return password


def add(name: str, roles: Sequence[str], by: User) -> str:
    """An account with roles; its one-time password."""
    role = require(by, "users.change")
    _check(roles)
    with transaction.atomic():
        user, password = _new(name)
        Grant.objects.bulk_create([Grant(user=user, role=r, held=True, by=by, at=clock.now()) for r in set(roles)])
        trail.append(by, "user.add", f"user/{user.pk}", role=role, after={"roles": sorted(set(roles))})
    return password


def change_roles(name: str, give: Collection[str], take: Collection[str], by: User, reason: str) -> frozenset[str]:
    """Give and take roles, with a reason; the roles held then."""
    role = require(by, "users.change")
    _check([*give, *take])
    if both := set(give) & set(take):
        raise DataError(f"role {min(both)} is given and taken at once; name it once")
    if not reason.strip():
        raise DataError("reason: empty; say why the roles change")
    with transaction.atomic():
        user = find(name)
        before = user.roles
        rows = [(r, True) for r in sorted(set(give) - before)] + [(r, False) for r in sorted(set(take) & before)]
        if not rows:
            return before
        if (ADMIN, False) in rows:
            _keep_an_admin(user)
        Grant.objects.bulk_create(
            [Grant(user=user, role=r, held=held, by=by, at=clock.now(), reason=reason) for r, held in rows]
        )
        end_sessions(user)
        after = user.roles
        trail.append(
            by,
            "user.roles",
            f"user/{user.pk}",
            role=role,
            before={"roles": sorted(before)},
            after={"roles": sorted(after)},
            reason=reason,
        )
    return after


def reset_password(user: User, by: User, reason: str) -> str:
    """A new one-time password for somebody; his sessions end. DataError without a reason."""
    role = _change_of(user, by, reason)
    with transaction.atomic():
        password = secrets.token_urlsafe(12)
        user.set_password(password)
        user.must_change_password = True
        user.save(update_fields=["password", "must_change_password"])
        trail.append(by, "user.password", f"user/{user.pk}", role=role, reason=reason)
    return password


def remove_second_factors(user: User, by: User, reason: str) -> int:
    """Take all second factors and recovery codes of somebody away, who sets up new ones then; how many there were."""
    from allauth.mfa.models import Authenticator

    role = _change_of(user, by, reason)
    with transaction.atomic():
        kinds = sorted(Authenticator.objects.filter(user=user).values_list("type", flat=True))
        if not kinds:
            raise DataError(f"{user.username} has no second factor")
        Authenticator.objects.filter(user=user).delete()
        end_sessions(user)
        trail.append(by, "user.factors", f"user/{user.pk}", role=role, before={"kinds": kinds}, reason=reason)
    return len(kinds)


def leave(user: User, by: User, reason: str) -> None:
    """Close the account of somebody who leaves the office; what he did stays in the record under his number."""
    role = _change_of(user, by, reason)
    with transaction.atomic():
        if not user.is_active:
            raise DataError(f"{user.username} has left the office already")
        _keep_an_admin(user)
        user.is_active = False
        user.save(update_fields=["is_active"])
        end_sessions(user)
        trail.append(by, "user.leave", f"user/{user.pk}", role=role, reason=reason)


def come_back(user: User, by: User, reason: str) -> str:
    """Open the account of somebody again, with his former roles; his new one-time password."""
    role = _change_of(user, by, reason)
    with transaction.atomic():
        if user.is_active:
            raise DataError(f"{user.username} has not left the office")
        user.is_active = True
        user.save(update_fields=["is_active"])
        trail.append(by, "user.return", f"user/{user.pk}", role=role, reason=reason)
        return reset_password(user, by, reason)


def end_sessions(user: User) -> None:
    """Sign somebody out wherever he is signed in."""
    User.objects.filter(pk=user.pk).update(epoch=F("epoch") + 1)


def _change_of(user: User, by: User, reason: str) -> str:
    """The role by which somebody may change an account; nobody changes his own in this way."""
    role = require(by, "users.change")
    if not reason.strip():
        raise DataError("reason: empty; say why the account changes")
    if user.pk == by.pk:
        raise DataError("nobody does this to his own account; ask another admin")
    return role


def _keep_an_admin(leaving: User) -> None:
    # Two who take each other's role away at once come one after the other.
    there = list(User.objects.select_for_update().filter(is_active=True).order_by("pk"))
    others = [other for other in there if other.pk != leaving.pk]
    if ADMIN in leaving.roles and not any(ADMIN in other.roles for other in others):
        raise DataError(f"{leaving.username} is the only admin; give somebody else the role first")


def _check(roles: Collection[str]) -> None:
    for role in roles:
        if role not in ROLES:
            raise DataError(f"role {role!r} is not known; {suggest(role, list(ROLES))}")
        if role == UNIT:
            raise DataError("role 'unit': units report by signed links and have no account")


def _new(name: str) -> tuple[User, str]:
    if not name or len(name) > 150 or not name.isprintable() or " " in name:
        raise DataError(f"user name {name!r}: write letters and digits without spaces, 150 at most")
    if User.objects.filter(username=name).exists():
        raise DataError(f"user {name!r} is there already; choose another name")
    password = secrets.token_urlsafe(12)
    user = User(username=name, must_change_password=True)
    user.set_password(password)
    user.save()
    return user, password
