"""Runs a script of AWS CLI commands in a real shell, with an `aws` that writes down what it was called with."""

import json
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import botocore.session
from botocore import xform_name
from botocore.model import OperationModel, ServiceModel, Shape
from botocore.validate import ParamValidator

FAKE = """#!/bin/sh
printf '%s\\0' "$#" "$@" >> "$AWS_LOG"
case "$1 $2" in
  "sts get-caller-identity") echo "$AWS_ACCOUNT" ;;
  "organizations create-policy") echo p-freshone ;;
esac
"""
GLOBAL = {"--query", "--output"}


@dataclass(frozen=True)
class Call:
    """One call as botocore would make it."""

    service: str
    operation: str
    parameters: dict[str, Any]


def run(script: str, folder: Path, account: str) -> tuple[int, list[Call]]:
    """The exit status, and every call that the script made, checked against botocore's model of it."""
    (folder / "aws").write_text(FAKE)
    (folder / "aws").chmod(0o700)
    log = folder / "log"
    log.write_bytes(b"")
    environment = {"PATH": f"{folder}:/usr/bin:/bin", "AWS_LOG": str(log), "AWS_ACCOUNT": account, "LC_ALL": "C.UTF-8"}
    done = subprocess.run(["sh"], input=script.encode(), env=environment, capture_output=True, check=False)
    words = log.read_bytes().decode().split("\0")[:-1]
    calls = []
    while words:
        count = int(words.pop(0))
        calls.append(call_of(words[:count]))
        words = words[count:]
    return done.returncode, calls


def call_of(words: list[str]) -> Call:
    """The call that AWS's command line makes of its arguments; asserts that its model takes it."""
    service, operation, *rest = words
    model = model_of(service, operation)
    given = options(rest)
    parameters: dict[str, Any] = json.loads(given.pop("--cli-input-json")[0]) if "--cli-input-json" in given else {}
    members = {f"--{xform_name(name, '-')}": (name, shape) for name, shape in members_of(model).items()}
    for option, values in given.items():
        if option in GLOBAL:
            continue
        assert option in members, f"{service} {operation} has no {option}"
        name, shape = members[option]
        parameters[name] = value_of(shape, values)
    if model.input_shape is not None:
        report = ParamValidator().validate(parameters, model.input_shape)
        assert not report.has_errors(), report.generate_report()
    return Call(service, model.name, parameters)


def options(words: list[str]) -> dict[str, list[str]]:
    """Options with their values, as argparse takes them apart."""
    found: dict[str, list[str]] = {}
    for word in words:
        if word.startswith("--"):
            option, sign, value = word.partition("=")
            assert option not in found
            found[option] = [value] if sign else []
        else:
            found[next(reversed(found))].append(word)
    return found


def value_of(shape: Shape, values: list[str]) -> Any:
    if shape.type_name == "boolean":
        assert not values
        return True
    if shape.type_name == "list":
        return json.loads(values[0]) if values[0].startswith("[") else values
    (value,) = values
    assert not value.startswith(("file://", "fileb://", "http://", "https://")), "would be loaded"
    return value


def members_of(model: OperationModel) -> dict[str, Shape]:
    return dict(model.input_shape.members) if model.input_shape is not None else {}


def model_of(service: str, operation: str) -> OperationModel:
    described = service_model(service)
    names = {xform_name(name, "-"): name for name in described.operation_names}
    assert operation in names, f"{service} has no {operation}"
    return described.operation_model(names[operation])


@cache
def service_model(service: str) -> ServiceModel:
    return botocore.session.get_session().get_service_model(service)
