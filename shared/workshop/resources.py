"""Sizes of tasks, so that a lesson names one instead of repeating four figures.

Each is (request, limit): the cluster reserves the request and stops a task that exceeds the memory
limit. cpu counts cores, mem is in bytes with a unit. Use: `@task(resources=SMALL)`.
"""

from flytekit import Resources

SMALL = Resources(cpu=("500m", "1"), mem=("400Mi", "800Mi"))
MEDIUM = Resources(cpu=("1", "2"), mem=("800Mi", "2Gi"))
LARGE = Resources(cpu=("2", "2"), mem=("2Gi", "4Gi"))
