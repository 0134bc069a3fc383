// The editor of one policy: JSON in Ace, a form, or a plain text field, over one text that saves itself.
//
// The form is mountPolicyForm(container, api) of policy_form.js, with api = {getText(), setText(text), onTextChange(callback),
// kind, catalogue, known, resources, findings(), onFindings(callback), readOnly}: setText applies the least edit, so that
// undo goes back over both views.
import { createAce } from "./editor_ace.js";
import { Findings } from "./editor_findings.js";
import { Grants } from "./editor_grants.js";
import { recover, Saving } from "./editor_saving.js";
import { watchSize } from "./editor_size.js";
import { watchTools } from "./editor_tools.js";
import { Views } from "./editor_views.js";
import { loadCatalogue, loadKnown } from "./policy_catalogue.js";

const byId = (id) => document.getElementById(id);

function start() {
  const config = JSON.parse(byId("edit-config").textContent);
  const readOnly = !config.open;
  const field = byId("f-text");
  const ace = createAce(byId("ace"), { text: config.text, readOnly });
  const post = (url, body, options = {}) => fetch(url, {
    method: "POST",
    credentials: "same-origin",
    headers: { "Content-Type": "application/json", "X-CSRFToken": csrfToken() },
    body: JSON.stringify(body),
    ...options,
  });
  const editor = { config, ace, post, readOnly, getText: ace.getText, setText: ace.setText, onTextChange: ace.onChange };

  for (const id of ["head", "foot", "findings", "keys", "live", "view-json"]) byId(id).hidden = false;
  byId("plain-save")?.remove();
  field.removeAttribute("name"); // the text is saved by itself; the form is for browsers without scripts
  byId("plain-form").addEventListener("submit", (event) => event.preventDefault());

  const saving = readOnly ? null : new Saving(editor);
  const findings = new Findings(editor);
  const grants = new Grants(editor);
  const data = Promise.all([loadCatalogue(config.urls.catalogue), loadKnown(config.urls.known)]);
  data.then(([catalogue, known]) => ace.complete({ kind: config.kind, catalogue, known }), () => {
    byId("keys").prepend("Completion could not be loaded: reload the page to try again. ");
  });
  const views = new Views(editor, { data, findings, field });
  findings.views = views;
  watchSize(editor);
  watchTools(editor, { saving });
  watchKeys({ saving, findings, views });
  if (saving) saving.restore();
  else recover(editor);
  findings.look();
  grants.look();
}

// The cookie's, which another tab renews when somebody signs in anew there; else that of this page.
function csrfToken() {
  const cookie = document.cookie.split("; ").find((one) => one.startsWith("csrftoken="));
  return cookie ? cookie.slice("csrftoken=".length) : document.querySelector("[name=csrfmiddlewaretoken]").value;
}

// Keys that work wherever the focus is on the page.
function watchKeys({ saving, findings, views }) {
  document.addEventListener("keydown", (event) => {
    const ctrl = (event.ctrlKey || event.metaKey) && !event.altKey;
    if (ctrl && event.key.toLowerCase() === "s") {
      event.preventDefault();
      saving?.now();
    } else if (event.key === "F8" && !ctrl) {
      event.preventDefault();
      findings.step(event.shiftKey ? -1 : 1);
    } else if (event.altKey && !event.ctrlKey && !event.metaKey && /^Digit[1-3]$/.test(event.code)) {
      event.preventDefault();
      views.show(["json", "form", "plain"][Number(event.code.slice(5)) - 1], { focus: true });
    }
  });
}

if (window.ace) start();
else byId("view-plain").querySelector("textarea").focus(); // the plain form works by itself
