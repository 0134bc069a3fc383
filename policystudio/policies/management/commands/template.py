"""`manage.py template`: policies from a template and its parameters."""

import json
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from policystudio.lib.streams import printable, until_nobody_reads, write_line
from policystudio.policies.templates.answers import details_as_json, rendered_as_json, template_as_json
from policystudio.policies.templates.library import TEMPLATES, UnknownTemplate, template_of
from policystudio.policies.templates.parameters import ParameterError
from policystudio.policies.templates.template import Rendered, Template

_REFUSED = 2


class Command(BaseCommand):
    """Prints the documents that a template makes; without parameters what it takes. It needs no database."""

    help = (
        "Make policies from a template: its documents as JSON texts, one after the other, the trust policy of an "
        "execution role first. Without parameters it says which there are. Exit status 2 where a parameter is wrong."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The template and its parameters."""
        parser.add_argument("template", nargs="?", metavar="ID", help="such as data-scientist")
        parser.add_argument("--list", action="store_true", help="list all templates")
        parser.add_argument(
            "--parameter",
            action="append",
            default=[],
            metavar="KEY=VALUE",
            help="a parameter; again for more values of one that takes several",
        )
        parser.add_argument("--format", choices=("text", "json"), default="text", help="text unless told otherwise")

    def handle(self, *_args: Any, template: str | None, parameter: list[str], **options: Any) -> None:
        """Print the list, what a template takes, or what it makes."""
        as_json = options["format"] == "json"
        with until_nobody_reads():
            if options["list"] or template is None:
                self._print([template_as_json(one) for one in TEMPLATES.values()] if as_json else _list())
                return
            try:
                found = template_of(template)
                if not parameter:
                    self._print(details_as_json(found) if as_json else _details(found))
                    return
                rendered = found.render(_given(parameter))
            except UnknownTemplate as error:
                raise CommandError(printable(str(error)), returncode=_REFUSED) from None
            except ParameterError as error:
                lines = [printable(f"--parameter {name}: {message}") for name, message in error.problems]
                raise CommandError("\n".join(lines), returncode=_REFUSED) from None
            self._print(rendered_as_json(found, rendered) if as_json else _made(rendered))

    def _print(self, answer: Any) -> None:
        """Lines as they are; anything else as one line of JSON."""
        lines = answer if isinstance(answer, Iterator) else [json.dumps(answer)]
        for line in lines:
            write_line(self.stdout, line, flush=False)


def _given(written: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in written:
        name, equals, value = one.partition("=")
        if not equals:
            raise ParameterError([(name, "must be KEY=VALUE, such as account=111122223333")])
        found.setdefault(name, []).append(value)
    return found


def _list() -> Iterator[str]:
    width = max(len(name) for name in TEMPLATES)
    for template in TEMPLATES.values():
        yield f"{template.id:<{width}}  {template.group}: {template.sentence}"


def _details(template: Template) -> Iterator[str]:
    who = "SageMaker" if template.is_execution_role else "Whoever has it"
    yield f"{template.title}, version {template.version}. {who} can {template.sentence}"
    for parameter in template.parameters:
        needed = " (needed)" if parameter.name in template.required else ""
        several = f" Up to {parameter.most}." if parameter.takes_several else ""
        yield f"  {parameter.name}{needed}: {parameter.help}{several} Such as {parameter.example}"
    if template.one_of:
        yield f"  One of {' and '.join(template.one_of)} is needed."


def _made(rendered: Rendered) -> Iterator[str]:
    if rendered.trust:
        yield rendered.trust
    for document in rendered.documents:
        yield document.text
