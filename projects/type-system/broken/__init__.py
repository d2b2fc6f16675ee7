"""Workflows whose types do not fit. Each is wrong in one line, which ends in `# wrong`; the README has the messages.

Look at them all:  make typecheck PROJECT=type-system PACKAGE=broken
"""
