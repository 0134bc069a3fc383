// The text saves itself: a moment after each pause, and on leaving. Until the server has it, the browser keeps it.
import { Conflict } from "./editor_conflict.js";

const PAUSE = 900;
const KEEP_PAUSE = 150;
const RETRIES = [2000, 5000, 10_000, 30_000];
const time = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const byId = (id) => document.getElementById(id);

// What the browser keeps of an edit: {text, version, base, at}; null where there is nothing, or it cannot keep anything.
class Kept {
  constructor(key) {
    this.key = key;
  }

  read() {
    try {
      return JSON.parse(localStorage.getItem(this.key));
    } catch {
      return null;
    }
  }

  write(value) {
    try {
      localStorage.setItem(this.key, JSON.stringify(value));
      return true;
    } catch {
      return false;
    }
  }

  drop() {
    try {
      localStorage.removeItem(this.key);
    } catch { /* nothing was kept */ }
  }
}

// A notice with a button that begins a new draft with a text.
function offerDraft(editor, said, text) {
  const { config } = editor;
  const note = byId("restored");
  const button = Object.assign(document.createElement("button"), { type: "button", className: "btn", textContent: "Begin a new draft with it" });
  button.addEventListener("click", async () => {
    const csrfmiddlewaretoken = document.querySelector("[name=csrfmiddlewaretoken]").value;
    const body = new URLSearchParams({ ...config.begin, text, csrfmiddlewaretoken }); // a form would change the line ends
    try {
      const answer = await fetch(config.urls.begin, { method: "POST", credentials: "same-origin", body });
      if (!answer.ok || !answer.redirected) throw new Error(`${answer.status}`);
      keptOf(editor).drop(); // the new draft has it
      location.assign(answer.url);
    } catch {
      button.textContent = "That did not work: try again";
    }
  });
  const paragraph = document.createElement("p");
  paragraph.append(said, " ", button);
  note.replaceChildren(paragraph);
  note.setAttribute("role", "status");
  note.hidden = false;
}

// On a page that can only be read: a text that never reached the server.
export function recover(editor) {
  const kept = keptOf(editor).read();
  if (typeof kept?.text !== "string" || kept.text === editor.config.text) return;
  offerDraft(editor, `Your text of ${time.format(new Date(kept.at))} did not reach the server before the change was closed. It is not lost:`, kept.text);
}

const keptOf = ({ config }) => new Kept(`policystudio:edit:${config.edit}:${config.begun}:${config.reader}`);

export class Saving {
  constructor(editor) {
    const { config } = editor;
    this.editor = editor;
    this.saved = { text: config.text, version: config.version };
    this.kept = keptOf(editor);
    this.conflict = null;
    this.discarded = null;
    this.running = null;
    this.tries = 0;
    this.timers = { save: 0, keep: 0 };
    this.say(config.savedAt ? `Saved ${time.format(new Date(config.savedAt))}` : "");
    editor.onTextChange(() => this.changed());
    window.addEventListener("online", () => this.dirty && this.now());
    window.addEventListener("pagehide", () => this.leave());
    document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && this.leave());
    window.addEventListener("beforeunload", (event) => {
      if (this.dirty && !this.keep()) event.preventDefault(); // nothing has it but this page
    });
  }

  get dirty() {
    return this.editor.getText() !== this.saved.text;
  }

  say(text, kind = "") {
    const state = byId("state");
    if (state.textContent === text) return;
    state.textContent = text;
    state.className = `state ${kind}`;
  }

  changed() {
    clearTimeout(this.timers.save);
    if (!this.dirty) {
      this.kept.drop();
      return;
    }
    if (!this.conflict && !this.tries) this.say("Not saved yet");
    clearTimeout(this.timers.keep);
    this.timers.keep = setTimeout(() => this.keep(), KEEP_PAUSE);
    this.timers.save = setTimeout(() => this.now(), PAUSE);
  }

  keep() {
    if (!this.dirty) return true;
    const { text, version } = this.saved;
    return this.kept.write({ text: this.editor.getText(), version, base: text, at: new Date().toISOString() });
  }

  body(text) {
    return { text, version: this.saved.version };
  }

  // One save at a time; what was written meanwhile goes with the next one.
  async now({ force = false } = {}) {
    clearTimeout(this.timers.save);
    if (this.conflict || this.running) return;
    if (!this.dirty && !force) {
      this.kept.drop();
      return;
    }
    const text = this.editor.getText();
    this.say("Saving…");
    this.running = this.editor.post(this.editor.config.urls.save, this.body(text));
    try {
      await this.answered(await this.running, text);
    } catch {
      this.lost();
    } finally {
      this.running = null;
    }
    if (this.again) {
      this.again = false;
      this.changed();
    }
  }

  async answered(answer, text) {
    const isJson = answer.headers.get("Content-Type")?.includes("json");
    if (answer.redirected || (answer.ok && !isJson)) return this.refused("you are signed out. Sign in again in another tab, then press Ctrl+S here");
    if (answer.status === 403) return this.refused("you may not write here any more, or are signed out. Sign in again in another tab, then press Ctrl+S here");
    if (answer.status >= 500 || answer.status === 429) return this.lost(`the server answers ${answer.status}`);
    if (answer.status === 409 && isJson) return this.meet(await answer.json());
    if (answer.status === 404) return this.homeless("somebody else took this edit out of the change");
    if (answer.status === 422) {
      const { message, closed } = await answer.json();
      return closed ? this.homeless(message) : this.refused(message);
    }
    if (!answer.ok) return this.refused(`the server refuses it (${answer.status})`);
    const { version, savedAt, reopened } = await answer.json();
    this.took({ text, version, savedAt, also: reopened ? `. The change was ${reopened} and is a draft again` : "" });
    return undefined;
  }

  // The server has `text` as `version`.
  took({ text, version, savedAt, also = "" }) {
    this.saved = { text, version };
    this.tries = 0;
    if (this.dirty) {
      this.keep();
      this.again = true;
    } else {
      this.kept.drop();
    }
    byId("restored").hidden = true;
    this.say(`Saved ${time.format(savedAt ? new Date(savedAt) : new Date())}${also}`, "good");
  }

  lost(why = "no connection") {
    const wait = RETRIES[Math.min(this.tries, RETRIES.length - 1)];
    this.tries += 1;
    this.say(this.keep() ? `Not saved: ${why}, kept in this browser` : `Not saved: ${why}, and this browser cannot keep it`, "bad");
    this.timers.save = setTimeout(() => this.now(), wait);
  }

  refused(why) {
    this.keep();
    this.say(`Not saved: ${why}`, "bad");
  }

  // There is no draft any more that could take the text: it can begin another one.
  homeless(why) {
    this.refused(why);
    offerDraft(this.editor, `Not saved: ${why}. Your text is not lost:`, this.editor.getText());
  }

  // Somebody else saved, or took the edit out of the change.
  meet(standing) {
    this.keep();
    if (standing.text === undefined) return this.homeless(standing.message);
    if (standing.text === this.saved.text) {
      // Somebody wrote and took it back: this text still stands on what is there.
      Object.assign(this, { saved: { text: standing.text, version: standing.version }, again: true });
      return undefined;
    }
    if (standing.text === this.discarded) {
      // What was sent when the page was left, and has been given up since.
      Object.assign(this, { saved: { text: standing.text, version: standing.version }, discarded: null, again: true });
      return undefined;
    }
    if (standing.text === this.editor.getText()) return this.took({ text: standing.text, version: standing.version, savedAt: standing.at });
    this.say(`Not saved: ${standing.by} saved another text at ${time.format(new Date(standing.at))}`, "bad");
    this.conflict = new Conflict(this.editor, { base: this.saved.text, theirs: standing, done: (text) => this.settle(text, standing) });
    return undefined;
  }

  settle(text, standing) {
    this.conflict = null;
    this.saved = { text: standing.text, version: standing.version };
    this.editor.setText(text);
    if (!this.dirty) return this.took({ text, version: standing.version, savedAt: standing.at });
    return this.now();
  }

  // What this browser kept of the edit and the server does not have.
  restore() {
    const kept = this.kept.read();
    if (!kept || typeof kept.text !== "string") return;
    if (kept.text === this.saved.text) {
      this.kept.drop();
      return;
    }
    const { text, version } = this.saved;
    const when = time.format(new Date(kept.at));
    if (kept.version === version) {
      this.editor.setText(kept.text);
      this.notice(`Your text of ${when} had not reached the server. It is here again.`, text);
      return;
    }
    this.editor.setText(kept.text);
    this.saved = { text: kept.base, version: kept.version };
    clearTimeout(this.timers.save);
    const { savedAt, savedBy } = this.editor.config;
    this.meet({ text, version, by: savedBy, at: savedAt });
  }

  notice(said, before) {
    const note = byId("restored");
    const paragraph = document.createElement("p");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn";
    button.textContent = "Discard it, show what was saved";
    button.addEventListener("click", () => {
      this.discarded = this.editor.getText();
      this.editor.setText(before);
      note.hidden = true;
      this.now({ force: true });
      this.editor.ace.focus();
    });
    paragraph.append(said, " ", button);
    note.replaceChildren(paragraph);
    note.setAttribute("role", "status");
    note.hidden = false;
  }

  // On leaving the page: the browser keeps the text, and sends it on although the page goes.
  leave() {
    clearTimeout(this.timers.keep);
    if (!this.dirty) return;
    this.keep();
    if (this.conflict || this.running) return;
    const text = this.editor.getText();
    this.running = this.editor.post(this.editor.config.urls.save, this.body(text), { keepalive: true });
    this.running.then((answer) => this.answered(answer, text)).catch(() => this.lost()).finally(() => { this.running = null; });
  }
}
