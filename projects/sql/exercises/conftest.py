import os

# The lesson reads these variables at import. The checks use the SQLite file, and a PostgreSQL server of their own.
for name in ("PENGUINS_DB", "PENGUINS_DB_PASSWORD"):
    os.environ.pop(name, None)
