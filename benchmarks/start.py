"""Measures the time to the first result: from empty caches, and when everything is installed.

    make benchmark PROJECT=flyte-basics ARGS='--cold 3 --warm 9'

Cold: `make run PROJECT=flyte-basics` in a fresh clone with an empty HOME and empty caches. The alternative is the usual
way: python -m venv, pip install of the same direct dependencies, python on the workflow.

Warm: `make run`, python on the same file in the same environment, and the same model without Flyte.

The methods run in turns, so that a slow minute of the machine affects all of them. Prints the median and the extremes
in seconds, and the ratios. Asserts nothing.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LESSON = ROOT / "projects" / "flyte-basics"
WORKFLOW = Path("flyte_basics", "workflow.py")


# The options of this script, and what make hands on: a `make run` of its own must see none of that.
OF_MAKE = ("ARGS", "MAKEFLAGS", "MFLAGS", "MAKEOVERRIDES")


def run(command: list[object], folder: Path, **environment: str) -> None:
    """Runs a command that must succeed."""
    variables = {name: value for name, value in os.environ.items() if name not in OF_MAKE}
    words = list(map(str, command))
    subprocess.run(words, cwd=folder, env=variables | environment, check=True, capture_output=True)


def cold_make(folder: Path) -> None:
    run(["git", "clone", "--quiet", ROOT, folder / "clone"], folder)
    home = folder / "home"
    home.mkdir()
    target = ["make", "run", "PROJECT=flyte-basics"]
    run(target, folder / "clone", HOME=str(home), XDG_CACHE_HOME=str(home / "cache"))


def cold_pip(folder: Path) -> None:
    python = folder / "venv" / "bin" / "python"
    run([sys.executable, "-m", "venv", folder / "venv"], folder)
    run([python, "-m", "pip", "install", "--no-cache-dir", "-r", LESSON / "requirements.in"], folder)
    run([python, LESSON / WORKFLOW], folder, PYTHONPATH=str(ROOT / "shared"))


def warm_make(_: Path) -> None:
    run(["make", "run", "PROJECT=flyte-basics"], ROOT)


def warm_python(_: Path) -> None:
    run([LESSON / ".venv" / "bin" / "python", LESSON / WORKFLOW], ROOT)


def warm_plain(_: Path) -> None:
    run([LESSON / ".venv" / "bin" / "python", ROOT / "benchmarks" / "plain_penguins.py"], ROOT)


def side_by_side(rounds: int, contestants: dict[str, Callable[[Path], None]]) -> dict[str, list[float]]:
    """The seconds of each method in each round. Prints each one at once, because some take minutes.

    Each method gets an empty folder. The measurement starts when the disk has all that the previous method wrote.
    """
    seconds: dict[str, list[float]] = {name: [] for name in contestants}
    for number in range(rounds):
        for name, contestant in contestants.items():
            with tempfile.TemporaryDirectory() as folder:
                os.sync()
                start = time.perf_counter()
                contestant(Path(folder))
                seconds[name].append(time.perf_counter() - start)
            print(f"  round {number + 1}: {name}: {seconds[name][-1]:.2f} s", file=sys.stderr, flush=True)
    return seconds


def report(title: str, seconds: dict[str, list[float]]) -> None:
    print(f"\n{title}")
    for name, values in seconds.items():
        print(f"  {name:<34} {statistics.median(values):7.2f} s  ({min(values):.2f} to {max(values):.2f})")


def ratio(seconds: dict[str, list[float]], first: str, second: str) -> None:
    """Prints how much longer `first` took than `second`, as the median over the rounds."""
    ratios = [a / b for a, b in zip(seconds[first], seconds[second], strict=True)]
    print(f"  {first} / {second}: {statistics.median(ratios):.2f}  ({min(ratios):.2f} to {max(ratios):.2f})")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cold", type=int, default=3, metavar="ROUNDS")
    parser.add_argument("--warm", type=int, default=9, metavar="ROUNDS")
    options = parser.parse_args()
    if not shutil.which("git"):
        sys.exit("benchmarks: git is not on PATH")
    warm_make(ROOT)  # makes the environment if need be
    if options.warm:
        contestants = {"make run": warm_make, "python workflow.py": warm_python, "plain scikit-learn": warm_plain}
        warm = side_by_side(options.warm, contestants)
        report("warm", warm)
        ratio(warm, "make run", "python workflow.py")
        ratio(warm, "python workflow.py", "plain scikit-learn")
    if options.cold:
        cold = side_by_side(options.cold, {"pip": cold_pip, "make run": cold_make})
        report("cold, from empty caches", cold)
        ratio(cold, "pip", "make run")


if __name__ == "__main__":
    main()
