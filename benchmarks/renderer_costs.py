"""What renderers cost, for custom_decks.py and deck_costs.py: each one is called twice in a fresh process."""

import json
import statistics
import subprocess
import sys

CALLS = """
import json, sys, time
seconds = []
for _ in range(2):
    start = time.perf_counter()
    html = eval(sys.argv[1])
    seconds.append(time.perf_counter() - start)
print(json.dumps([*seconds, len(html.encode())]))
"""


def print_header() -> None:
    print(f"{'renderer':<26}{'first call, s':>15}{'again, s':>12}{'bytes':>12}")


def print_cost(name: str, preparation: str, call: str, rounds: int, *words: str) -> None:
    """Prints the median seconds of the first call and of the second, and the bytes of the HTML.

    Args:
        name: the renderer.
        preparation: the code that makes what the call needs; it finds `words` in sys.argv from number 2 on.
        call: the call, an expression.
        rounds: how many processes are measured.
    """
    command = [sys.executable, "-c", preparation + CALLS, call, *words]
    costs = []
    for _ in range(rounds):
        answer = subprocess.run(command, capture_output=True, text=True)
        if answer.returncode:
            sys.exit(f"{name}: {answer.stderr}")
        costs.append(json.loads(answer.stdout))
    first, again, size = (statistics.median(column) for column in zip(*costs, strict=True))
    print(f"{name:<26}{first:>15.3f}{again:>12.3f}{size:>12,.0f}", flush=True)
