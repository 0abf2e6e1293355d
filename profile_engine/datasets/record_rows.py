"""From judged rows to rows of a raw table: the record's id, its time and its owner."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from profile_engine.datasets.source_rows import BLOCK, LINE, PATH, RECORD
from profile_engine.schemas.identifier_arrays import identifier_arrays
from profile_engine.schemas.identifiers import owner_id
from profile_engine.schemas.namespace_rules import Namespaces
from profile_engine.schemas.schema import Schema

SHA256 = "__sha256"
"""Hash of the file that a row came in, by hexadecimal digits."""
_OCCURRENCE = "__occurrence"


def with_record_ids(rows: DataFrame, dataset: str, schema: Schema, newest_by: str | None) -> DataFrame:
    """Adds `record_id` and `source_time`.

    rows          judged rows with SHA256
    record_id     64 hexadecimal digits of SHA-256: of a record over dataset and primary identity; of an event over dataset,
                  event id and UTC day (ids are unique in a day, not for ever); where there is none of these, over the
                  row's text, its n-th occurrence in the file and the file's own hash, so that a restart gives the same
    source_time   the event's time, or the record's `newest_by`
    """
    time_path = schema.occurred_at if schema.class_ == "event" else newest_by
    time = F.col(time_path).cast("timestamp") if time_path is not None else F.lit(None).cast("timestamp")
    named = _named_id(dataset, schema, time)
    if named is not None and schema.class_ == "event":
        return rows.withColumns({"record_id": named, "source_time": time})
    same_text = Window.partitionBy(PATH, RECORD).orderBy(BLOCK, LINE)
    counted = rows.withColumn(_OCCURRENCE, F.row_number().over(same_text))
    generated = _hash(F.lit(dataset), F.col(SHA256), F.col(_OCCURRENCE).cast("string"), F.coalesce(RECORD, F.lit("")))
    record_id = generated if named is None else F.coalesce(named, generated)
    return counted.withColumns({"record_id": record_id, "source_time": time}).drop(_OCCURRENCE)


def with_owners(rows: DataFrame, schema: Schema, namespaces: Namespaces, key: bytes) -> DataFrame:
    """Adds (or sets anew) `owner_id`: the first accepted identifier's id, null where a row has none."""
    made = identifier_arrays(rows, schema, namespaces, key)
    return made.withColumn("owner_id", owner_id(F.col("identifiers"))).drop("identifiers", "dropped")


def _named_id(dataset: str, schema: Schema, time: Column) -> Column | None:
    if schema.class_ == "event":
        if schema.event_id is None:
            return None
        return _hash(F.lit(dataset), F.col(schema.event_id), F.date_format(time, "yyyy-MM-dd"))
    return _hash(F.lit(dataset), F.col(schema.primary.path)) if schema.primary is not None else None


def _hash(*parts: Column) -> Column:
    """Null where a part is null; each part has its length before it, so that no two lists of parts are one text."""
    framed = [F.concat(F.octet_length(part).cast("string"), F.lit(":"), part) for part in parts]
    return F.sha2(F.concat(*framed), 256)
