"""When a delivery is due, and where it lies."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profile_engine.destinations.config import ExportConfig
from profile_engine.destinations.places import as_of_folder, audience_folder, folder_name
from profile_engine.destinations.schedule import is_due


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def export(**given: str) -> ExportConfig:
    return ExportConfig.model_validate({"mode": "full", **given})


@pytest.mark.parametrize(
    ("schedule", "last", "as_of", "due"),
    [
        ({}, None, "2026-11-01T00:00", True),
        ({}, "2026-11-01T00:00", "2026-11-01T00:00", False),
        ({}, "2026-11-01T00:00", "2026-10-31T00:00", False),
        ({}, "2026-11-01T00:00", "2026-11-01T00:01", True),
        ({"every": "1 day"}, "2026-11-01T06:00", "2026-11-02T05:59", False),
        ({"every": "1 day"}, "2026-11-01T06:00", "2026-11-02T06:00", True),
        ({"every": "3 hours"}, "2026-11-01T06:00", "2026-11-01T09:00", True),
        ({"every": "1 month"}, "2026-01-31T00:00", "2026-02-27T23:59", False),
        ({"every": "1 month"}, "2026-01-31T00:00", "2026-02-28T00:00", True),
        ({"every": "1 month"}, "2026-12-05T00:00", "2027-01-05T00:00", True),
        # 06:00 in Amsterdam is 05:00 UTC in winter
        ({"at": "06:00"}, None, "2026-11-01T00:00", True),
        ({"at": "06:00"}, "2026-11-01T05:00", "2026-11-02T04:59", False),
        ({"at": "06:00"}, "2026-11-01T05:00", "2026-11-02T05:00", True),
        # a late delivery doesn't move the next one
        ({"every": "1 day", "at": "06:00"}, "2026-11-01T09:30", "2026-11-02T05:00", True),
        # one before the time of day belongs to the day before
        ({"every": "1 day", "at": "06:00"}, "2026-11-01T03:00", "2026-11-01T05:00", True),
        ({"every": "1 week", "at": "06:00"}, "2026-11-01T05:00", "2026-11-07T12:00", False),
        ({"every": "1 week", "at": "06:00"}, "2026-11-01T05:00", "2026-11-08T05:00", True),
        # 06:00 in summer is 04:00 UTC
        ({"every": "1 day", "at": "06:00"}, "2026-07-01T04:00", "2026-07-02T04:00", True),
    ],
)
def test_due(schedule: dict[str, str], last: str | None, as_of: str, due: bool):
    assert is_due(at(as_of), at(last) if last else None, export(**schedule), "Europe/Amsterdam") is due


@pytest.mark.parametrize("at_", ["6", "24:00", "06:60", "6 am"])
def test_a_time_of_day_is_hours_and_minutes(at_: str):
    with pytest.raises(ValueError, match="write hours and minutes"):
        export(at=at_)


def test_a_time_of_day_goes_with_whole_days():
    with pytest.raises(ValueError, match="whole days"):
        export(at="06:00", every="3 hours")


@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)),
    st.integers(0, 90),
    st.sampled_from(["1 day", "2 days", "1 week"]),
)
def test_with_a_time_of_day_a_span_brings_one_delivery(last: datetime, days: int, every: str):
    schedule = export(every=every, at="02:30")  # an hour that some days of spring don't have
    start = last.replace(tzinfo=UTC)
    moments = [start + timedelta(days=days, hours=hour) for hour in range(1, 24)]
    due = [is_due(moment, start, schedule, "Europe/Amsterdam") for moment in moments]
    assert due == sorted(due)  # once due, due until delivered


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("vip", "vip"), ("VIP_2026-a.b", "VIP_2026-a.b"), ("a/b", "a%2Fb"), ("..", "%2E%2E"), (".", "%2E"),
        ("_staging", "%5Fstaging"), ("ends.", "ends%2E"), ("München 1=2", "M%C3%BCnchen%201%3D2"), ("%2F", "%252F"),
    ],
)  # fmt: skip
def test_folder_names(name: str, folder: str):
    assert folder_name(name) == folder


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_name_makes_one_safe_folder_and_comes_back(name: str):
    folder = folder_name(name)
    assert unquote(folder) == name
    assert folder.isascii()
    assert not set(folder) & set('/\\:*?"<>|{}[] ')
    assert folder[0] not in "._"
    assert not folder.endswith(".")


def test_folders_are_named_by_as_of():
    assert audience_folder("ads", "vip", at("2026-11-01T00:00")) == "ads/vip/as_of=2026-11-01T00-00-00Z"
    assert as_of_folder(at("2026-11-01T06:30") + timedelta(microseconds=5)) == "as_of=2026-11-01T06-30-00.000005Z"
