// Two texts of one policy: mine and the one that somebody else saved, side by side. One is chosen, or both are merged.
import { sessionOf, themed } from "./editor_ace.js";
import { merged } from "./text_merge.js";

const time = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

export class Conflict {
  // `base` is the text that both began with; `theirs` {text, by, at}; `done(text)` gets the text to go on with.
  constructor(editor, { base, theirs, done }) {
    Object.assign(this, { editor, theirs, done });
    this.box = document.getElementById("conflict");
    const both = merged(base, editor.getText(), theirs.text);
    const when = time.format(new Date(theirs.at));
    const heading = element("h2", { tabIndex: -1, textContent: `${theirs.by} saved another text at ${when}` });
    const about = both === null
      ? "Both of you changed the same lines. Neither text is lost: compare them, change yours on the left where you like, and choose."
      : "You changed different lines, so both can be merged. Neither text is lost.";
    const button = (label, text, primary) => {
      const made = element("button", { type: "button", className: primary ? "btn p" : "btn", textContent: label });
      made.addEventListener("click", () => this.choose(text()));
      return made;
    };
    const bar = element("div", { className: "bar" },
      ...(both === null ? [] : [button("Merge both", () => both, true)]),
      button("Keep mine", () => this.mine.getValue(), both === null),
      button(`Take ${theirs.by}’s`, () => theirs.text, false));
    this.diff = element("div", { className: "diff" });
    const names = element("div", { className: "sides-named" }, element("span", { textContent: "Yours" }), element("span", { textContent: `${theirs.by}’s, saved ${when}` }));
    this.box.replaceChildren(heading, element("p", { textContent: about }), bar, names, this.diff);
    this.box.setAttribute("role", "region");
    this.box.setAttribute("aria-label", heading.textContent);
    this.box.hidden = false;
    document.getElementById("editor").hidden = true;
    this.compare();
    heading.focus();
  }

  // Both editors are filled before Ace compares them.
  compare() {
    const sides = [this.editor.getText(), this.theirs.text].map((text, index) => {
      const container = element("div", { className: "side" });
      this.diff.append(container);
      const side = window.ace.edit(container, { session: sessionOf(text), readOnly: index === 1, showPrintMargin: false, fontSize: 13 });
      side.textInput.getElement().setAttribute("aria-label", index ? "Their text" : "Your text");
      side.commands.bindKey("Tab", null);
      side.commands.bindKey("Shift-Tab", null);
      themed(side);
      return side;
    });
    [this.mine] = sides;
    this.sides = sides;
    const { createDiffView } = window.ace.require("ace/ext/diff");
    this.view = createDiffView({ editorA: sides[0], editorB: sides[1] });
    this.view.onInput(); // Ace compares when something is typed; nothing has been yet
  }

  choose(text) {
    this.box.hidden = true;
    document.getElementById("editor").hidden = false;
    try {
      this.view.destroy();
    } catch { /* the editors go all the same */ }
    for (const side of this.sides) side.destroy();
    this.box.replaceChildren();
    this.done(text);
    this.editor.ace.resize();
    this.editor.ace.focus();
  }
}
