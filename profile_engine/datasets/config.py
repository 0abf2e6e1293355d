"""conf/datasets: what a person may write about a dataset, its sources and their mapping."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from profile_engine.config.model import ConfigModel
from profile_engine.config.units import Share, SpanField


class ColumnMapping(ConfigModel):
    """How one schema field is filled: from a column, a constant, or a Spark SQL expression over the columns."""

    from_: str | None = Field(default=None, alias="from")
    constant: str | None = None
    sql: str | None = None
    normalise: str | None = None
    date_format: str | None = None
    """Pattern of dates and times in Spark's letters, such as dd/MM/yyyy."""

    @model_validator(mode="after")
    def _one_origin(self) -> ColumnMapping:
        if sum(part is not None for part in (self.from_, self.constant, self.sql)) != 1:
            raise ValueError("give one of 'from', 'constant' or 'sql'")
        return self


class SourceConfig(ConfigModel):
    """Files of one format that arrive in one way."""

    files: str
    """A glob, such as ${DATA}/crm/*.csv; relative paths count from the project's root."""
    format: dict[str, Any]
    """One key, the format (csv, json_lines, parquet), with its options; each format checks its own."""
    mode: Literal["append", "replace", "upsert"]
    mapping: dict[str, ColumnMapping] = {}
    unmapped: Literal["same_name", "drop", "refuse"] = "same_name"
    time_zone: str | None = None
    """Of times without a zone; the project's time zone otherwise."""
    expected_every: SpanField | None = None
    arrives: Literal["batch", "stream"] = "batch"
    """Whether a stream writes the files, a few records at a time, or a job brings whole batches; a segment can stream only
    over events that all come in one way."""

    @field_validator("mapping", mode="before")
    @classmethod
    def _short_form(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {field: {"from": column} if isinstance(column, str) else column for field, column in value.items()}

    @field_validator("format", mode="before")
    @classmethod
    def _one_format(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {value: {}}
        if isinstance(value, dict) and len(value) == 1:
            return {name: options or {} for name, options in value.items()}
        raise ValueError('name one format, such as csv or {csv: {delimiter: ";"}}')

    @property
    def format_name(self) -> str:
        return next(iter(self.format))

    @property
    def format_options(self) -> dict[str, Any]:
        return dict(self.format[self.format_name])


class DatasetConfig(ConfigModel):
    schema_name: str = Field(alias="schema")
    description: str | None = None
    profile: Literal["enabled", "disabled"] = "disabled"
    newest_by: str | None = None
    """Field that orders the versions of a record; older or equal is ignored. Without it the time of ingestion decides."""
    error_threshold: Share = 0.05
    """Above this share of rejected rows a batch is refused whole."""
    superseded_links: Literal["keep", "end"] = "keep"
    sources: dict[str, SourceConfig]
    renamed_from: str | None = None

    @field_validator("sources")
    @classmethod
    def _at_least_one(cls, value: dict[str, SourceConfig]) -> dict[str, SourceConfig]:
        if not value:
            raise ValueError("a dataset needs at least one source")
        return value
