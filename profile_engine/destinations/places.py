"""Where a delivery lies at a file destination: one folder per destination, audience and as_of."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import quote

MANIFEST = "manifest.json"
SUCCESS = "_SUCCESS"


def folder_name(name: str) -> str:
    """A name as one folder of any file system: letters, digits, `.`, `_`, `-` stay, all else is percent-encoded.

    Reversible with `urllib.parse.unquote`. A leading dot or underscore is encoded too, as readers of folders take such
    names for hidden, and so is a name's last dot, which Windows drops.
    """
    encoded = quote(name, safe="").replace("~", "%7E")
    if encoded[:1] in (".", "_"):
        encoded = f"%{ord(encoded[0]):02X}{encoded[1:]}"
    return encoded[:-1] + "%2E" if encoded.endswith(".") else encoded


def as_of_folder(as_of: datetime) -> str:
    """`as_of=2026-11-01T00-00-00Z`; colons, which some file systems refuse, are dashes. Microseconds only if there are any."""
    moment = as_of.astimezone(UTC)
    fraction = f".{moment.microsecond:06d}" if moment.microsecond else ""
    return f"as_of={moment:%Y-%m-%dT%H-%M-%S}{fraction}Z"


def audience_folder(destination: str, audience: str, as_of: datetime) -> str:
    """The folder of one delivery, relative to the target."""
    return f"{folder_name(destination)}/{folder_name(audience)}/{as_of_folder(as_of)}"


def staging_root(destination: str) -> str:
    """Where Spark writes before parts get their final names; beside the target, hidden from readers of folders."""
    return f"{folder_name(destination)}/_staging"


def part_name(position: int, suffix: str) -> str:
    """`part-00000.csv.gz`, numbered from 0 in the order of identities."""
    return f"part-{position:05d}.{suffix}"
