"""Workflows whose types do not fit. Each has one wrong line, which ends in `# wrong`. The README lists the messages.

To print all messages:  make typecheck PROJECT=type-system PACKAGE=broken
"""
