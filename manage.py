#!/usr/bin/env python
"""Django's command line: `manage.py help` lists what can be done."""

import os
import sys

if sys.version_info < (3, 11):  # noqa: UP036 -- said before the first import that an older Python cannot read
    sys.exit("Policy Studio needs Python 3.11 or newer, this is Python %d.%d" % sys.version_info[:2])  # noqa: UP031


def main() -> None:
    """Run one management command; a setting that is refused ends it with one sentence."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "policystudio.settings")
    try:
        from django.conf import settings
        from django.core.exceptions import ImproperlyConfigured
        from django.core.management import execute_from_command_line
    except ModuleNotFoundError as error:
        if error.name != "django":
            raise
        sys.exit("Django is not installed in this Python: run `make run`, or use .venv/bin/python")
    try:
        settings.INSTALLED_APPS  # noqa: B018 -- reads the settings, so that a refusal is met here
    except ImproperlyConfigured as error:
        sys.exit(f"Policy Studio cannot start: {error}")
    try:
        execute_from_command_line(sys.argv)
    except BrokenPipeError:  # whoever read the output, such as `head`, has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


if __name__ == "__main__":
    main()
