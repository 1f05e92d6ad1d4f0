"""How long tests wait for what has to come."""

PATIENCE_SECONDS = 30.0
"""For a machine that has much else to do; what has to be quick is measured by its test."""
