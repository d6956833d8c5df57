"""A limit on what strangers may send: so many times an hour from one address."""

import time

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest

HOUR = 3600


def is_over(request: HttpRequest, what: str, most: int) -> bool:
    """Whether a visitor's address has done something more often than it may in this hour; counts this time too."""
    return is_over_for(str(get_adapter().get_client_ip(request)), what, most)


def is_over_for(whom: str, what: str, most: int) -> bool:
    """The same for whoever is named: a whole market may stand behind one address, and then the link is who acts."""
    window = int(time.time()) // HOUR
    key = f"ellwand.limit:{what}:{whom}:{window}"
    cache.add(key, 0, timeout=HOUR)
    return bool(cache.incr(key) > most)
