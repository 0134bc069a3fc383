"""All templates by their ids."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

from policystudio.policies.templates import activities, execution_roles, personas
from policystudio.policies.templates.template import Template, activity_template


class UnknownTemplate(LookupError):
    """No template has this id."""

    def __init__(self, written: str) -> None:
        near = get_close_matches(written, TEMPLATES, 1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(TEMPLATES)}"
        super().__init__(f"no template `{written}`: {hint}")


def _modules(package: ModuleType) -> Iterator[ModuleType]:
    for found in sorted(iter_modules(package.__path__), key=lambda module: module.name):
        yield import_module(f"{package.__name__}.{found.name}")


def _load() -> Mapping[str, Template]:
    found = [module.TEMPLATE for package in (personas, execution_roles) for module in _modules(package)]
    found += [activity_template(module.ACTIVITY, module.VERSION) for module in _modules(activities)]
    return {template.id: template for template in found}


#: Every template: personas, execution roles, activities.
TEMPLATES = _load()


def template_of(written: str) -> Template:
    """The template with this id; raises ``UnknownTemplate``."""
    if written not in TEMPLATES:
        raise UnknownTemplate(written)
    return TEMPLATES[written]
