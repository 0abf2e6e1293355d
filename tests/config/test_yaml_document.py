"""YAML is read by the rules of YAML 1.2, every node knows its place, and nothing is guessed from a plain scalar."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from profile_engine.config.problems import Position, Problems
from profile_engine.config.yaml_document import Mapping, Node, Scalar, Sequence, parse_yaml, read_yaml


def parsed(text: str) -> tuple[Node | None, list[str]]:
    problems = Problems()
    tree = parse_yaml(text, "f.yaml", problems)
    return tree, [problem.code for problem in problems.found]


@pytest.mark.parametrize(
    "text", ["NO", "on", "yes", "010", "0o7", "12:30", "1e3", "2026-05-31", "1_000", ".5", "0x1F", "y"]
)
def test_a_plain_scalar_stays_the_text_it_is(text: str) -> None:
    tree, codes = parsed(f"value: {text}\n")
    assert isinstance(tree, Mapping)
    assert codes == []
    assert tree.get("value") == Scalar(text, Position("f.yaml", 1, 8), quoted=False)


def test_quoted_and_plain_text_stay_apart() -> None:
    tree, _ = parsed("- plain\n- 'single'\n- \"dou\\tble\"\n- |\n  block\n- null\n- 'null'\n-\n")
    assert isinstance(tree, Sequence)
    scalars = [item for item in tree.items if isinstance(item, Scalar)]
    assert [(each.text, each.quoted, each.is_null) for each in scalars] == [
        ("plain", False, False), ("single", True, False), ("dou\tble", True, False), ("block\n", True, False),
        ("null", False, True), ("null", True, False), ("", False, True),
    ]  # fmt: skip


def test_every_node_knows_its_place() -> None:
    tree, _ = parsed("# comment\nä: {b: [x, y]}\nc:\n  - d: e\n")
    assert isinstance(tree, Mapping)
    inner = tree.get("ä")
    assert isinstance(inner, Mapping)
    listed = inner.get("b")
    assert isinstance(listed, Sequence)
    assert str(inner.position) == "f.yaml:2:4"
    assert [str(item.position) for item in listed.items] == ["f.yaml:2:9", "f.yaml:2:12"]
    assert str(tree.key("c").position) == "f.yaml:3:1"  # type: ignore[union-attr]


def test_anchors_repeat_a_node_with_its_place() -> None:
    tree, codes = parsed("a: &x {b: 1}\nc: *x\n")
    assert isinstance(tree, Mapping)
    assert codes == []
    assert tree.get("c") == tree.get("a")


def test_a_document_that_grows_by_repetition_is_refused() -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"{new}: &{new} [{', '.join(['*' + old] * 10)}]" for old, new in zip("abcdefg", "bcdefgh", strict=True)]
    assert parsed("\n".join(lines))[1] == ["E107"]


@pytest.mark.parametrize("text", ["", "# only a comment\n", "---\n", "\n\n"])
def test_an_empty_document_is_an_empty_mapping(text: str) -> None:
    tree, codes = parsed(text)
    assert codes == []
    assert isinstance(tree, Scalar) or tree == Mapping.empty(Position("f.yaml", 1, 1))


def test_all_duplicate_keys_of_a_file_are_found() -> None:
    assert parsed("a: 1\na: 2\nb: {c: 1, c: 2}\n")[1] == ["E105", "E105"]


@pytest.mark.parametrize(
    ("content", "at", "code"),
    [
        (b"a: 1\nb: caf\xe9\n", "f.yaml:2:7", "E101"),
        (b"a: 1\nb: \x07\n", "f.yaml:2:4", "E102"),
        (b"\xef\xbb\xbfa: 1\na: 2\n", "f.yaml:2:1", "E105"),
    ],
)
def test_bytes_that_are_no_text_are_shown_at_their_place(content: bytes, at: str, code: str, tmp_path: Path) -> None:
    (tmp_path / "f.yaml").write_bytes(content)
    problems = Problems()
    read_yaml(tmp_path / "f.yaml", "f.yaml", problems)
    assert [(str(problem.position), problem.code) for problem in problems.found] == [(at, code)]


def test_windows_line_ends_are_line_ends() -> None:
    tree, _ = parsed("a: 1\r\nb: 2\r\n")
    assert isinstance(tree, Mapping)
    assert [(key.text, str(value.position)) for key, value in tree] == [("a", "f.yaml:1:4"), ("b", "f.yaml:2:4")]


def test_a_file_that_cannot_be_opened_is_a_problem(tmp_path: Path) -> None:
    problems = Problems()
    assert read_yaml(tmp_path / "none.yaml", "none.yaml", problems) is None
    assert [problem.code for problem in problems.found] == ["E100"]


TREES = st.recursive(
    st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Co")), max_size=20),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.text("abcdeNOy01_", min_size=1, max_size=4), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None)
@given(TREES.filter(lambda tree: isinstance(tree, dict)))
def test_what_pyyaml_writes_is_read_back_as_text(content: dict[str, object]) -> None:
    tree, codes = parsed(yaml.safe_dump(content, allow_unicode=True, sort_keys=False))
    assert codes == []
    assert tree is not None
    assert as_plain(tree) == content


@settings(max_examples=200, deadline=None)
@given(st.text("ab:-[]{}@%&*!|>'\"#,\n \t?`", max_size=30))
def test_no_text_breaks_the_reader(text: str) -> None:
    tree, codes = parsed(text)
    assert tree is not None or codes


def as_plain(node: Node) -> object:
    if isinstance(node, Mapping):
        return {key.text: as_plain(value) for key, value in node}
    return [as_plain(item) for item in node.items] if isinstance(node, Sequence) else node.text
