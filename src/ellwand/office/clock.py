"""The one clock of the office, so that a test can set it."""

from datetime import UTC, datetime


def now() -> datetime:
    """The instant, in UTC."""
    return datetime.now(UTC)
