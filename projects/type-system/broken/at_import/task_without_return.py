from flytekit import task


@task  # wrong
def forgetful() -> int:
    pass
