pytest_plugins = ["workshop.testing"]
