"""`dataset_order` (Adobe's dataSetPrecedence): the first dataset with a value wins; datasets not listed are left out."""

from __future__ import annotations

from pyspark.sql import Column
from pyspark.sql import functions as F

from profile_engine.profiles.candidates import customer_time, leading

NAME = "dataset_order"


def winner(value: Column, setting: str | tuple[str, ...], datasets: tuple[str, ...]) -> Column:
    """Among several records of the winning dataset the newest by the customer's time."""
    places = {dataset: -place for place, dataset in reversed(list(enumerate(setting)))}
    place = F.get(F.array(*[F.lit(places.get(dataset)).cast("int") for dataset in datasets]), F.col("dataset_no"))
    return leading(value, before=[place], time=customer_time(), counts=place.isNotNull())
