"""conf/profiles: merge policies, which decide the winner of each attribute."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from profile_engine.config.model import ConfigModel


class AttributeRule(ConfigModel):
    """How the winner among several values of one attribute is chosen; one key names the strategy."""

    newest: Literal["source_time", "ingested_at"] | None = None
    """`timestampOrdered`: the latest wins, by the customer's own time or by the time of ingestion."""
    dataset_order: list[str] | None = None
    """`dataSetPrecedence`: the first dataset with a value wins; datasets not listed are left out."""

    @model_validator(mode="after")
    def _one_strategy(self) -> AttributeRule:
        if sum(part is not None for part in (self.newest, self.dataset_order)) != 1:
            raise ValueError("give one strategy: 'newest' or 'dataset_order'")
        return self


class MergePolicyConfig(ConfigModel):
    identity_graph: bool = True
    """False: only fragments with the same primary identity are merged."""
    attributes: AttributeRule = AttributeRule(newest="source_time")
    exceptions: dict[str, AttributeRule] = Field(default_factory=dict)
    """By attribute path (a leaf or an object); the longest matching path holds."""
    default: bool = Field(default=False)
