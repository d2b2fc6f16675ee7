"""Where a task ran, in its line."""

import sys

import differences
import pytest
from running import HERE

from runner.harness.execution import run_in_processes
from runner.lesson import Image, Lesson
from runner.records.run_folder import Run


@pytest.mark.parametrize(("locks", "shown"), [(("a.txt", "b.txt"), "b.txt"), (("a.txt", "a.txt"), "")])
def test_the_line_of_a_task_names_the_environment_that_stands_for_its_image(locks, shown, server, tmp_path, capsys):
    run = Run.start(
        Lesson.read(HERE / "example"), "differences:in_two_images", tmp_path, "make run PROJECT=example", {}
    )
    images = {
        name: Image(f"localhost/{name}:1", sys.executable, lock)
        for name, lock in zip(("default", "other"), locks, strict=True)
    }
    run_in_processes(run, differences.in_two_images, {}, images, with_cache=False, server=server)
    (line,) = [line for line in capsys.readouterr().out.splitlines() if "elsewhere" in line]
    assert line.endswith(f"Mi  {shown}" if shown else "Mi")
