"""The namespaces of a project: their priority, and which of their values are no identifiers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from profile_engine.schemas.namespaces import NamespaceConfig
from profile_engine.schemas.normalisers import sha256_hex_lower
from profile_engine.schemas.placeholders import HASHED_PRESETS, HASHES_OF_NOTHING, PRESETS


@dataclass(frozen=True)
class Namespaces:
    """All namespaces, highest priority first, with the static hygiene that needs no other data."""

    configs: tuple[NamespaceConfig, ...]
    blocked_values: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """By namespace, in normalised form."""
    presets: tuple[str, ...] = ("placeholders",)
    identifiers_per_record: int = 20
    kept_values: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """By namespace, in normalised form: values that a ruling keeps, which nothing blocks."""
    _by_name: dict[str, NamespaceConfig] = field(default_factory=dict, repr=False, compare=False)
    _priority: dict[str, int] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        for place, config in enumerate(self.configs, start=1):
            self._by_name[config.name] = config
            self._priority[config.name] = place

    @classmethod
    def of(
        cls,
        configs: Iterable[NamespaceConfig],
        *,
        blocked: Mapping[str, Iterable[str]] | None = None,
        presets: Iterable[str] = ("placeholders",),
        identifiers_per_record: int = 20,
        normalised: Callable[[str, str], str | None] | None = None,
        kept: Mapping[str, Iterable[str]] | None = None,
    ) -> Namespaces:
        """Namespaces from their list and the values that stitching blocks.

        normalised  gives a value's normal form, by the name of a normaliser; blocked values are compared in that form
        kept        values that are never blocked, as they are written
        """
        listed = tuple(configs)
        normaliser = {config.name: config.normalise for config in listed}

        def in_normal_form(values: Mapping[str, Iterable[str]]) -> dict[str, frozenset[str]]:
            forms = {}
            for name, given in values.items():
                forms[name], by = {value.strip() for value in given}, normaliser.get(name)
                if by is not None and normalised is not None:
                    forms[name] |= {normal for value in given if (normal := normalised(by, value)) is not None}
            return {name: frozenset(values) for name, values in forms.items()}

        return cls(
            listed, in_normal_form(blocked or {}), tuple(presets), identifiers_per_record, in_normal_form(kept or {})
        )

    @property
    def names(self) -> tuple[str, ...]:
        """In order of priority, highest first."""
        return tuple(config.name for config in self.configs)

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def __len__(self) -> int:
        return len(self.configs)

    def priority(self, name: str) -> int:
        """1 is the highest; raises KeyError for an unknown namespace."""
        return self._priority[name]

    def config(self, name: str) -> NamespaceConfig:
        """Raises KeyError for an unknown namespace."""
        return self._by_name[name]

    def blocked(self, name: str) -> frozenset[str]:
        """Values that a person listed as no identifiers of this namespace, compared exactly with the normalised value."""
        return self.blocked_values.get(name, frozenset()) - self.kept(name)

    def placeholders(self, name: str) -> frozenset[str]:
        """Values of the presets, in lower case: compared with the normalised value in lower case, save for those kept.

        In a namespace of hashes also the hashes of these, and, with or without presets, those of a blank value.
        """
        values = frozenset().union(*(PRESETS[preset] for preset in self.presets))
        if self.config(name).normalise != sha256_hex_lower.NAME:
            return values
        return values.union(HASHES_OF_NOTHING, *(HASHED_PRESETS[preset] for preset in self.presets))

    def kept(self, name: str) -> frozenset[str]:
        """Values that nothing blocks, compared exactly with the normalised value."""
        return self.kept_values.get(name, frozenset())

    def is_blocked(self, name: str, value: str) -> bool:
        """Whether a value in normal form is no identifier of this namespace."""
        if value in self.kept(name):
            return False
        return value in self.blocked(name) or self._is_placeholder(name, value)

    def _is_placeholder(self, name: str, value: str) -> bool:
        return value.lower() in self.placeholders(name)

    @property
    def static_hash(self) -> str:
        """SHA-256 (hex) over all that decides which identifiers a record has and which of them owns it."""
        content = {
            "namespaces": [
                {
                    "name": config.name,
                    "enters_graph": config.enters_graph,
                    "normalise": config.normalise,
                    "pattern": config.pattern,
                    "length": dict(config.length),
                    "blocked": sorted(self.blocked(config.name)),
                    "placeholders": sorted(self.placeholders(config.name)),
                    "kept": sorted(kept for kept in self.kept(config.name) if self._is_placeholder(config.name, kept)),
                }
                for config in self.configs
            ],
            "identifiers_per_record": self.identifiers_per_record,
        }
        return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
