"""Whether this machine has a Java that Spark runs on."""

from __future__ import annotations

import os
import re
import subprocess

from profile_engine.errors import PlatformError

OLDEST = 17
_INSTALL = (
    "install it (Debian, Ubuntu: apt install openjdk-17-jre-headless; macOS: brew install openjdk@17) or set JAVA_HOME"
)


def require_java() -> int:
    """Java's major version; raises PlatformError with what to install when it is missing or too old."""
    home = os.environ.get("JAVA_HOME")
    command = os.path.join(home, "bin", "java") if home else "java"
    try:
        done = subprocess.run([command, "-version"], capture_output=True, text=True, timeout=60, check=False)
    except FileNotFoundError:
        where = f"JAVA_HOME names {home}, but there is no bin/java in it" if home else "no Java was found"
        raise PlatformError(f"{where}; Spark needs Java {OLDEST} or newer: {_INSTALL}") from None
    version = major_version(done.stderr + done.stdout)
    if version is None:
        raise PlatformError(
            f"{command} -version does not say which version it is; Spark needs Java {OLDEST} or newer: {_INSTALL}"
        )
    if version < OLDEST:
        raise PlatformError(f"Java {version} ({command}) is too old; Spark needs Java {OLDEST} or newer: {_INSTALL}")
    return version


def major_version(words: str) -> int | None:
    """The major version in the words of `java -version`: 8 for 1.8.0_402, 17 for 17.0.15."""
    match = re.search(r'version "(?:1\.)?(\d+)', words)
    return None if match is None else int(match[1])
