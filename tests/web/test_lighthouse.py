"""Lighthouse gives 95 of 100 or more in each of its categories, in both languages."""

from typing import Any

import pytest

LEAST = 0.95
TRIES = 3
"""Of the speed of a page the best of so many is taken: a busy machine makes a page slow, and nothing makes it quick."""
CATEGORIES = {"performance", "accessibility", "best-practices", "seo"}


@pytest.mark.browser
def test_each_category_of_home_series_and_comment_is_at_least_95(node: Any, chromium_program: str, site: Any) -> None:
    pages = ("", "index/1/", f"comments/price/{site.last}/")
    waiting = [site.base + root + page for page in pages for root in ("/", "/en/")]
    low: dict[str, Any] = {}
    for _ in range(TRIES):
        found = {one["address"]: one for one in node("lighthouse.mjs", chromium_program, *waiting)}
        assert set(found) == set(waiting) and all(set(one["scores"]) == CATEGORIES for one in found.values())
        low = {
            address: ({c: s for c, s in one["scores"].items() if s < LEAST}, one["lost"])
            for address, one in found.items()
            if min(one["scores"].values()) < LEAST
        }
        # What is no matter of speed is the same at every try.
        waiting = [address for address, (scores, _) in low.items() if set(scores) == {"performance"}]
        if not waiting or len(waiting) < len(low):
            break
    assert not low
