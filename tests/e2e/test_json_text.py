"""The JSON of the editor's form: read with every place, changed without a trace elsewhere; by many random documents."""

import json
import os
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.modules import ORIGIN, run, serve

SEED = int(os.environ.get("PROPERTY_SEED", "0")) or random.randrange(1, 2**32)
DOCUMENTS = 400
CHANGE = """
const { JsonDocument, applyEdits, invertEdits, ...operations } = await import("/static/js/json_edit.js");
return argument.map(({ text, name, values }) => {
  const edits = operations[name](new JsonDocument(text), ...values);
  const after = applyEdits(text, edits);
  new JsonDocument(after);
  return { edits, after, undone: applyEdits(after, invertEdits(text, edits)) };
});
"""
READ = """
const { parseJson } = await import("/static/js/json_text.js");
return argument.map((text) => {
  try { return { tree: parseJson(text) }; }
  catch (error) {
    if (error.name !== "JsonError") throw error;
    return { message: error.message, offset: error.offset, line: error.line, column: error.column };
  }
});
"""


@pytest.fixture(scope="module")
def blank(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    serve(page, {"/": "<!doctype html><title>modules</title>"})
    page.goto(f"{ORIGIN}/")
    yield page
    page.close()


# --- Documents -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Lit:
    """A plain value as it is written, such as 1.50e3 or "\\u0041"."""

    text: str


@dataclass
class Writing:
    """A way of writing JSON, the same everywhere in a document."""

    indent: str | None = "  "
    newline: str = "\n"
    colon: str = ": "
    comma: str = ", "
    lists_inline: bool = False
    pad: str = ""

    def write(self, value: Any, depth: int = 0) -> str:
        if isinstance(value, Lit):
            return value.text
        if isinstance(value, dict):
            parts = [
                f"{json.dumps(key, ensure_ascii=False)}{self.colon}{self.write(item, depth + 1)}"
                for key, item in value.items()
            ]
            return self.bracket("{}", parts, depth, inline=False)
        if isinstance(value, list):
            inline = self.lists_inline and is_flat(value)
            return self.bracket("[]", [self.write(item, depth + 1) for item in value], depth, inline=inline)
        return json.dumps(value, ensure_ascii=False)

    def bracket(self, signs: str, parts: list[str], depth: int, *, inline: bool) -> str:
        if not parts:
            return signs
        if inline or self.indent is None:
            return f"{signs[0]}{self.pad}{self.comma.join(parts)}{self.pad}{signs[1]}"
        lead = self.newline + self.indent * (depth + 1)
        return f"{signs[0]}{lead}{f',{lead}'.join(parts)}{self.newline}{self.indent * depth}{signs[1]}"


WAYS = [
    *(Writing(indent, newline, colon, ", ", lists_inline)
      for indent in ("  ", "    ", "\t", " ", "") for newline in ("\n", "\r\n")
      for colon in (": ", ":", " : ") for lists_inline in (False, True)),
    Writing(None, colon=":", comma=","), Writing(None), Writing(None, pad=" "),
    Writing(lists_inline=True, pad=" "),
]  # fmt: skip
PLAIN = [
    *('"s3:GetObject"', '"*"', '""', '"\\u0041\\/\\n"', '"\\ud83d\\ude00 é"', '"a\\"b, ]}"', '"<\u2028>"', '"{"'),
    *("0", "-0", "1.50", "1e400", "123456789012345678901234567890", "1E-7", "true", "false", "null"),
]
KEYS = ["Sid", "Action", 'Not"Action', "aws:RequestTag/a b", "é", "1", "", "\\", "__proto__", "Condition", "x:y", "{"]


class Maker:
    """Random documents, and random changes of them."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def value(self, depth: int) -> Any:
        kind = self.random.random()
        if depth and kind < 0.3:
            return {key: self.value(depth - 1) for key in self.random.sample(KEYS, self.random.randrange(4))}
        if depth and kind < 0.45:
            return [self.value(depth - 1) for _ in range(self.random.randrange(4))]
        if depth and kind < 0.65:
            return [self.plain() for _ in range(self.random.randrange(5))]
        return self.plain()

    def plain(self) -> Lit:
        return Lit(self.random.choice(PLAIN))

    def document(self) -> dict[str, Any]:
        """An object with something of everything in it, so that its way of writing shows."""
        found = {key: self.value(4) for key in self.random.sample(KEYS, self.random.randrange(1, 6))}
        return {**found, "kept": {"list": [Lit('"é"'), Lit("1.0")], "map": {"inner": {"key": Lit('"\\u0020"')}},
                                  "maps": [{"one": Lit("1")}, {"two": Lit("2")}]}}  # fmt: skip

    def fresh(self) -> Any:
        """A value as the form makes one: what JavaScript can say, without numbers of its own."""
        plain = ["sagemaker:*", 'with "quotes" \\ and \n', "é", "", True]
        return self.random.choice([*plain, [], {}, ["one", "two"], {"StringEquals": {"aws:x": ["eu", "us"]}}])


@dataclass
class Change:
    """A change: its operation, and the model before and after it."""

    name: str
    values: list[Any]
    path: list[Any]
    before: Any
    after: Any = field(default=None)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, item in inner:
        yield from places(item, (*path, step))


def at(value: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        value = value[step]
    return value


def copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: copied(item) for key, item in value.items()}
    return [copied(item) for item in value] if isinstance(value, list) else value


def replaced(model: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    result = copied(model)
    at(result, path[:-1])[path[-1]] = value
    return result


def change_of(maker: Maker, model: Any) -> Change:
    """Any operation at any place where it makes sense."""
    chance = maker.random
    path = chance.choice([*places(model)][1:])
    here = at(model, path)
    if chance.random() < 0.1:
        more = [maker.fresh() for _ in range(chance.randrange(3))]
        name, values, after = "wrapInArray", [more], [here, *more]
    elif isinstance(here, list):
        name, values, after = change_of_list(maker, here)
    elif isinstance(here, dict):
        name, values, after = change_of_object(maker, here)
    else:
        after = maker.fresh()
        name, values = "setValue", [after]
    return Change(name, [list(path), *values], list(path), model, replaced(model, path, after))


def change_of_list(maker: Maker, here: list[Any]) -> tuple[str, list[Any], Any]:
    chance = maker.random
    kind = chance.random()
    if here and kind < 0.3:
        gone = sorted(chance.sample(range(len(here)), chance.randrange(1, len(here) + 1)))
        return "removeElements", [gone], [item for index, item in enumerate(here) if index not in gone]
    if here and kind < 0.5:
        return moved(chance, here)
    fresh = [maker.fresh() for _ in range(chance.randrange(1, 4))]
    index = chance.randrange(len(here) + 1)
    return "insertItems", [index, fresh], [*here[:index], *fresh, *here[index:]]


def change_of_object(maker: Maker, here: dict[str, Any]) -> tuple[str, list[Any], Any]:
    chance = maker.random
    kind = chance.random()
    pairs = list(here.items())
    free = [key for key in [*KEYS, "New", "Résumé"] if key not in here]
    if pairs and kind < 0.25:
        key = chance.choice(pairs)[0]
        return "removeMember", [key], {name: item for name, item in pairs if name != key}
    if pairs and kind < 0.45:
        key, name = chance.choice(pairs)[0], chance.choice(free)
        return "renameMember", [key, name], {name if one == key else one: item for one, item in pairs}
    if pairs and kind < 0.6:
        name, values, after = moved(chance, pairs)
        return name, values, dict(after)
    index, key, fresh = chance.randrange(len(pairs) + 1), chance.choice(free), maker.fresh()
    return "insertMember", [index, key, fresh], dict([*pairs[:index], (key, fresh), *pairs[index:]])


def moved(chance: random.Random, here: list[Any]) -> tuple[str, list[Any], Any]:
    first, second = chance.randrange(len(here)), chance.randrange(len(here))
    after = [*here[:first], *here[first + 1 :]]
    after.insert(second, here[first])
    return "moveElement", [first, second], after


def loaded(text: str) -> Any:
    """What a text says, numbers as they are written, members in their order."""
    return json.loads(text, object_pairs_hook=lambda pairs: ("object", pairs), parse_int=Lit, parse_float=Lit)


def changed(page: Page, texts: list[str], changes: list[Change]) -> list[dict[str, Any]]:
    asked = [
        {"text": text, "name": change.name, "values": change.values}
        for text, change in zip(texts, changes, strict=True)
    ]
    return run(page, CHANGE, asked)


# --- Changes ---------------------------------------------------------------------------------------------------------


def test_a_change_writes_as_the_author_does(blank: Page) -> None:
    """Where a document is written in one way throughout, it is after any change what that way makes of the change."""
    maker = Maker(SEED)
    ways = [maker.random.choice(WAYS) for _ in range(DOCUMENTS)]
    changes = [change_of(maker, maker.document()) for _ in range(DOCUMENTS)]
    texts = [way.write(change.before) for way, change in zip(ways, changes, strict=True)]
    for way, change, text, answer in zip(ways, changes, texts, changed(blank, texts, changes), strict=True):
        about = f"PROPERTY_SEED={SEED}\n{change.name} {change.values}\n{way}\n{text}"
        assert loaded(answer["after"]) == loaded(way.write(change.after)), about
        if not (way.lists_inline and reflows(change)):
            assert answer["after"] == way.write(change.after), about
        assert answer["undone"] == text, about


def reflows(change: Change) -> bool:
    """Whether a list of plain values becomes one with others, or back: its old items are not written anew for that."""
    for path in (tuple(change.path), tuple(change.path[:-1])):
        before, after = at(change.before, path), at(change.after, path)
        if isinstance(before, list) and isinstance(after, list) and before and is_flat(before) != is_flat(after):
            return True
    return False


def is_flat(items: list[Any]) -> bool:
    return not any(isinstance(item, dict | list) for item in items)


def test_a_change_leaves_every_other_byte_however_it_is_written(blank: Page) -> None:
    """Documents with any white space anywhere: the change is made, within the place, and nothing else is touched."""
    maker = Maker(SEED + 1)
    changes = [change_of(maker, maker.document()) for _ in range(DOCUMENTS)]
    texts = [written_anyhow(maker.random, change.before) for change in changes]
    for change, text, answer in zip(changes, texts, changed(blank, texts, changes), strict=True):
        about = f"PROPERTY_SEED={SEED}\n{change.name} {change.values}\n{text}"
        assert loaded(answer["after"]) == loaded(Writing().write(change.after)), about
        assert answer["undone"] == text, about
        start, end = span_of(blank, text, change.path)
        units = utf16(text)
        rest, position = [], 0
        for edit in answer["edits"]:
            assert start <= edit["start"] <= edit["end"] <= end, about
            rest += [units[2 * position : 2 * edit["start"]], utf16(edit["text"])]
            position = edit["end"]
        assert b"".join([*rest, units[2 * position :]]) == utf16(answer["after"]), about


def utf16(text: str) -> bytes:
    """In the units in which a browser counts."""
    return text.encode("utf-16-le", "surrogatepass")


def written_anyhow(chance: random.Random, value: Any) -> str:
    def space() -> str:
        return chance.choice(["", "", " ", "\n", "\r\n  ", "\t", "\n\n      "])

    if isinstance(value, dict):
        parts = [f"{space()}{json.dumps(key)}{space()}:{space()}{written_anyhow(chance, item)}{space()}"
                 for key, item in value.items()]  # fmt: skip
        return "{" + (",".join(parts) or space()) + "}"
    if isinstance(value, list):
        parts = [f"{space()}{written_anyhow(chance, item)}{space()}" for item in value]
        return "[" + (",".join(parts) or space()) + "]"
    return value.text


def span_of(page: Page, text: str, path: list[Any]) -> tuple[int, int]:
    script = """
    const { parseJson, nodeAt } = await import("/static/js/json_text.js");
    const node = nodeAt(parseJson(argument.text), argument.path);
    return [node.start, node.end];
    """
    start, end = run(page, script, {"text": text, "path": path})
    return start, end


def test_a_changed_item_stands_as_its_neighbours_do(blank: Page) -> None:
    """Ways of writing that differ within one document: those of the neighbours count."""
    text = '{\n  "A": ["a", "b"],\n'
    text += '  "B": [\n    "a",\n    "b"\n  ],\n\n  "C": [{\n    "x" :1\n  }, {\n    "x" :2\n  }]\n}\n'
    cases = [
        ("insertItems", [["A"], 2, ["c"]], text.replace('["a", "b"]', '["a", "b", "c"]')),
        ("insertItems", [["B"], 0, ["c"]], text.replace('    "a",\n', '    "c",\n    "a",\n')),
        ("removeElements", [["B"], [1]], text.replace('"a",\n    "b"', '"a"')),
        ("insertMember", [["C", 0], 1, "y", True], text.replace('"x" :1', '"x" :1,\n    "y" :true')),
        ("insertItems", [["C"], 1, [{"x": "3"}]], text.replace("}, {", '}, {\n    "x": "3"\n  }, {')),
        ("moveElement", [["C"], 0, 1], text.replace(":1", ":0").replace(":2", ":1").replace(":0", ":2")),
        ("removeElements", [["C"], [0, 1]], text[: text.index("[{")] + "[]\n}\n"),
        ("removeMember", [[], "C"], text[: text.index(',\n\n  "C"')] + "\n}\n"),
    ]
    changes = [Change(name, values, values[0], None) for name, values, _ in cases]
    answers = changed(blank, [text] * len(cases), changes)
    assert [answer["after"] for answer in answers] == [expected for *_, expected in cases]


def test_who_writes_escapes_gets_escapes(blank: Page) -> None:
    change = Change("insertItems", [["a"], 1, ["ü😀"]], ["a"], None)
    answer = changed(blank, ['{"a": ["\\u00e4"]}'], [change])[0]
    assert answer["after"] == '{"a": ["\\u00e4", "\\u00fc\\ud83d\\ude00"]}'


def test_the_smallest_edit_between_two_texts(blank: Page) -> None:
    script = """
    const { smallestEdit, applyEdits } = await import("/static/js/json_edit.js");
    return argument.map(([before, after]) => {
      const edit = smallestEdit(before, after);
      return [edit, edit && applyEdits(before, [edit]) === after];
    });
    """
    answers = run(blank, script, [["aab", "aab"], ["aab", "aaab"], ["abc", "ac"], ["", "x"], ["one two", "one three"]])
    assert answers[0] == [None, None]
    assert [edit for edit, _ in answers[1:]] == [
        {"start": 2, "end": 2, "text": "a"},
        {"start": 1, "end": 2, "text": ""},
        {"start": 0, "end": 0, "text": "x"},
        {"start": 5, "end": 7, "text": "hree"},
    ]
    assert all(right for _, right in answers[1:])


# --- Reading ---------------------------------------------------------------------------------------------------------


def test_it_reads_what_python_reads(blank: Page) -> None:
    maker = Maker(SEED + 2)
    models = [maker.document() for _ in range(DOCUMENTS)]
    texts = [written_anyhow(maker.random, model) for model in models]
    for text, answer in zip(texts, run(blank, READ, texts), strict=True):
        assert "tree" in answer, (SEED, text, answer)
        assert said(answer["tree"], utf16(text)) == loaded(text), (SEED, text)


def said(node: dict[str, Any], units: bytes) -> Any:
    """The value of a node, whose range must bear its text."""
    written = units[2 * node["start"] : 2 * node["end"]].decode("utf-16-le", "surrogatepass")
    if node["kind"] == "object":
        assert written[0] + written[-1] == "{}"
        pairs = []
        for member in node["members"]:
            key = units[2 * member["keyStart"] : 2 * member["keyEnd"]].decode("utf-16-le", "surrogatepass")
            assert json.loads(key) == member["key"]
            assert (member["start"], member["end"]) == (member["keyStart"], member["value"]["end"])
            pairs.append((member["key"], said(member["value"], units)))
        return ("object", pairs)
    if node["kind"] == "array":
        assert written[0] + written[-1] == "[]"
        return [said(item, units) for item in node["items"]]
    value = Lit(node["value"]) if node["kind"] == "number" else node["value"]
    assert loaded(written) == value
    return value


def test_damaged_texts_are_refused_where_python_refuses_them(blank: Page) -> None:
    """Of any text with a character too few, too many or changed, both say the same: JSON, or not."""
    maker = Maker(SEED + 3)
    texts = [damaged(maker.random, written_anyhow(maker.random, maker.document())) for _ in range(2 * DOCUMENTS)]
    for text, answer in zip(texts, run(blank, READ, texts), strict=True):
        assert ("tree" in answer) == is_json(text), (SEED, text, answer)
        if "message" in answer:
            assert 0 <= answer["offset"] <= len(utf16(text)) // 2, (SEED, text)


def damaged(chance: random.Random, text: str) -> str:
    place = chance.randrange(len(text))
    middle = chance.choice(["", *"{}[]:,\"\\0-+.eE \n\t\x01/'#u", text[place] * 2])
    return text[:place] + middle + text[place + 1 :]


def is_json(text: str) -> bool:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({key for key, _ in pairs}) < len(pairs):
            raise ValueError("a key stands twice")
        return dict(pairs)

    def refuse(word: str) -> None:
        raise ValueError(word)

    try:
        json.loads(text, object_pairs_hook=once, parse_constant=refuse, parse_int=Lit, parse_float=Lit)
    except ValueError:
        return False
    return True


WRONG = {
    "": (1, 1, "There is no text yet."),
    '{"a": 1,}': (1, 8, "Nothing follows this comma: remove it."),
    '{"a": 1\n "b": 2}': (2, 2, "A comma or `}` is missing before this."),
    '{\r\n  "a" 1}': (2, 7, "A colon is missing after the key `a`."),
    '{"a": 1, "b": 2, "a": 3}': (1, 18, "The key `a` stands here a second time."),
    "{'a': 1}": (1, 2, "A key in double quotes is missing here."),
    '{"a": "b}': (1, 7, "The double quote that ends this text is missing."),
    '{"a": "b\n"}': (1, 7, "The double quote that ends this text is missing on its line."),
    '{"a": "\t"}': (1, 8, "A control character must be written as an escape."),
    '{"a": "\\x"}': (1, 8, "JSON does not know this escape: write `\\\\` for a backslash."),
    '{"a": "\\u12"}': (1, 8, "`\\u` needs four hexadecimal digits."),
    '{"a": 01}': (1, 7, "`01` is not a number of JSON."),
    '{"a": -}': (1, 7, "`-` is not a number of JSON."),
    '{"a": True}': (1, 7, "Write `true` in small letters."),
    '{"a": Allow}': (1, 7, "Text stands in double quotes."),
    '{"a": NaN}': (1, 7, "Text stands in double quotes."),
    '{"a": [1, 2}': (1, 12, "A comma or `]` is missing before this."),
    '{"a": [1, 2': (1, 7, "The `]` that belongs to this bracket is missing."),
    '{"a":': (1, 6, "The text ends where a value is missing."),
    '{"a": 1, // why\n "b": 2}': (1, 10, "JSON has no comments."),
    "{} {}": (1, 4, "The document ends before this."),
    "\ufeff{}": (1, 1, "The text begins with a byte order mark: save it as UTF-8 without one."),
    "[" * 101 + "]" * 101: (1, 101, "The text is nested deeper than 100 levels."),
}


def test_what_is_wrong_is_told_with_its_place(blank: Page) -> None:
    answers = run(blank, READ, list(WRONG))
    assert [(one["line"], one["column"], one["message"]) for one in answers] == list(WRONG.values())
