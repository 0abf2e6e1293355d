"""Where the files of a project stand: conf/ by kind, segments/ by theme; a file's name is the id of what it describes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from profile_engine.config.problems import Position, Problems, did_you_mean

Key = tuple[str, ...]
"""How a file is addressed, in an overlay too: ("engine",), ("schemas", "customer"), ("identity", "stitching")."""

ENGINE: Key = ("engine",)
NAMESPACES: Key = ("identity", "namespaces")
STITCHING: Key = ("identity", "stitching")
RULINGS: Key = ("identity", "rulings")
MERGE_POLICIES: Key = ("profiles", "merge_policies")
COMPUTED_ATTRIBUTES: Key = ("profiles", "computed_attributes")
PURPOSES: Key = ("consent", "purposes")

SINGLE_FILES = (ENGINE, NAMESPACES, STITCHING, RULINGS, MERGE_POLICIES, COMPUTED_ATTRIBUTES, PURPOSES)
REQUIRED_FILES = (ENGINE, NAMESPACES)
FOLDERS_OF_THINGS = ("schemas", "field_groups", "datasets", "destinations", "environments")
FIXED_FOLDERS = {
    folder: tuple(key[1] for key in SINGLE_FILES if key[0] == folder) for folder, *more in SINGLE_FILES if more
}
ID = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class ProjectFile:
    """One file: how it is addressed, where it is, and how it is shown to a person."""

    key: Key
    path: Path
    shown_as: str


def project_files(root: Path, problems: Problems) -> list[ProjectFile]:
    """All files of a project, by kind and then name; what does not belong there becomes a problem."""
    conf = root / "conf"
    if not conf.is_dir():
        problems.add(
            "E202",
            f"there is no folder conf in {root}",
            Position(str(root), 1, 1),
            "give the folder that holds conf/ and segments/",
        )
        return []
    files = [*_files_of_conf(conf, problems), *_segment_files(root / "segments", problems, root)]
    present = {file.key for file in files}
    for key in REQUIRED_FILES:
        if key not in present:
            shown = f"{shown_under(root, conf)}/{'/'.join(key)}.yaml"
            problems.add("E202", f"{shown} is missing", Position(shown, 1, 1), "every project needs it")
    return files


def identity_files(given: Path, problems: Problems) -> list[ProjectFile]:
    """Files of conf/identity that stand somewhere else: those of a folder, or one file; its name says which it is."""
    names = FIXED_FOLDERS["identity"]
    if given.is_dir():
        found = [entry for entry in _entries(given) if entry.stem in names and entry.suffix == ".yaml"]
        if not found:
            names_of_files = ", ".join(f"{name}.yaml" for name in names)
            problems.add("E202", f"{given} holds none of {names_of_files}", Position(str(given), 1, 1))
        return [ProjectFile(("identity", entry.stem), entry, str(entry)) for entry in found]
    if not given.is_file():
        problems.add("E202", f"there is no {given}", Position(str(given), 1, 1), "give a folder like conf/identity")
    elif given.stem in names and given.suffix == ".yaml":
        return [ProjectFile(("identity", given.stem), given, str(given))]
    else:
        hint = f"name it {' or '.join(f'{name}.yaml' for name in names)}"
        problems.add("E201", f"{given.name} is no file of conf/identity", Position(str(given), 1, 1), hint)
    return []


def shown_under(root: Path, path: Path) -> str:
    """The path as a person would type it: from the current folder where the project is in it, else from its root."""
    here = Path.cwd()
    absolute = path.absolute()
    if root.absolute().is_relative_to(here):
        return absolute.relative_to(here).as_posix()
    return absolute.relative_to(root.absolute()).as_posix()


def _files_of_conf(conf: Path, problems: Problems) -> Iterator[ProjectFile]:
    root = conf.parent
    for entry in _entries(conf):
        if entry.is_dir() and entry.name in FOLDERS_OF_THINGS:
            yield from _things(entry, entry.name, problems, root)
        elif entry.is_dir() and entry.name in FIXED_FOLDERS:
            yield from _fixed(entry, FIXED_FOLDERS[entry.name], problems, root)
        elif entry.is_file() and entry.name == "engine.yaml":
            yield ProjectFile(ENGINE, entry, shown_under(root, entry))
        else:
            known = ["engine.yaml", *FOLDERS_OF_THINGS, *FIXED_FOLDERS]
            what = "folder" if entry.is_dir() else "file"
            _unknown(entry, what, known, problems, root)


def _things(folder: Path, kind: str, problems: Problems, root: Path) -> Iterator[ProjectFile]:
    for entry in _entries(folder):
        if not entry.is_file() or entry.suffix != ".yaml":
            hint = (
                f"name it {entry.stem}.yaml"
                if entry.suffix in {".yml", ".YAML"}
                else "one .yaml file a thing stands here"
            )
            shown = shown_under(root, entry)
            problems.add("E201", f"{shown} does not belong in conf/{kind}", Position(shown, 1, 1), hint)
        elif _is_id(entry, problems, root):
            yield ProjectFile((kind, entry.stem), entry, shown_under(root, entry))


def _fixed(folder: Path, names: tuple[str, ...], problems: Problems, root: Path) -> Iterator[ProjectFile]:
    for entry in _entries(folder):
        if entry.is_file() and entry.suffix == ".yaml" and entry.stem in names:
            yield ProjectFile((folder.name, entry.stem), entry, shown_under(root, entry))
        else:
            _unknown(entry, "folder" if entry.is_dir() else "file", [f"{name}.yaml" for name in names], problems, root)


def _segment_files(folder: Path, problems: Problems, root: Path) -> Iterator[ProjectFile]:
    first: dict[str, str] = {}
    for entry in sorted(path for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else []:
        if _ignored(entry) or any(part.startswith(".") for part in entry.relative_to(folder).parts):
            continue
        shown = shown_under(root, entry)
        if entry.suffix != ".yaml":
            hint = (
                f"name it {entry.stem}.yaml"
                if entry.suffix in {".yml", ".YAML"}
                else "one .yaml file a segment stands here"
            )
            problems.add("E201", f"{shown} is no segment", Position(shown, 1, 1), hint)
        elif entry.stem in first:
            problems.add(
                "E204", f"segment '{entry.stem}' is described twice", Position(shown, 1, 1),
                f"the other one is {first[entry.stem]}; the file name is the id, whatever the folder",
            )  # fmt: skip
        elif _is_id(entry, problems, root):
            first[entry.stem] = shown
            yield ProjectFile(("segments", entry.stem), entry, shown)


def _entries(folder: Path) -> list[Path]:
    return sorted(entry for entry in folder.iterdir() if not _ignored(entry))


def _ignored(entry: Path) -> bool:
    return entry.name == "README.md" or entry.name.startswith(".")


def _is_id(entry: Path, problems: Problems, root: Path) -> bool:
    if ID.fullmatch(entry.stem):
        return True
    shown = shown_under(root, entry)
    better = re.sub(r"[^a-z0-9]+", "_", entry.stem.lower()).strip("_")
    hint = f"name it {better}.yaml" if ID.fullmatch(better) else "start with a letter; then a-z, 0-9 and _"
    problems.add("E203", f"'{entry.stem}' can't be an id", Position(shown, 1, 1), hint)
    return False


def _unknown(entry: Path, what: str, known: list[str], problems: Problems, root: Path) -> None:
    shown = shown_under(root, entry)
    problems.add("E201", f"unknown {what} {shown}", Position(shown, 1, 1), did_you_mean(entry.name, known))
