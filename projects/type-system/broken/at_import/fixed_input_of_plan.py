from flytekit import LaunchPlan

from broken.reuse import inner

LaunchPlan.get_or_create(name="fixed_input", workflow=inner, fixed_inputs={"number": "two"})  # wrong
