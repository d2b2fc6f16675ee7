"""A recording stand-in for Flyte's control plane, over real gRPC: what its clients see of it, and no more.

It keeps what is registered, answers about executions that a real cluster ran as that cluster did, plays others phase by
phase, takes uploads and gives decks by signed URLs, and answers with the status codes and in the words of Flyte's
admin service 1.16. Nothing runs on it.

    service.py     the server: start, stop, faults, the record of its calls
    entities.py    tasks, workflows, launch plans: created, compared, listed
    executions.py  executions: started, recovered, ended
    nodes.py       the nodes of executions that are played
    replay.py      executions of a real cluster, answered again as they were recorded
    plays.py       what an execution does, frame by frame
    files.py       the file server behind signed URLs
    refusals.py    refusals in Flyte's words
    proxy.py       a network between client and server that breaks
    trust.py       a certificate for this machine
"""
