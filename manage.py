#!/usr/bin/env python
"""Django's command line for the avatar site."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import DatabaseError, OperationalError


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "avatar_site.settings")
    from avatar_site import logs

    logs.begin()
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"Configuration error: {error}")
    except DatabaseError as error:
        # Out of reach, or no database at all; what is wrong with a query is a fault of the code and shows its place.
        if type(error) not in (DatabaseError, OperationalError) or "--traceback" in sys.argv:
            raise
        from avatar_site.database import out_of_reach

        sys.exit(f"Configuration error: {out_of_reach(error)}")


if __name__ == "__main__":
    main()
