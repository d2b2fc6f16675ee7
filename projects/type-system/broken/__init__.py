"""Workflows whose types do not fit. Each is wrong in one line, which ends in `# wrong`; the README has the messages.

Look at them all:  cd projects/type-system && .venv/bin/python -m runner.typecheck . broken
"""
