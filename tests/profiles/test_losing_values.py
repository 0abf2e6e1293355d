"""Values that a policy did not take: everything that records bring and provenance does not name."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from profile_engine.profiles.config import AttributeRule, MergePolicyConfig
from profile_engine.profiles.losing_values import GivenValue, losing_values

OLD, NEW, LATEST = (datetime(2026, month, 1, tzinfo=UTC) for month in (1, 2, 3))


def fragment(dataset_no: int, record_id: str, at: datetime | None, **values: Any) -> dict[str, Any]:
    return {"dataset_no": dataset_no, "record_id": record_id, "source_time": at, "ingested_at": LATEST, **values}


def test_losers_are_shown_newest_first_with_the_time_of_their_rule() -> None:
    fragments = [
        fragment(0, "c1", OLD, name="Ada", home={"city": "Porto"}),
        fragment(1, "l1", NEW, name="Ida", home=None),
        fragment(1, "l2", None, name="Eda", home={"city": ""}),
        fragment(0, "c2", NEW, name=None, home={"city": "Rom"}),
    ]
    policy = MergePolicyConfig(exceptions={"home": AttributeRule(newest="ingested_at")})
    provenance = [
        {"dataset": "crm", "record_id": "c1", "paths": ["home.city"]},
        {"dataset": "loyalty", "record_id": "l2", "paths": ["name"]},
    ]
    assert losing_values(fragments, ["name", "home.city"], policy, provenance, ("crm", "loyalty")) == {
        "home.city": (GivenValue("Rom", "crm", LATEST, "c2"),),
        "name": (GivenValue("Ida", "loyalty", NEW, "l1"), GivenValue("Ada", "crm", OLD, "c1")),
    }
