"""Kills runs of the checkpointing lesson with SIGKILL at random moments, and resumes each run until it ends.

    make benchmark PROJECT=checkpointing ARGS='--runs 50 --epochs 200 --seed 0'

One run is never killed. Each of the other runs is killed one to three times. After each kill, the same command resumes
the run. A seeded generator draws the moment and the target of each kill. One kill in four comes in the first seconds,
while programs and tasks start. The other kills come in or after an epoch, drawn from the epochs that are left. Half of
the kills hit the harness only, which then cannot end its task: on Linux, the server of the forks interrupts the task.
The other half hit the task and all other processes of the run too.

Prints a line for each run and a summary. The exit status is 1 unless

- every final model equals, byte for byte, the model of the run that was never killed,
- the epoch log of every run contains each epoch once, and
- no attempt has trained an epoch that an earlier attempt had trained and kept.
"""

import argparse
import contextlib
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent / "projects" / "checkpointing"
IMAGES = json.dumps({"default": {"reference": "checkpointing:here", "python": sys.executable}})


class Lesson:
    """A run of the lesson in its own folder, started by the command that `make run` uses."""

    def __init__(self, out: Path, epochs: int):
        self.out, self.temporary, self.epochs = out, out.with_suffix(".tmp"), epochs
        self.out.mkdir()
        self.temporary.mkdir()
        inputs = ["--n_epochs", str(epochs), "--die_at", "[]"]
        self.command = [sys.executable, "-m", "runner", "run", str(PROJECT), str(out), IMAGES, *inputs]

    def start(self, moment: Callable[[], bool] = lambda: False, task_too: bool = False) -> bool:
        """Starts or resumes the run, and kills it when `moment` is true. Returns whether the run ended before that."""
        with open(self.out / "log.txt", "a") as log:
            environment = {**os.environ, "TMPDIR": str(self.temporary)}
            process = subprocess.Popen(self.command, stdout=log, stderr=log, env=environment)
            while process.poll() is None and not moment():
                time.sleep(0.01)
            started = descendants(process.pid) if task_too else []
            process.kill()
            for pid in started:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            if (status := process.wait()) and status != -signal.SIGKILL:
                sys.exit(f"the run failed: {(self.out / 'log.txt').read_text()}")
        return not status

    def moment(self, draw: random.Random) -> Callable[[], bool]:
        """Draws the next kill. Returns a function that is true when the kill is due."""
        left = sorted(set(range(self.epochs)) - self.kept().keys())
        if not left or draw.random() < 0.25:
            end = time.monotonic() + draw.uniform(0, 6)
            return lambda: time.monotonic() > end
        epoch, later = draw.choice(left), draw.uniform(0, 0.02)

        def reached() -> bool:
            if epoch not in self.kept():
                return False
            time.sleep(later)
            return True

        return reached

    def record(self) -> dict:
        """The record of the newest run. An earlier run was killed before it had started a task."""
        return json.loads(max(self.out.glob("checkpointing/*/record.json")).read_text())

    def kept(self) -> Counter[int]:
        """How often each epoch was trained and kept, from the logs of all attempts."""
        logs = "\n".join(file.read_text() for file in self.out.glob("checkpointing/*/nodes/*/attempt-*/log.txt"))
        return Counter(int(epoch) for epoch in re.findall(r"^epoch (\d+) is trained and kept$", logs, re.MULTILINE))


def descendants(pid: int) -> list[int]:
    """The processes that a process has started, and what those have started."""
    lines = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    pairs = [tuple(map(int, line.split())) for line in lines.splitlines()]
    found = [pid]
    for parent in found:
        found += [child for child, its_parent in pairs if its_parent == parent]
    return found[1:]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--epochs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    draw = random.Random(options.seed)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        whole = Lesson(Path(folder, "whole"), options.epochs)
        whole.start()
        expected = whole.record()["outputs"]["model_sha256"]
        print(f"never killed: model {expected[:12]}", flush=True)
        equal = once = kills = 0
        for number in range(1, options.runs + 1):
            lesson = Lesson(Path(folder, str(number)), options.epochs)
            planned, killed = draw.randint(1, 3), 0
            # A run that ended before the next kill counts with the kills that it had.
            while killed < planned and not lesson.start(lesson.moment(draw), task_too=draw.random() < 0.5):
                killed += 1
            if killed == planned:
                lesson.start()
            outputs, kept = lesson.record()["outputs"], lesson.kept()
            trained_by = json.loads(outputs["trained_by"])
            twice = sorted(epoch for epoch, count in kept.items() if count > 1)
            # If the kill came between the checkpoint and the line in the log, the line of that epoch is missing.
            missing = options.epochs - len(kept)
            right = outputs["model_sha256"] == expected
            single = not twice and missing <= killed and len(trained_by) == options.epochs
            equal, once, kills = equal + right, once + single, kills + killed
            wrong = "" if right and single else f"  WRONG: equal {right}, twice {twice}, not in a log {missing}"
            attempts = len(set(trained_by))
            print(f"run {number}: killed {killed} times, trained by {attempts} attempts{wrong}", flush=True)
    print(f"\n{options.runs} runs, {kills} kills:")
    print(f"  {equal} models equal to that of the run that was never killed")
    print(f"  {once} runs in which every epoch was trained and kept once")
    sys.exit(equal != options.runs or once != options.runs)


if __name__ == "__main__":
    main()
