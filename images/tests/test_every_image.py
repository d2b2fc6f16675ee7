"""What holds for images/base holds for every image that is built on it."""

import json
import subprocess


def inspected(image: dict) -> dict:
    answer = subprocess.run(["docker", "image", "inspect", image["reference"]], capture_output=True, check=True)
    return json.loads(answer.stdout)[0]


def test_runs_as_a_numbered_user_that_is_not_root(image):
    assert inspected(image)["Config"]["User"] == "1000"
    command = ["docker", "run", "--rm", image["reference"], "id", "-u"]
    assert subprocess.run(command, capture_output=True, text=True).stdout.strip() == "1000"


def test_labels_say_what_it_is_and_where_it_comes_from(image):
    labels = inspected(image)["Config"]["Labels"]
    prefix = "org.opencontainers.image."
    assert labels[prefix + "title"] == image["title"]
    assert labels[prefix + "revision"] == image["revision"]
    assert {prefix + "source", prefix + "created"} <= labels.keys()


def test_is_within_its_size_budget(image):
    size = inspected(image)["Size"] / 1e6
    assert size <= image["size_mb"], f"{size:.0f} MB; the budget stands in lesson.toml"


def test_flytes_entry_points_answer(python_image, run):
    for command in ("pyflyte-execute", "pyflyte-map-execute", "pyflyte-fast-execute"):
        answer = run(command, "--help")
        assert answer.returncode == 0, answer.stderr


def test_imports_without_a_warning(python_image, run):
    answer = run("python", "-c", f"import {python_image['module']}")
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "", "")


def test_bytecode_is_in_the_image(python_image, run):
    code = "import flytekit, pathlib; print(pathlib.Path(flytekit.__cached__).exists())"
    assert run("python", "-c", code).stdout.strip() == "True"


def test_holds_no_installer_and_no_cache(python_image, run):
    look = "command -v uv; ls -A /root/.cache /tmp /opt/venv/bin/pip 2>/dev/null"
    found = run("sh", "-c", look, user="0").stdout.split()
    assert [line for line in found if not line.endswith(":")] == []
