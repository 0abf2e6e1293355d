"""Random people for the merge: up to six fragments each, of few values and few times, so that ties and gaps are many."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from profile_engine.profiles.config import AttributeRule, MergePolicyConfig

DATASETS = ("crm", "loyalty", "shop")
WRITTEN: dict[str, Any] = {
    "name": "string",
    "person": {"first": "string", "last": "string", "home": {"city": "string", "zip": "string"}},
    "points": "integer",
    "born": "date",
    "interests": ["string"],
    "opted_in": "boolean",
    "traits": ("map", "integer"),
    "spent": "decimal(9,2)",
}
ORDER = AttributeRule(dataset_order=["loyalty", "crm"])
FREQUENT, LEAST, GREATEST = AttributeRule(most_frequent=True), AttributeRule(min=True), AttributeRule(max=True)
POLICIES = {
    "default": MergePolicyConfig(),
    "by_ingestion": MergePolicyConfig(
        attributes=AttributeRule(newest="ingested_at"), exceptions={"traits": LEAST, "spent": LEAST}
    ),
    "by_dataset": MergePolicyConfig(attributes=ORDER, exceptions={"points": GREATEST, "born": LEAST}),
    "with_exceptions": MergePolicyConfig(
        exceptions={
            "person": ORDER,
            "person.home.city": AttributeRule(newest="ingested_at"),
            "person.home": AttributeRule(dataset_order=["shop"]),
            "points": AttributeRule(dataset_order=["crm", "shop", "loyalty"]),
            "interests": AttributeRule(union=True),
            "traits": ORDER,
            "spent": GREATEST,
        }
    ),
    "frequent": MergePolicyConfig(
        attributes=FREQUENT, exceptions={"interests": AttributeRule(dataset_order=["crm", "loyalty", "shop"])}
    ),
}
START = datetime(2026, 1, 1, tzinfo=UTC)


def random_fragments(seed: int, people: int) -> dict[str, list[dict[str, Any]]]:
    """The fragments of each person, as the oracle takes them."""
    draw = random.Random(seed)

    def some(*values: Any) -> Any:
        return draw.choice(values)

    def fragment(number: int) -> dict[str, Any]:
        home = some(None, {"city": some(None, "", "Porto", "Rom"), "zip": some(None, "01012", "1")})
        person = some(None, {"first": some(None, "Ada", "Ida", ""), "last": some(None, "Li"), "home": home})
        traits = some(None, tuple((key, some(None, 1, 2)) for key in draw.sample("abc", draw.randrange(3))))
        return {
            "dataset": some(*DATASETS),
            "source_time": some(None, START + timedelta(days=draw.randrange(3))),
            "ingested_at": START + timedelta(days=draw.randrange(3)),
            "batch_id": some("a", "b"),
            "record_id": f"r{number}",
            "attributes": {
                "name": some(None, "", "x", "y", "z"),
                "person": person,
                "points": some(None, 0, 7, -3),
                "born": some(None, date(1990, 1, 1), date(2001, 2, 3)),
                "interests": some(None, [], ["art"], ["zoo", "art"], ["zoo", None]),
                "opted_in": some(None, True, False),
                "traits": None if traits is None else tuple(sorted(traits)),
                "spent": some(None, Decimal("1.50"), Decimal("-2.00")),
            },
        }

    return {f"p{each}": [fragment(number) for number in range(draw.randrange(7))] for each in range(people)}
