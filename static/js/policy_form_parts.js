// Pieces that several sections of the form share.
import { combobox } from "./combobox.js";
import { h } from "./dom.js";
import { setItem } from "./policy_model.js";

const PAUSE = 500;
const STEP = 200;
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

// A list of which only the first are drawn, and more whenever somebody asks for them.
export function shortened(form, state, name, items, most, draw) {
  const shown = Math.max(most, state.drawn.get(name) ?? 0);
  const parts = items.slice(0, shown).map(draw);
  if (items.length <= shown) return parts;
  const next = Math.min(STEP, items.length - shown);
  return [...parts, h("li.pf-more", { key: "more" }, h("button.link", {
    type: "button", id: `${state.id}-more-${name}`, onclick: () => {
      state.drawn.set(name, shown + STEP);
      form.touch(state);
    },
  }, `Show ${next === items.length - shown ? `the other ${next}` : `${next} more of ${items.length.toLocaleString("en")}`}`))];
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

// An entry of a list: its text, and a button that makes a field of it; the field is instead of the text then.
// `listOf(statement)` answers {path, single, values}.
export function entryText(form, state, { name, index, entry, suffix = "", options, listOf }) {
  if (form.api.readOnly) return h("code", {}, entry + suffix);
  const own = `${state.id}-edit-${name}-${index}`;
  const stop = () => {
    state.editing = null;
    form.touch(state, own);
  };
  if (state.editing !== own) {
    return h("button.pf-entry", { key: "text", type: "button", id: own, title: "Change", "aria-label": `Change ${entry}`, onclick: () => {
      state.editing = own;
      form.touch(state, `${own}-field`);
    } }, h("code", {}, entry + suffix));
  }
  const save = (text) => {
    const value = text.trim();
    if (!value || value === entry) return stop();
    state.editing = null;
    return form.edit(state, (policy, statement) => {
      const { path, single } = listOf(statement);
      return setItem(policy, path, single, index, value);
    }, `${entry} is ${value} now.`, own);
  };
  return combobox({ id: `${own}-field`, label: `Change ${entry}`, value: entry, options: (text) => (text === entry ? [] : options(text)), onchoose: save, oncancel: stop, onchange: (event) => save(event.target.value) });
}

// After the item of an index is gone the focus goes to the next one, else to the one before, else to `otherwise`.
export function nextFocus(prefix, index, length, otherwise) {
  return length > 1 ? `${prefix}-${Math.min(index, length - 2)}` : otherwise;
}

// A field that finds entries of a long list, and the entries (with their index) that it finds.
export function sieve(form, state, name, values, most) {
  const text = values.length > most ? (state.sieves.get(name) ?? "") : "";
  const wanted = text.toLowerCase();
  const found = values.map((value, index) => ({ value, index })).filter(({ value }) => value.toLowerCase().includes(wanted));
  const field = values.length > most && h("input.pf-sieve", {
    key: "sieve", id: `${state.id}-sieve-${name}`, type: "search", value: text, "aria-label": `Find among ${values.length.toLocaleString("en")} entries`,
    placeholder: `find among ${values.length.toLocaleString("en")} entries`, spellcheck: "false",
    oninput: (event) => {
      state.sieves.set(name, event.target.value);
      form.touch(state);
    },
  });
  return { field, found };
}

// A text in which what stands between backticks is shown as code.
export function ticked(text) {
  return text.split("`").map((part, index) => (index % 2 ? h("code", {}, part) : part));
}
