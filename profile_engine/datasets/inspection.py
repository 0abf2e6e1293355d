"""A look at new files on the executors: hash of the content, whole or broken, and what the header says."""

from __future__ import annotations

import bz2
import hashlib
import io
import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any, BinaryIO

import pyarrow as pa
from pyspark.sql import DataFrame, Row, SparkSession

from profile_engine.datasets.files import ListedFile, is_remote
from profile_engine.datasets.formats import BadFileError, format_named

INSPECTED = (
    "dataset string, source string, path string, size bigint, modified_at timestamp, sha256 string, "
    "columns array<string>, kind string, empty boolean, code string, message string"
)
_LISTED = (
    "dataset string, source string, path string, size bigint, modified_at timestamp, format string, content binary"
)
_HEAD = 1 << 20
_CHUNK = 1 << 20


@dataclass(frozen=True)
class InspectedFile:
    """A listed file after a look into it. `code` and `message` say why it is refused, or are None."""

    listed: ListedFile
    sha256: str
    columns: tuple[str, ...] | None
    kind: str
    empty: bool
    code: str | None = None
    message: str | None = None


def inspected(
    spark: SparkSession,
    files: Sequence[ListedFile],
    formats: Mapping[tuple[str, str], tuple[str, Mapping[str, object]]],
) -> DataFrame:
    """One row a file, in one job on the executors.

    formats   by dataset and source: the name of the format and its options
    returns   the columns of INSPECTED; `columns` null where records name their own, `code` null where nothing is wrong

    Local paths are opened by Python, all others come through Spark's `binaryFile` (which holds files up to 2 GB).
    """
    rows = [
        (f.dataset, f.source, f.path, f.size, f.modified_at, json.dumps(formats[f.dataset, f.source]), None)
        for f in files
    ]
    local = [row for row in rows if not is_remote(row[2])]
    remote = [row for row in rows if is_remote(row[2])]
    listed = spark.createDataFrame(local, _LISTED)
    if remote:
        contents = spark.read.format("binaryFile").load([row[2] for row in remote]).select("path", "content")
        described = spark.createDataFrame(remote, _LISTED).drop("content")
        listed = listed.unionByName(described.join(contents, on="path", how="inner"))
    return listed.mapInArrow(_inspect_batches, INSPECTED)


def inspected_file(row: Row) -> InspectedFile:
    """A collected row of `inspected`."""
    # collected times have no zone and are in this process's local time
    modified_at = row["modified_at"].astimezone(UTC)
    return InspectedFile(
        ListedFile(row["dataset"], row["source"], row["path"], row["size"], modified_at),
        row["sha256"],
        None if row["columns"] is None else tuple(row["columns"]),
        row["kind"],
        row["empty"],
        row["code"],
        row["message"],
    )


def _inspect_batches(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        found = []
        for row in batch.to_pylist():
            name, options = json.loads(row.pop("format"))
            content = row.pop("content")
            found.append({**row, **look_into(_opener(row["path"], content), row["path"], name, options)})
        yield pa.RecordBatch.from_pylist(found, schema=_arrow_schema(batch.schema))


def look_into(
    open_file: Callable[[], BinaryIO], path: str, format_name: str, options: Mapping[str, object]
) -> dict[str, object]:
    """The hash of a file's bytes and its header, or why it is refused; reads the file from its first to its last byte."""
    found: dict[str, object] = {"columns": None, "kind": "", "empty": False, "code": None, "message": None}
    digest = hashlib.sha256()
    unpacked = _Unpacked(path)
    try:
        with open_file() as stream:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
                unpacked.add(chunk)
        unpacked.end()
        format_ = format_named(format_name)
        header = format_.inspect(bytes(unpacked.head), open_file, format_.options(options))
        found |= {"columns": header.columns, "kind": header.kind, "empty": header.empty}
    except BadFileError as error:
        found |= {"code": error.code, "message": error.message}
    return {"sha256": digest.hexdigest(), **found}


class _Unpacked:
    """The unpacked bytes of a file as they go by: the first are kept, the others only checked."""

    def __init__(self, path: str) -> None:
        self.head = bytearray()
        self._packing = next((name for name in (".gz", ".bz2") if path.lower().endswith(name)), None)
        self._unpacker = self._new()
        self._bytes = 0

    def add(self, chunk: bytes) -> None:
        self._bytes += len(chunk)
        if self._packing is None:
            self._keep(chunk)
            return
        if self._broken:
            return
        try:
            while chunk:
                if self._unpacker.eof:
                    # a packed file may have several members one after the other; zeros may fill it up
                    chunk = chunk.lstrip(b"\0")
                    if not chunk:
                        break
                    self._unpacker = self._new()
                self._keep(self._unpacker.decompress(chunk))
                chunk = self._unpacker.unused_data if self._unpacker.eof else b""
        except (zlib.error, OSError, EOFError):
            self._broken = True

    def end(self) -> None:
        """Raises BadFileError for a packed file that is cut off or damaged. An empty one is just empty."""
        if self._packing is not None and self._bytes and (self._broken or not self._unpacker.eof):
            raise BadFileError("unreadable_file", f"the {self._packing} file is cut off or damaged")

    _broken = False

    def _keep(self, unpacked: bytes) -> None:
        if len(self.head) < _HEAD:
            self.head += unpacked[: _HEAD - len(self.head)]

    def _new(self) -> Any:
        # typing has no name for what zlib makes
        return bz2.BZ2Decompressor() if self._packing == ".bz2" else zlib.decompressobj(31)


def _opener(path: str, content: bytes | None) -> Callable[[], BinaryIO]:
    if content is None:
        return lambda: open(path, "rb")
    return lambda: io.BytesIO(content)


def _arrow_schema(listed: pa.Schema) -> pa.Schema:
    text = pa.string()
    kept = [field for field in listed if field.name not in ("format", "content")]
    added = [("sha256", text), ("columns", pa.list_(text)), ("kind", text), ("empty", pa.bool_()), ("code", text)]
    return pa.schema([*kept, *(pa.field(*each) for each in added), pa.field("message", text)])
