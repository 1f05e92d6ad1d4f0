#!/usr/bin/env python
"""The whole site with one command, the same as `python manage.py start_avatar_web_server`, with the same options."""

import sys

from manage import main

if __name__ == "__main__":
    sys.argv[1:1] = ["start_avatar_web_server"]
    main()
