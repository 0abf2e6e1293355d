"""Where a path of keys and places leads in a tree of nodes."""

from __future__ import annotations

from profile_engine.config.yaml_document import Mapping, Node, Scalar, Sequence

Path = tuple[int | str, ...]


def node_at(node: Node, path: Path) -> tuple[Node, Scalar | None]:
    """The deepest node on a path, and the key that leads to it.

    A step that is not there is passed over: pydantic names the branch of a union among the steps. Where a thing is
    written as a mapping of one name (`- email: {kind: email}`), the path may leave the name out.
    """
    key: Scalar | None = None
    for step in path:
        found = child(node, step)
        if found is not None:
            node, key = found[0], found[1] if found[1] is not None else key
    return node, key


def child(node: Node, step: int | str) -> tuple[Node, Scalar | None] | None:
    """The node one step further, with its key in a mapping; None where there is none."""
    if isinstance(node, Sequence):
        return (node.items[step], None) if isinstance(step, int) and step < len(node.items) else None
    if not isinstance(node, Mapping) or not isinstance(step, str):
        return None
    value = node.get(step)
    if value is not None:
        return value, node.key(step)
    if len(node.entries) == 1 and isinstance(inner := node.entries[0][1], Mapping) and step in inner:
        found = inner.get(step)
        assert found is not None
        return found, inner.key(step)
    return None
