"""`make changed`: what files affect, printed for real git repositories that hold a copy of this one."""

import json
import re
import shutil
import tomllib
from pathlib import Path

import pytest
from repositories import Repository, as_json, needs_buildx

from tools.core.paths import ROOT
from tools.upkeep import changed

pytestmark = needs_buildx

FACTS = {file.parent.name: tomllib.loads(file.read_text()) for file in ROOT.glob("projects/*/lesson.toml")}
LESSONS = set(FACTS)
# Every image of a lesson, as its lesson.toml describes it.
IMAGES = {
    lesson if name == "default" else f"{lesson}-{name}": image
    for lesson, facts in FACTS.items()
    for name, image in facts["images"].items()
}
BASES = {"base", "tabular", "sklearn", "spark-base"}
ON_TABULAR = {name for name, image in IMAGES.items() if image.get("base") in ("tabular", "sklearn")}
WITH_PYTHON = {name for name, image in IMAGES.items() if image.get("lock") != ""}


def importers(module: str) -> set[str]:
    """The lessons whose code imports a module of the shared package."""
    line = re.compile(rf"^from workshop(\.{module} import| import .*\b{module}\b)", re.MULTILINE)
    files = {name: (ROOT / "projects" / name).glob("[a-z]*_*/*.py") for name in LESSONS}
    return {name for name in LESSONS if any(line.search(file.read_text()) for file in files[name])}


def images_of(module: str) -> set[str]:
    """The images of these lessons, which contain the shared package."""
    named = {name: [name, *(f"{name}-{image}" for image in FACTS[name]["images"])] for name in importers(module)}
    return {image for names in named.values() for image in names if image in WITH_PYTHON}


@pytest.mark.parametrize(
    ("name", "tests", "images"),
    [
        ("projects/sql/sql_lesson/workflow.py", {"sql"}, {"sql"}),
        ("projects/sql/lesson.toml", {"sql"}, {"sql"}),
        ("projects/sql/Dockerfile", {"sql"}, {"sql"}),
        ("projects/sql/.dockerignore", {"sql"}, {"sql"}),
        ("projects/sql/requirements.txt", {"sql"}, {"sql"}),
        ("projects/sql/tests/test_binding.py", {"sql"}, set()),
        ("projects/sql/exercises/first.py", {"sql"}, set()),
        ("projects/sql/README.md", {"sql"}, set()),  # its tests read it
        # All images of a lesson copy all of its locks.
        ("projects/pytorch/requirements-data.txt", {"pytorch"}, {"pytorch", "pytorch-training"}),
        ("shared/workshop/resources.py", {"runner", "shared"} | importers("resources"), images_of("resources")),
        ("shared/workshop/hashes.py", {"runner", "shared"} | importers("hashes"), images_of("hashes")),
        (
            "shared/workshop/penguins.csv",
            {"runner", "shared", "flyte-2"} | importers("penguins"),
            images_of("penguins"),
        ),
        ("shared/tests/test_hashes.py", {"runner", "shared"}, set()),
        ("runner/runner/records/page.py", {"tools", "runner"} | LESSONS, set()),
        ("runner/runner/harness/walk.py", {"runner"} | LESSONS, set()),
        ("docs/flyte-2.md", {"flyte-2"}, set()),
        ("runner/tests/harness/test_walk.py", {"runner"}, set()),
        ("images/base/Dockerfile", set(), set(IMAGES) | BASES),
        ("images/environment/Dockerfile", set(), WITH_PYTHON | {"tabular", "sklearn"}),
        ("images/tabular/requirements.txt", set(), ON_TABULAR | {"tabular", "sklearn"}),
        ("images/sklearn/requirements.in", {"runner", "shared"}, set()),
        ("images/spark/entrypoint.sh", set(), {"spark", "spark-base"}),
        ("images/tests/test_every_image.py", set(), set()),
        ("docker-bake.hcl", {"tools"}, set(IMAGES) | BASES),
        ("Makefile", {"tools"}, set()),
        ("tools/tiers/suites.py", {"tools"}, set()),
        ("tools/uv.txt", {"tools"}, set(IMAGES) | BASES),
        ("tools/tests/test_make.py", {"tools"}, set()),
        ("docs/images.md", set(), set()),
        ("README.md", set(), set()),
        ("tools/template/README.md", set(), set()),
        ("docs/cluster.md", set(), set()),
        ("docs/local-and-cluster.md", set(), set()),
        ("images/wheels/README.md", set(), set()),
        ("images/spark/jars/README.md", set(), set()),
        ("benchmarks/start.py", set(), set()),
        (".github/workflows/checks.yml", {"tools"}, set()),
        ("projects-of-mine/sql/x.py", set(), set()),
    ],
)
def test_a_file_affects_what_is_made_from_it(name, tests, images, repository, told):
    repository.write(name)
    repository.commit()
    assert told() == (tests, images)


@pytest.mark.parametrize(
    ("name", "lessons"),
    [
        ("projects/sql/tests/test_binding.py", {"sql"}),
        ("images/spark/entrypoint.sh", {"spark"}),
        ("runner/runner/records/page.py", LESSONS),
        ("images/tests/test_every_image.py", LESSONS),
        ("tools/tiers/suites.py", set()),
    ],
)
def test_a_lesson_is_tested_in_its_images_when_its_tests_or_its_images_are_affected(
    name, lessons, repository, monkeypatch, capsys
):
    repository.write(name)
    repository.commit()
    assert set(as_json(monkeypatch, capsys, "")["image_tests"]) == lessons


def test_the_images_on_tabular_are_some_and_not_all():
    assert set() < ON_TABULAR < set(IMAGES)


def rename(folder: Path, old: str, new: str) -> None:
    """Renames a lesson, as its owner does: the folder, then make format."""
    (folder / "projects" / old).rename(folder / "projects" / new)
    bake = folder / "docker-bake.json"
    bake.write_text(bake.read_text().replace(f'"{old}"', f'"{new}"'))


def test_a_renamed_lesson_is_one_under_its_new_name(repository, told):
    rename(repository.folder, "caching", "memoization")
    repository.commit()
    assert told() == ({"tools", "memoization"}, {"memoization"})


def test_a_removed_lesson_is_told_and_nothing_of_it_is_tested(repository, told, capsys, monkeypatch):
    shutil.rmtree(repository.folder / "projects" / "caching")
    repository.commit()
    assert told() == (set(), set())
    monkeypatch.delenv("FORMAT")
    changed.changed()
    assert capsys.readouterr().out.splitlines()[1:] == [
        "projects/caching is gone: nothing of it is left to test",
        "no test and no image is affected",
    ]


def test_no_file_is_no_test_and_no_image(repository, capsys, monkeypatch):
    monkeypatch.setenv("SINCE", "HEAD")
    changed.changed()
    assert capsys.readouterr().out.splitlines()[1:] == ["no test and no image is affected"]


def test_a_lesson_that_bake_does_not_know_is_one_line(repository, stopped):
    (repository.folder / "projects" / "caching").rename(repository.folder / "projects" / "memoization")
    assert stopped(changed.changed) == "docker-bake.json lacks the image memoization; run: make format"


def test_lessons_come_in_the_order_in_which_they_are_taught(repository, capsys, monkeypatch):
    repository.write("runner/runner/harness/walk.py")
    facts = as_json(monkeypatch, capsys, "HEAD")
    assert facts["tests"] == ["runner", *sorted(LESSONS, key=lambda name: FACTS[name]["order"])]


def test_what_is_not_committed_counts_and_is_told(repository, told, capsys, monkeypatch):
    repository.commit()
    repository.write("projects/sql/README.md")
    repository.write("projects/ray/a new file.py")
    repository.write("projects/spark/lesson.toml")
    repository.git("add", "projects/spark/lesson.toml")
    repository.write("out/ignored")
    assert told("HEAD") == ({"sql", "ray", "spark"}, {"spark"})
    monkeypatch.delenv("FORMAT")
    changed.changed()
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"files changed since {repository.git('rev-parse', 'HEAD')[:12]}: 3, 3 of them not committed"
    assert [" ".join(line.split()) for line in lines[3:]] == [
        "test sql projects/sql/README.md",
        "test spark projects/spark/lesson.toml",
        "test ray projects/ray/a new file.py",
        "test in images sql projects/sql/README.md",
        "test in images spark projects/spark/lesson.toml",
        "test in images ray projects/ray/a new file.py",
        "image spark projects/spark/lesson.toml",
    ]


def test_many_files_are_told_by_the_first_and_their_number(repository, capsys, monkeypatch):
    monkeypatch.setenv("SINCE", "HEAD")
    for name in ("a.py", "b.py", "c.py"):
        repository.write(f"projects/ray/{name}")
    changed.changed()
    assert capsys.readouterr().out.endswith(" ray   projects/ray/a.py and 2 more\n")


def test_a_name_beyond_ascii_and_with_a_line_break_is_a_name(repository, told):
    repository.write("projects/ray/ä\nb.py")
    assert told("HEAD") == ({"ray"}, set())


@pytest.mark.parametrize(("has", "told"), [((), "git"), (("git",), "docker")])
def test_a_missing_program_is_one_line(has, told, repository, tmp_path, monkeypatch, stopped):
    (tmp_path / "bin").mkdir()
    for name in has:
        (tmp_path / "bin" / name).symlink_to(shutil.which(name))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert stopped(changed.changed).startswith(f"{told} is not on PATH; ")


def test_a_bake_file_that_cannot_be_read_is_one_line(repository, stopped):
    (repository.folder / "docker-bake.hcl").write_text('target "base" {')
    assert stopped(changed.changed).startswith("docker buildx bake: ")


def test_another_format_is_one_line(repository, monkeypatch, stopped):
    monkeypatch.setenv("FORMAT", "yaml")
    assert stopped(changed.changed) == "FORMAT must be text or json, not 'yaml'"


def test_json_is_all_that_make_prints_even_when_it_sets_up_first(clone_with_uv, make):
    Repository(clone_with_uv).begin()
    answer = make("changed", "FORMAT=json", root=clone_with_uv)
    assert answer.returncode == 0
    assert set(json.loads(answer.stdout)["tests"]) == LESSONS | {"tools", "runner", "shared", "flyte-2"}
    assert "environment ready" in answer.stderr
