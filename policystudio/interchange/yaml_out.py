"""YAML that every reader takes for the same values: no anchors, and text quoted that could be anything else."""

import re
from typing import Any

import yaml

from policystudio.lib.strict_json import JsonValue, Number

#: Digits and signs that one YAML or the other takes for a number, a date or a time.
_LIKE_A_NUMBER = re.compile(r"[0-9+\-._:eExXob]*[0-9][0-9a-fA-F+\-._:eExXob]*")
#: Line ends of YAML's own, which stand as they are only between quotes.
_LINE_ENDS = re.compile("[\r\x85\u2028\u2029\ufeff]")


def yaml_of(value: JsonValue) -> str:
    """``value`` as a YAML document."""
    return yaml.dump(
        _plain(value), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120, default_flow_style=False
    )


class _Dumper(yaml.SafeDumper):
    """Repeats what stands twice, and quotes whatever looks like a number."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 -- PyYAML calls it so
        """No anchors."""
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002 -- likewise
        """Lists stand deeper than their key."""
        return super().increase_indent(flow, False)


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    doubtful = _LIKE_A_NUMBER.fullmatch(text) or _LINE_ENDS.search(text) or text in ("y", "n", "Y", "N")
    style = '"' if doubtful else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style)


_Dumper.add_representer(str, _text)


def _plain(value: JsonValue) -> Any:
    if isinstance(value, Number):
        return int(value.text) if value.text.lstrip("-").isdigit() else float(value.text)
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value
