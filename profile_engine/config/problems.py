"""Problems found in what people wrote: each with a place, all collected, shown together."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from profile_engine.errors import ConfigurationError


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a file: `file` as a person would type it, line and column from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands, and how many characters a caret line marks there."""

    position: Position
    length: int = 1


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem: a stable code, what it is, where it is, and what to do (`hint`)."""

    code: str
    message: str
    position: Position
    hint: str | None = None
    length: int = 1
    severity: str = "error"


class Problems:
    """Collects problems over all files of a project, so that all can be shown at once."""

    def __init__(self) -> None:
        self.found: list[Problem] = []
        self._sources: dict[str, list[str]] = {}
        self._hidden: dict[tuple[str, int], int] = {}
        self._never_quoted: set[str] = set()

    def add(self, code: str, message: str, position: Position, hint: str | None = None, *, length: int = 1,
            severity: str = "error") -> None:  # fmt: skip
        problem = Problem(code, message, position, hint, length, severity)
        if problem not in self.found:
            self.found.append(problem)

    def add_at(self, place: Place, code: str, message: str, hint: str | None = None) -> None:
        """An error at a place."""
        self.add(code, message, place.position, hint, length=place.length)

    def warn_at(self, place: Place, code: str, message: str, hint: str | None = None) -> None:
        """Something that is allowed and yet looks wrong."""
        self.add(code, message, place.position, hint, length=place.length, severity="warning")

    def take_over(self, problem: Problem, other: Problems) -> None:
        """A problem that was collected elsewhere, with what is hidden on its line."""
        place = (problem.position.file, problem.position.line)
        if place in other._hidden:
            self._hidden.setdefault(place, other._hidden[place])
        if problem not in self.found:
            self.found.append(problem)

    def hide_from(self, position: Position) -> None:
        """Shows the rest of the line after this place as ***, whichever problem quotes it: a secret stands there."""
        place = (position.file, position.line)
        self._hidden[place] = min(position.column, self._hidden.get(place, position.column))

    def hide_lines_of(self, shown_as: str) -> None:
        """Shows no line of a file, to be called before it is read: its values are of persons."""
        self._never_quoted.add(shown_as)

    def quotes(self, shown_as: str) -> bool:
        """Whether lines of a file may be shown."""
        return shown_as not in self._never_quoted

    def remember_source(self, shown_as: str, text: str) -> None:
        """Keeps the lines of a file, to show the one at fault."""
        if self.quotes(shown_as):
            self._sources[shown_as] = text.splitlines()

    @property
    def errors(self) -> list[Problem]:
        return sorted((p for p in self.found if p.severity == "error"), key=lambda p: (p.position, p.code))

    @property
    def warnings(self) -> list[Problem]:
        return sorted((p for p in self.found if p.severity != "error"), key=lambda p: (p.position, p.code))

    def shown(self, problem: Problem) -> str:
        """file:line:column, the message, the line itself, a caret and the hint."""
        head = f"{problem.position}: {problem.severity}[{problem.code}]: {problem.message}"
        lines = self._sources.get(problem.position.file, [])
        hint = problem.hint or ""
        if not 0 < problem.position.line <= len(lines):
            return head + (f"\n      hint: {hint}" if hint else "")
        line = lines[problem.position.line - 1]
        number = f"{problem.position.line:>5}"
        before = "".join("\t" if letter == "\t" else " " for letter in line[: problem.position.column - 1])
        hidden = self._hidden.get((problem.position.file, problem.position.line))
        if hidden is not None:
            line = line[: hidden - 1] + "***"
        caret = before + "^" * max(1, min(problem.length, len(line) - problem.position.column + 1))
        return f"{head}\n{number} | {line}\n      | {caret}{' ' + hint if hint else ''}"

    def raise_if_any(self) -> None:
        if self.errors:
            raise ConfigErrors(self)


class ConfigErrors(ConfigurationError):
    """Everything that is wrong with a project, in the order of files and lines."""

    def __init__(self, problems: Problems) -> None:
        self.problems = problems
        count = len(problems.errors)
        shown = "\n".join(problems.shown(problem) for problem in problems.errors)
        super().__init__(f"{shown}\n{count} problem{'s' if count != 1 else ''} found")


def closest(word: str, known: Iterable[str]) -> str | None:
    """The known word that is most like this one, or None where none is near."""
    return next(iter(difflib.get_close_matches(word, list(dict.fromkeys(known)), n=1, cutoff=0.6)), None)


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """A hint with the closest known words, or the known words where there are few, or None."""
    words = list(dict.fromkeys(known))
    close = closest(word, words)
    if close is not None:
        return f"did you mean '{close}'?"
    if 0 < len(words) <= 12:
        return "known: " + ", ".join(sorted(words))
    return None
