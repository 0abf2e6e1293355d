"""conf/consent: purposes that people agree to, and where a profile tells whether they did."""

from __future__ import annotations

from pydantic import Field

from profile_engine.config.model import ConfigModel


class PurposeConfig(ConfigModel):
    """One purpose of consent; consent that is neither granted nor refused is unknown, and unknown is no."""

    attribute: str
    """Path of the profile attribute that carries the consent."""
    granted: list[str] = Field(default_factory=lambda: ["y"], min_length=1)
    refused: list[str] = Field(default_factory=lambda: ["n"])
    description: str | None = None
