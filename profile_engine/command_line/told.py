"""What a command found out, as people or as programs read it: lines, or JSON with --output json."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from typing import TextIO


def write_told(arguments: argparse.Namespace, plain: object, lines: Iterable[str], out: TextIO) -> None:
    """`plain` as JSON, or `lines`, whichever the arguments ask for; lazy lines are made only where they are written."""
    if arguments.output == "json":
        write_json(plain, out)
    else:
        out.write("\n".join(lines) + "\n")


def write_json(content: object, out: TextIO) -> None:
    """An explanation as JSON for people and programs: indented, letters as they are."""
    json.dump(_listed(content), out, indent=2, default=str, ensure_ascii=False)
    out.write("\n")


def _listed(content: object) -> object:
    """Sets as sorted lists, which JSON can hold."""
    if isinstance(content, dict):
        return {str(key): _listed(value) for key, value in content.items()}
    if isinstance(content, (set, frozenset)):
        return [_listed(part) for part in sorted(content)]
    return [_listed(part) for part in content] if isinstance(content, (list, tuple)) else content
