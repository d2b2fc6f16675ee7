"""Tests the properties that images/base and every image built on it must have."""

import json
import re
import subprocess
from pathlib import Path

import pytest

# A password in an address, or a variable with a value whose name says that it is a secret.
SECRET = re.compile(r"://[^/\s:@]+:[^/\s@]+@|(?i:password|passwd|secret|token|api_?key)\w*=\S")

HISTORIES = ["/root/.*history", "/home/*/.*history", "/root/.lesshst", "/root/.viminfo", "/root/.wget-hsts"]
CACHES = ["/tmp/*", "/tmp/.[!.]*", "/var/tmp/*", "/root/.cache", "/home/*/.cache", "/var/lib/apt/lists/*"]
CACHES += ["/var/cache/apt/*.bin", "/var/cache/apt/archives/*.deb"]
SECRETS = ["/run/secrets", "/etc/uv", "/root/.netrc", "/root/.pypirc", "/etc/pip.conf", "/root/.pip", "/root/.config"]
SECRETS += [f"{home}/.{name}" for home in ("/root", "/home/*") for name in ("ssh", "aws", "docker", "kube", "netrc")]
COMPILERS = ["cc", "c++", "gcc", "g++", "clang", "as", "ld", "make", "cmake", "rustc", "cargo", "go", "javac"]
CODE = ["/app/*", "/app/.[!.]*", "/app/workshop/*"]
# The last line of what the shell prints.
END = "end-of-look"
PIPS = ["pip", "pip3"]
INSTALLERS = ["uv", "uvx", "pipx", "poetry", "conda", "easy_install"]


@pytest.fixture(scope="session")
def held(image: dict) -> list[str]:
    """The files (by pattern) and programs of interest in an image. Asks its shell: some images have no Python."""
    script = f"""
        for file in {" ".join(HISTORIES + CACHES + SECRETS + CODE)}; do
            if [ -e "$file" ] || [ -L "$file" ]; then echo "$file"; fi
        done
        for name in {" ".join(COMPILERS + INSTALLERS + PIPS)}; do command -v "$name"; done; echo {END}
    """
    # As root, who can read everything; without a mount over /tmp, and without the image's entry point.
    options = ["--rm", "--network", "none", "--read-only", "--user", "0", "--entrypoint", "sh"]
    command = ["docker", "run", *options, image["reference"], "-c", script]
    for _ in range(3):  # docker has lost the output of a container that lives so short
        answer = subprocess.run(command, capture_output=True, text=True, check=True)
        assert answer.stderr == ""
        *found, last = answer.stdout.splitlines() or [""]
        if last == END:
            return found
    raise AssertionError("docker has lost the output three times")


@pytest.fixture(scope="session")
def history(image: dict) -> list[dict]:
    """The image's layers, each with the command that made it and its size in bytes."""
    command = ["docker", "history", "--no-trunc", "--human=false", "--format", "{{json .}}", image["reference"]]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)
    return [json.loads(line) for line in answer.stdout.splitlines()]


def test_runs_as_a_numbered_user_that_is_not_root(inspected, run):
    assert inspected["Config"]["User"] == "1000"
    assert run("id", "-u").stdout == "1000\n"


def test_is_for_the_platform_that_was_asked_for(image, inspected, run):
    assert f"{inspected['Os']}/{inspected['Architecture']}" == image["platform"]
    machine = {"linux/amd64": "x86_64", "linux/arm64": "aarch64"}[image["platform"]]
    # An image of a raw container task holds only what its task needs.
    assert run("sh", "-c", "if command -v uname >/dev/null; then uname -m; fi").stdout in ("", f"{machine}\n")


def test_labels_say_what_it_is_and_where_it_comes_from(image, inspected):
    labels = inspected["Config"]["Labels"]
    prefix = "org.opencontainers.image."
    assert labels[prefix + "title"] == image["title"]
    assert labels[prefix + "revision"] == image["revision"]
    assert labels[prefix + "licenses"] == "Apache-2.0"
    assert {prefix + "source", prefix + "created"} <= labels.keys()


def test_labels_say_which_digest_of_its_base_image_it_is_built_on(image, inspected):
    labels = inspected["Config"]["Labels"]
    name, _, digest = image["base_image"].partition("@")
    told = [labels.get(f"org.opencontainers.image.base.{what}") for what in ("name", "digest")]
    # A local image that no registry knows has no digest.
    assert told == ([name, digest] if digest else [None, None])


def test_is_within_its_size_budget(image, history):
    # Not the size from `docker inspect`: the engine's kind of store decides whether that size is compressed.
    size = sum(int(layer["Size"]) for layer in history) / 1e6
    assert size <= image["size_mb"], f"{size:.0f} MB; the budget is in lesson.toml or tools/lessons/bases.py"


def test_holds_no_leftovers_and_no_tools_of_the_build(image, held):
    pips = PIPS if image["pip"] else []
    assert [found for found in held if not found.startswith("/app/") and Path(found).name not in pips] == []


def test_the_folder_of_the_code_holds_what_a_task_may_import_and_nothing_else(image, held):
    """The lesson's package, the shared package, and the lock for a task that names it; no runner, no tests."""
    code = {found for found in held if found.startswith("/app/")}
    assert code - {"/app/requirements.txt"} == set(image["app"])


def test_its_variables_and_its_history_hold_no_secret(inspected, history):
    every = [*inspected["Config"]["Env"], *(layer["CreatedBy"] for layer in history)]
    assert [text for text in every if SECRET.search(text)] == []


def test_nothing_but_the_temporary_folder_is_writable(run):
    folders = "/ /app /opt /etc /home /root /tmp"
    script = f'for folder in {folders}; do if true > "$folder/file"; then echo "$folder"; fi; done'
    assert run("sh", "-c", f"({script}) 2>/dev/null").stdout == "/tmp\n"


def test_python_installs_nothing(image, run):
    if not image["pip"]:
        answer = run("sh", "-c", "command -v python >/dev/null || exit 0; python -m pip")
        assert (answer.returncode, "No module named pip" in answer.stderr) in ((1, True), (0, False))


def test_flytes_entry_points_are_there(flyte_image, run):
    """Whether they work, each lesson's cases show: they start every task of the image by one of them."""
    names = ["pyflyte-execute", "pyflyte-map-execute", "pyflyte-fast-execute"]
    found = run("sh", "-c", "; ".join(f"command -v {name}" for name in names)).stdout.split()
    assert found == [f"/opt/venv/bin/{name}" for name in names]


def test_imports_without_a_warning_and_from_bytecode(flyte_image, run):
    # Some modules, such as torch.classes, return an object that is no path for every attribute.
    code = f"""
import sys, {flyte_image["imports"]}
from pathlib import Path
cached = [getattr(m, "__cached__", None) for m in list(sys.modules.values())]
installed = [file for file in cached if isinstance(file, str) and "site-packages" in file]
print(len(installed) > 50, [file for file in installed if not Path(file).exists()])
"""
    answer = run("python", "-c", code)
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "True []\n", "")
