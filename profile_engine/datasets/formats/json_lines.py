"""Files with one JSON object a line, plain or packed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, BinaryIO

from profile_engine.config.model import ConfigModel
from profile_engine.datasets.formats import Header

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, SparkSession

NAME = "json_lines"
_PARSED, _MISFIT = "__parsed", "__misfit"
Keys = dict[str, "Keys"]


class Options(ConfigModel):
    """JSON lines leave nothing to choose: UTF-8, one object a line, blank lines ignored."""


def inspect(head: bytes, open_file: Callable[[], BinaryIO], options: Options) -> Header:
    """Records name their own columns; a file of blanks has none."""
    return Header(None, empty=not head.strip())


def rows(
    spark: SparkSession, files: Sequence[str], columns: tuple[str, ...] | None, wanted: frozenset[str], options: Options
) -> DataFrame:
    """The wanted keys as text (`device.kind` looks into an object; an array or object as JSON), and the line as it came.

    A line that is no JSON, no object, or an object where another thing stands in place of a wanted object, is a problem.
    """
    from pyspark.sql import functions as F

    from profile_engine.datasets.source_rows import PROBLEM, RECORD, no_problem, problem, with_places

    keys = _tree(wanted)
    lines = with_places(spark.read.format("text").load(list(files)))
    line = F.col("value")
    bare = F.btrim(line, F.lit(" \t\r\ufeff"))
    # Spark's parser ignores what follows an object; inside an array that is an error
    whole = F.json_array_length(F.concat(F.lit("["), bare, F.lit("]"))) == 1
    schema = f"struct<{_ddl(keys)}{',' if keys else ''}`{_MISFIT}`:string>"
    parsed = F.from_json(
        bare, schema, {"columnNameOfCorruptRecord": _MISFIT, "allowSingleQuotes": "false", "mode": "PERMISSIVE"}
    )
    read = lines.where(bare != "").withColumn(_PARSED, parsed)
    found = (
        F.when(~F.is_valid_utf8(line), problem("invalid_utf8", "the line is not in UTF-8"))
        .when(~F.coalesce(whole, F.lit(False)), problem("unreadable_record", "the line is not JSON"))
        .when(
            ~(bare.startswith("{") & bare.endswith("}")), problem("unreadable_record", "the line is not a JSON object")
        )
        .when(F.col(f"{_PARSED}.{_MISFIT}").isNotNull(), problem("wrong_type", _misfits(bare, keys)))
        .otherwise(no_problem())
    )
    system = [name for name in lines.columns if name != "value"]
    return read.select(
        *(F.col(f"{_PARSED}.`{name}`").alias(name) for name in keys),
        *system,
        F.make_valid_utf8(line).alias(RECORD),
        found.alias(PROBLEM),
    )


def _tree(paths: frozenset[str]) -> Keys:
    keys: Keys = {}
    for path in sorted(paths):
        level = keys
        for step in path.split("."):
            level = level.setdefault(step, {})
    return keys


def _ddl(keys: Keys) -> str:
    return ",".join(f"`{name}`:{f'struct<{_ddl(inner)}>' if inner else 'string'}" for name, inner in keys.items())


def _misfits(bare: Column, keys: Keys) -> Column:
    """Which of the keys that should hold an object hold something else."""
    from pyspark.sql import functions as F

    named = [
        F.when(~F.get_json_object(bare, f"$['{name}']").startswith("{"), F.lit(name))
        for name, inner in keys.items()
        if inner
    ]
    return F.concat(F.lit("an object was expected in "), F.concat_ws(", ", *named) if named else F.lit("the record"))
