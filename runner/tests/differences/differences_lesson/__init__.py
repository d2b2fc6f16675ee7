"""What every tier does alike, and what differs: workflows for docs/local-and-cluster.md, for any tier."""
