// Values of conditions: a field for each type of key, what may be chosen, and what is wrong with a value.
import { h } from "./dom.js";
import { combobox, matching } from "./combobox.js";
import { splitArn } from "./policy_arns.js";

const ACCOUNTS = /^aws:(?:principal|source|resource)account$|^kms:calleraccount$|^s3:resourceaccount$/i;
const SERVICES = /^iam:(?:passedtoservice|awsservicename)$|^aws:(?:principalservicename|calledvia)/i;
const ORGANIZATION = /^aws:(?:principal|source|resource)orgid$/i;
const DATE = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?$/;
const NUMBER = /^[+-]?\d+(?:\.\d+)?$/;

// The type of the values: that of the key, unless the operator only asks whether it is there.
export function valueType(parts, key) {
  if (parts?.operator.name === "Null" || parts?.operator.name === "Bool") return "Bool";
  return key?.type ?? parts?.operator.types[0] ?? "String";
}

// A field for one value. `save(text)` hears what was entered; each key where it is `live`.
export function valueField(form, { id, label, type, name, value, negates, save, live = false }) {
  if (type === "Bool") return choice({ id, label, value, negates, save });
  if (type === "Date" && (value === "" || utcOf(value))) return dateField({ id, label, value, save });
  if (type === "Numeric" && (value === "" || NUMBER.test(value))) {
    return h("input", { key: id, id, type: "number", step: "any", "aria-label": label, value, [live ? "oninput" : "onchange"]: (event) => save(event.target.value) });
  }
  return combobox({
    id, label, value, placeholder: { ARN: "ARN or pattern", IPAddress: "203.0.113.0/24", Numeric: "number", Date: "2026-12-31T00:00:00Z" }[type],
    options: (text) => matching(choicesOf(form, name, type), text === value ? "" : text),
    onchoose: (text) => save(text), onchange: (event) => save(event.target.value), oninput: live ? save : undefined,
  });
}

// `negates`: the operator is Null, whose `true` says that the key is missing.
function choice({ id, label, value, negates, save }) {
  const lower = value.toLowerCase();
  const words = negates ? { true: "missing (true)", false: "present (false)" } : { true: "true", false: "false" };
  return h("select", { key: id, id, "aria-label": label, value: lower in words ? lower : value, onchange: (event) => save(event.target.value) },
    !(lower in words) && h("option", { key: "odd", value }, value || "choose"),
    Object.entries(words).map(([one, text]) => h("option", { key: one, value: one }, text)));
}

function dateField({ id, label, value, save }) {
  return h("span.pf-date", { key: id },
    h("input", { id, type: "datetime-local", step: "1", "aria-label": `${label}, in UTC`, value: utcOf(value)?.toISOString().slice(0, 19) ?? "", onchange: (event) => event.target.value && save(`${event.target.value.padEnd(19, ":00")}Z`) }),
    " UTC");
}

function utcOf(text) {
  if (!DATE.test(text)) return null;
  const date = new Date(/T/.test(text) && !/(?:Z|[+-]\d\d:?\d\d)$/.test(text) ? `${text}Z` : text);
  return Number.isNaN(date.getTime()) ? null : date;
}

// What may be a value of the key, from what the account knows.
function choicesOf({ catalogue, known }, name, type) {
  if (/region$/i.test(name)) return known.regions.map((value) => ({ value }));
  if (ACCOUNTS.test(name)) return known.accounts.map((account) => ({ value: account.number, note: account.name }));
  if (SERVICES.test(name)) return known.services.map((value) => ({ value }));
  if (ORGANIZATION.test(name)) return known.organization ? [{ value: known.organization, note: "organization of the account" }] : [];
  if (/^aws:tagkeys$/i.test(name)) return Object.keys(known.tags).map((value) => ({ value }));
  const tag = /tag\/(.+)$/i.exec(name)?.[1];
  if (tag) return [...(known.tags[tag] ?? []).map((value) => ({ value })), { value: `\${aws:PrincipalTag/${tag}}`, note: "the same tag of the principal" }];
  if (type !== "ARN") return [];
  const types = /^aws:principalarn$/i.test(name) ? ["iam:role", "iam:user"] : /permissionsboundary|policyarn/i.test(name) ? ["iam:policy"] : null;
  return (types ? known.arnsOf(types) : /kms/i.test(name) ? known.arnsOf(["kms:key"]) : known.arns).map(({ arn }) => ({ value: arn }));
}

// What is wrong with a value of a type, or "".
export function problemOf(type, text) {
  if (text.includes("${")) return "";
  if (type === "Numeric" && !NUMBER.test(text)) return "is not a number";
  if (type === "Date" && !utcOf(text) && !/^\d+$/.test(text)) return "is not a date such as 2026-12-31T00:00:00Z";
  if (type === "Bool" && !/^(?:true|false)$/i.test(text)) return "is neither true nor false";
  if (type === "IPAddress" && !isAddress(text)) return "is no IP address or range such as 203.0.113.0/24";
  if (type === "ARN" && !splitArn(text)) return "is no ARN: it needs six parts separated by colons";
  return "";
}

function isAddress(text) {
  const match = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text);
  if (!match) return false;
  const [, address, bits] = match;
  if (address.includes(":")) return isSix(address) && (bits === undefined || Number(bits) <= 128);
  return /^\d{1,3}(?:\.\d{1,3}){3}$/.test(address) && address.split(".").every((part) => Number(part) <= 255) && (bits === undefined || Number(bits) <= 32);
}

function isSix(address) {
  try {
    return new URL(`ws://[${address}]/`).hostname.length > 2;
  } catch {
    return false;
  }
}
