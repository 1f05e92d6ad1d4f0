"""How the same is done without this project: what the measurements compare with."""
