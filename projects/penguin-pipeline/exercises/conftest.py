import os

# The lesson reads these variables at import. The checks use files in temporary folders.
for name in ("PENGUINS_DB", "PENGUINS_DB_PASSWORD", "PENGUIN_STORE"):
    os.environ.pop(name, None)
