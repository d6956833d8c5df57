"""The API against its description: schemathesis makes requests from it, right and wrong, and checks every answer."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed")

from schemathesis import GenerationMode  # noqa: E402
from schemathesis.specs.openapi.checks import positive_data_acceptance  # noqa: E402

BEYOND = [positive_data_acceptance]
"""No description says that one parameter excludes another, or that an instant has not come: 400 is right then."""

CALM = settings(
    max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None
)
OPERATIONS = ("entrance", "series", "one_series", "observations", "releases", "manifest", "corrections", "calendar",
              "methods", "codes", "units", "problems")  # fmt: skip


@pytest.fixture
def described(demo: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The API of the demo, as it describes itself."""
    from django.core.handlers.wsgi import WSGIHandler

    from ellwand.web import limits

    monkeypatch.setattr(limits._Count, "one_more", lambda *_: 1)
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", WSGIHandler())


def test_every_operation_is_tried(described: Any) -> None:
    found = {op.ok().definition.raw["operationId"] for op in described.get_all_operations()}
    assert found == set(OPERATIONS)


PLAIN = {"entrance", "units", "problems", "manifest"}
"""Operations with which nothing can be wrong in the eyes of the description: any text may be the name of a release."""
TRIED = [
    pytest.param(name, mode, id=f"{name}-{mode.value}")
    for name in OPERATIONS
    for mode in GenerationMode
    if mode is GenerationMode.POSITIVE or name not in PLAIN
]


@pytest.mark.parametrize(("name", "mode"), TRIED)
def test_every_answer_is_as_described(described: Any, name: str, mode: GenerationMode) -> None:
    operation = next(op.ok() for op in described.get_all_operations() if op.ok().definition.raw["operationId"] == name)
    seen: set[int] = set()

    @CALM
    @given(case=operation.as_strategy(generation_mode=mode))
    def answer(case: Any) -> None:
        response = case.call()
        seen.add(response.status_code)
        case.validate_response(response, excluded_checks=BEYOND)

    answer()
    # Never a fault of the program; what is wrong is refused by the check of schemathesis itself.
    assert seen <= {200, 400, 404, 405}
