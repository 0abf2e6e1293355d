"""Whether a person agreed to a purpose: granted, refused, or unknown, which counts as no."""

from __future__ import annotations

import re
from functools import reduce
from typing import Literal

from pyspark.sql import Column
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, DataType, MapType, StructType

from profile_engine.governance.config import PurposeConfig

ConsentState = Literal["granted", "refused", "unknown"]
GRANTED: ConsentState = "granted"
REFUSED: ConsentState = "refused"
UNKNOWN: ConsentState = "unknown"

_STEP = re.compile(r'"([^"]+)"|([^.]+)')


def consent_state(profile_columns: StructType, purpose: PurposeConfig) -> Column:
    """A column over a frame of profiles (`frame.schema` is `profile_columns`): granted, refused or unknown, never null.

    The value at `purpose.attribute` is compared as text and exactly (a boolean reads true or false). A value in both
    lists is refused; one in neither, a missing value and an attribute that no profile has yet are unknown. A step of
    the path into a map is its key; keys with dots stand in double quotes.
    """
    value = _text_at(profile_columns, [quoted or plain for quoted, plain in _STEP.findall(purpose.attribute)])
    if value is None:
        return F.lit(UNKNOWN)
    return F.when(value.isin(purpose.refused), REFUSED).when(value.isin(purpose.granted), GRANTED).otherwise(UNKNOWN)


def consent_of(value: object, purpose: PurposeConfig) -> ConsentState:
    """The same for one value in Python, as `explain` shows it."""
    text = str(value).lower() if isinstance(value, bool) else value
    if text in purpose.refused:
        return REFUSED
    return GRANTED if text in purpose.granted else UNKNOWN


def _text_at(columns: StructType, steps: list[str]) -> Column | None:
    """The value at a path as text, or None where the frame has no such path or the value is not a simple one."""
    first, *rest = steps
    if first not in columns.fieldNames():
        return None
    found: tuple[Column, DataType] | None = (F.col(f"`{first}`"), columns[first].dataType)
    found = reduce(_stepped, rest, found)
    if found is None or isinstance(found[1], StructType | ArrayType | MapType):
        return None
    return found[0].cast("string")


def _stepped(reached: tuple[Column, DataType] | None, step: str) -> tuple[Column, DataType] | None:
    if reached is None:
        return None
    column, type_ = reached
    if isinstance(type_, StructType) and step in type_.fieldNames():
        return column.getField(step), type_[step].dataType
    if isinstance(type_, MapType):
        return F.try_element_at(column, F.lit(step)), type_.valueType
    if isinstance(type_, ArrayType) and isinstance(type_.elementType, StructType):
        entry = type_.elementType
        if entry.fieldNames() == ["key", "value"]:  # a map as profiles store it
            of_key = F.filter(column, lambda item: item.getField("key") == step)
            return F.get(of_key, F.lit(0)).getField("value"), entry["value"].dataType
    return None
