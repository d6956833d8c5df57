"""A limit on what strangers may send: so many times an hour from one address."""

import time

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest

HOUR = 3600


def is_over(request: HttpRequest, what: str, most: int) -> bool:
    """Whether a visitor's address has done something more often than it may in this hour; counts this time too."""
    window = int(time.time()) // HOUR
    key = f"ellwand.limit:{what}:{get_adapter().get_client_ip(request)}:{window}"
    cache.add(key, 0, timeout=HOUR)
    return bool(cache.incr(key) > most)
