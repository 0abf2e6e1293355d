"""Environments: what differs in one place of use, laid over the project's own files.

Mappings merge by key, lists and scalars are replaced whole, and `null` takes a key away. Every node keeps its place in the
file that it came from.
"""

from __future__ import annotations

from profile_engine.config.yaml_document import Mapping, Node, Scalar


def overlaid(base: Node, overlay: Node) -> Node:
    """`base` with `overlay` laid over it; a new key is added after the others, in the overlay's order."""
    if not (isinstance(base, Mapping) and isinstance(overlay, Mapping)):
        return overlay
    entries: list[tuple[Scalar, Node]] = []
    for key, value in base:
        change = overlay.get(key.text)
        if change is None:
            entries.append((key, value))
        elif not _takes_away(change):
            merges = isinstance(value, Mapping) and isinstance(change, Mapping)
            changed_key = overlay.key(key.text)
            entries.append((key if merges or changed_key is None else changed_key, overlaid(value, change)))
    entries.extend((key, value) for key, value in overlay if key.text not in base and not _takes_away(value))
    return Mapping(tuple(entries), base.position)


def _takes_away(node: Node) -> bool:
    return isinstance(node, Scalar) and node.is_null
