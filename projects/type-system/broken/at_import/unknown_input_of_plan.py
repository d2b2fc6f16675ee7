from flytekit import LaunchPlan

from broken.reuse import inner

LaunchPlan.get_or_create(name="unknown_input", workflow=inner, fixed_inputs={"factor": 2})  # wrong
