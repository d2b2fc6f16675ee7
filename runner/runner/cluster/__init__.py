"""The cluster tier: a lesson on a Flyte cluster, by flytekit's own client.

Where the cluster is, and who may use it, is said as flytekit reads it: FLYTECTL_CONFIG, or FLYTE_PLATFORM_URL
and its like; without any of them it is a sandbox on this machine. Own code is what flytekit leaves to its
users: calls that end in time, errors in one line, progress, the record of a run.

    connection.py      the cluster in hand, and calls of it
    configuration.py   what says where it is, checked
    proxies.py         a proxy on the way to it
    outage.py          calls made again while it does not answer
    errors.py          what went wrong with a call, in one line with the next step
    entities.py        what a lesson has to register
    register.py        registering it
    fast.py            its code uploaded, for quick iteration
    versions.py        the versions that are registered
    start.py           starting an execution
    follow.py          following it to its end
    nodes.py           looking at its nodes
    node_runs.py       a node
    attempts.py        an attempt of its task
    compiled_nodes.py  what the node runs, by the cluster's graph
    sources.py         where its inputs come from, by the same
    phases.py          phases in words
    waiting.py         why a task waits
    images.py          whether a registry has an image
    messages.py        why it failed, by a message of Flyte
    failures.py        which task an execution failed by
    progress.py        all of that for people, while it runs
    outputs.py         outputs and decks
    rows.py            its attempts in the run's record
    origin.py          where the results come from, for the record
    control.py         watching, recovering and ending an execution by its name
    schedules.py       launch plans with a schedule, and what they started
    cases.py           a lesson's cases, for its tests
"""
