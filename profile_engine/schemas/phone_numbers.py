"""Telephone numbers read a batch at a time: the vectorised pass behind the normaliser `phone`."""

from __future__ import annotations

import pandas as pd
from pyspark.sql import Column
from pyspark.sql.pandas.functions import pandas_udf

from profile_engine.schemas.normalisers import phone


def numbers_of_texts(column: Column, region: str | None) -> Column:
    """A text column as E.164, null where it is no number; each distinct text of a batch is parsed once."""

    def numbers(texts: pd.Series) -> pd.Series:
        return texts.map({text: phone.normalised_value(text, region) for text in texts.dropna().unique()})

    result: Column = pandas_udf(numbers, "string")(column)  # type: ignore[call-overload]
    return result


def numbers_of_lists(column: Column, region: str | None) -> Column:
    """The same for array<string>, item by item: a Python function can't stand inside a Spark lambda."""

    def numbers(lists: pd.Series) -> pd.Series:
        texts = {text for each in lists.dropna() for text in each if text is not None}
        known = {text: phone.normalised_value(text, region) for text in texts}
        return lists.map(lambda each: None if each is None else [known.get(text) for text in each])

    result: Column = pandas_udf(numbers, "array<string>")(column)  # type: ignore[call-overload]
    return result
