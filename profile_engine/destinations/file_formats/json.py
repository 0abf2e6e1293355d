"""JSON lines: an object a row, objects and lists kept as they are, missing values as null."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from profile_engine.config.model import ConfigModel

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

NAME = "json"
END = None


class Options(ConfigModel):
    compression: Literal["gzip", "none"] = "gzip"
    nulls: Literal["write", "omit"] = "write"
    """`omit` leaves out the key of a missing value."""


def suffix(options: Options) -> str:
    return "json.gz" if options.compression == "gzip" else "json"


def spark_options(options: Options) -> Mapping[str, str]:
    return {
        "lineSep": "\n",
        "encoding": "UTF-8",
        "compression": options.compression,
        "ignoreNullFields": str(options.nulls == "omit").lower(),
        "timeZone": "UTC",
        "dateFormat": "yyyy-MM-dd",
        "timestampFormat": "yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX",
    }


def laid_out(rows: DataFrame, options: Options) -> DataFrame:
    return rows


def dialect(options: Options) -> Mapping[str, str | bool | None]:
    return {"lines": True, "nulls": options.nulls, "encoding": "utf-8", "compression": options.compression}
