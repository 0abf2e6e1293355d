"""conf/profiles: merge policies, which decide the winner of each attribute."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from profile_engine.config.model import ConfigModel


def _only_true(value: Any) -> bool:
    if value is not True and value != "true":
        raise ValueError("write true, or take another strategy")
    return True


Chosen = Annotated[bool, BeforeValidator(_only_true)]


class AttributeRule(ConfigModel):
    """How the winner among several values of one attribute is chosen; one key names the strategy."""

    newest: Literal["source_time", "ingested_at"] | None = None
    """`timestampOrdered`: the latest wins, by the customer's own time or by the time of ingestion."""
    dataset_order: list[str] | None = None
    """`dataSetPrecedence`: the first dataset with a value wins; datasets not listed are left out."""
    most_frequent: Chosen | None = None
    """The value that most records have; among equally frequent ones the newest. Plain values only."""
    min: Chosen | None = None
    """The least value. Numbers, dates and times only."""
    max: Chosen | None = None
    """The greatest value. Numbers, dates and times only."""
    union: Chosen | None = None
    """Of an array of plain values, the different items of all records, in rising order."""

    @model_validator(mode="after")
    def _one_strategy(self) -> AttributeRule:
        names = list(type(self).model_fields)
        if sum(getattr(self, name) is not None for name in names) != 1:
            raise ValueError(f"give one strategy: {', '.join(names)}")
        return self

    @property
    def strategy(self) -> str:
        """The name of the strategy, one of the registry's."""
        return next(name for name in type(self).model_fields if getattr(self, name) is not None)


TAKES: Mapping[str, str] = {
    "most_frequent": "plain values",
    "min": "numbers, dates and times",
    "max": "numbers, dates and times",
    "union": "arrays of plain values",
}
"""What the attributes of a rule have to hold, by strategy; of a map, its values. Others take anything."""


class MergePolicyConfig(ConfigModel):
    identity_graph: bool = True
    """False: only fragments with the same primary identity are merged."""
    attributes: AttributeRule = AttributeRule(newest="source_time")
    exceptions: dict[str, AttributeRule] = Field(default_factory=dict)
    """By attribute path (a leaf or an object); the longest matching path holds."""
    default: bool = Field(default=False)
