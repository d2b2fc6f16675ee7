"""Small workflows for the tests of the local run: decks, failures, an interruption."""

import time
from typing import NamedTuple

from flytekit import Deck, task, workflow


class Greeting(NamedTuple):
    greeting: str
    length: int


@task(enable_deck=True, deck_fields=[])
def greet(name: str) -> str:
    if name == "slow":
        time.sleep(60)
    if name == "asks":
        name = input()
    if not name:
        raise ValueError("a name must have at least one letter")
    if name == "<b>":
        raise RuntimeError("no <b>markup</b>, please")
    Deck("Greeting", f"<p>{name}</p>")
    return f"Hello, {name}!"


@task(enable_deck=True, deck_fields=[])
def measure(text: str) -> int:
    Deck("Length", f"<p>{len(text)}</p>")
    return len(text)


@workflow
def greeting_workflow(name: str = "Gentoo") -> Greeting:
    greeting = greet(name=name)
    return Greeting(greeting=greeting, length=measure(text=greeting))
