"""Runs a command and writes what it used: python usage.py FILE COMMAND…

FILE gets JSON: `peak_mb`, the largest memory of one process (resident set, in units of 10^6 bytes),
`cpu_seconds`, the processor time of all of them, and `oom_kills`, how many processes the kernel killed
meanwhile for want of memory in this container. It is written when the command ends, not when it is killed
together with this process. Needs nothing but Python, since it runs inside the images.
"""

import json
import resource
import subprocess
import sys
from pathlib import Path

# Where the kernel counts them for the container that reads this: cgroup version 2, version 1.
OOM_COUNTERS = ("/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory/memory.oom_control")


def oom_kills() -> int:
    """How many processes of this container the kernel has killed for want of memory; 0 where it does not say."""
    for file in OOM_COUNTERS:
        try:
            lines = Path(file).read_text().splitlines()
        except OSError:
            continue
        return next((int(line.split()[1]) for line in lines if line.startswith("oom_kill ")), 0)
    return 0


def main(file: str, *command: str) -> int:
    before = oom_kills()
    try:
        status = subprocess.run(command).returncode
    except OSError as error:
        print(error, file=sys.stderr)
        return 127
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    # Kibibytes on Linux, bytes on macOS.
    unit = 1 if sys.platform == "darwin" else 1024
    figures = {
        "peak_mb": used.ru_maxrss * unit / 1e6,
        "cpu_seconds": used.ru_utime + used.ru_stime,
        "oom_kills": oom_kills() - before,
    }
    # Never a part of it: this process may be killed while it writes.
    partial = Path(f"{file}.partial")
    partial.write_text(json.dumps(figures))
    partial.replace(file)
    return status if status >= 0 else 128 - status


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
