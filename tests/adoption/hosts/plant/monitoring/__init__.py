"""The plant's own monitoring: what its machines report."""

LIMIT = 90
