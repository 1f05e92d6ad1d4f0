#!/usr/bin/env python
"""Django's command line for the avatar site."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import DatabaseError, OperationalError


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "avatar_site.settings")
    from avatar_site.logs import handler

    handler.begin()
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"Configuration error: {error}")
    except DatabaseError as error:
        from avatar_site.configuration.database import out_of_reach
        from monitoring.unmigrated import lacks_tables

        # Out of reach, no database at all, or not migrated; else a query is wrong, and the traceback shows its place.
        is_the_databases = type(error) in (DatabaseError, OperationalError) or lacks_tables(error)
        if not is_the_databases or "--traceback" in sys.argv:
            raise

        sys.exit(f"Configuration error: {out_of_reach(error)}")


if __name__ == "__main__":
    main()
