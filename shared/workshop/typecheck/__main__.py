"""python -m workshop.typecheck PROJECT_FOLDER [PACKAGE]: one line per finding; exit status 1 if there is one.

PACKAGE is the lesson's own, unless another one in its folder is named.
"""

import os
import signal
import sys
import tomllib
from pathlib import Path

from workshop.lesson import Lesson


def main(folder: str, package: str = "") -> int:
    lesson = Lesson.read(Path(folder).resolve())
    sys.path[0] = str(lesson.folder)
    # Set before flytekit is imported: its warnings about a lesson are for runs.
    os.environ.setdefault("FLYTE_SDK_LOGGING_LEVEL", "50")
    from workshop.typecheck import lines
    from workshop.typecheck.lesson import check_package

    lines.note_lines()
    facts = tomllib.loads((lesson.folder / "lesson.toml").read_text(encoding="utf-8"))
    report = check_package(package or lesson.package, facts["images"])
    for line, text in report.found:
        print(f"{line}: {text}")
    print(f"{lesson.name}: {report.summary()}")
    return int(bool(report.found))


if __name__ == "__main__":
    signal.signal(signal.SIGINT, lambda *_: sys.exit(130))
    sys.exit(main(*sys.argv[1:]))
