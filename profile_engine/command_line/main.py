"""The console script: one parser, one place that turns errors into a message and an exit code."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Callable, Sequence

from profile_engine.command_line import explain, preview, profile_ids, run, simulate, validate
from profile_engine.errors import ProfileEngineError

EXIT_CODES = """exit codes: 0 ok; 1 failure; 2 usage or configuration; 3 finished, with something set aside
(--rejects-are-ok turns it into 0); 75 another run holds the lake's lease, try again later"""


def parser() -> argparse.ArgumentParser:
    """Every command with its arguments."""
    top = argparse.ArgumentParser(
        prog="profile-engine",
        description="From source data to one profile per person, segments, and audiences at their destinations.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = top.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for name, module, command, words in (
        ("validate", validate, validate.command, "check every file of a project, without Spark"),
        ("run", run, lambda arguments: run.run(arguments, sys.stdout), "the whole road, or some stages of it"),
        (
            "preview",
            preview,
            lambda arguments: preview.preview(arguments, sys.stdout),
            "a segment before it is anybody's",
        ),
        (
            "explain",
            explain,
            lambda arguments: explain.explain(arguments, sys.stdin, sys.stdout),
            "why a person is as they are, and why identifiers are one person",
        ),
        (
            "simulate",
            simulate,
            lambda arguments: simulate.simulate(arguments, sys.stdin, sys.stdout),
            "what identity rules would do, before they do it",
        ),
        (
            "ids",
            profile_ids,
            lambda arguments: profile_ids.profile_ids(arguments, sys.stdin, sys.stdout),
            "export and import profile ids, and translate old ones to today's",
        ),
    ):
        described = commands.add_parser(name, help=words, description=words[0].upper() + words[1:] + ".", epilog=EXIT_CODES,
                                        formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
        module.add_arguments(described)
        described.set_defaults(command=command)
    return top


def reported(command: Callable[[], int]) -> int:
    """Runs a command; an error of the engine becomes its message on standard error and its exit code."""
    try:
        return command()
    except ProfileEngineError as error:
        print(f"error: {error}" if "\n" not in str(error) else str(error), file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("stopped; what this run wrote is undone when the next one starts", file=sys.stderr)
        return 130
    except Exception as error:
        logging.getLogger(__name__).debug("unexpected", exc_info=True)
        print(f"error: {type(error).__name__}: {_without_values(error)}", file=sys.stderr)
        return 1


def _without_values(error: Exception) -> str:
    """The first line of an error of a library; Spark's own messages may quote data, so theirs is only its condition."""
    condition = getattr(error, "getCondition", None)
    name = condition() if callable(condition) else None
    if name:
        return f"Spark says {name}; run again with --log-level DEBUG for the whole of it"
    return str(error).splitlines()[0] if str(error) else "no message"


def main(argv: Sequence[str] | None = None) -> int:
    """The exit code of one call; usage errors exit with 2, as argparse does."""
    arguments = parser().parse_args(argv)
    return reported(lambda: arguments.command(arguments))


def console() -> None:
    """Entry point of the console script."""
    sys.exit(main())
