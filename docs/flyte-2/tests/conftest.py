import os

# Before flyte is imported: it would report crashes to its makers.
os.environ["DO_NOT_TRACK"] = "1"
