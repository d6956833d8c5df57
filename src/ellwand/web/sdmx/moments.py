"""Which families a query is of, each as of the moment that it names."""

from ellwand.office.record import reading
from ellwand.web.moments import Moment, moment
from ellwand.web.sdmx import asking, ids


def all_(as_of: str | None) -> list[Moment]:
    """The moments of all families that have a public release. ProblemError for an instant that is not right."""
    first = moment(as_of)
    return [moment(as_of, family=f) for f in reading.families(first.at)]


def wanted(context: str, agency: str, resource: str, version: str, there: list[Moment]) -> list[Moment]:
    """The families that a context names; empty where there is none."""
    agencies, asked = asking.names(agency), asking.names(resource)
    right = asking.of_version(version, ids.VERSION)
    if not right or (agencies is not None and ids.agency() not in agencies) or context == "provisionagreement":
        return []
    if context == "datastructure":
        return there if asked is None or ids.STRUCTURE in asked else []
    return [seen for seen in there if asked is None or ids.dataflow_of(seen.standing.family) in asked]
