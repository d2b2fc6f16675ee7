"""Sends signals to make targets at random moments, and checks that nothing is lost and nothing is left behind.

    python3 benchmarks/signals.py [--signals 100] [--seed 0] [--only run]

Works on Linux, in a temporary clone of the last commit. A seeded generator draws the target, the signal and the moment.
A signal reaches the whole group, as Ctrl-C sends it; make alone, as `kill` and CI runners send it; or the group while
its terminal closes. make passes on SIGTERM only: after another signal to make alone, the target goes on to its end.

Prints a line for each signal and each fault, and a table, also after Ctrl-C. The exit status is 1 if there is a fault:
the command does not end, leaves a process or a file behind, prints more than five lines after the signal, leaves a
record, a lesson, a lock or an environment half-written, or the same command fails the next time.
"""

import argparse
import contextlib
import json
import os
import random
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

LESSON = "PROJECT=flyte-basics"
TARGETS = {name: [name, LESSON] for name in ("run", "test", "setup", "lock")}
TARGETS["new-project"] = ["new-project", "NAME=x-y"]
SHARES = {"run": 30, "test": 20, "setup": 25, "lock": 13, "new-project": 12}
WAYS = [(sign, way) for way in ("group", "make") for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
WAYS.append((signal.SIGHUP, "terminal"))
SECONDS, LINES = 60, 5  # that a command may take to end, and that it may print
RUN = re.compile(r"out/flyte-basics/\d{8}-\d{6}-[0-9a-f]{8}")
MISTAKE = re.compile(r"Traceback|unexpected error|Exception ignored")


def read(process: subprocess.Popen, terminal: int, seconds: float) -> str:
    """What a command shows until it ends, or for some seconds."""
    text, end = b"", time.monotonic() + seconds
    while time.monotonic() < end:
        has_ended = process.poll() is not None
        if select.select([terminal], [], [], 0 if has_ended else min(0.01, end - time.monotonic()))[0]:
            try:
                text += os.read(terminal, 65536)
            except OSError:  # nobody has the other side open
                process.wait(SECONDS)
                break
        elif has_ended:
            break
    return text.decode(errors="replace")


def running(mark: str, session: int) -> list[int]:
    """The processes that a command has started."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, _, _, its_session = (folder / "stat").read_text().rpartition(")")[2].split()[:4]
            marked = f"SIGNALS_MARK={mark}\0".encode() in (folder / "environ").read_bytes()
        except OSError:  # it has ended meanwhile
            continue
        if state != "Z" and (marked or int(its_session) == session):
            found.append(int(folder.name))
    return found


class Clone:
    """A clone of this repository, and what its targets leave when nothing cuts them short."""

    def __init__(self, folder: Path):
        self.root, self.temporary = folder / "repository", folder / "tmp"
        self.temporary.mkdir()
        subprocess.run(["git", "clone", "--quiet", Path(__file__).parents[1], self.root], check=True)
        self.lock = self.root / "projects/flyte-basics/requirements.txt"
        self.short_lock, self.lesson = "", ""
        self.finish(TARGETS["setup"])
        spans = {name: self.finish(words) for name, words in TARGETS.items()}
        self.lesson = self.git("status", "--porcelain")
        self.undo()
        self.whole_lock, self.listing, self.environments = self.lock.read_text(), self.files(), self.made()
        shutil.rmtree(self.root / ".tools/environments")
        self.spans = spans | {"setup": self.finish(TARGETS["setup"])}

    def git(self, *words: str) -> str:
        return subprocess.run(["git", *words], cwd=self.root, capture_output=True, text=True, check=True).stdout

    def undo(self) -> None:
        self.git("checkout", "--quiet", ".")
        self.git("clean", "-fdxq", "projects/x-y")

    def start(self, words: list[str], mark: str) -> tuple[subprocess.Popen, int]:
        """Starts make with a terminal; returns make, and our side of the terminal."""
        ours, theirs = os.openpty()
        environment = {**os.environ, "TMPDIR": str(self.temporary), "SIGNALS_MARK": mark}
        streams = dict.fromkeys(("stdin", "stdout", "stderr"), theirs)
        process = subprocess.Popen(["make", *words], cwd=self.root, env=environment, start_new_session=True, **streams)
        os.close(theirs)
        return process, ours

    def finish(self, words: list[str]) -> float:
        """Runs make to its end; returns the seconds that it took. Raises RuntimeError if make fails."""
        start = time.monotonic()
        process, terminal = self.start(words, "none")
        text = read(process, terminal, 10 * SECONDS)
        os.close(terminal)
        if process.wait(SECONDS):
            raise RuntimeError(" ".join(text.split())[-400:])
        return time.monotonic() - start

    def made(self) -> dict[str, set[str]]:
        """The packages in each environment that is said to be whole."""
        made = [file.parent for file in self.root.glob(".tools/environments/*/made")]
        return {folder.name: {str(file) for file in folder.glob("lib/*/*/*.dist-info/RECORD")} for folder in made}

    def files(self) -> set[str]:
        """What is there beside the code, without the contents of environments and runs."""
        places = (".tools/*", ".tools/uv/*", "projects/*", "projects/*/*", "out/*/*", "out/*/*/**/.*")
        names = {str(file.relative_to(self.root)) for place in places for file in self.root.glob(place)}
        return {name for name in names if "__pycache__" not in name and not RUN.fullmatch(name)}

    def runs(self) -> set[Path]:
        return set(self.root.glob("out/flyte-basics/2*"))

    def prepare(self, target: str, draw: random.Random) -> None:
        """Gives the target something to do."""
        self.undo()
        if target == "setup":
            shutil.rmtree(self.root / draw.choice([".tools", ".tools/environments", ".tools/environments"]))
        if target == "lock":
            self.short_lock = self.whole_lock[: self.whole_lock.rindex("\nurllib3==")] + "\n"
            self.lock.write_text(self.short_lock)

    def cut_short(self, target: str, sign: signal.Signals, way: str, draw: random.Random) -> list[str]:
        """Sends a signal to a target at some moment; returns the faults."""
        self.prepare(target, draw)
        before, mark = self.runs(), f"{draw.getrandbits(64):x}"
        process, terminal = self.start(TARGETS[target], mark)
        text = read(process, terminal, draw.uniform(0, self.spans[target]))
        if way == "terminal":
            os.close(terminal)
        if process.poll() is None:
            (os.kill if way == "make" else os.killpg)(process.pid, sign)
        after, found = "", []
        if way != "terminal":
            after = read(process, terminal, SECONDS)
            os.close(terminal)
        try:
            process.wait(SECONDS if way == "terminal" else 1)
        except subprocess.TimeoutExpired:
            found.append("does not end")
        time.sleep(0.2)
        if left := running(mark, process.pid):
            found.append(f"leaves {[Path(f'/proc/{pid}/cmdline').read_text() for pid in left]}")
            for pid in left:
                os.kill(pid, signal.SIGKILL)
        lines = [line for line in after.splitlines() if line.strip()]
        goes_on = way == "make" and sign != signal.SIGTERM
        if (len(lines) > LINES and not goes_on) or MISTAKE.search(text + after):
            found.append(f"prints {lines}")
        found += self.left_behind(target, before)
        if target == "new-project":
            self.undo()
        try:
            self.finish(TARGETS[target])
        except RuntimeError as error:
            found.append(f"fails the next time: {error}")
        return found + self.left_behind(target, before)

    def left_behind(self, target: str, before: set[Path]) -> list[str]:
        """What is half-written, and what is there that should not be."""
        found = []
        for file in self.temporary.iterdir():
            words = file.read_text(errors="replace").splitlines()[-1:] if file.is_file() else []
            found.append(f"temporary file {file.name} {words}")
            file.rename(self.temporary.parent / file.name)
        status = self.git("status", "--porcelain")
        has_lesson = target == "new-project" and status == self.lesson
        if target == "lock":
            found += ["half a lock"] * (self.lock.read_text() not in (self.short_lock, self.whole_lock))
        elif status and not has_lesson:
            found.append(f"changes {status}")
        new = self.files() - self.listing
        found += [f"file {name}" for name in sorted(new) if not (has_lesson and name.startswith("projects/x-y"))]
        half = [name for name, packages in self.made().items() if packages != self.environments.get(name)]
        found += [f"half an environment {name}" for name in half]
        return found + [fault for folder in self.runs() - before for fault in faults_of_run(folder)]


def faults_of_run(folder: Path) -> list[str]:
    """What is wrong with the record of a run that has ended."""
    try:
        text = (folder / "record.json").read_text()
        status = json.loads(text, parse_constant=lambda name: int(name))["status"]  # NaN is no JSON
    except (OSError, ValueError) as error:
        return [f"record: {error}"]
    return [] if status != "running" and (folder / "index.html").exists() else [f"record: {status}, or no page"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--signals", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", choices=TARGETS)
    options = parser.parse_args()
    draw = random.Random(options.seed)  # noqa: S311  (moments, not secrets)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell makes its background deaf to Ctrl-C
    sent, faulty = Counter(), Counter()
    with tempfile.TemporaryDirectory(prefix="signals-") as folder:
        clone = Clone(Path(folder))
        print("seconds:", {name: round(span, 1) for name, span in clone.spans.items()}, flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            for number in range(options.signals):
                target = options.only or draw.choices(list(SHARES), list(SHARES.values()))[0]
                sign, way = draw.choice(WAYS)
                found = clone.cut_short(target, sign, way, draw)
                sent[target, sign.name, way] += 1
                faulty[target, sign.name, way] += bool(found)
                print(f"{number}: {target}, {sign.name} to {way}: {len(found)} faults", *found, sep="\n  ", flush=True)
    print(f"\n{'target':12} {'signal':8} {'to':9} {'sent':>4} {'faults':>6}")
    for key, count in sorted(sent.items()):
        print(f"{key[0]:12} {key[1]:8} {key[2]:9} {count:4} {faulty[key]:6}")
    print(f"{'all':31} {sum(sent.values()):4} {sum(faulty.values()):6}")
    sys.exit(bool(sum(faulty.values())))


if __name__ == "__main__":
    main()
