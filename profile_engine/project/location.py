"""Where a project is: a folder, an archive, or a URI of either; what is remote is fetched into a temporary folder.

So `--project` works in cluster deploy mode, where the driver does not run on the machine that submitted the job.
"""

from __future__ import annotations

import atexit
import shutil
import tarfile
import tempfile
import zipfile
from pathlib import Path

from profile_engine.errors import ConfigurationError

ARCHIVES = (".zip", ".tar.gz", ".tgz", ".tar")
_temporary: list[Path] = []


def local_project(location: str | Path) -> Path:
    """The project's folder on this machine.

    location  a folder, an archive (.zip, .tar.gz, .tgz, .tar) that holds `conf/` at its top or in its one folder, or a
              URI of either that pyarrow's file systems read (file, s3, gs, hdfs, abfss)
    Raises ConfigurationError when there is nothing, or no `conf/engine.yaml` in it.
    """
    text = str(location)
    path = Path(text) if "://" not in text else _fetched(text)
    if not path.exists():
        raise ConfigurationError(
            f"there is no project at {text}; give the folder that holds conf/engine.yaml with --project"
        )
    if path.is_file():
        if not path.name.endswith(ARCHIVES):
            raise ConfigurationError(f"{text} is neither a folder nor an archive ({', '.join(ARCHIVES)})")
        path = _unpacked(path)
    return _with_conf(path, text)


def is_temporary(folder: Path) -> bool:
    """Whether a project's folder is a copy that is gone when the process ends, so that nothing may be written into it."""
    return any(folder.is_relative_to(scratch) for scratch in _temporary)


def _with_conf(folder: Path, shown_as: str) -> Path:
    """The folder itself, or the one folder in it, whichever holds conf/engine.yaml."""
    candidates = [folder, *sorted(child for child in folder.iterdir() if child.is_dir())]
    for candidate in candidates:
        if (candidate / "conf" / "engine.yaml").is_file():
            if candidate != folder and sum((c / "conf").is_dir() for c in candidates[1:]) > 1:
                break
            return candidate.resolve()
    raise ConfigurationError(f"{shown_as} holds no conf/engine.yaml; give the project's top folder with --project")


def _scratch() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="profile-engine-project-")).resolve()
    _temporary.append(folder)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _fetched(uri: str) -> Path:
    """A copy of what the URI names: one archive file, or a whole folder."""
    from pyarrow import fs

    target = _scratch()
    try:
        system, path = fs.FileSystem.from_uri(uri.replace("s3a://", "s3://", 1))
        info = system.get_file_info(path)
        if info.type == fs.FileType.NotFound:
            raise ConfigurationError(
                f"there is no project at {uri}; give the folder that holds conf/engine.yaml with --project"
            )
        destination = target / Path(path).name
        if info.type == fs.FileType.File:
            target.mkdir(exist_ok=True)
        fs.copy_files(path, str(destination), source_filesystem=system, destination_filesystem=fs.LocalFileSystem())
        return destination
    except (OSError, ValueError) as error:  # pyarrow raises ArrowInvalid (a ValueError) for unknown schemes
        raise ConfigurationError(f"the project at {uri} can't be read ({type(error).__name__}: {error})") from None


def _unpacked(archive: Path) -> Path:
    target = _scratch()
    try:
        if archive.suffix == ".zip":
            with zipfile.ZipFile(archive) as opened:
                for name in opened.namelist():
                    if not (target / name).resolve().is_relative_to(target.resolve()):
                        raise ConfigurationError(
                            f"{archive} holds a path that leaves its folder; make the archive again"
                        )
                opened.extractall(target)
        else:
            with tarfile.open(archive) as opened_tar:
                opened_tar.extractall(target, filter="data")
    except (zipfile.BadZipFile, tarfile.TarError, OSError) as error:
        raise ConfigurationError(
            f"the archive {archive} can't be unpacked ({type(error).__name__}); make it again"
        ) from None
    return target
