"""A cluster that does not answer for a while: calls are made again until it does, or until that took too long."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from runner.cluster.errors import NoAnswer

# For how long, and seconds between two calls.
OUTAGE_SECONDS = 300
PAUSE_SECONDS = 2


class Outage:
    """Rides out a time without an answer.

    Attributes:
        what: what does not answer, for people.
        seconds: how long that may last since the last answer.
    """

    def __init__(self, what: str, seconds: float | None = None):
        self.what = what
        self.seconds = OUTAGE_SECONDS if seconds is None else seconds
        self.answered = time.monotonic()
        self.clock = datetime.now()
        self.is_told = False

    def ride_out(self, call: Callable[[], Any]) -> Any:
        """Makes a call until there is an answer; raises NoAnswer when there was none for too long."""
        while True:
            try:
                answer = call()
            except NoAnswer:
                if time.monotonic() - self.answered >= self.seconds:
                    raise
                if not self.is_told:
                    since, minutes = f"{self.clock:%H:%M:%S}", f"{self.seconds / 60:g} minutes"
                    print(f"{self.what} has not answered since {since}; trying for {minutes}", flush=True)
                self.is_told = True
                time.sleep(PAUSE_SECONDS)
                continue
            if self.is_told:
                print(f"{self.what} answers again, after {time.monotonic() - self.answered:.0f} s", flush=True)
            self.answered, self.clock, self.is_told = time.monotonic(), datetime.now(), False
            return answer
