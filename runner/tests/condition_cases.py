"""Conditionals on values of every kind."""

import math
from datetime import datetime, timedelta

from flytekit import conditional, dynamic, task, workflow
from hard_cases import pack, word


@task
def or_none(number: int) -> int | None:
    return number or None


@workflow
def on_a_part(ratio: float) -> str:
    found = pack(ratio=ratio)
    return (
        conditional("good")
        .if_(found.ratio > 0.5)
        .then(word(text="high"))
        .elif_((found.count == 3) & (found.inner.names["a"] == 2))
        .then(word(text="never"))
        .elif_((found.inner.tags[1] == "y") & (found.inner.names["a"] == 1))
        .then(word(text="low"))
        .else_()
        .then(word(text="never"))
    )


@workflow
def on_several_parts() -> str:
    found = pack()
    few = ((found.count > 5) | (found.inner.names["a"] < 0)) & (found.inner.tags[1] == "y")
    return conditional("several").if_(few).then(word(text="few")).else_().then(word(text="many"))


@dynamic
def draws_conditional(ratio: float) -> str:
    return on_a_part(ratio=ratio)


@workflow
def drawn_conditional(ratio: float) -> str:
    return draws_conditional(ratio=ratio)


@workflow
def on_two_types() -> str:
    found = pack()
    return conditional("types").if_(found.ratio == 2).then(word(text="two")).else_().then(word(text="other"))


@workflow
def on_the_order_of_truth_values(yes: bool = True, no: bool = False) -> str:
    return conditional("order").if_(yes > no).then(word(text="more")).else_().then(word(text="less"))


@workflow
def on_an_optional() -> str:
    found = or_none(number=1)
    return conditional("optional").if_(found == 1).then(word(text="one")).else_().then(word(text="other"))


@workflow
def on_fractions(span: timedelta = timedelta(seconds=1.5), moment: datetime = datetime(2026, 1, 1, 0, 0, 0, 5)) -> str:
    in_time = (span <= timedelta(seconds=1)) & (moment == datetime(2026, 1, 1))
    return conditional("fractions").if_(in_time).then(word(text="the same second")).else_().then(word(text="later"))


@workflow
def on_nan(number: float = math.nan) -> str:
    return (
        conditional("nan")
        .if_((number > 0.0) | (number >= 0.0))
        .then(word(text="more"))
        .elif_((number < 0.0) & (number <= 0.0))
        .then(word(text="less"))
        .else_()
        .then(word(text="neither"))
    )


@workflow
def on_a_list() -> str:
    found = pack()
    return conditional("list").if_(found.many > 1).then(word(text="more")).else_().then(word(text="less"))
