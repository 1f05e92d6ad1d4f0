"""`manage.py collectstatic`, which reports in one line what is missing or cannot be written."""

from typing import Any

from django.conf import settings
from django.contrib.staticfiles.management.commands.collectstatic import Command as CollectStatic
from django.core.exceptions import ImproperlyConfigured

from avatar_site.configuration import static_files
from monitoring.management.shared_options import WithExamples

EXAMPLES = """examples:
  python manage.py collectstatic --noinput
"""


class Command(WithExamples, CollectStatic):
    examples = EXAMPLES

    def handle(self, **options: Any) -> None:
        if missing := static_files.missing_source():
            raise ImproperlyConfigured(missing)
        if static_files.bundler() is None:
            self.stderr.write(
                "The scripts of the pages are not bundled, so that pages load later: esbuild is missing (npm ci)."
            )
        try:
            super().handle(**options)
        except OSError as error:
            raise ImproperlyConfigured(f"{settings.STATIC_ROOT}: cannot be used ({error.strerror})") from error
