"""Who commits in the repositories of these tests, and that nothing of this machine's git has a say in it."""

IDENTITY = [
    *("-c", "user.name=A", "-c", "user.email=a@example.com"),
    *("-c", "commit.gpgsign=false", "-c", "core.hooksPath=/dev/null"),
]
