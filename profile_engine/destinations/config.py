"""conf/destinations: where audiences go, as whom people are known there, and what is sent of them."""

from __future__ import annotations

import re
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from profile_engine.config.model import ConfigModel
from profile_engine.config.units import Count, Share, SpanField
from profile_engine.destinations.places import folder_name

_TIME_OF_DAY = re.compile(r"^([01]\d|2[0-3]):[0-5]\d$")
INTERNAL = "__"
"""Columns of this prefix are the engine's own while files are written."""


class AudienceConfig(ConfigModel):
    """A segment as this destination knows it."""

    segment: str
    as_: str | None = Field(default=None, alias="as")

    @property
    def name(self) -> str:
        return self.as_ or self.segment


class ExportConfig(ConfigModel):
    """When an audience is sent, and whether whole or, after a first whole export, only who entered and left."""

    mode: Literal["full", "full_then_changes"]
    every: SpanField | None = None
    """Not again before this time has passed since the last delivery; without it, with each later as_of."""
    at: str | None = None
    """Time of day, in the project's time zone, from which a day's delivery is due."""
    rows_per_file: Count = Field(default=5_000_000, ge=1)

    @model_validator(mode="after")
    def _whole_days_at_a_time(self) -> ExportConfig:
        if self.at is not None and not _TIME_OF_DAY.match(self.at):
            raise ValueError(f"'at: {self.at}' is no time of day; write hours and minutes, such as \"06:00\"")
        if self.at is not None and self.every is not None and self.every.unit in ("second", "minute", "hour"):
            raise ValueError("'at' goes with whole days, weeks or months; leave out 'at', or write 'every: 1 day'")
        return self


class ConsentConfig(ConfigModel):
    purpose: str


class RemovalsGuard(ConfigModel):
    at_most: Share = 0.3


class AudienceGuard(ConfigModel):
    at_least: int = Field(default=0, ge=0)


class GuardsConfig(ConfigModel):
    removals: RemovalsGuard = RemovalsGuard()
    audience: AudienceGuard = AudienceGuard()
    when_empty: Literal["stop", "send"] = "stop"
    """`stop`: an audience that had members at its last delivery and has none now is not sent."""


class DestinationConfig(ConfigModel):
    to: dict[str, dict[str, Any]]
    """One key, the connector, with its settings; each connector checks its own."""
    description: str | None = None
    format: dict[str, dict[str, Any]] = Field(default={"csv": {}})
    """One key, the file format (csv, json, parquet), with its options."""
    identity: dict[str, Literal["as_is", "sha256_hex"]]
    """One namespace, and the form in which the destination wants it."""
    attributes: dict[str, str] = Field(default_factory=dict)
    """Column name to attribute path of the profile."""
    audiences: list[AudienceConfig]
    export: ExportConfig
    consent: ConsentConfig | Literal["not_needed"]
    guards: GuardsConfig = GuardsConfig()

    @field_validator("to", "format", mode="before")
    @classmethod
    def _one_key(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {value: {}}
        if isinstance(value, dict) and len(value) == 1:
            return {name: settings or {} for name, settings in value.items()}
        raise ValueError("name exactly one, such as {folder: {path: exports}}")

    @field_validator("audiences", mode="before")
    @classmethod
    def _short_form(cls, value: Any) -> Any:
        return (
            [{"segment": item} if isinstance(item, str) else item for item in value]
            if isinstance(value, list)
            else value
        )

    @model_validator(mode="after")
    def _names_once(self) -> DestinationConfig:
        if len(self.identity) != 1:
            raise ValueError("give one identity: a namespace and its form (as_is or sha256_hex)")
        # file systems and Spark both know names that differ only in case as one
        names = [audience.name.casefold() for audience in self.audiences]
        twice = [audience.name for audience in self.audiences if names.count(audience.name.casefold()) > 1]
        if twice:
            raise ValueError(f"audience '{twice[0]}' is given twice; name one of them otherwise with 'as'")
        long = [audience.name for audience in self.audiences if len(folder_name(audience.name)) > 200]
        if long:
            raise ValueError(
                f"audience name '{long[0][:30]}...' is too long for a folder; give a shorter one with 'as'"
            )
        taken = [*self.attributes, self.namespace, *(["status"] if self.export.mode == "full_then_changes" else [])]
        columns = [name.casefold() for name in taken]
        for name in self.attributes:
            if columns.count(name.casefold()) > 1 or not name or name.startswith(INTERNAL):
                raise ValueError(
                    f"attribute column '{name}' can't be used: columns differ in more than case from each other, from the "
                    f"identity '{self.namespace}' and from 'status', and don't start with '{INTERNAL}'"
                )
        return self

    @property
    def connector(self) -> str:
        return next(iter(self.to))

    @property
    def connector_settings(self) -> dict[str, Any]:
        return self.to[self.connector]

    @property
    def file_format(self) -> str:
        return next(iter(self.format))

    @property
    def format_options(self) -> dict[str, Any]:
        return self.format[self.file_format]

    @property
    def namespace(self) -> str:
        return next(iter(self.identity))

    @property
    def identity_form(self) -> Literal["as_is", "sha256_hex"]:
        return self.identity[self.namespace]
