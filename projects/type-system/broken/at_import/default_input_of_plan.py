from flytekit import LaunchPlan

from broken.reuse import inner

LaunchPlan.get_or_create(name="default_input", workflow=inner, default_inputs={"number": "two"})  # wrong
