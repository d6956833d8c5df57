"""After a fall: what the processes of an office do when they start, before anybody works."""

from ellwand.office import clock
from ellwand.office.approvals import seals
from ellwand.office.approvals.archive_lock import locked
from ellwand.office.approvals.models import SealingRun

WORDS = "the process ended before the release was sealed; nothing was changed, begin again"


def recover() -> list[str]:
    """Set aside what has no row, and end the runs of sealing that nobody carries on; names of what was set aside.

    Somebody who seals just now holds the archive; then he waits, and what he does stands.
    """
    with locked():
        moved = seals.tidy()
        SealingRun.objects.filter(ended_at=None).exclude(step="waiting").update(
            step="failed", error=WORDS, ended_at=clock.now()
        )
    return moved
