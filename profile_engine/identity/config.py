"""conf/identity: namespaces with their priority, and the rules of stitching."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from profile_engine.config.model import ConfigModel
from profile_engine.config.units import Count, CountOrShare, Share
from profile_engine.schemas.namespaces import NamespaceConfig


class NamespacesConfig(ConfigModel):
    """conf/identity/namespaces.yaml: a list, highest priority first."""

    priority: list[NamespaceConfig]

    @field_validator("priority", mode="before")
    @classmethod
    def _named(cls, value: Any) -> Any:
        if not isinstance(value, list):
            raise ValueError("write a list, highest priority first, such as '- email: {kind: email}'")
        named = []
        for item in value:
            if not isinstance(item, dict) or len(item) != 1:
                raise ValueError("each item names one namespace, such as 'email: {kind: email}'")
            ((name, settings),) = item.items()
            if settings is not None and not isinstance(settings, dict):
                raise ValueError(f"'{name}' needs a mapping, such as '{name}: {{kind: email}}'")
            if settings is not None and "name" in settings:
                raise ValueError(f"the name of '{name}' stands before the colon; leave out 'name'")
            named.append({"name": name, **(settings or {})})
        return named


class AtMostCount(ConfigModel):
    at_most: Count


class AtMostShare(ConfigModel):
    at_most: Share


class AtMostCountOrShare(ConfigModel):
    at_most: CountOrShare
    """An int is a count, a float a share of all profiles."""


class Hubs(ConfigModel):
    """A value that is linked to more than `persons` people is a hub; of those there may be `at_most`."""

    persons: Count
    at_most: Count


class GateConfig(ConfigModel):
    """Limits that a new graph has to pass before it becomes current; a gate that is left out is not checked."""

    largest_profile: AtMostCount | None = None
    sizes_shifted: AtMostShare | None = None
    """Of profiles, against the sizes in the last release."""
    profiles_changed: AtMostShare | None = None
    """This and the next three: shares of the profiles of the last release."""
    profiles_merged: AtMostShare | None = None
    profiles_split: AtMostShare | None = None
    ids_changed: AtMostShare | None = None
    hubs: Hubs | None = None
    people_with_two_crm_ids: AtMostCount | None = None
    people_with_two: dict[str, AtMostCountOrShare] = {}
    """By namespace of people: profiles that hold two or more values of it."""


class FuzzyConfig(ConfigModel):
    """Records that are linked because Splink holds them for one person, not because they share an identifier."""

    at_least: Share
    """The probability from which on two records are linked."""
    compare: dict[str, Literal["exact", "name", "date", "email", "text", "digits"]]
    """How each field of the comparison is compared."""
    candidates: list[list[str]] = Field(min_length=1)
    """Only pairs that agree on all fields of one of these are compared."""
    records: dict[str, dict[str, str]]
    """By dataset: the path of the attribute that gives each field; a field may be missing."""
    most_records: Count = Field(default=2_000_000, ge=1)
    """One task compares all records; with more of them the run stops."""

    @model_validator(mode="after")
    def _fields_are_compared(self) -> FuzzyConfig:
        named = [
            *(field for rule in self.candidates for field in rule),
            *(f for each in self.records.values() for f in each),
        ]
        unknown = next((field for field in named if field not in self.compare), None)
        if unknown is not None:
            raise ValueError(f"'{unknown}' is no field of 'compare'; its fields: {', '.join(self.compare)}")
        if not all(self.candidates) or not self.records:
            raise ValueError("give at least one dataset in 'records', and at least one field in each of 'candidates'")
        return self


class StitchingConfig(ConfigModel):
    """conf/identity/stitching.yaml."""

    blocked_values: list[str | dict[str, list[str]]] = Field(default=["presets/placeholders"])
    """Presets by name, and values by namespace; compared after normalisation."""
    identifiers_per_record: int = Field(default=20, ge=1)
    identifiers_per_profile: int | None = Field(default=None, ge=1)
    """The most identifiers of a profile; what is over leaves it: cookies, then devices, then others, oldest first."""
    replay_limit: Count = Field(default=50_000, ge=1)
    """The most sightings of one component that linking rules replay; a larger one is set aside."""
    fuzzy: FuzzyConfig | None = None
    gate: GateConfig = GateConfig()

    @property
    def presets(self) -> tuple[str, ...]:
        return tuple(item.removeprefix("presets/") for item in self.blocked_values if isinstance(item, str))

    @property
    def blocked_by_namespace(self) -> dict[str, list[str]]:
        blocked: dict[str, list[str]] = {}
        for item in self.blocked_values:
            if isinstance(item, dict):
                for namespace, values in item.items():
                    blocked.setdefault(namespace, []).extend(values)
        return blocked


class RulingConfig(ConfigModel):
    """What somebody decided about a value, such as `cut: {phone: "+31201234567"}`, or about the link between two, such as
    `keep: [{crm_id: C00017}, {email: ann@example.com}]`."""

    keep: tuple[tuple[str, str], ...] | None = None
    """It stands, over every limit and rule."""
    cut: tuple[tuple[str, str], ...] | None = None
    """It joins nobody."""
    by: str
    on: date
    why: str

    @field_validator("keep", "cut", mode="before")
    @classmethod
    def _value_or_link(cls, value: Any) -> Any:
        named = value if isinstance(value, list) else [value]
        if isinstance(value, list) and len(value) != 2:
            raise ValueError("a link is a list of two, such as '[{crm_id: C1}, {phone: \"+31201234567\"}]'")
        if not all(isinstance(one, dict) and [type(text) for text in one.values()] == [str] for one in named):
            raise ValueError(
                "write a value in its namespace, such as '{phone: \"+31201234567\"}', or a list of two for a link"
            )
        return tuple(pair for one in named for pair in one.items())

    @field_validator("by", "why")
    @classmethod
    def _said(cls, value: str) -> str:
        if not value.strip():
            raise ValueError("a ruling says who decided it, when and why; write a name in 'by' and a reason in 'why'")
        return value

    @model_validator(mode="after")
    def _one_verdict(self) -> RulingConfig:
        if (self.keep is None) == (self.cut is None):
            raise ValueError("give either 'keep' or 'cut'")
        return self

    @property
    def about(self) -> tuple[tuple[str, str], ...]:
        """One pair of namespace and value, or two for a link."""
        return self.keep or self.cut or ()


class RulingsConfig(ConfigModel):
    """conf/identity/rulings.yaml."""

    rulings: list[RulingConfig] = []
