"""The usual alternatives without this project, which the measurements compare with."""
