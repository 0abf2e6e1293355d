"""Parquet: types, objects and lists kept as they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from profile_engine.config.model import ConfigModel
from profile_engine.destinations import parquet_footer

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

NAME = "parquet"
END = parquet_footer


class Options(ConfigModel):
    compression: Literal["snappy", "zstd", "gzip", "none"] = "snappy"


def suffix(options: Options) -> str:
    return "parquet"


def spark_options(options: Options) -> Mapping[str, str]:
    return {"compression": options.compression}


def laid_out(rows: DataFrame, options: Options) -> DataFrame:
    return rows


def dialect(options: Options) -> Mapping[str, str | bool | None]:
    return {"compression": options.compression}
