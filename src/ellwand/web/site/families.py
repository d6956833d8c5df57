"""The families of series that the index has, and which of them are released."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Family:
    """A set of series that are released together. released : whether this system compiles and releases it."""

    name: str
    zh: str
    en: str
    every_zh: str
    every_en: str
    released: bool


FAMILIES = (
    Family("price", "价格指数", "Price index", "每周", "every week", True),
    Family("prosperity", "景气指数", "Prosperity index", "每月", "every month", False),
    Family("trade", "外贸指数", "Foreign-trade index", "每月", "every month", False),
    Family("orders", "订单指数", "Order index", "每月", "every month", False),
    Family("fashion", "时尚指数", "Fashion index", "每季", "every quarter", False),
)
"""All families, the one that is released first."""
