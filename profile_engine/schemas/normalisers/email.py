"""An e-mail address, trimmed and in lower case; dots and +tags stay, as they tell people apart at most providers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profile_engine.schemas.normalisers import lower_case

if TYPE_CHECKING:
    from pyspark.sql import Column

NAME = "email"
EXAMPLES = {
    None: {" Max.Henderson43@ONEILL-white.com ": "max.henderson43@oneill-white.com", "a+b@c.de": "a+b@c.de", "\t": None}
}


def normalised(column: Column, option: str | None = None) -> Column:
    return lower_case.normalised(column)


def normalised_value(text: str, option: str | None = None) -> str | None:
    return lower_case.normalised_value(text)
