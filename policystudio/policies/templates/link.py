"""What a policy remembers of the template that it was made from, as edits carry it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

from policystudio.policies.templates.library import UnknownTemplate, template_of
from policystudio.policies.templates.parameters import ParameterError, Parameters
from policystudio.policies.templates.template import Rendered, Template

_KEYS = frozenset({"id", "version", "parameters", "part"})


class LinkError(ValueError):
    """Something that is not a link to a template."""


@dataclass(frozen=True, slots=True)
class Link:
    """A template, its version and parameters, and which of its documents is meant."""

    template: Template
    version: int
    parameters: Parameters
    part: int = 0

    def as_json(self) -> dict[str, Any]:
        """As an edit carries it in its data."""
        return {
            "id": self.template.id,
            "version": self.version,
            "parameters": dict(self.parameters),
            "part": self.part,
        }

    def text(self, *, trust: bool = False) -> str:
        """What the template makes now. Raises ``LinkError`` where it makes no such document any more."""
        return text_of(self.render(), self.part, trust=trust)

    def render(self) -> Rendered:
        """Everything that the template makes now. Raises ``LinkError`` where it does not take the parameters."""
        try:
            return self.template.render(self.parameters)
        except ParameterError as error:
            raise LinkError(f"the template {self.template.id} does not take these parameters: {error}") from None


def text_of(rendered: Rendered, part: int, *, trust: bool = False) -> str:
    """One of the documents; raises ``LinkError`` where there is none."""
    if trust:
        if not rendered.trust:
            raise LinkError("the template makes no trust policy")
        return rendered.trust
    if part >= len(rendered.documents):
        raise LinkError(f"the template makes {len(rendered.documents)} documents, there is none of number {part + 1}")
    return rendered.documents[part].text


def read_link(value: Any) -> Link:
    """Read what an edit carries; raises ``LinkError`` with what is wrong."""
    if not isinstance(value, Mapping) or not value.keys() <= _KEYS:
        raise LinkError("a template is told by `id`, `version`, `parameters` and `part`")
    try:
        template = template_of(str(value.get("id", "")))
    except UnknownTemplate as error:
        raise LinkError(str(error)) from None
    version, part, parameters = value.get("version"), value.get("part", 0), value.get("parameters")
    if not _is_number(version) or not 1 <= version <= template.version:
        raise LinkError(f"`version` must be one that the template {template.id} had: 1 to {template.version}")
    if not _is_number(part) or part < 0:
        raise LinkError("`part` must be the number of a document, from 0")
    if not isinstance(parameters, Mapping) or not all(_is_given(one) for one in parameters.values()):
        raise LinkError("`parameters` must be texts and lists of texts by name")
    return Link(template, version, {str(name): one for name, one in parameters.items()}, part)


def is_link(value: Any) -> bool:
    """Whether it is a link to a template that there is, whose present version makes what it is about."""
    try:
        link = read_link(value)
        if link.version == link.template.version:
            link.render()
    except LinkError:
        return False
    return True


def digest_of(text: str) -> str:
    """The SHA-256 of what a text says, however it is set: exports indent documents, and may order keys otherwise."""
    return hashlib.sha256(canonical(text).encode()).hexdigest()


def canonical(text: str) -> str:
    """The text in the one form that all texts have which say the same as JSON; as it is where it is no JSON.

    A key that is there twice is no JSON here: which of the two counts depends on the reader.
    """
    try:
        return json.dumps(json.loads(text, object_pairs_hook=_once), sort_keys=True, separators=(",", ":"))
    except (ValueError, RecursionError):
        return text


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is there twice")
    return found


def _is_number(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_given(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, list) and all(isinstance(one, str) for one in value))
