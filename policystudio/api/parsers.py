"""Request bodies: JSON read strictly, so that what is decided upon is what the sender meant."""

from collections.abc import Mapping
from typing import IO, Any

from rest_framework.parsers import BaseParser

from policystudio.api.problems import Fault, Refused
from policystudio.lib.strict_json import JsonError, JsonValue, Number, loads, write_path


class ExactJsonParser(BaseParser):
    """JSON whose numbers stay as they are written (``strict_json.Number``); for bodies that hold policies."""

    media_type = "application/json"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """The value of the body; ``Refused`` with every problem where it is not JSON that may be trusted."""
        try:
            return loads(stream.read())
        except JsonError as error:
            raise Refused(
                Fault(problem.message, write_path(problem.path), line=problem.line or None, column=problem.column)
                for problem in error.problems
            ) from None


class JsonParser(ExactJsonParser):
    """JSON as Python's own values, for serializers."""

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """The value of the body with numbers as ``int`` and ``float``."""
        return plain(super().parse(stream, media_type, parser_context))


def plain(value: JsonValue) -> Any:
    """A value of ``strict_json`` as Python's own: ``loads`` refused what is nested deeply, so recursion is safe."""
    if isinstance(value, Number):
        return int(value.text) if value.text.lstrip("-").isdigit() else float(value.text)
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value
