"""System checks: what would go wrong silently, said before the server starts."""
