"""Runs a compiled workflow as a cluster does: each task by Flyte's own entry point, on this machine.

flytekit's local executor calls a task as a function. Here a task is started as a cluster starts it, by
the command line in its serialised form (`pyflyte-execute …`), as a process of the lesson's environment
or as a container of the task's image. Retries, timeouts, recoverable and other errors and the hand-over
of checkpoints follow the cluster. Every attempt is kept in the run's folder, so that a run that was
killed goes on where it was when it is started again with the same folder.

It is a harness for lessons and tests: no queue, no server, no scheduler. Whoever outgrows one machine
registers the same lesson with Flyte.

    graph.py      the workflow as a cluster gets it
    bindings.py   which literals a node gets
    calls.py      a task as a node calls it, and what is kept of an attempt
    commands.py   what an attempt is started with
    launchers.py  a task's command as a process
    containers.py the same in a container of its image
    quantities.py requests and limits as Kubernetes writes them
    outcomes.py   how an attempt ended
    usage.py      what a task's processes use
    attempts.py   one task with its attempts
    raw.py        tasks without Python: files in, files out
    spark.py      tasks that are drivers of Spark
    conditions.py which case of a conditional is taken
    nodes.py      how each kind of node is run
    support.py    what the harness does not run
    walk.py       the nodes of the graph, in order
    recovery.py   what an earlier walk left, and the retries of tasks that failed
    execution.py  a walk as a run of its lesson
    tasks.py      attempts as the tasks of a run's record
"""
