"""Sources that went silent: late by what they promised, told by name."""

from datetime import UTC, datetime

from profile_engine.config.units import Span
from profile_engine.datasets.batches import DUPLICATE, LOADED, REFUSED, Batch
from profile_engine.datasets.silence import silences


def day(month: int, number: int, hour: int = 0) -> datetime:
    return datetime(2026, month, number, hour, tzinfo=UTC)


def batch(source: str, status: str, as_of: datetime) -> Batch:
    return Batch("b", "crm", source, status, (), as_of)


def test_a_source_is_silent_once_its_span_has_passed_and_not_before() -> None:
    # given a daily source, a monthly one, one that promised nothing, and one that never came
    expected = {
        ("crm", "daily"): Span(1, "day"),
        ("crm", "monthly"): Span(1, "month"),
        ("crm", "never"): Span(1, "hour"),
    }
    arrived = {("crm", "daily"): day(1, 31), ("crm", "monthly"): day(1, 31), ("crm", "free"): day(1, 1)}
    # when nothing comes, then each is late after its own span, a month being clipped to its end
    at = {
        as_of: [silence.place[1] for silence in silences(expected, arrived, [], as_of)]
        for as_of in (day(2, 1), day(2, 1, 1), day(2, 28), day(2, 28, 1))
    }
    assert at == {day(2, 1): [], day(2, 1, 1): ["daily"], day(2, 28): ["daily"], day(2, 28, 1): ["daily", "monthly"]}


def test_what_comes_in_this_run_counts_also_where_its_content_is_known_but_not_what_was_refused() -> None:
    expected = {("crm", name): Span(1, "day") for name in ("new", "again", "bad")}
    arrived = {place: day(1, 1) for place in expected}
    now = day(3, 1)
    came = [batch("new", LOADED, now), batch("again", DUPLICATE, now), batch("bad", REFUSED, now)]
    assert [str(silence) for silence in silences(expected, arrived, came, now)] == [
        "crm/bad brought nothing since 2026-01-01T00:00:00Z"
    ]
