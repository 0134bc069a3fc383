// Principal of a trust policy: who may assume the role. Of a resource control policy it is always anyone.
import { h } from "./dom.js";
import { combobox, matching } from "./combobox.js";
import { splitArn } from "./policy_arns.js";
import { addPrincipal, removePrincipal, setAnyone } from "./policy_model.js";
import { nextFocus, removeButton } from "./policy_form_parts.js";
import { whoWords } from "./policy_words.js";

const FEDERATED = ["cognito-identity.amazonaws.com", "accounts.google.com", "graph.facebook.com", "www.amazon.com"];
const KINDS = {
  account: { label: "an AWS account", type: "AWS" },
  identity: { label: "a user or role", type: "AWS" },
  service: { label: "an AWS service", type: "Service" },
  federated: { label: "a federated provider", type: "Federated" },
  anyone: { label: "anyone (*)", type: "AWS" },
};

export function principalsSection(form, statement, state) {
  const { read } = statement;
  if (read.taken.has("Principal") || read.taken.has("NotPrincipal")) return null;
  const entries = read.principal?.entries ?? [];
  return h("section.pf-section", { key: "principals", "aria-labelledby": `${state.id}-principals` },
    h("div.pf-title", {}, h("h3", { id: `${state.id}-principals` }, "Principal")),
    read.principal?.anyone && h("p", { key: "anyone" }, h("code", {}, "*"), " ", h("small", {}, "anyone")),
    form.kind === "rcp" ? !read.principal?.anyone && anyoneOnly(form, state) : [
      h("ul.pf-entries", { key: "entries" }, entries.map((entry, index) => row(form, state, entry, index, entries.length))),
      adviceOf(form, read, state),
      adder(form, state),
    ]);
}

function anyoneOnly(form, state) {
  return h("button.btn", { type: "button", onclick: () => form.edit(state, setAnyone, "The principal is anyone.") }, "Set to anyone (*): a resource control policy takes no other");
}

function row(form, state, entry, index, length) {
  const words = whoWords(entry, form.known);
  return h("li", { key: `${entry.type} ${entry.value} ${index}` },
    h("span.pf-type", {}, entry.type), " ", h("code", {}, entry.value), " ", words !== entry.value && h("small", {}, words),
    removeButton(`${state.id}-who-${index}`, entry.value, () => form.edit(state, (policy, statement) => removePrincipal(policy, statement, statement.read.principal.entries[index]),
      `${entry.value} was removed.`, nextFocus(`${state.id}-who`, index, length, `${state.id}-who-add`))));
}

// --- Advice ----------------------------------------------------------------------------------------------------------

function adviceOf(form, read, state) {
  if (read.effect !== "Allow" || !read.principal) return null;
  const keys = new Set(read.conditions.map((condition) => condition.key.toLowerCase()));
  const foreign = foreignAccounts(read.principal.entries, form.known);
  const advice = [];
  if (read.principal.anyone || read.principal.entries.some((entry) => entry.type === "AWS" && entry.value === "*")) {
    if (!keys.size) advice.push(h("p.pf-hint", { key: "anyone" }, "Anyone in any AWS account may assume this role: name principals, or add a condition."));
  }
  if (foreign.length && !keys.has("sts:externalid")) {
    advice.push(h("p.pf-hint", { key: "external" }, `The studio does not look after account ${foreign.join(", ")}. If a third party assumes this role for several customers, agree on an sts:ExternalId, so that no other customer can make it use your role. `,
      h("button.link", { type: "button", onclick: () => draft(form, state, "sts:ExternalId") }, "Add a condition on sts:ExternalId")));
  }
  return [...advice, ...actionAdvice(form, read)];
}

function foreignAccounts(entries, known) {
  const mine = new Set([known.account, ...known.accounts.map((account) => account.number)]);
  const numbers = entries.filter((entry) => entry.type === "AWS")
    .map((entry) => (/^\d{12}$/.test(entry.value) ? entry.value : splitArn(entry.value)?.account)).filter(Boolean);
  return [...new Set(numbers)].filter((number) => !mine.has(number));
}

function draft(form, state, key) {
  state.shown.add("draft");
  state.conditions = { key, values: [""] };
  form.touch(state, `${state.id}-draft-value-0`);
}

// A provider's tokens come in by an action of their own.
function actionAdvice(form, read) {
  const providers = read.principal.entries.filter((entry) => entry.type === "Federated");
  if (!providers.length || !read.action || read.action.not) return [];
  const actions = new Set(form.catalogue.expandAll(read.action.values).map((action) => action.bare));
  const wanted = providers.some((entry) => entry.value.includes(":saml-provider/")) ? "AssumeRoleWithSAML" : "AssumeRoleWithWebIdentity";
  return actions.has(wanted) ? [] : [h("p.pf-hint", { key: "federated" }, `Who comes through this provider assumes the role with sts:${wanted}: add that action.`)];
}

// --- Adding ----------------------------------------------------------------------------------------------------------

function adder(form, state) {
  const kind = state.principals.kind ?? "service";
  return h("div.pf-add", { key: "add" },
    h("label.vh", { for: `${state.id}-who-kind` }, "Kind of principal"),
    h("select", { id: `${state.id}-who-kind`, value: kind, onchange: (event) => { state.principals.kind = event.target.value; form.touch(state); } },
      Object.entries(KINDS).map(([value, { label }]) => h("option", { key: value, value }, label))),
    kind === "anyone"
      ? h("button.btn", { type: "button", key: "anyone", onclick: () => form.edit(state, setAnyone, "The principal is anyone.") }, "Set")
      : combobox({
        id: `${state.id}-who-add`, label: `Add ${KINDS[kind].label}`, "data-free": "yes", placeholder: kind === "account" ? "account number" : kind === "service" ? "service.amazonaws.com" : "an ARN",
        options: (text) => matching(choicesOf(kind, form.known), text),
        onchoose: (text, field) => {
          const value = text.trim();
          if (!value) return;
          add(form, state, KINDS[kind].type, kind === "account" && /^\d{12}$/.test(value) ? `arn:${form.known.partition}:iam::${value}:root` : value);
          field.value = "";
        },
      }));
}

function add(form, state, type, value) {
  const there = form.policy.statements[form.states.indexOf(state)].read.principal?.entries ?? [];
  if (there.some((entry) => entry.type === type && entry.value === value)) {
    form.refuse(state, `${value} is there already.`);
    return;
  }
  form.edit(state, (policy, statement) => addPrincipal(policy, statement, type, value), `${value} was added to Principal.`);
}

function choicesOf(kind, known) {
  if (kind === "account") return known.accounts.map(({ number, name }) => ({ value: number, note: name }));
  if (kind === "identity") return known.arnsOf(["iam:user", "iam:role"]).filter(({ arn }) => /:(?:user|role)\//.test(arn)).map(({ arn }) => ({ value: arn }));
  if (kind === "service") return known.services.map((value) => ({ value }));
  const providers = known.arns.filter(({ arn }) => /:(?:saml|oidc)-provider\//.test(arn)).map(({ arn }) => ({ value: arn }));
  return [...providers, ...FEDERATED.map((value) => ({ value }))];
}
