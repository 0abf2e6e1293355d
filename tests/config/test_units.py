"""Quantities carry their unit, and what does not is told what to write."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pydantic import TypeAdapter, ValidationError

from profile_engine.config.units import Bytes, Count, Share, Span


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90 days", 90 * 86400), ("1 hour", 3600), ("2 weeks", 14 * 86400), ("5 minutes", 300), ("1 second", 1)],
)
def test_fixed_spans(text: str, seconds: int) -> None:
    span = Span.parse(text)
    assert span.duration == timedelta(seconds=seconds)
    assert not span.is_calendar
    assert str(span) == text


def test_calendar_spans_count_months() -> None:
    assert (Span.parse("2 years").months, Span.parse("3 months").months) == (24, 3)


@pytest.mark.parametrize("text", ["90", "days", "1.5 days", "-1 day", "90days", "1 fortnight", ""])
def test_spans_without_number_or_unit_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="such as '90 days'"):
        Span.parse(text)


@pytest.mark.parametrize("text", ["1000 years", "12000 months", "366000 days", "8784000 hours"])
def test_the_longest_spans_are_of_a_thousand_years(text: str) -> None:
    assert str(Span.parse(text)) == text
    count, unit = text.split()
    for longer in (f"{int(count) + 1} {unit}", f"{count}00000000 {unit}"):
        with pytest.raises(ValueError, match="1,000 years"):
            Span.parse(longer)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [(Share, "5 %", 0.05), (Share, "12.5%", 0.125), (Bytes, "256 MB", 256 * 1024**2), (Bytes, "1 B", 1),
     (Count, "500 identifiers", 500), (Count, "0", 0)],
)  # fmt: skip
def test_shares_sizes_and_counts(kind: object, text: str, value: float) -> None:
    assert TypeAdapter(kind).validate_python(text) == value


@pytest.mark.parametrize(
    ("kind", "text"), [(Share, "0.05"), (Share, "five %"), (Bytes, "256"), (Count, "many"), (Count, "-1")]
)
def test_quantities_that_do_not_fit_are_refused(kind: object, text: str) -> None:
    with pytest.raises(ValidationError, match="such as"):
        TypeAdapter(kind).validate_python(text)
