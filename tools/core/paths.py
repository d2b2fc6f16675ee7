"""Where things are in the repository."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROJECTS = ROOT / "projects"
SHARED = ROOT / "shared"
RUNNER = ROOT / "runner"
OUT = ROOT / "out"
STATE = ROOT / ".tools"
UV = STATE / "uv" / "bin" / "uv"
# How flytekit reaches the sandbox of `make sandbox-up`.
SANDBOX_CONFIG = ROOT / "sandbox" / "config.yaml"
