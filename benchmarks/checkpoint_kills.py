"""Kills runs of the checkpointing lesson with SIGKILL at random moments, and goes on with each until it is done.

    projects/checkpointing/.venv/bin/python benchmarks/checkpoint_kills.py [--runs 50] [--epochs 500] [--seed 0]

One run is never killed. Each of the others is started again and again by the same command, and killed after a
time that a seeded generator draws between nothing and the time of the run that was not killed; half of the
kills hit the harness alone, whose task lives on until it is started again, the others the task too. A run is
done when it ends before its kill. Prints a line a run and a summary; ends with status 1 unless

- every final model is equal, byte for byte, to that of the run that was never killed,
- the epoch log of every run holds each epoch once, and
- no attempt has trained an epoch that an attempt before it had trained and kept.
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
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent / "projects" / "checkpointing"
IMAGES = json.dumps({"default": {"reference": "checkpointing:here", "python": sys.executable}})


class Lesson:
    """A run of the lesson in a folder of its own, by what `make run` calls."""

    def __init__(self, out: Path, epochs: int):
        self.out = out
        inputs = ["--n_epochs", str(epochs), "--die_at", "[]"]
        self.command = [sys.executable, "-m", "workshop", str(PROJECT), str(out), IMAGES, *inputs]

    def start(self, seconds: float | None = None, task_too: bool = False) -> bool:
        """Starts or goes on, and kills after `seconds`; whether the run came to its end before."""
        with tempfile.TemporaryDirectory() as own, open(self.out / "log.txt", "a") as log:
            environment = {**os.environ, "TMPDIR": own}
            process = subprocess.Popen(self.command, stdout=log, stderr=log, env=environment)
            with contextlib.suppress(subprocess.TimeoutExpired):
                if process.wait(seconds):
                    sys.exit(f"the run failed, see {self.out / 'log.txt'}")
                return True
            process.kill()
            process.wait()
        if task_too:
            for file in self.out.rglob("attempt-*/pid"):
                self.kill_task(file)
        return False

    @staticmethod
    def kill_task(file: Path) -> None:
        """Kills the task whose number a file holds, if it is still that task."""
        number = file.read_text().strip()
        shown = subprocess.run(["ps", "-ww", "-o", "command=", "-p", number or "0"], capture_output=True, text=True)
        if str(file.parent) in shown.stdout:
            os.killpg(int(number), signal.SIGKILL)

    def record(self) -> dict:
        """The record of the newest run: an earlier one was killed before it had started anything."""
        return json.loads(max(self.out.glob("checkpointing/*/record.json")).read_text())

    def kept(self) -> Counter[int]:
        """How often each epoch was trained and kept, by the logs of all attempts."""
        logs = "\n".join(file.read_text() for file in self.out.rglob("attempt-*/log.txt"))
        return Counter(int(epoch) for epoch in re.findall(r"^epoch (\d+) is trained and kept$", logs, re.MULTILINE))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--epochs", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    draw = random.Random(options.seed)  # noqa: S311
    with tempfile.TemporaryDirectory() as folder:
        whole = Lesson(Path(folder, "whole"), options.epochs)
        whole.out.mkdir()
        start = time.perf_counter()
        whole.start()
        seconds = time.perf_counter() - start
        expected = whole.record()["outputs"]["model_sha256"]
        print(f"never killed: {seconds:.1f} s, model {expected[:12]}", flush=True)
        equal = once = kills = attempts = 0
        for number in range(options.runs):
            lesson = Lesson(Path(folder, str(number)), options.epochs)
            lesson.out.mkdir()
            killed = 0
            while not lesson.start(draw.uniform(0, seconds), task_too=draw.random() < 0.5):
                killed += 1
            outputs, kept = lesson.record()["outputs"], lesson.kept()
            trained_by = json.loads(outputs["trained_by"])
            right = outputs["model_sha256"] == expected
            # The line of an epoch is missing where the kill came between the checkpoint and the line.
            single = max(kept.values()) == 1 and options.epochs - len(kept) <= killed
            single = single and len(trained_by) == options.epochs and trained_by == sorted(trained_by)
            equal, once, kills, attempts = equal + right, once + single, kills + killed, attempts + len(set(trained_by))
            told = f"model {outputs['model_sha256'][:12]}" + ("" if right and single else "  WRONG")
            print(
                f"run {number + 1}: killed {killed} times, trained by {len(set(trained_by))} attempts, {told}",
                flush=True,
            )
    print(f"\n{options.runs} runs, {kills} kills, {attempts} attempts that trained:")
    print(f"  {equal} models equal to that of the run that was never killed")
    print(f"  {once} runs in which every epoch was trained and kept once")
    sys.exit(equal != options.runs or once != options.runs)


if __name__ == "__main__":
    main()
