"""The calendar days on which values fall: a date's own, and of a time the one in the project's time zone."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from profile_engine.rules.columns import Column, DateColumn, TimeColumn, Whole
from profile_engine.rules.moment import EPOCH, Moment, day_of


def days_of(column: Column, moment: Moment) -> tuple[list[date], Whole]:
    """(the distinct days, the place of each value's day among them); 1970-01-01 stands in where a value is missing."""
    assert isinstance(column, DateColumn | TimeColumn)
    distinct, place = np.unique(np.where(column.present, column.values, 0), return_inverse=True)
    if isinstance(column, DateColumn):
        days = [day_of(int(number)) for number in distinct]
    else:
        zone = moment.zone
        days = [(EPOCH + timedelta(microseconds=int(at))).astimezone(zone).date() for at in distinct]
    return days, place.reshape(-1).astype(np.int64)
