"""Guards of the moves of a round that this room tells, and who had a hand in it."""

from collections.abc import Collection, Mapping

from ellwand.engine.errors import DataError
from ellwand.office import setup
from ellwand.office.accounts.models import User
from ellwand.office.approvals import ntp, seals, standing
from ellwand.office.approvals.models import STATISTICS, TEXT, Correction, Recomputation
from ellwand.office.releases.canonical import digest_file
from ellwand.office.releases.manifest import NAME
from ellwand.office.rounds import providers
from ellwand.office.rounds.models import Round


@providers.guard("four_eyes")
def four_eyes(found: Round, by: User | None, target: str) -> str | None:
    """Holds only for somebody who signs in `signing.approve`; a plain move shows no second factor."""
    return "nothing shows a second factor; approve on the screen of the round, signed in with one"


@providers.guard("previewed")
def previewed(found: Round, by: User | None, target: str) -> str | None:
    """Holds only for somebody who signs in `signing.approve`; a plain move has no checklist."""
    return "the checklist was not completed; approve on the screen of the round"


@providers.guard("hashes")
def hashes(found: Round, by: User | None, target: str) -> str | None:
    """Both approvals hold, and what they signed is what is there and what is sealed."""
    held = standing.approvals(found)
    if set(held) != {STATISTICS, TEXT}:
        return f"both approvals must be there; there is {', '.join(held) or 'none'}"
    try:
        stat, text, why = standing.faults(found)
    except DataError as error:
        return str(error)
    if stat or text:
        return why
    last = seals.last_release(found)
    if last is not None and (last.stat_hash, last.text_hash) != (held[STATISTICS].hash, held[TEXT].hash):
        return f"release {last.code} was sealed with other hashes than those that were approved"
    return None


@providers.guard("clock")
def clock(found: Round, by: User | None, target: str) -> str | None:
    """The clock of the system is synchronised."""
    return ntp.fault()


@providers.guard("sealed")
def sealed(found: Round, by: User | None, target: str) -> str | None:
    """The release of the last compilation is sealed for the instant of the calendar, and its folder is there."""
    last, compilation = seals.last_release(found), found.compilations.order_by("-number").first()
    if last is None or compilation is None or last.compilation_id != compilation.pk:
        return "the release is not sealed; schedule it on the screen of the round"
    issue = found.issue
    if issue is None or last.release_at != issue.release_at:
        return f"release {last.code} is sealed for {last.release_at.isoformat()}, which is not the calendar's instant"
    manifest = setup.current().archive / last.folder / NAME
    if not manifest.is_file() or digest_file(manifest) != last.manifest:
        return f"the folder of release {last.code} is not in the archive as it was sealed"
    return None


@providers.guard("notice")
def notice(found: Round, by: User | None, target: str) -> str | None:
    """Holds only where the notice is given with the move."""
    return "a notice in both languages comes with it; use the screen of the round"


def hands(found: Round) -> Mapping[str, Collection[int]]:
    """Who had a hand in a round: took in or changed a quote, signed an exception, opened or computed a correction."""
    openers = Correction.objects.filter(release__compilation__round=found).values_list("by", flat=True)
    makers = Recomputation.objects.filter(compilation__round=found).values_list("by", flat=True)
    takers = found.quotes.order_by().values_list("by", flat=True).distinct()
    return {
        "edited": {*openers, *takers, *found.imports.values_list("by", flat=True)},
        "reviewed": set(found.exceptions.values_list("by", flat=True)),
        "compiled": set(makers),
    }


providers.HANDS["approvals"] = hands
providers.AFTER["approvals"] = standing.follow
