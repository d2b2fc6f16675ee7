"""Runs a command and writes what it used: python usage.py FILE COMMAND…

FILE gets JSON: `peak_mb`, the largest memory of one process (resident set, in units of 10^6 bytes), and
`cpu_seconds`, the processor time of all of them. It is written when the command ends, not when it is
killed together with this process. Needs nothing but Python, since it runs inside the images.
"""

import json
import resource
import subprocess
import sys


def main(file: str, *command: str) -> int:
    try:
        status = subprocess.run(command).returncode
    except OSError as error:
        print(error, file=sys.stderr)
        return 127
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    # Kibibytes on Linux, bytes on macOS.
    unit = 1 if sys.platform == "darwin" else 1024
    with open(file, "w") as out:
        json.dump({"peak_mb": used.ru_maxrss * unit / 1e6, "cpu_seconds": used.ru_utime + used.ru_stime}, out)
    return status if status >= 0 else 128 - status


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
