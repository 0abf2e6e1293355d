"""Computed attributes: their events and fields typed against the union of events, and no attribute that is used may go."""

from __future__ import annotations

from profile_engine.config.problems import Problems
from profile_engine.config.yaml_document import Mapping
from profile_engine.profiles.computed.attribute import COMPUTED, ComputedAttribute
from profile_engine.profiles.computed.reading import read_computed_attribute
from profile_engine.project.description import Description
from profile_engine.project.layout import COMPUTED_ATTRIBUTES, ID
from profile_engine.project.references.schemas import Unions
from profile_engine.rules.scope import Scope
from profile_engine.schemas.union_schema import UnionSchema

MOST_ATTRIBUTES = 100
_UNKNOWN_NAMES = frozenset({"E301", "E302"})
_OTHER_TYPES = frozenset({"E303", "E306", "E307", "E309", "E310"})


def resolved_computed_attributes(
    description: Description, unions: Unions, problems: Problems
) -> dict[str, ComputedAttribute]:
    """Every computed attribute that can be read, by name; what can't becomes problems.

    As with segments, names and types that a broken schema leaves open wait until that is mended.
    """
    tree = description.documents.trees.get(COMPUTED_ATTRIBUTES)
    if not isinstance(tree, Mapping):
        return {}
    zone = description.engine.time_zone if description.engine is not None else "UTC"
    scope = Scope(unions.records, unions.events, frozenset(), zone)
    waiting = frozenset() if description.schemas_are_sound else _UNKNOWN_NAMES
    waiting |= frozenset() if unions.agreed else _OTHER_TYPES
    found = Problems()
    read: dict[str, ComputedAttribute] = {}
    for number, (name, node) in enumerate(tree):
        if not ID.fullmatch(name.text):
            found.add("E203", f"'{name.text}' can't be the name of a computed attribute", name.position,
                      "start with a letter; then a-z, 0-9 and _", length=len(name.text))  # fmt: skip
        elif number >= MOST_ATTRIBUTES:
            found.add("E320", f"more than {MOST_ATTRIBUTES} computed attributes", name.position)
        elif (attribute := read_computed_attribute(name, node, scope, found)) is not None:
            read[name.text] = attribute
    for problem in found.found:
        if problem.code not in waiting:
            problems.take_over(problem, found)
    return read


def computed_are_sound(description: Description, profile: UnionSchema) -> bool:
    """Whether every computed attribute could be read, so that an unknown one is really unknown; `profile` has those that
    could."""
    known = profile.field(COMPUTED)
    unreadable = COMPUTED_ATTRIBUTES in description.documents.unreadable
    return not unreadable and len(known.fields if known else ()) == len(description.names_in(COMPUTED_ATTRIBUTES))
