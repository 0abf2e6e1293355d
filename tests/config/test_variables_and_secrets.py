"""Variables are filled in after parsing; a secret is a reference that never shows its value."""

from __future__ import annotations

from pathlib import Path

import pytest

from profile_engine.config.model import ConfigModel, filled_in, read_model
from profile_engine.config.problems import Position, Problems
from profile_engine.config.secrets import Secret
from profile_engine.config.yaml_document import Scalar, parse_yaml
from profile_engine.errors import ConfigurationError


class Login(ConfigModel):
    user: str = "nobody"
    password: Secret | None = None
    port: int = 22
    strict: bool = True


def login(text: str) -> tuple[Login | None, Problems]:
    problems = Problems()
    tree = parse_yaml(text, "f.yaml", problems)
    assert tree is not None
    return read_model(tree, Login, problems), problems


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("${NAME}", "here"),
        ("a/${NAME}/${NAME}", "a/here/here"),
        ("${UNSET:-else}", "else"),
        ("x${UNSET:-}y", "xy"),
        ("${EMPTY:-else}", "else"),
        ("${EMPTY}", ""),
        ("$${NAME}", "${NAME}"),
        ("$NAME {NAME} ${}", "$NAME {NAME} ${}"),
        ("${TRICKY}", "a: [b\n# c"),
    ],
)
def test_variables_are_filled_in(text: str, filled: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"NAME": "here", "EMPTY": "", "TRICKY": "a: [b\n# c"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("UNSET", raising=False)
    problems = Problems()
    assert filled_in(Scalar(text, Position("f.yaml", 1, 1)), problems) == filled
    assert problems.found == []


def test_an_unset_variable_is_a_problem_anywhere_but_in_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("UNSET", raising=False)
    read, problems = login("password: ${UNSET}\n")
    assert problems.found == []
    assert read is not None
    assert read.password is not None
    with pytest.raises(ConfigurationError, match="set the environment variable UNSET"):
        read.password.reveal()

    for text in ("user: ${UNSET}", "port: ${UNSET}", "strict: ${UNSET}", "user: a${UNSET}"):
        read, problems = login(text)
        assert read is None
        assert [problem.code for problem in problems.found] == ["E110"], text


def test_a_secret_is_read_when_used_and_never_shown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from a file\n")
    monkeypatch.setenv("PASSWORD", "from the environment")
    for text, value in (
        ("password: ${PASSWORD}", "from the environment"),
        ("password: {secret: env/PASSWORD}", "from the environment"),
        (f"password: {{secret: file/{tmp_path}/key}}", "from a file"),
    ):
        read, problems = login(text)
        assert problems.found == []
        assert read is not None
        assert read.password is not None
        assert read.password.reveal() == value
        assert value not in f"{read} {read!r} {read.password} {read.password!r} {read.model_dump()}"
        assert str(read.password) == "***"


@pytest.mark.parametrize("text", ["password: hunter2", "password: '${PASSWORD:-hunter2}'", "password: a${USER}hunter2"])
def test_a_literal_secret_is_refused_and_not_repeated(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USER", "somebody")
    monkeypatch.setenv("PASSWORD", "set")
    read, problems = login(f"port: x\n{text}\n")
    assert read is None
    assert [problem.code for problem in problems.errors] == ["E113", "E115"]
    assert "hunter2" not in "".join(problems.shown(problem) for problem in problems.errors)


def test_an_unknown_place_of_secrets_names_the_known_ones() -> None:
    _, problems = login("password: {secret: vault/x}")
    assert "env/..." in problems.errors[0].hint if problems.errors[0].hint else False


@pytest.mark.parametrize("word", ["yes", "on", "True", "1", "y", "TRUE"])
def test_only_true_and_false_are_booleans(word: str) -> None:
    assert login(f"strict: {word}")[0] is None
    read, _ = login("strict: false")
    assert read is not None
    assert read.strict is False
