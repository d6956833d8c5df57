"""What can be wrong with a request of a program: one table, from which answers and documentation come (RFC 9457).

A problem names the field, its value, the rule that it breaks and the remedy, in both languages.
"""

from dataclasses import dataclass
from typing import Any

from ellwand.engine.errors import DataError

TYPE = "/api/v1/problems#{kind}"
"""Address of a kind of problem, below the site."""
LONGEST = 200
"""Characters of a wrong value that an answer repeats."""


@dataclass(frozen=True)
class Kind:
    """A kind of problem: the status of its answer, and its title in both languages."""

    status: int
    zh: str
    en: str


KINDS: dict[str, Kind] = {
    "unknown-address": Kind(404, "没有这个地址", "There is nothing at this address"),
    "unknown-code": Kind(404, "没有这个代码", "There is no such code"),
    "unknown-release": Kind(404, "没有这次发布", "There is no such release"),
    "unknown-parameter": Kind(400, "不认识的参数", "The parameter is not known"),
    "repeated-parameter": Kind(400, "参数重复", "The parameter is given twice"),
    "invalid-value": Kind(400, "参数的值不对", "The value of a parameter is not right"),
    "future-instant": Kind(400, "时间还没有到", "The instant has not come"),
    "reversed-range": Kind(400, "起止颠倒", "The range ends before it begins"),
    "conflicting-parameters": Kind(400, "参数互相矛盾", "Parameters contradict one another"),
    "too-much": Kind(400, "一次要得太多", "Too much is asked for at once"),
    "method-not-allowed": Kind(405, "只能读取", "Only reading is possible here"),
    "too-many-requests": Kind(429, "请求过于频繁", "Too many requests"),
}
"""All kinds of problems by name."""


class ProblemError(DataError):
    """A request that can't be answered as it is. field : of the request, "" for the request as a whole."""

    def __init__(self, kind: str, *, field: str, value: str, rule: tuple[str, str], remedy: tuple[str, str]) -> None:
        self.kind, self.field, self.value, self.rule, self.remedy = kind, field, value[:LONGEST], rule, remedy
        super().__init__(f"{self.where}{rule[1]}; {remedy[1]}")

    @property
    def where(self) -> str:
        """Field and value."""
        return f"{self.field} {self.value!r}: " if self.field else ""

    @property
    def status(self) -> int:
        """Status of the answer."""
        return KINDS[self.kind].status

    @property
    def content(self) -> dict[str, Any]:
        """The answer."""
        kind = KINDS[self.kind]
        return {
            "type": TYPE.format(kind=self.kind),
            "title": kind.en,
            "title_zh": kind.zh,
            "status": kind.status,
            "detail": str(self),
            "detail_zh": f"{self.where}{self.rule[0]}；{self.remedy[0]}",
            "errors": [
                {
                    "field": self.field,
                    "value": self.value,
                    "rule": self.rule[1],
                    "rule_zh": self.rule[0],
                    "remedy": self.remedy[1],
                    "remedy_zh": self.remedy[0],
                }
            ],
        }


def unknown_code(field: str, value: str) -> ProblemError:
    """A code that no public release names: whether it is unknown or not public yet, the words are the same."""
    return ProblemError(
        "unknown-code", field=field, value=value,
        rule=("没有这个代码", "no such code"),
        remedy=("/api/v1/codes 列出全部代码", "/api/v1/codes lists all codes"),
    )  # fmt: skip


def unknown_release(field: str, value: str) -> ProblemError:
    """A release that is not there; the same words for one that is not yet."""
    return ProblemError(
        "unknown-release", field=field, value=value,
        rule=("没有这次发布", "no such release"),
        remedy=("/api/v1/releases 列出全部发布", "/api/v1/releases lists all releases"),
    )  # fmt: skip
