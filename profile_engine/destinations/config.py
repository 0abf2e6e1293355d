"""conf/destinations: where audiences go, as whom people are known there, and what is sent of them."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from profile_engine.config.model import ConfigModel
from profile_engine.config.units import Share, SpanField


class AudienceConfig(ConfigModel):
    """A segment as this destination knows it."""

    segment: str
    as_: str | None = Field(default=None, alias="as")

    @property
    def name(self) -> str:
        return self.as_ or self.segment


class ExportConfig(ConfigModel):
    mode: Literal["full", "full_then_changes"]
    every: SpanField | None = None
    at: str | None = None


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
    format: dict[str, dict[str, Any]] = {"csv": {}}
    """One key, the file format (csv, json, parquet), with its options."""
    identity: dict[str, Literal["as_is", "sha256_hex"]]
    """One namespace, and the form in which the destination wants it."""
    attributes: dict[str, str] = {}
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
        return [{"segment": item} if isinstance(item, str) else item for item in value] if isinstance(value, list) else value

    @model_validator(mode="after")
    def _names_once(self) -> DestinationConfig:
        names = [audience.name for audience in self.audiences]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"audience '{twice[0]}' is given twice; name one of them otherwise with 'as'")
        if len(self.identity) != 1:
            raise ValueError("give one identity: a namespace and its form (as_is or sha256_hex)")
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
    def namespace(self) -> str:
        return next(iter(self.identity))
