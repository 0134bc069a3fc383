// What may stand at the cursor of a policy: keys, actions, ARNs, operators, condition keys, values, variables,
// principals. Nothing here knows an editor: suggestionsAt() says what there is, insertionOf() how it is written.
import { contextAt, memberOf, textsOf, tokensOf } from "./policy_context.js";
import { conditionKeys, conditionOperators, conditionValues } from "./policy_conditions.js";

export const VARIABLE = /\$\{([^}'",]*)$/;
const OFTEN = ["sagemaker", "iam", "s3", "kms", "ecr", "logs", "cloudwatch", "ec2", "sts", "lambda"];
const MOST = 400;

const ROOT_KEYS = { Version: '"2012-10-17"', Id: '"|"', Statement: '[\n\t{\n\t\t"Effect": "|"\n\t}\n]' };
const LIST = '[\n\t"|"\n]';
const STATEMENT_KEYS = {
  Sid: '"|"',
  Effect: '"|"',
  Principal: '{\n\t"|"\n}',
  NotPrincipal: '{\n\t"|"\n}',
  Action: LIST,
  NotAction: LIST,
  Resource: LIST,
  NotResource: LIST,
  Condition: '{\n\t"|"\n}',
};
const NOT_IN = {
  identity: ["Principal", "NotPrincipal"],
  trust: ["Resource", "NotResource", "NotPrincipal"],
  scp: ["Principal", "NotPrincipal"],
  rcp: ["NotPrincipal", "NotAction"],
};
const ONE_OF = [["Action", "NotAction"], ["Resource", "NotResource"], ["Principal", "NotPrincipal"]];
const TRUST_ACTIONS = ["AssumeRole", "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity", "TagSession", "SetSourceIdentity", "SetContext"];
const FEDERATED = ["cognito-identity.amazonaws.com", "accounts.google.com", "www.amazon.com", "graph.facebook.com"];

// The suggestions at an offset: {items, context}. `kind` is that of the policy: identity, trust, scp, rcp. An item:
// {name, as: "string", "key", "raw" or "variable", template (what follows a key; or the raw text), detail, doc, rank,
// again (whether more can be completed where the cursor then stands)}.
export function suggestionsAt(text, offset, { kind, catalogue, known }) {
  const context = contextAt(text, offset);
  const env = { kind, catalogue, known, context };
  return { context, items: context.expects === "colon" ? [] : itemsFor(env) };
}

function itemsFor(env) {
  const { path, expects, container, before } = env.context;
  if (container.kind === "root") return skeletons(env);
  if (expects === "key" && path.length === 0) return rootKeys(env);
  if (path[0] === "Version") return strings(["2012-10-17", "2008-10-17"], "version of the language");
  if (path[0] !== "Statement") return [];
  const rest = path.slice(typeof path[1] === "number" ? 2 : 1);
  if (expects === "value" && rest.length === 0) return statements(env);
  if (expects === "key" && rest.length === 0) return statementKeys(env);
  if (expects === "value" && VARIABLE.test(before) && mayHoldVariables(rest)) return variables(env);
  return inStatement(env, rest);
}

function inStatement(env, rest) {
  const { expects } = env.context;
  switch (rest[0]) {
    case "Effect": return strings(effects(env), "");
    case "Action":
    case "NotAction": return expects === "value" ? actions(env, rest) : [];
    case "Resource":
    case "NotResource": return expects === "value" ? resources(env) : [];
    case "Principal":
    case "NotPrincipal": return principals(env, rest);
    case "Condition":
      if (expects === "key" && rest.length === 1) return conditionOperators(env);
      if (expects === "key" && rest.length === 2) return conditionKeys(env, rest[1]);
      return expects === "value" && rest.length > 2 ? conditionValues(env, rest[1], rest[2]) : [];
    default: return [];
  }
}

const strings = (names, detail) => names.map((name, index) => ({ name, as: "string", detail, rank: 100 - index }));

// Keys and skeletons

function effects({ kind }) {
  return kind === "rcp" ? ["Deny"] : ["Allow", "Deny"];
}

function statementText({ kind }, effect) {
  const head = `{\n\t"Effect": "${effect}",\n`;
  if (kind === "trust") return `${head}\t"Principal": {\n\t\t"|"\n\t},\n\t"Action": "sts:AssumeRole"\n}`;
  const everyone = kind === "rcp" ? '\t"Principal": "*",\n' : "";
  return `${head}${everyone}\t"Action": [\n\t\t"|"\n\t],\n\t"Resource": "*"\n}`;
}

function statements(env) {
  return effects(env).map((effect, index) => ({
    name: `${effect} statement`, as: "raw", template: statementText(env, effect), detail: "a new statement", rank: 100 - index, again: true,
  }));
}

function skeletons(env) {
  if (env.context.root) return [];
  return statements(env).map((item) => {
    const inner = item.template.replace(/\n/g, "\n\t\t");
    const template = `{\n\t"Version": "2012-10-17",\n\t"Statement": [\n\t\t${inner}\n\t]\n}`;
    return { ...item, name: `Policy with one ${item.name}`, template, detail: "a new policy" };
  });
}

function rootKeys({ context }) {
  return keyItems(ROOT_KEYS, context, () => "element of the policy");
}

function statementKeys({ kind, context }) {
  const out = new Set(NOT_IN[kind] ?? []);
  for (const pair of ONE_OF) {
    const present = pair.find((key) => memberOf(context.container, key) && !isOwn(context, key));
    if (present) pair.filter((key) => key !== present).forEach((key) => out.add(key));
  }
  const offered = Object.fromEntries(Object.entries(STATEMENT_KEYS).filter(([key]) => !out.has(key)));
  return keyItems(offered, context, () => "element of the statement");
}

// Whether a member of the container is the key that is being written.
export function isOwn(context, key) {
  const { token } = context;
  return Boolean(token) && memberOf(context.container, key)?.keyToken?.start === token.start;
}

function keyItems(templates, context, detail) {
  return Object.entries(templates)
    .filter(([name]) => !memberOf(context.container, name) || isOwn(context, name))
    .map(([name, template], index) => ({ name, as: "key", template, detail: detail(name), rank: 100 - index, again: template.includes("|") }));
}

// Actions

export function actionsOf({ catalogue, context: { statement } }) {
  if (memberOf(statement, "NotAction")) return catalogue.expandNot(textsOf(statement, "NotAction"));
  return catalogue.expandAll(textsOf(statement, "Action"));
}

function actions(env, rest) {
  const { catalogue, context: { before, statement }, kind } = env;
  const listed = new Set(textsOf(statement, rest[0]).map((name) => name.toLowerCase()));
  const isNew = ({ name }) => !listed.has(name.toLowerCase()) || name.toLowerCase() === before.toLowerCase();
  if (kind === "trust") {
    return TRUST_ACTIONS.map((bare, index) => actionItem(catalogue.action(`sts:${bare}`), 100 - index)).filter(Boolean).filter(isNew);
  }
  const colon = before.indexOf(":");
  if (colon < 0) return [...services(catalogue), ...actionsCalled(catalogue, before)].filter(isNew);
  return ofService(catalogue, before.slice(0, colon)).filter(isNew);
}

function services(catalogue) {
  const all = catalogue.services().map(({ prefix, name }) => {
    const often = OFTEN.indexOf(prefix);
    return { name: `${prefix}:`, as: "string", detail: name, rank: often < 0 ? 10 : 100 - often, again: true };
  });
  return [...all, { name: "*", as: "string", detail: "every action of every service", rank: 1 }];
}

// Actions of any service by their own name; SageMaker's first.
function actionsCalled(catalogue, part) {
  if (part.length < 3) return [];
  const found = catalogue.expand(`*:*${part.replace(/[*?]/g, "")}*`);
  const rank = (action) => (OFTEN.indexOf(action.service) + 1 || 99) + (action.bare.toLowerCase().startsWith(part.toLowerCase()) ? 0 : 100);
  return [...found].sort((a, b) => rank(a) - rank(b)).slice(0, MOST).map((action) => actionItem(action, rank(action) < 10 ? 60 : 5));
}

function ofService(catalogue, prefix) {
  const all = catalogue.actions(prefix);
  if (!all.length) return [];
  const verbs = new Map();
  for (const { bare } of all) {
    const verb = /^[A-Z][a-z]+/.exec(bare)?.[0];
    if (verb) verbs.set(verb, (verbs.get(verb) ?? 0) + 1);
  }
  const service = all[0].service;
  const patterns = [...verbs].filter(([, number]) => number > 1).map(([verb, number]) => ({
    name: `${service}:${verb}*`, as: "string", detail: `${number} actions`, rank: 20,
  }));
  const whole = { name: `${service}:*`, as: "string", detail: `all ${all.length} actions`, rank: 10 };
  return [...all.map((action) => actionItem(action, 50)), ...patterns, whole];
}

function actionItem(action, rank) {
  if (!action) return null;
  const types = action.types === null ? "resource types not published" : action.types.length ? `on ${action.types.join(", ")}` : "takes no resource";
  return { name: action.name, as: "string", detail: action.level, doc: `${action.name}\n${action.level || "access level not known"}\n${types}`, rank };
}

// Resources

function resources(env) {
  const { catalogue, known, context: { before, statement } } = env;
  const chosen = actionsOf(env);
  const types = catalogue.typesOf(chosen).slice(0, 150);
  const written = before.startsWith("arn:") ? before.split(":") : [];
  const account = written.length > 5 && /^(\d{12}|\*)$/.test(written[4]) ? written[4] : known.account;
  const regions = written.length > 4 ? [written[3]] : types.length > 3 ? ["*"] : ["*", ...known.regions.slice(0, 2)];
  const formats = types.flatMap(({ service, name, arn }) => [...new Set(regions.map((region) => known.fill(arn, region, account)))]
    .map((filled) => ({ name: filled, as: "string", detail: `any ${name}`, rank: service === "sagemaker" ? 60 : 50 })));
  const ofTypes = known.arnsOf(types.map(({ service, name }) => `${service}:${name}`));
  const there = (types.length ? ofTypes : known.arns).filter(({ arn }) => isPart(before, arn)).slice(0, MOST);
  const wildcard = { name: "*", as: "string", detail: "every resource", rank: catalogue.someWithoutType(chosen) ? 90 : 1 };
  const listed = new Set([...textsOf(statement, "Resource"), ...textsOf(statement, "NotResource")]);
  return [...there.map(arnItem), ...inBuckets(there, types), ...formats, wildcard]
    .filter(({ name }) => !listed.has(name) || name === before);
}

function inBuckets(there, types) {
  if (!types.some(({ service, name }) => service === "s3" && name === "object")) return [];
  const buckets = there.filter(({ arn }) => /^arn:[^:]+:s3:::[^/]+$/.test(arn));
  return buckets.map(({ arn }) => ({ name: `${arn}/*`, as: "string", detail: "all objects of the bucket", rank: 70 }));
}

export const arnItem = ({ arn, type }) => ({ name: arn, as: "string", detail: type.replace(/:$/, ""), rank: 70 });

export function isPart(part, text) {
  return text.toLowerCase().includes(part.replace(/[*?]/g, "").toLowerCase());
}

// Principals

function principals(env, rest) {
  const { known, context: { expects, before, container } } = env;
  if (rest.length === 1 && expects === "value") {
    const kinds = env.kind === "rcp" ? [] : ["Service", "AWS", "Federated"];
    const maps = kinds.map((key, index) => ({ name: key, as: "raw", template: `{\n\t"${key}": "|"\n}`, detail: "principals of this kind", rank: 90 - index, again: true }));
    return [...maps, { name: "*", as: "string", detail: "everyone", rank: env.kind === "rcp" ? 100 : 1 }];
  }
  if (expects === "key") {
    const kinds = { AWS: '"|"', Service: '"|"', Federated: '"|"', CanonicalUser: '"|"' };
    return rest.length === 1 ? keyItems(kinds, { ...env.context, container }, () => "kind of principal") : [];
  }
  if (rest[1] === "Service") return strings(known.services, "service");
  if (rest[1] === "Federated") return federated(known);
  if (rest[1] !== "AWS") return [];
  const accounts = known.accounts.map(({ number, name }) => ({
    name: `arn:${known.partition}:iam::${number}:root`, as: "string", detail: `account ${name}`, rank: 80,
  }));
  const identities = known.arnsOf(["iam:role", "iam:user"]).filter(({ arn }) => isPart(before, arn)).slice(0, MOST);
  return [...accounts, ...identities.map(arnItem), { name: "*", as: "string", detail: "everyone", rank: 1 }];
}

function federated(known) {
  const providers = ["saml-provider/", "oidc-provider/"].map((kind) => ({
    name: `arn:${known.partition}:iam::${known.account}:${kind}`, as: "string", detail: "provider of the account", rank: 90, again: true,
  }));
  return [...providers, ...strings(FEDERATED, "web identity")];
}

// Policy variables: the keys that have one value.

function mayHoldVariables(rest) {
  return /^(Not)?Resource$/.test(rest[0]) || (rest[0] === "Condition" && rest.length > 2);
}

function variables(env) {
  const { catalogue, known } = env;
  const keys = catalogue.keysFor(actionsOf(env)).filter((key) => !key.multiple);
  const first = ["aws:username", "aws:userid", "aws:PrincipalTag/${TagKey}", "aws:PrincipalAccount"];
  return keys.flatMap((key) => {
    const rank = first.includes(key.name) ? 90 - first.indexOf(key.name) : 20;
    const names = key.template ? withTags(key.name, known) : [key.name];
    return names.map((name) => ({ name, as: "variable", detail: key.when || key.type, rank, again: name.endsWith("/") }));
  });
}

// `aws:PrincipalTag/${TagKey}` with the tags that the account knows, and open for any other one.
export function withTags(name, known) {
  const head = name.slice(0, name.indexOf("${"));
  const isTag = /tag/i.test(head) && head.endsWith("/");
  return isTag ? [...Object.keys(known.tags).map((tag) => `${head}${tag}`), head] : [head];
}

// How an item is written at an offset: {from, to, text, caret}: the text that replaces the stretch, and where the
// cursor then stands in it. Commas and the colon that are missing come along.
export function insertionOf(text, offset, item) {
  const { token, before, expects, container } = contextAt(text, offset);
  if (item.as === "variable") return variableInsertion(text, offset, before, item);
  const from = token?.start ?? offset;
  const to = token?.end ?? offset;
  const tokens = tokensOf(text);
  const next = tokens.find(({ start }) => start >= to);
  const previous = tokens.findLast(({ end }) => end <= from);
  let written = item.as === "raw" ? item.template : JSON.stringify(item.name);
  if (item.as === "string" && item.again) written = `${written.slice(0, -1)}|"`;
  if (item.as === "key" && item.name.endsWith("/")) written = `${written.slice(0, -1)}|"`;
  if (item.as === "key" && next?.kind !== ":") written += `: ${written.includes("|") ? '""' : item.template ?? ""}`;
  const inContainer = container.kind !== "root";
  const lead = inContainer && previous && !"{[,:".includes(previous.kind) ? "," : "";
  const isElement = expects === "key" || container.kind === "array" || expects === "value";
  const tail = inContainer && isElement && next && !":,}]".includes(next.kind) ? "," : "";
  const placed = indented(text, from, `${lead}${written}`);
  const caret = placed.indexOf("|");
  return { from, to, text: placed.replace("|", "") + tail, caret: caret < 0 ? placed.length : caret };
}

function variableInsertion(text, offset, before, item) {
  const from = offset - VARIABLE.exec(before)[1].length;
  const rest = /^[^}"\n]*/.exec(text.slice(offset))[0];
  const closes = text[offset + rest.length] === "}";
  if (item.again) return { from, to: closes ? offset + rest.length : offset, text: item.name, caret: item.name.length };
  const to = closes ? offset + rest.length + 1 : offset;
  return { from, to, text: `${item.name}}`, caret: item.name.length + 1 };
}

function indented(text, at, template) {
  const line = text.slice(text.lastIndexOf("\n", at - 1) + 1, at);
  const base = /^\s*/.exec(line)[0];
  const unit = /\n([ \t]+)\S/.exec(text)?.[1] ?? "  ";
  const newline = text.includes("\r\n") ? "\r\n" : "\n";
  return template.replace(/\n/g, newline + base).replace(/\t/g, unit);
}
