"""How --as-of is read."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from profile_engine.command_line.arguments import as_of_time
from profile_engine.errors import ConfigurationError


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-11-01T06:00:00Z", datetime(2026, 11, 1, 6, tzinfo=UTC)),
        ("2026-11-01T06:00:00+02:00", datetime(2026, 11, 1, 4, tzinfo=UTC)),
        ("2026-11-01T06:00:00", datetime(2026, 11, 1, 5, tzinfo=UTC)),
        ("2026-07-01", datetime(2026, 6, 30, 22, tzinfo=UTC)),
    ],
)
def test_a_time_is_in_the_projects_zone_unless_it_says_otherwise(text: str, utc: datetime):
    assert as_of_time(text, "Europe/Amsterdam") == utc


def test_what_is_no_time_is_refused_with_an_example():
    with pytest.raises(ConfigurationError, match=r"'yesterday' is no ISO 8601 time; write one such as 2026-11-01"):
        as_of_time("yesterday", "UTC")


def test_without_a_time_it_is_now_in_whole_seconds():
    assert as_of_time(None, "UTC").microsecond == 0
