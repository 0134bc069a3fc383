// What a statement does, in a sentence.
import { accountWords, resourceWords, splitArn } from "./policy_arns.js";

const MOST_NAMED = 2;
const COMPARISONS = {
  stringequals: "is", stringnotequals: "is not", stringequalsignorecase: "is", stringnotequalsignorecase: "is not",
  stringlike: "is like", stringnotlike: "is not like", arnequals: "is like", arnnotequals: "is not like", arnlike: "is like",
  arnnotlike: "is not like", numericequals: "is", numericnotequals: "is not", numericlessthan: "is less than",
  numericlessthanequals: "is at most", numericgreaterthan: "is more than", numericgreaterthanequals: "is at least",
  dateequals: "is", datenotequals: "is not", datelessthan: "is before", datelessthanequals: "is not after",
  dategreaterthan: "is after", dategreaterthanequals: "is not before", bool: "is", binaryequals: "is",
  ipaddress: "is in", notipaddress: "is not in",
};

// The comparison of an operator in words.
export function comparisonWords(name) {
  return COMPARISONS[name.toLowerCase()] ?? name;
}

export const count = (number, one, many = `${one}s`) => `${number.toLocaleString("en")} ${number === 1 ? one : many}`;

// "a", "a or b", "5 values"
export function listWords(words, joint, what) {
  if (words.length > MOST_NAMED + 1) return count(words.length, what);
  return words.length < 2 ? (words[0] ?? `no ${what}`) : `${words.slice(0, -1).join(", ")} ${joint} ${words[words.length - 1]}`;
}

export function sentenceOf(read, { catalogue, known, kind }) {
  if (read.broken) return "Is not a statement: it is no object.";
  if (!read.effect) return "Has no effect that is Allow or Deny.";
  const verb = read.effect === "Allow" ? "Allows" : "Denies";
  const who = read.principal ? principalWords(read.principal, known) : read.taken.has("NotPrincipal") ? "some principals" : "";
  const actions = actionWords(read, catalogue);
  const words = [verb, ...(who ? [who] : []), ...(who && verb === "Allows" ? ["to perform"] : []), actions];
  if (kind !== "trust") words.push("on", targetWords(read, catalogue, known));
  const conditions = read.taken.has("Condition") ? "a condition holds that the form does not know" : conditionsWords(read.conditions, catalogue);
  return `${words.join(" ")}${conditions ? `, if ${conditions}` : ""}`;
}

// Actions

export function actionWords(read, catalogue) {
  if (!read.action) return read.taken.has("Action") || read.taken.has("NotAction") ? "actions that the form does not know" : "no action";
  const { values, not } = read.action;
  if (!values.length) return not ? "every action" : "no action";
  const words = values.length === 1 ? oneAction(values[0], catalogue) : severalActions(values, catalogue);
  if (not && words === "every action") return "no action";
  return not ? `every action but ${words}` : words;
}

function oneAction(entry, catalogue) {
  if (entry === "*" || entry === "*:*") return "every action";
  if (!/[*?]/.test(entry)) return entry;
  const service = /^([^:*?]+):\*$/.exec(entry);
  if (service) return `every action of ${catalogue.service(service[1])?.name ?? service[1]}`;
  return `${count(catalogue.expand(entry).length, "action")} (${entry})`;
}

function severalActions(values, catalogue) {
  if (values.includes("*")) return "every action";
  const found = catalogue.expandAll(values);
  const unknown = values.filter((entry) => !catalogue.expand(entry).length).length;
  const services = [...new Set(found.map((action) => action.service))];
  const of = services.length === 1 ? ` of ${catalogue.service(services[0]).name}` : services.length ? ` of ${count(services.length, "service")}` : "";
  return `${count(found.length, "action")}${of}${unknown ? ` and ${unknown} not known` : ""}`;
}

// Resources

function targetWords(read, catalogue, known) {
  if (!read.resource) return read.taken.has("Resource") || read.taken.has("NotResource") ? "resources that the form does not know" : "no resource";
  const { values, not } = read.resource;
  if (values.includes("*")) return not ? "no resource" : "any resource";
  const words = listWords([...new Set(values.map((arn) => resourceWords(catalogue, known, arn)))], "and", "resource");
  return not ? `any resource but ${words}` : words;
}

// Principals

export function principalWords(principal, known) {
  if (principal.anyone) return "anyone";
  return listWords(principal.entries.map((entry) => whoWords(entry, known)), "and", "principal");
}

// One principal: "account 444455556666 (forecast)", "the role exec of this account", "sagemaker.amazonaws.com".
export function whoWords({ type, value }, known) {
  const provider = /:(?:saml|oidc)-provider\/(.+)$/.exec(value);
  if (provider) return `the provider ${provider[1]}`;
  if (type !== "AWS") return value;
  if (value === "*") return "anyone";
  if (/^\d{12}$/.test(value)) return `account ${accountWords(known, value)}`;
  const arn = splitArn(value);
  if (!arn) return value;
  if (arn.resource === "root") return `account ${accountWords(known, arn.account)}`;
  const [what, ...name] = arn.resource.split("/");
  return `the ${what} ${name.join("/")} of ${arn.account === known.account ? "this account" : `account ${accountWords(known, arn.account)}`}`;
}

// Conditions

function conditionsWords(conditions, catalogue) {
  if (!conditions.length) return "";
  if (conditions.length > 2) return `${conditions.length} conditions hold`;
  return conditions.map((condition) => conditionWords(condition, catalogue)).join(" and ");
}

export function conditionWords({ operator, key, values }, catalogue) {
  const parts = catalogue.readOperator(operator);
  if (!parts) return `${key} ${operator} ${listWords(values.map((value) => value.text), "or", "value")}`;
  const texts = values.map((value) => value.text);
  if (parts.operator.name === "Null") return `${key} is ${texts[0]?.toLowerCase() === "true" ? "missing" : "present"}`;
  const subject = parts.quantifier ? `${parts.quantifier.toLowerCase() === "forallvalues" ? "every" : "some"} value of ${key}` : key;
  const said = listWords(texts, parts.operator.negated ? "and not" : "or", "value");
  const many = texts.length > MOST_NAMED + 1 ? `${parts.operator.negated ? "none" : "one"} of ` : "";
  const verb = comparisonWords(parts.operator.name);
  const compared = many && parts.operator.negated ? verb.replace(" not", "") : verb;
  return `${subject} ${compared} ${many}${said}${parts.ifExists ? " (or is missing)" : ""}`;
}
