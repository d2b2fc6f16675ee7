"""Sends signals to make targets at random moments, and checks that nothing is lost and nothing is left behind.

    python3 benchmarks/signals.py [--signals 100] [--seed 0] [--only run]

Works on Linux, in a temporary clone of the last commit. A seeded generator draws target, signal and moment. A signal
reaches the whole group, as Ctrl-C does; make alone, as `kill` and CI runners do; or the group while its terminal
closes. make passes on SIGTERM only: after another signal to make alone, the target goes on to its end.

Prints each signal with its faults, and a table, also after Ctrl-C; the exit status is 1 if there is a fault: the
command does not end, leaves a process or a file, prints more than five lines after the signal, leaves a record,
lesson, lock or environment half-written, or the same command fails the next time.
"""

import argparse
import contextlib
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

TARGETS = {name: [name, "PROJECT=flyte-basics"] for name in ("run", "test", "setup", "lock")}
TARGETS["new-project"] = ["new-project", "NAME=x-y"]
SHARES = {"run": 30, "test": 20, "setup": 25, "lock": 13, "new-project": 12}
WAYS = [(sign, way) for way in ("group", "make") for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
WAYS.append((signal.SIGHUP, "terminal"))
SECONDS, LINES = 180, 5  # that a command may take to end, and that it may print
PLACES = (".tools/*", ".tools/uv/*", "projects/*", "projects/*/*", "out/*/*", "out/*/*/**/.*")
EXPECTED = re.compile(r".*__pycache__.*|out/flyte-basics/\d{8}-\d{6}-[0-9a-f]{8}")


def processes(mark: str) -> dict[int, str]:
    """The processes that a command has started, wherever they are: their environment has its mark."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            if f"SIGNALS_MARK={mark}\0".encode() in (folder / "environ").read_bytes():
                found[int(folder.name)] = (folder / "cmdline").read_text().replace("\0", " ")
    return found


def faults_of_run(folder: Path) -> list[str]:
    """What is wrong with the record of a run that has ended."""
    try:  # NaN, which Python reads, is no JSON
        status = json.loads((folder / "record.json").read_text(), parse_constant=lambda name: int(name))["status"]
    except (OSError, ValueError) as error:
        return [f"record: {error}"]
    return [] if status != "running" and (folder / "index.html").exists() else [f"record: {status}, or no page"]


class Clone:
    """A clone of this repository, and what its targets leave when nothing cuts them short."""

    def __init__(self, folder: Path):
        self.root, self.temporary, self.output = folder / "repository", folder / "tmp", folder / "output.txt"
        self.temporary.mkdir()
        subprocess.run(["git", "clone", "--quiet", Path(__file__).parents[1], self.root], check=True)
        self.lock, self.short_lock = self.root / "projects/flyte-basics/requirements.txt", ""
        self.finish("setup")
        spans = {target: self.finish(target) for target in TARGETS}
        self.lesson = self.git("status", "--porcelain")
        self.undo()
        self.whole_lock, self.listing, self.environments = self.lock.read_text(), self.files(), self.made()
        shutil.rmtree(self.root / ".tools/environments")
        self.spans = spans | {"setup": self.finish("setup")}

    def git(self, *words: str) -> str:
        return subprocess.run(["git", *words], cwd=self.root, capture_output=True, text=True, check=True).stdout

    def undo(self) -> None:
        self.git("checkout", "--quiet", ".")
        self.git("clean", "-fdxq", "projects/x-y")

    def start(self, target: str, mark: str, terminal: int | None = None) -> subprocess.Popen:
        """Starts make as a terminal does, in a session of its own."""
        environment = {**os.environ, "TMPDIR": str(self.temporary), "SIGNALS_MARK": mark}
        streams = {"stdin": subprocess.DEVNULL, "stderr": subprocess.STDOUT, "start_new_session": True}
        with self.output.open("w") as file:
            words, output = ["make", *TARGETS[target]], file if terminal is None else terminal
            return subprocess.Popen(words, cwd=self.root, env=environment, stdout=output, **streams)

    def finish(self, target: str) -> float:
        """Runs a target to its end; returns the seconds that it took. Raises RuntimeError if it fails."""
        start = time.monotonic()
        if self.start(target, "none").wait(10 * SECONDS):
            raise RuntimeError(" ".join(self.output.read_text().split())[-400:])
        return time.monotonic() - start

    def made(self) -> dict[str, set[str]]:
        """The packages in each environment that is said to be whole."""
        made = [file.parent for file in self.root.glob(".tools/environments/*/made")]
        return {folder.name: {str(file) for file in folder.glob("lib/*/*/*.dist-info/RECORD")} for folder in made}

    def files(self) -> set[str]:
        """What is there beside the code, without the contents of environments and runs."""
        names = {str(file.relative_to(self.root)) for place in PLACES for file in self.root.glob(place)}
        return {name for name in names if not EXPECTED.fullmatch(name)}

    def runs(self) -> set[Path]:
        return set(self.root.glob("out/flyte-basics/2*"))

    def cut_short(self, target: str, sign: signal.Signals, way: str, draw: random.Random) -> list[str]:
        """Sends a signal to a target at some moment; returns the faults."""
        self.undo()
        if target == "setup":
            shutil.rmtree(self.root / draw.choice([".tools", ".tools/environments", ".tools/environments"]))
        if target == "lock":
            self.short_lock = self.whole_lock[: self.whole_lock.rindex("\nurllib3==")] + "\n"
            self.lock.write_text(self.short_lock)
        before, mark, found = self.runs(), f"{draw.getrandbits(64):x}", []
        ours, theirs = os.openpty()
        process = self.start(target, mark, theirs if way == "terminal" else None)
        os.close(theirs)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(draw.uniform(0, self.spans[target]))
        count = len(self.output.read_text().splitlines())
        os.close(ours)
        if process.poll() is None:
            (os.kill if way == "make" else os.killpg)(process.pid, sign)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(SECONDS)
        time.sleep(0.2)
        for pid, command in processes(mark).items():
            found.append(f"leaves {pid}: {command}")
            os.kill(pid, signal.SIGKILL)
        text = self.output.read_text()
        lines = [line for line in text.splitlines()[count:] if line.strip()]
        if (len(lines) > LINES and (way != "make" or sign == signal.SIGTERM)) or "Traceback" in text:
            found.append(f"prints {lines}")
        found += self.left_behind(target, before)
        if target == "new-project":
            self.undo()
        try:
            self.finish(target)
        except RuntimeError as error:
            found.append(f"fails the next time: {error}")
        return found + self.left_behind(target, before)

    def left_behind(self, target: str, before: set[Path]) -> list[str]:
        """What is half-written, and what is there that should not be."""
        found = []
        for file in self.temporary.iterdir():
            found.append(f"temporary file {file.name}")
            file.rename(self.temporary.parent / file.name)
        status, new = self.git("status", "--porcelain"), self.files() - self.listing
        if target == "new-project" and status == self.lesson:
            status, new = "", {name for name in new if not name.startswith("projects/x-y")}
        if target == "lock" and self.lock.read_text() in (self.short_lock, self.whole_lock):
            status = ""
        found += [f"changes {status}"] * bool(status) + [f"file {name}" for name in sorted(new)]
        half = [name for name, packages in self.made().items() if packages != self.environments.get(name)]
        found += [f"half an environment {name}" for name in half]
        return found + [fault for folder in self.runs() - before for fault in faults_of_run(folder)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--signals", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", choices=TARGETS)
    options = parser.parse_args()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell makes its background deaf to Ctrl-C
    draw, sent, faulty = random.Random(options.seed), Counter(), Counter()
    with tempfile.TemporaryDirectory(prefix="signals-") as folder, contextlib.suppress(KeyboardInterrupt):
        clone = Clone(Path(folder))
        for number in range(options.signals):
            target = options.only or draw.choices(list(SHARES), list(SHARES.values()))[0]
            sign, way = draw.choice(WAYS)
            found = clone.cut_short(target, sign, way, draw)
            sent[target, sign.name, way] += 1
            faulty[target, sign.name, way] += bool(found)
            print(f"{number}: {target}, {sign.name} to {way}: {len(found)} faults", *found, sep="\n  ", flush=True)
    print(f"\n{'target':12} {'signal':8} {'to':9} {'sent':>4} {'faults':>6}")
    for (target, sign, way), count in sorted(sent.items()):
        print(f"{target:12} {sign:8} {way:9} {count:4} {faulty[target, sign, way]:6}")
    print(f"{'all':31} {sent.total():4} {faulty.total():6}")
    sys.exit(bool(faulty.total()))


if __name__ == "__main__":
    main()
