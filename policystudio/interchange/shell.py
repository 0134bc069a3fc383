"""One AWS CLI command, quoted for a POSIX shell."""

import json
import shlex
from collections.abc import Mapping

#: AWS's command line reads files and addresses where a value begins like this.
_LOADED = ("file://", "fileb://", "http://", "https://")
#: What every command takes, which is no parameter of the operation.
OF_THE_CLIENT = ("Query", "Output")


class Variable(str):
    """The name of a shell variable, whose value is passed."""

    __slots__ = ()


Parameter = str | Variable | list[str] | list[dict[str, str]] | bool


def command(service: str, operation: str, parameters: Mapping[str, Parameter]) -> str:
    """`aws SERVICE OPERATION` with the parameters, one a line, in AWS's names (`PolicyArn`)."""
    words = [f"aws {service} {operation}"]
    if any(isinstance(value, str) and value.startswith(_LOADED) for value in parameters.values()):
        given = {name: value for name, value in parameters.items() if name not in OF_THE_CLIENT}
        words.append(f"--cli-input-json {shlex.quote(json.dumps(given, ensure_ascii=False))}")
        parameters = {name: value for name, value in parameters.items() if name in OF_THE_CLIENT}
    for name, value in parameters.items():
        words += _option(f"--{dashed(name)}", value)
    return " ".join(words)


def comment(text: str) -> str:
    """The text as comment lines; whatever characters it has, it stays a comment."""
    return "\n".join(f"# {line}".rstrip() for line in text.splitlines())


def dashed(name: str) -> str:
    """`PolicyArn` as AWS's command line writes it: `policy-arn`."""
    return "".join(f"-{char.lower()}" if char.isupper() else char for char in name).lstrip("-")


def _option(option: str, value: Parameter) -> list[str]:
    if isinstance(value, bool):
        return [option if value else option.replace("--", "--no-", 1)]
    if isinstance(value, Variable):
        return [option, f'"${value}"']
    if isinstance(value, list):
        if all(isinstance(item, str) and not item.startswith(("-", *_LOADED)) for item in value):
            return [option, *(shlex.quote(str(item)) for item in value)]
        return [option, shlex.quote(json.dumps(value, ensure_ascii=False))]
    # An empty value is a word of its own, one that begins with a dash would be taken for another option.
    return [shlex.quote(f"{option}={value}")] if value.startswith("-") else [option, shlex.quote(value)]
