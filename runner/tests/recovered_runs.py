"""Runs of the lesson in recovered/, which end too early, for the tests of what goes on with them."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

LESSON = Path(__file__).parent / "recovered"


class Lesson:
    """The lesson in a folder of its own, and its runs."""

    def __init__(self, folder: Path):
        self.folder = shutil.copytree(LESSON, folder / "recovered")
        self.out = folder / "out"
        self.service = folder / "service"

    def start(self, *words: str, verb: str = "run", **environment: str) -> subprocess.Popen:
        command = [sys.executable, "-m", "runner", verb, str(self.folder), str(self.out), "{}", *words]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        return subprocess.Popen(command, env=os.environ | environment, **pipes)

    def run(self, *words: str, **environment: str) -> tuple[int, str, str]:
        """Status, output and errors of `make run`, which is impatient by default."""
        process = self.start("--service", str(self.service), *words, **environment)
        output, errors = process.communicate()
        return process.returncode, output, errors

    def recover(self, *words: str) -> tuple[int, str, str]:
        process = self.start(*words, verb="recover")
        output, errors = process.communicate()
        return process.returncode, output, errors

    def ended_by(self, number: int) -> None:
        """Starts a patient run and sends it a signal while it waits for the service."""
        process = self.start("--service", str(self.service), "--patient", "1")
        started = Path(f"{self.service}.started")
        while not started.exists():
            assert process.poll() is None, process.communicate()
            time.sleep(0.05)
        started.unlink()
        process.send_signal(number)
        process.communicate()

    def records(self) -> list[dict]:
        """The records of all runs, the oldest first."""
        return [json.loads(file.read_text()) for file in sorted(self.out.glob("recovered/*/record.json"))]

    def tasks(self) -> list[tuple[str, str]]:
        """What the record of the only run says of its tasks, but for the two halves."""
        (record,) = self.records()
        return [(task["name"], task["status"]) for task in record["tasks"] if not task["name"].startswith("half")]
