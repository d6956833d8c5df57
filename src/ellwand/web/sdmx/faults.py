"""What is wrong with a query, in the numbers and words of the standard, with the name of the field.

Source: SDMX-REST 2, error messages; SDMX 3.0, section 7.
"""

from dataclasses import dataclass

TITLES = {
    100: ("没有结果", "No results found"),
    140: ("语法错误", "Syntax error"),
    150: ("语义错误", "Semantic error"),
    500: ("内部错误", "Internal server error"),
    501: ("未实现", "Not implemented"),
    510: ("超出服务上限", "Response size exceeds service limit"),
}
"""Titles by the standard's code."""
STATUS = {100: 404, 140: 400, 150: 400, 500: 500, 501: 501, 510: 413}


@dataclass
class SdmxError(Exception):
    """A query that gets no answer. code : of the standard. detail : field, value, rule. status : 0 for the usual."""

    code: int
    detail: str
    status: int = 0

    @property
    def http(self) -> int:
        """The HTTP status."""
        return self.status or STATUS[self.code]


def syntax(field: str, value: str, rule: str) -> SdmxError:
    """A field that can't be read."""
    return SdmxError(140, f"{field}: {value!r}: {rule}")


def nothing() -> SdmxError:
    """No result: the same words for what there never was and for what is not public yet."""
    return SdmxError(100, "nothing public answers to this query; /sdmx/v2/availability says what there is")


def missing(what: str) -> SdmxError:
    """A part of the standard that this service does not have."""
    return SdmxError(501, what)
