"""The new rows of one dataset: read, mapped, judged, with their ids and owners."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from profile_engine.datasets.batches import LOADING, Batch
from profile_engine.datasets.config import DatasetConfig, SourceConfig
from profile_engine.datasets.formats import Format, format_named
from profile_engine.datasets.inspection import InspectedFile
from profile_engine.datasets.mapping import (
    Origin,
    header_problem,
    mapped_rows,
    origins,
    refusing_unmapped,
    wanted_columns,
)
from profile_engine.datasets.record_rows import SHA256, with_owners, with_record_ids
from profile_engine.datasets.source_rows import PATH, SOURCE, as_spark_path
from profile_engine.datasets.validation import judged_rows
from profile_engine.schemas.namespace_rules import Namespaces
from profile_engine.schemas.schema import Schema


@dataclass(frozen=True)
class Source:
    """A source with all that it refers to."""

    dataset: str
    name: str
    config: SourceConfig
    dataset_config: DatasetConfig
    schema: Schema
    time_zone: str
    """Of times without a zone."""

    @property
    def place(self) -> tuple[str, str]:
        return self.dataset, self.name

    @property
    def format(self) -> Format:
        return format_named(self.config.format_name)

    @property
    def origins(self) -> tuple[Origin, ...]:
        return origins(self.schema, self.config)

    def checked(self, file: InspectedFile) -> InspectedFile:
        """The file, refused if its header is not what the mapping needs."""
        if file.code is not None or file.columns is None:
            return file
        wrong = header_problem(file.columns, self.origins, self.config)
        return file if wrong is None else replace(file, code="wrong_header", message=wrong)


def sources_of(
    datasets: Mapping[str, DatasetConfig], schemas: Mapping[str, Schema], time_zone: str
) -> dict[tuple[str, str], Source]:
    """Every source of every dataset, by dataset and name."""
    return {
        (dataset, name): Source(
            dataset, name, source, config, schemas[config.schema_name], source.time_zone or time_zone
        )
        for dataset, config in datasets.items()
        for name, source in config.sources.items()
    }


def landed_rows(
    spark: SparkSession, sources: Sequence[Source], batches: Sequence[Batch], namespaces: Namespaces, key: bytes
) -> DataFrame | None:
    """The records of all batches to load of one dataset, or None when there is no record to read.

    returns  the schema's fields; record_id, source_time, owner_id, batch_id; SOURCE, PATH, BLOCK, LINE, RECORD, SHA256,
             REASONS (empty = accepted). Files with the same header are read in one go, however many they are.
    """
    parts = [
        part
        for source in sources
        for part in _parts(spark, source, [b for b in batches if (b.dataset, b.source) == source.place])
    ]
    if not parts:
        return None
    schema, dataset = sources[0].schema, sources[0].dataset
    rows = reduce(lambda left, right: left.unionByName(right), parts)
    judged = judged_rows(rows, schema)
    identified = with_record_ids(judged, dataset, schema, sources[0].dataset_config.newest_by)
    return with_owners(identified, schema, namespaces, key)


def _parts(spark: SparkSession, source: Source, batches: Sequence[Batch]) -> list[DataFrame]:
    by_header: dict[tuple[tuple[str, ...] | None, str], list[str]] = defaultdict(list)
    places = []
    for batch in batches:
        for file in batch.files if batch.status == LOADING else ():
            if not file.empty:
                by_header[file.columns, file.kind].append(as_spark_path(file.listed.path))
                places.append((file.listed.path, batch.batch_id, source.name, file.sha256))
    if not places:
        return []
    filled, options = source.origins, source.format.options(source.config.format_options)
    files = spark.createDataFrame(places, f"{PATH} string, batch_id string, {SOURCE} string, {SHA256} string")
    parts = []
    for (columns, _), paths in sorted(by_header.items(), key=lambda item: (item[0][0] or (), item[0][1])):
        rows = source.format.rows(spark, sorted(paths), columns, wanted_columns(filled), options)
        mapped = mapped_rows(rows, filled, source.schema, source.time_zone)
        if columns is None and source.config.unmapped == "refuse":
            mapped = refusing_unmapped(mapped, filled)
        parts.append(mapped.join(F.broadcast(files), on=PATH, how="left"))
    return parts
