// JSON as text that people write: a tree in which every key and value knows its place, and exact errors.
// What changes such a text, and leaves everything else as it was written, stands in json_edit.js.

const MAX_DEPTH = 100;
const SPACE = /[ \t\n\r]*/y;
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const NUMBER_LIKE = /[-+.\w]*/y;
const WORD = /[A-Za-z_][\w-]*/y;
const ESCAPES = { '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };
const CONSTANTS = { true: true, false: false, null: null };

// A text is not JSON: `offset` counts UTF-16 units from 0, `line` and `column` count from 1.
export class JsonError extends Error {
  constructor(message, text, offset) {
    super(message);
    this.name = "JsonError";
    this.offset = offset;
    Object.assign(this, placeOf(text, offset));
  }
}

// The line and column of an offset; a line ends as it does in an editor: LF, CR LF or CR.
export function placeOf(text, offset) {
  const lines = text.slice(0, offset).split(/\r\n|\n|\r/);
  return { line: lines.length, column: lines[lines.length - 1].length + 1 };
}

// The tree of a text. Throws JsonError for what is not JSON, and for what two readers may take differently: a repeated
// key, a byte order mark, nesting beyond 100. Nodes: {kind, start, end} with `value` for string, number (its text),
// boolean and null; `items` (nodes) for array; `members` ({key, keyStart, keyEnd, start, end, value}) for object.
export function parseJson(text) {
  const reader = new Reader(text);
  if (text.charCodeAt(0) === 0xfeff) reader.fail("The text begins with a byte order mark: save it as UTF-8 without one.", 0);
  reader.space();
  if (reader.at >= text.length) reader.fail("There is no text yet.");
  const root = reader.value(1);
  reader.space();
  if (reader.at < text.length) reader.fail(reader.comment() || "The document ends before this.");
  return root;
}

class Reader {
  constructor(text) {
    this.text = text;
    this.at = 0;
  }

  fail(message, offset = this.at) {
    throw new JsonError(message, this.text, offset);
  }

  match(pattern) {
    pattern.lastIndex = this.at;
    return pattern.exec(this.text)[0];
  }

  space() {
    this.at += this.match(SPACE).length;
  }

  comment() {
    return /^(?:\/\/|\/\*|#)/.test(this.text.slice(this.at, this.at + 2)) ? "JSON has no comments." : "";
  }

  value(depth) {
    const sign = this.text[this.at];
    if (sign === "{" || sign === "[") {
      if (depth > MAX_DEPTH) this.fail(`The text is nested deeper than ${MAX_DEPTH} levels.`);
      return sign === "{" ? this.object(depth) : this.array(depth);
    }
    if (sign === '"') return this.string();
    if (sign === "-" || (sign >= "0" && sign <= "9")) return this.number();
    return this.constant();
  }

  constant() {
    WORD.lastIndex = this.at;
    const word = WORD.exec(this.text)?.[0];
    if (word !== undefined && Object.hasOwn(CONSTANTS, word)) {
      const start = this.at;
      this.at += word.length;
      const value = CONSTANTS[word];
      return { kind: value === null ? "null" : "boolean", start, end: this.at, value };
    }
    if (this.at >= this.text.length) this.fail("The text ends where a value is missing.");
    if (word && /^(?:true|false|null)$/i.test(word)) this.fail(`Write \`${word.toLowerCase()}\` in small letters.`);
    if (word || this.text[this.at] === "'") this.fail("Text stands in double quotes.");
    return this.fail(this.comment() || `A value is missing before \`${this.text[this.at]}\`.`);
  }

  number() {
    const start = this.at;
    NUMBER.lastIndex = this.at;
    const found = NUMBER.exec(this.text)?.[0] ?? "";
    const written = this.match(NUMBER_LIKE);
    if (found !== written) this.fail(`\`${written.slice(0, 40)}\` is not a number of JSON.`);
    this.at += found.length;
    return { kind: "number", start, end: this.at, value: found };
  }

  string() {
    const start = this.at;
    let value = "";
    this.at += 1;
    for (;;) {
      const part = this.match(PLAIN);
      value += part;
      this.at += part.length;
      const sign = this.text[this.at];
      if (sign === '"') break;
      if (sign === undefined) this.fail("The double quote that ends this text is missing.", start);
      if (sign === "\\") value += this.escape();
      else if (sign === "\n" || sign === "\r") this.fail("The double quote that ends this text is missing on its line.", start);
      else this.fail("A control character must be written as an escape.");
    }
    this.at += 1;
    return { kind: "string", start, end: this.at, value };
  }

  escape() {
    const sign = this.text[this.at + 1];
    if (sign === "u") {
      const digits = this.text.slice(this.at + 2, this.at + 6);
      if (!/^[0-9a-fA-F]{4}$/.test(digits)) this.fail("`\\u` needs four hexadecimal digits.");
      this.at += 6;
      return String.fromCharCode(parseInt(digits, 16));
    }
    if (sign === undefined || !Object.hasOwn(ESCAPES, sign)) this.fail("JSON does not know this escape: write `\\\\` for a backslash.");
    this.at += 2;
    return ESCAPES[sign];
  }

  array(depth) {
    const start = this.at;
    const items = [];
    this.elements(start, "]", () => items.push(this.value(depth + 1)));
    return { kind: "array", start, end: this.at, items };
  }

  object(depth) {
    const start = this.at;
    const members = [];
    const keys = new Set();
    this.elements(start, "}", () => members.push(this.member(depth, keys)));
    return { kind: "object", start, end: this.at, members };
  }

  member(depth, keys) {
    if (this.text[this.at] !== '"') {
      this.fail(this.comment() || (this.at < this.text.length ? "A key in double quotes is missing here." : "The text ends where a key is missing."));
    }
    const key = this.string();
    if (keys.has(key.value)) this.fail(`The key \`${key.value}\` stands here a second time.`, key.start);
    keys.add(key.value);
    this.space();
    if (this.text[this.at] !== ":") this.fail(this.comment() || `A colon is missing after the key \`${key.value}\`.`);
    this.at += 1;
    this.space();
    const value = this.value(depth + 1);
    return { key: key.value, keyStart: key.start, keyEnd: key.end, start: key.start, end: value.end, value };
  }

  // What stands between two brackets, separated by commas.
  elements(start, close, read) {
    this.at += 1;
    this.space();
    if (this.text[this.at] === close) {
      this.at += 1;
      return;
    }
    for (;;) {
      read();
      this.space();
      const sign = this.text[this.at];
      if (sign === close) break;
      if (sign === undefined) this.fail(`The \`${close}\` that belongs to this bracket is missing.`, start);
      if (sign !== ",") this.fail(this.comment() || `A comma or \`${close}\` is missing before this.`);
      const comma = this.at;
      this.at += 1;
      this.space();
      if (this.text[this.at] === close) this.fail(`Nothing follows this comma: remove it.`, comma);
    }
    this.at += 1;
  }
}

// The node at a path of keys and indexes; null where there is none.
export function nodeAt(root, path) {
  let node = root;
  for (const step of path) {
    if (node?.kind === "object") node = node.members.find((member) => member.key === step)?.value;
    else if (node?.kind === "array") node = node.items[step];
    else return null;
  }
  return node ?? null;
}

// The member of an object node by its key, or undefined.
export function memberOf(node, key) {
  return node?.kind === "object" ? node.members.find((member) => member.key === key) : undefined;
}

// What a node says, as values of JavaScript; numbers as their text, objects as Map (which keeps any key and order).
export function valueOf(node) {
  if (node.kind === "array") return node.items.map(valueOf);
  if (node.kind === "object") return new Map(node.members.map((member) => [member.key, valueOf(member.value)]));
  return node.value;
}
