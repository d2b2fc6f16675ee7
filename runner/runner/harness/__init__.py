"""Runs a compiled workflow as a cluster does: each task by Flyte's own entry point, on this machine.

flytekit's local executor calls a task as a function. Here a task is started as a cluster starts it, by
the command line in its serialised form (`pyflyte-execute …`), in a process of the lesson's environment
or in a container of the task's image. Retries, timeouts, recoverable and other errors, the cache and the
hand-over of checkpoints follow the cluster. Every attempt is kept in the run's folder, so that a run that
was killed goes on where it was when it is started again with the same folder.

It is a harness for lessons and tests: no queue, no server, no scheduler. Whoever outgrows one machine
registers the same lesson with Flyte.

    calls.py      a task as a node calls it, and what is kept of an attempt
    commands.py   what an attempt is started with
    launchers.py  a task's command as a fresh process
    forks.py      the same as a fork of a process that has imported everything, and when that is safe
    fork_server.py  that process
    child.py      what the process of an attempt does
    descriptions.py  what models say of themselves there
    containers.py the same in a container of its image
    quantities.py requests and limits as Kubernetes writes them
    outcomes.py   how an attempt ended
    usage.py      what a task's processes use
    attempts.py   one task with its attempts
    cache.py      results of cached tasks
    prints.py     what a run prints of an attempt
    raw.py        tasks without Python: files in, files out
    spark.py      tasks that are drivers of Spark
    conditions.py which case of a conditional is taken
    node_kinds.py how each kind of node is run
    support.py    what the harness does not run
    walker.py     the nodes of the graph, in order
    walk.py       a graph from its inputs to its outputs
    origins.py    where values come from
    graph_facts.py  the nodes of a run, those that dynamic workflows have drawn too
    execution.py  a walk as a run of its lesson
    tasks.py      attempts as the tasks of a run's record
"""
