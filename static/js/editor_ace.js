// Ace for one policy: strict CSP, the page's colours, completion, findings as marks; Tab never traps.
import { insertionOf, suggestionsAt, VARIABLE } from "./policy_complete.js";

const CLASSES = { error: "found found-error", warning: "found found-warning", info: "found found-info" };
const LONG = { error: "found-long found-error-long", warning: "found-long found-warning-long", info: "found-long found-info-long" };
const MARKS = { ERROR: "error", SECURITY_WARNING: "warning", WARNING: "warning", SUGGESTION: "info" };

// {getText, setText, onChange, complete, mark, goTo, focus, undo, history, editor}
export function createAce(container, { text, readOnly }) {
  window.ace.config.set("useStrictCSP", true);
  const session = sessionOf(text);
  session.setOptions({ wrap: true, indentedSoftWrap: true });
  const editor = window.ace.edit(container, {
    session, readOnly, showPrintMargin: false, fontSize: 13, fixedWidthGutter: true, scrollPastEnd: 0.2,
    fontFamily: "ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace",
    highlightActiveLine: true, enableMultiselect: true, showFoldWidgets: true, useSvgGutterIcons: false,
  });
  const input = editor.textInput.getElement();
  input.setAttribute("aria-label", "Policy text, JSON");
  input.setAttribute("aria-describedby", "keys");
  followColours(editor);
  letTabLeave(editor);
  const anchors = new Marks(editor);
  const changes = new Changes(session);
  const first = session.getValue();
  return {
    editor,
    // Ace gives all lines one end. A text that mixed them stays as it is until it is changed.
    getText: () => (session.getValue() === first ? text : session.getValue()),
    setText: (after) => changes.together(() => replace(session, after)),
    onChange: (callback) => changes.listen(callback),
    complete: (data) => offer(editor, data),
    mark: (findings) => anchors.show(findings),
    goTo: (start, end) => goTo(editor, start, end),
    cursor: () => session.doc.positionToIndex(editor.selection.getRange().start),
    focus: () => editor.focus(),
    undo: () => editor.undo(),
    history: {
      canUndo: () => session.getUndoManager().canUndo(),
      canRedo: () => session.getUndoManager().canRedo(),
      undo: () => editor.undo(),
      redo: () => editor.redo(),
    },
    resize: () => editor.resize(true),
  };
}

// A document in JSON mode; without Ace's own checker, which needs a worker and would remove our findings.
export function sessionOf(text) {
  const session = window.ace.createEditSession("", "ace/mode/text");
  session.setValue(text); // which, unlike the line before, takes over the line ends
  session.setOptions({ useWorker: false, tabSize: 2, useSoftTabs: true });
  session.setMode("ace/mode/json");
  session.setUndoManager(new window.ace.UndoManager());
  return session;
}

// Colours

function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : window.matchMedia("(prefers-color-scheme: dark)").matches;
}

// One theme of our own, css/editor_ace.css, which takes the page's custom properties; Ace only needs to know if it is dark.
function followColours(editor) {
  const set = () => editor.setTheme({ cssClass: "ace-studio", cssText: "", isDark: isDark() });
  set();
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", set);
  new MutationObserver(set).observe(document.documentElement, { attributeFilter: ["data-theme"] });
}

export const themed = followColours;

// Keyboard

// After Esc the next Tab or Shift+Tab goes on to what follows on the page; anything else takes that back.
function letTabLeave(editor) {
  let leaving = false;
  const bind = () => {
    editor.commands.bindKey("Tab", leaving ? null : "indent");
    editor.commands.bindKey("Shift-Tab", leaving ? null : "outdent");
  };
  editor.commands.addCommand({
    name: "leaveText",
    bindKey: "Esc",
    readOnly: true,
    exec: () => {
      leaving = true;
      bind();
    },
  });
  const stay = () => {
    if (!leaving) return;
    leaving = false;
    bind();
  };
  editor.commands.on("afterExec", ({ command }) => command.name !== "leaveText" && stay());
  editor.on("blur", stay);
  for (const [name, key] of [["saveNow", "Ctrl-S"], ["nextFinding", "F8"], ["previousFinding", "Shift-F8"]]) {
    editor.commands.removeCommand(name);
    editor.commands.bindKey(key, null); // the page has these keys
  }
}

// Text

// Tells of a change once it is whole: Ace tells of each part, so that in between the text is one that nobody wrote.
class Changes {
  constructor(session) {
    this.listeners = [];
    this.waits = false;
    this.held = false;
    session.on("change", () => {
      if (this.held || this.waits) return;
      this.waits = true;
      queueMicrotask(() => this.tell());
    });
  }

  // Answers a function that ends it.
  listen(callback) {
    this.listeners.push(callback);
    return () => { this.listeners = this.listeners.filter((one) => one !== callback); };
  }

  tell() {
    this.waits = false;
    for (const listener of this.listeners) listener();
  }

  together(work) {
    this.held = true;
    let changed;
    try {
      changed = work();
    } finally {
      this.held = false;
    }
    if (changed) this.tell();
  }
}

// Replaces what differs, so that cursor, folds and undo stay; answers whether anything did.
function replace(session, after) {
  const before = session.getValue();
  if (before === after) return false;
  let start = 0;
  const least = Math.min(before.length, after.length);
  while (start < least && before[start] === after[start]) start += 1;
  let same = 0;
  while (same < least - start && before.at(-1 - same) === after.at(-1 - same)) same += 1;
  const { Range } = window.ace.require("ace/range");
  const at = (index) => session.doc.indexToPosition(index);
  session.markUndoGroup();
  session.replace(Range.fromPoints(at(start), at(before.length - same)), after.slice(start, after.length - same));
  session.markUndoGroup();
  return true;
}

// To a stretch of the text, given in UTF-16 units.
function goTo(editor, start, end) {
  const at = (index) => editor.session.doc.indexToPosition(index);
  const { Range } = window.ace.require("ace/range");
  editor.focus();
  const range = Range.fromPoints(at(start), at(end));
  editor.session.unfold(range);
  editor.selection.setRange(range, true);
  editor.renderer.scrollSelectionIntoView(range.start, range.end, 0.4);
}

// Findings in the text: marks that move with it, and signs in the gutter.
class Marks {
  constructor(editor) {
    this.session = editor.session;
    this.marks = [];
  }

  show(findings) {
    const { Range } = window.ace.require("ace/range");
    for (const { id, range } of this.marks.splice(0)) {
      this.session.removeMarker(id);
      range.start.detach();
      range.end.detach();
    }
    const { doc } = this.session;
    const places = findings.flatMap(({ spans, type }) => spans.map((span) => ({ ...span, type })));
    for (const { start, end, type } of places) {
      const range = Range.fromPoints(doc.indexToPosition(start), doc.indexToPosition(Math.max(end, start + 1)));
      range.start = doc.createAnchor(range.start);
      range.end = doc.createAnchor(range.end);
      const classes = range.isMultiLine() ? LONG : CLASSES; // a whole statement only gets a line at its side
      this.marks.push({ id: this.session.addMarker(range, classes[MARKS[type]], "text", false), range });
    }
    this.session.setAnnotations(findings.map(({ start, type, code, message }) => {
      const { row, column } = doc.indexToPosition(start);
      return { row, column, type: MARKS[type], text: `${message} (${code})` };
    }));
  }
}

// Completion

function offer(editor, data) {
  const { Range } = window.ace.require("ace/range");
  const index = (position) => editor.session.doc.positionToIndex(position);
  const completer = {
    id: "policy",
    identifierRegexps: [/[^\s"'[\]{},]/],
    triggerCharacters: ['"', ":", "{", "/"],
    getCompletions(_editor, session, position, _prefix, callback) {
      const { items } = suggestionsAt(session.getValue(), index(position), data);
      const roomy = window.innerWidth > 760; // else the explanation would cover what it explains
      callback(null, items.map((item) => ({
        caption: item.name, value: item.name, meta: item.detail, score: item.rank * 10, docText: roomy ? item.doc ?? `${item.name}\n${item.detail}` : "", item, completer,
      })));
    },
    insertMatch(_editor, { item }) {
      const { session } = editor;
      const at = index(editor.getCursorPosition());
      const { from, to, text, caret } = insertionOf(session.getValue(), at, item);
      const place = (offset) => session.doc.indexToPosition(offset);
      session.replace(Range.fromPoints(place(from), place(to)), text);
      editor.clearSelection();
      editor.moveCursorToPosition(place(from + caret));
      if (item.again) setTimeout(() => editor.execCommand("startAutocomplete"), 0);
    },
  };
  editor.setOptions({ enableBasicAutocompletion: [completer], enableLiveAutocompletion: true, liveAutocompletionThreshold: 1, liveAutocompletionDelay: 60 });
  editor.completers = [completer];
  askAnew(editor);
}

// What has been offered is of another kind behind a colon, a slash or the brace of a variable: ask anew there.
function askAnew(editor) {
  editor.commands.on("afterExec", ({ command, args }) => {
    if (command.name !== "insertstring" || !editor.completer?.activated) return;
    const line = editor.session.getLine(editor.getCursorPosition().row).slice(0, editor.getCursorPosition().column);
    if (args === ":" || args === "/" || VARIABLE.exec(line)?.[1] === "") {
      editor.completer.detach();
      editor.execCommand("startAutocomplete");
    }
  });
}
