"""The cluster tier: a lesson on a Flyte cluster, by flytekit's own client.

Where the cluster is, and who may use it, is said as flytekit reads it: FLYTECTL_CONFIG, or FLYTE_PLATFORM_URL
and its like; without any of them it is a sandbox on this machine. Own code is what flytekit leaves to its
users: calls that end in time, errors in one line, progress, the record of a run.

    connection.py  the cluster in hand, and calls of it
    errors.py      what went wrong, in one line with the next step
    ending.py      how a command ends
    entities.py    what a lesson has to register
    register.py    registering it
    fast.py        its code uploaded, for quick iteration
    start.py       starting an execution
    follow.py      following it to its end
    phases.py      its phase in words
    nodes.py       its nodes, as the cluster tells them
    progress.py    the same for people
    outputs.py     outputs, decks, the rows of the record
    failures.py    why it failed
    control.py     watching, recovering and ending an execution by its name
    schedules.py   launch plans with a schedule, and what they started
    cases.py       a lesson's cases, for its tests
"""
