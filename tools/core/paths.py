"""Where things are in the repository."""

from pathlib import Path

from tools.core.errors import Stop

ROOT = Path(__file__).resolve().parents[2]
PROJECTS = ROOT / "projects"
BENCHMARKS = ROOT / "benchmarks"
SHARED = ROOT / "shared"
RUNNER = ROOT / "runner"
OUT = ROOT / "out"
STATE = ROOT / ".tools"
UV = STATE / "uv" / "bin" / "uv"
# How flytekit reaches the sandbox of `make sandbox-up`.
SANDBOX_CONFIG = ROOT / "sandbox" / "config.yaml"
# Characters in a path that make, Python, Docker or a URL read as something else.
UNFIT = '#:?[]*"$\\\n\r\t'


def need_path() -> None:
    """Raises Stop where a character in the repository's path would be misread by a program that gets the path."""
    # In a name of another encoding, such a letter stands for a byte that is no UTF-8: nothing can write it.
    unfit = [letter for letter in str(ROOT) if letter in UNFIT or "\ud800" <= letter <= "\udfff"]
    if found := "".join(dict.fromkeys(unfit)):
        raise Stop(f"the path of this folder, {str(ROOT)!r}, holds {found!r}; move or clone it to one without")
