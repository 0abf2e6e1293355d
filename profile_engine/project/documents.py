"""The documents of a project, as trees, with one environment laid over them."""

from __future__ import annotations

from collections.abc import Mapping as AbstractMapping
from dataclasses import dataclass
from pathlib import Path

from profile_engine.config.environments import overlaid
from profile_engine.config.model import node_at, required_keys
from profile_engine.config.problems import Place, Position, Problems, did_you_mean
from profile_engine.config.yaml_document import Mapping, Node, Scalar, Sequence, read_yaml
from profile_engine.project.kinds import MODELS
from profile_engine.project.layout import (
    ENGINE,
    FOLDERS_OF_THINGS,
    RULINGS,
    SINGLE_FILES,
    Key,
    ProjectFile,
    identity_files,
    project_files,
)

KINDS = (*(kind for kind in FOLDERS_OF_THINGS if kind != "environments"), "segments")


@dataclass(frozen=True)
class Documents:
    """Every document's tree; `unreadable` are those that are there but could not be read."""

    trees: AbstractMapping[Key, Node]
    unreadable: frozenset[Key]
    environments: tuple[str, ...]

    def of_kind(self, kind: str) -> dict[str, Node]:
        """Id to tree of the things of one kind, in the order of ids."""
        return {key[1]: self.trees[key] for key in sorted(self.trees) if key[0] == kind and len(key) == 2}

    def ids(self, kind: str) -> list[str]:
        """Ids of all things of a kind, those that could not be read included."""
        keys = [*self.trees, *self.unreadable]
        return sorted({key[1] for key in keys if key[0] == kind and len(key) == 2})

    def has(self, key: Key, *path: int | str) -> bool:
        """Whether a path is there to its end."""
        node: Node | None = self.trees.get(key)
        for step in path:
            if isinstance(node, Mapping) and isinstance(step, str):
                node = node.get(step)
            elif isinstance(node, Sequence) and isinstance(step, int) and step < len(node.items):
                node = node.items[step]
            else:
                return False
        return node is not None

    def node(self, key: Key, *path: int | str) -> Node:
        """The node at a path, or the deepest one on the way."""
        return node_at(self.trees[key], path)[0]

    def value(self, key: Key, *path: int | str) -> Place:
        """Where a value stands; the deepest node on the way where the path ends early."""
        node, _ = node_at(self.trees[key], path)
        return Place(node.position, max(1, len(node.text)) if isinstance(node, Scalar) else 1)

    def key(self, key: Key, *path: int | str) -> Place:
        """Where the key that leads to a value stands."""
        node, name = node_at(self.trees[key], path)
        return Place(node.position) if name is None else Place(name.position, len(name.text))


def read_documents(root: Path, environment: str | None, problems: Problems, identity: Path | None = None) -> Documents:
    """All documents of the project at `root`; with an environment, those are laid over it.

    identity  a folder like conf/identity, or one file of it, read in place of the project's own files of those names
    """
    trees: dict[Key, Node] = {}
    overlays: dict[str, Node] = {}
    unreadable: set[Key] = set()
    names: list[str] = []
    files = project_files(root, problems)
    if identity is not None:
        others = {file.key: file for file in identity_files(identity, problems)}
        files = [*(file for file in files if file.key not in others), *others.values()]
    for file in files:
        tree = _mapping_of(file, problems)
        if file.key[0] == "environments":
            names.append(file.key[1])
            if tree is not None:
                overlays[file.key[1]] = tree
        elif tree is None:
            unreadable.add(file.key)
        else:
            trees[file.key] = tree
    if environment is not None and environment not in names:
        shown = "conf/environments"
        problems.add(
            "E121", f"there is no environment '{environment}'", Position(f"{shown}/{environment}.yaml", 1, 1),
            did_you_mean(environment, names) or "this project has no environments",
        )  # fmt: skip
    for name, overlay in overlays.items():
        changed = _changed(trees, unreadable, overlay, problems)
        if name == environment:
            trees = changed
    return Documents(trees, frozenset(unreadable), tuple(names))


def read_identity_documents(identity: Path, problems: Problems) -> Documents:
    """The documents of conf/identity alone, from a folder like it or one file of it."""
    trees = {file.key: _mapping_of(file, problems) for file in identity_files(identity, problems)}
    read = {key: tree for key, tree in trees.items() if tree is not None}
    return Documents(read, frozenset(trees) - frozenset(read), ())


def _mapping_of(file: ProjectFile, problems: Problems) -> Mapping | None:
    if file.key == RULINGS:
        problems.hide_lines_of(file.shown_as)
    tree = read_yaml(file.path, file.shown_as, problems)
    if tree is None or isinstance(tree, Mapping):
        return tree
    if isinstance(tree, Scalar) and tree.is_null:
        return Mapping((), tree.position)
    problems.add("E106", "a mapping is expected: lines of the form 'key: value'", tree.position)
    return None


def _changed(trees: dict[Key, Node], unreadable: set[Key], overlay: Node, problems: Problems) -> dict[Key, Node]:
    """The trees with the overlay on them; what it names must be there, or be one of the files that may be left out."""
    changed = dict(trees)
    known = dict.fromkeys([*KINDS, *(key[0] for key in SINGLE_FILES)])
    assert isinstance(overlay, Mapping)
    for kind, tree in overlay:
        if kind.text not in known:
            _unknown(kind, "part of a project", known, problems)
        elif kind.text == ENGINE[0]:
            changed[ENGINE] = overlaid(trees[ENGINE], tree) if ENGINE in trees else tree
        elif not isinstance(tree, Mapping):
            problems.add("E106", f"a mapping is expected: the names of what to change in '{kind.text}'", tree.position)
        else:
            may_be_new = {key[1] for key in SINGLE_FILES if key[0] == kind.text and len(key) == 2}
            there = {key[1] for key in [*trees, *unreadable] if key[0] == kind.text}
            for name, change in tree:
                key = (kind.text, name.text)
                if name.text not in there | may_be_new and not _whole_thing(kind.text, change):
                    _unknown(name, f"name in {kind.text}", there | may_be_new, problems)
                elif not isinstance(change, Mapping):
                    problems.add("E106", f"a mapping is expected: what to change in '{name.text}'", change.position)
                else:
                    changed[key] = overlaid(trees[key], change) if key in trees else change
    return changed


def _whole_thing(kind: str, described: Node) -> bool:
    """Whether an overlay describes something of its own: it gives all that its kind requires, as no slip of the pen does."""
    model = MODELS.get(kind)
    return model is not None and isinstance(described, Mapping) and set(required_keys(model)) <= set(described.keys)


def _unknown(name: Scalar, what: str, known: AbstractMapping[str, object] | set[str], problems: Problems) -> None:
    hint = did_you_mean(name.text, sorted(known)) or "an environment changes what is there already"
    problems.add("E120", f"unknown {what}: '{name.text}'", name.position, hint, length=len(name.text))
