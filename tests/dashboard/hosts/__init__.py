"""URLs of other projects that include the pages."""
