// Pieces that several sections of the form share.
import { h } from "./dom.js";

const PAUSE = 500;
const timers = new WeakMap();

// Handlers of a text field whose text is saved after a pause, and at once when the field is left.
export function typed(save) {
  const now = (field) => {
    clearTimeout(timers.get(field));
    timers.delete(field);
    save(field.value);
  };
  return {
    oninput: ({ target }) => {
      clearTimeout(timers.get(target));
      timers.set(target, setTimeout(() => now(target), PAUSE));
    },
    onchange: ({ target }) => now(target),
    onkeydown: (event) => { if (event.key === "Enter") now(event.target); },
  };
}

// A list of which only the first are shown until somebody asks for all.
export function shortened(form, state, name, items, most, draw) {
  const all = state.shown.has(name) || items.length <= most;
  const parts = (all ? items : items.slice(0, most)).map(draw);
  if (all) return parts;
  return [...parts, h("li.pf-more", { key: "more" }, h("button.link", {
    type: "button", onclick: () => {
      state.shown.add(name);
      form.touch(state);
    },
  }, `Show all ${items.length.toLocaleString("en")}`))];
}

// A button that opens and closes something; `open` is kept under a name of the statement's state.
export function opener(form, state, name, label, more = {}) {
  const open = state.shown.has(name);
  return h("button.link", {
    type: "button", id: `${state.id}-${name}`, "aria-expanded": open, ...more, onclick: () => {
      if (open) state.shown.delete(name);
      else state.shown.add(name);
      form.touch(state);
    },
  }, label);
}

export function removeButton(id, what, onclick) {
  return h("button.btn.pf-remove", { type: "button", id, "aria-label": `Remove ${what}`, title: "Remove", onclick }, "×");
}

// After the item of an index is gone the focus goes to the next one, else to the one before, else to `otherwise`.
export function nextFocus(prefix, index, length, otherwise) {
  return length > 1 ? `${prefix}-${Math.min(index, length - 2)}` : otherwise;
}

export const byWords = (text) => {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return (name) => words.every((word) => name.toLowerCase().includes(word));
};

// A text in which what stands between backticks is shown as code.
export function ticked(text) {
  return text.split("`").map((part, index) => (index % 2 ? h("code", {}, part) : part));
}
