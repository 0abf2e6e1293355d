"""A standalone Spark cluster on loopback: one master, some workers whose own Python has nothing installed."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyspark

SPARK_HOME = Path(pyspark.__file__).parent


@dataclass(frozen=True)
class Cluster:
    master: str
    bare_python: Path


def free_port() -> int:
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        return int(opened.getsockname()[1])


@contextmanager
def standalone_cluster(folder: Path, *, workers: int = 2) -> Iterator[Cluster]:
    """Started on free ports in `folder`, each process stopped by its own handle."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder / "bare")], check=True)
    bare = folder / "bare" / "bin"
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("PYSPARK", "PYTHON", "SPARK"))},
        "PATH": f"{bare}:{os.environ['PATH']}",
        "SPARK_HOME": str(SPARK_HOME),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_DAEMON_MEMORY": "256m",
        "SPARK_NO_DAEMONIZE": "1",
    }
    port, page = free_port(), free_port()
    master = f"spark://127.0.0.1:{port}"
    started: list[subprocess.Popen[bytes]] = []

    def start(name: str, *arguments: str) -> None:
        log = (folder / f"{name}.log").open("wb")
        command = [str(SPARK_HOME / "bin" / "spark-class"), *arguments]
        started.append(subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=folder))

    try:
        start(
            "master",
            "org.apache.spark.deploy.master.Master",
            "--host",
            "127.0.0.1",
            "--port",
            str(port),
            "--webui-port",
            str(page),
        )
        for number in range(workers):
            start(
                f"worker{number}", "org.apache.spark.deploy.worker.Worker", "--host", "127.0.0.1", "--cores", "1",
                "--memory", "1500m", "--webui-port", str(free_port()), "--work-dir", str(folder / f"work{number}"), master,
            )  # fmt: skip
        _wait_for_workers(page, workers)
        yield Cluster(master, bare / "python")
    finally:
        for process in reversed(started):
            process.terminate()
        for process in started:
            process.wait(timeout=20)


def _wait_for_workers(page: int, workers: int) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{page}/json/", timeout=2) as answer:
                if answer.read().decode().count('"state" : "ALIVE"') >= workers:
                    return
        except OSError:
            pass
        time.sleep(0.3)
    raise TimeoutError("the standalone cluster did not come up in 60 s")
