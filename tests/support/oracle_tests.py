"""What one test says of one value, in plain Python, written from the language page."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from profile_engine.rules.syntax import ItemField
from tests.support.oracle_calendar import falls, month_moved

UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800}


class ValueTests:
    """Tests of single values at a moment, in a time zone."""

    def __init__(self, as_of: datetime, time_zone: str) -> None:
        self.as_of, self.zone = as_of, ZoneInfo(time_zone)
        self.today = as_of.astimezone(self.zone).date()

    def row_passes(self, c: Any, value: Any) -> bool:
        """A condition on one object, whose fields `value` gives."""
        raise NotImplementedError

    def value_of(self, objects: dict[Any, Any], around: Any = None) -> Any:
        raise NotImplementedError

    def passes(self, value: Any, check: Any, type_text: str, around: Any = None) -> bool:
        """`around` gives the other fields of the value's object, which a condition on the items of an array may name."""
        value = cleaned(value)
        name, operand = check.operator, check.operand
        if name == "exists":
            return (value is not None) == operand
        if value is None:
            return False
        if type_text.startswith("map"):
            assert name == "has_key"
            return operand in value
        if type_text.startswith("array"):
            if name in ("any_item", "every_item", "first_item"):
                holds = [self.row_passes(operand, self.value_of({ItemField: item}, around)) for item in value]
                if name == "first_item":
                    return bool(holds) and holds[0]
                return any(holds) if name == "any_item" else all(holds) and bool(holds)
            items = [cleaned(item) for item in value]
            if name == "size":
                return all(self.passes(len(items), inner, "integer") for inner in operand)
            wanted = [operand] if name == "includes" else list(operand)
            found = [any(item is not None and same(item, want) for item in items) for want in wanted]
            return all(found) if name == "includes_all" else any(found)
        if type_text in ("date", "timestamp") and name not in ("equals", "one_of", "differs_from", "none_of"):
            if name == "anniversary":
                return self.anniversary(value, operand)
            if name in ("year", "month", "day_of_month"):
                day = self.day_here(value)
                part = day.day if name == "day_of_month" else getattr(day, name)
                return all(self.passes(part, inner, "integer") for inner in operand)
            return self.date_passes(value, check) if type_text == "date" else self.time_passes(value, check)
        if isinstance(value, str):
            return self.text_passes(value, check)
        match name:
            case "equals":
                return same(value, operand)
            case "one_of":
                return any(same(value, item) for item in operand)
            case "differs_from":
                return not same(value, operand)
            case "none_of":
                return not any(same(value, item) for item in operand)
        number = Fraction(value)
        match name:
            case "above":
                return number > Fraction(operand)
            case "at_least":
                return number >= Fraction(operand)
            case "below":
                return number < Fraction(operand)
            case "at_most":
                return number <= Fraction(operand)
            case "between":
                return Fraction(operand[0]) <= number <= Fraction(operand[1])
        raise AssertionError(name)

    def text_passes(self, text: str, check: Any) -> bool:
        name, operand = check.operator, check.operand
        if name == "length":
            return all(self.passes(len(text), inner, "integer") for inner in operand)
        options = [one for one in operand if isinstance(one, str)] if isinstance(operand, tuple) else [operand]
        letters = [letter.casefold() if check.ignoring_case else letter for letter in text]
        if check.ignoring_case and name != "matches":
            text, options = text.casefold(), [option.casefold() for option in options]
        match name:
            case "equals" | "one_of":
                return text in options
            case "differs_from" | "none_of":
                return text not in options
            case "starts_with":
                return text[: len(options[0])] == options[0]
            case "ends_with":
                return len(text) >= len(options[0]) and text[len(text) - len(options[0]) :] == options[0]
            case "contains":
                return text.find(options[0]) >= 0
            case "like":
                return like(letters, options[0])
            case "captured":
                found = re.search(operand[0], text, re.ASCII)
                group = cleaned(found.group(1)) if found else None
                return all(self.passes(group, inner, "string") for inner in operand[1:])
            case "matches":
                return re.search(options[0], text, re.ASCII | (re.IGNORECASE if check.ignoring_case else 0)) is not None
        raise AssertionError(name)

    def time_passes(self, at: datetime, check: Any) -> bool:
        name, operand = check.operator, check.operand
        match name:
            case "before":
                return at < (operand if isinstance(operand, datetime) else self.midnight(operand))
            case "after":
                if isinstance(operand, datetime):
                    return at > operand
                return self.has_ended(operand, at)
            case "between":
                low, high = operand
                late = at <= high if isinstance(high, datetime) else not self.has_ended(high, at)
                return late and at >= (low if isinstance(low, datetime) else self.midnight(low))
            case "within_last":
                return self.moved(operand, -1) < at <= self.as_of
            case "longer_ago_than":
                return at <= self.moved(operand, -1)
            case "within_next":
                return self.as_of < at <= self.moved(operand, 1)
            case "further_ahead_than":
                return at > self.moved(operand, 1)
            case "during":
                first, last = self.period(operand)
                return self.midnight(first) <= at and not self.has_ended(last, at)
            case "window":
                return all(self.window_edge(at, edge) for edge in operand)
        raise AssertionError(name)

    def window_edge(self, at: datetime, edge: Any) -> bool:
        value = edge.operand
        if edge.operator == "from":
            if hasattr(value, "span"):
                return at > self.moved(value.span, -1)
            return at >= (value if isinstance(value, datetime) else self.midnight(value))
        if hasattr(value, "span"):
            return at <= self.moved(value.span, -1)
        return at <= value if isinstance(value, datetime) else not self.has_ended(value, at)

    def date_passes(self, day: date, check: Any) -> bool:
        name, operand = check.operator, check.operand
        match name:
            case "before":
                return day < operand
            case "after":
                return day > operand
            case "between":
                return operand[0] <= day <= operand[1]
            case "within_last":
                return self.moved_day(operand, -1) < day <= self.today
            case "longer_ago_than":
                return day <= self.moved_day(operand, -1)
            case "within_next":
                return self.today < day <= self.moved_day(operand, 1)
            case "further_ahead_than":
                return day > self.moved_day(operand, 1)
            case "during":
                first, last = self.period(operand)
                return first <= day <= last
        raise AssertionError(name)

    def anniversary(self, value: Any, checks: Any) -> bool:
        day = self.day_here(value)
        for check in checks:
            if check.operator in ("equals", "between"):
                low, high = (check.operand, check.operand) if check.operator == "equals" else check.operand
                # all three as they fall in this year; whether they wrap it is as written
                key, lo, hi = (falls(date(2024, one.month, one.day), self.today.year) for one in (day, low, high))
                wraps = (low.month, low.day) > (high.month, high.day)
                if not (key >= lo or key <= hi if wraps else lo <= key <= hi):
                    return False
                continue
            years = range(self.today.year - 12, self.today.year + 13)
            if check.operator == "during":  # a period can be of any year
                years = range(self.period(check.operand)[0].year, self.period(check.operand)[1].year + 1)
            if not any(self.date_passes(falls(day, year), check) for year in years):
                return False
        return True

    def day_here(self, value: date) -> date:
        """The day itself, or that of a time; the calendar's first or last one where the zone's clocks leave the calendar."""
        try:
            return value.astimezone(self.zone).date() if isinstance(value, datetime) else value
        except OverflowError:
            return date.min if value.year == 1 else date.max

    def has_ended(self, day: date, at: datetime) -> bool:
        """Whether the time comes after the day; no time comes after the calendar's last."""
        return day < date.max and at >= self.midnight(day + timedelta(days=1))

    def midnight(self, day: date) -> datetime:
        """When the day begins; the calendar's first begins with it."""
        if day == date.min:
            return datetime.min.replace(tzinfo=UTC)
        return datetime(day.year, day.month, day.day, tzinfo=self.zone).astimezone(UTC)

    def moved(self, span: Any, sign: int) -> datetime:
        if span.unit in UNITS:
            return self.as_of + sign * timedelta(seconds=span.count * UNITS[span.unit])
        local = self.as_of.astimezone(self.zone)
        day = month_moved(local.date(), sign * span.count * (12 if span.unit == "year" else 1))
        return datetime.combine(day, local.time(), self.zone).replace(fold=local.fold).astimezone(UTC)

    def moved_day(self, span: Any, sign: int) -> date:
        if span.unit in ("day", "week"):
            return self.today + timedelta(days=sign * span.count * (7 if span.unit == "week" else 1))
        return month_moved(self.today, sign * span.count * (12 if span.unit == "year" else 1))

    def period(self, period: Any) -> tuple[date, date]:
        day = period.first or self.today
        if period.unit == "day":
            first = day + timedelta(days=period.offset)
            return first, first
        if period.unit == "week":
            first = day - timedelta(days=day.isoweekday() - 1) + timedelta(days=7 * period.offset)
            return first, first + timedelta(days=6)
        months = {"month": 1, "quarter": 3, "year": 12}[period.unit]
        start = month_moved(day.replace(day=1), -((day.month - 1) % months))
        first = month_moved(start, months * period.offset)
        last = month_moved(first, months - 1)
        return first, last.replace(day=monthrange(last.year, last.month)[1])


def at_path(profile: dict[str, Any], path: str) -> Any:
    value: Any = profile
    for step in path.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return value


def cleaned(value: Any) -> Any:
    """Empty text is missing; so is a double that is no finite number."""
    if value == "" or (isinstance(value, float) and (value != value or value in (float("inf"), float("-inf")))):
        return None
    return value


def rounded(value: Any) -> Fraction:
    return Fraction(round(Fraction(value) * 10**6), 10**6) if isinstance(value, float) else Fraction(value)


def same(value: Any, literal: Any) -> bool:
    if isinstance(value, str | bool | datetime | date):
        return bool(value == literal)
    return Fraction(value) == Fraction(literal)


def like(letters: list[str], pattern: str, whole: bool = True) -> bool:
    """`letters` are what each character was folded to; `whole`: nothing of the first is taken yet."""
    if not pattern:
        return not letters
    if pattern[0] == "%":
        return like(letters, pattern[1:], whole) or (
            bool(letters) and like(rest(letters), pattern, len(letters[0]) == 1)
        )
    if pattern[0] == "_":
        return bool(letters) and whole and like(letters[1:], pattern[1:])
    pattern = pattern[1:] if pattern[0] == "\\" and len(pattern) > 1 else pattern
    return bool(letters) and letters[0][0] == pattern[0] and like(rest(letters), pattern[1:], len(letters[0]) == 1)


def rest(letters: list[str]) -> list[str]:
    return [letters[0][1:], *letters[1:]] if len(letters[0]) > 1 else letters[1:]
