// What AWS publishes of its services, for completion and for the form: loaded once, looked up here.
//
//   const catalogue = await loadCatalogue(url);         // the address of `web:catalogue`
//   catalogue.expand("sagemaker:Create*")               // [{name, service, level, types, keys, …}, …]
//   catalogue.keysFor(actions, typeNames)               // [{name, type, multiple, when, all}, …]
//   const known = await loadKnown(url);                 // of `web:known`: what the account knows
//   known.arnsOf(["sagemaker:model", "iam:role"])       // [{arn, type}, …]
//
// Names are found in any letter case, as IAM reads them. What the catalogue does not know is null or empty.

const loaded = new Map();

export function loadCatalogue(url) {
  if (!loaded.has(url)) {
    const promise = fetch(url, { credentials: "same-origin" }).then((answer) => {
      if (!answer.ok) throw new Error(`the catalogue was not delivered: ${answer.status}`);
      return answer.json();
    }).then((data) => new Catalogue(data));
    promise.catch(() => loaded.delete(url)); // another try may succeed
    loaded.set(url, promise);
  }
  return loaded.get(url);
}

export function loadKnown(url) {
  return fetch(url, { credentials: "same-origin" }).then((answer) => {
    if (!answer.ok) throw new Error(`what the account knows was not delivered: ${answer.status}`);
    return answer.json();
  }).then((data) => new Known(data));
}

// A pattern with * and ? as a regular expression, in any letter case.
export function globToRegExp(pattern) {
  const source = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&").replace(/\*+/g, ".*").replace(/\?/g, ".");
  return new RegExp(`^${source}$`, "is");
}

export const hasWildcard = (text) => /[*?]/.test(text);

// "ArrayOfString" → {type: "String", multiple: true}
function typeOf(word) {
  const multiple = word.startsWith("ArrayOf");
  return { type: multiple ? word.slice(7) : word, multiple };
}

// A name with variables, `aws:PrincipalTag/${TagKey}`, as [text before the first, text after the last].
function borders(name) {
  return [name.slice(0, name.indexOf("${")).toLowerCase(), name.slice(name.lastIndexOf("}") + 1).toLowerCase()];
}

export class Catalogue {
  #services = new Map();
  #keys = new Map();
  #templates = [];
  #actions = new Map();
  #expanded = new Map();

  constructor(data) {
    this.levels = data.levels;
    this.operators = data.operators;
    this.passesRoleTo = data.passes_role_to;
    for (const [name, type, when] of data.global) this.#addKey(name, type, { when, global: true });
    for (const [name, type] of Object.entries(data.key_types)) this.#addKey(name, type, { when: "", global: false });
    this.globalKeys = data.global.map(([name]) => this.#keys.get(name.toLowerCase()));
    for (const [prefix, item] of Object.entries(data.services)) this.#services.set(prefix, { prefix, item, actions: null });
  }

  // Services

  // Every service: {prefix, name}, by prefix.
  services() {
    return [...this.#services.values()].map(({ prefix, item }) => ({ prefix, name: item.name }));
  }

  service(prefix) {
    const found = this.#services.get(prefix.toLowerCase());
    return found ? { prefix: found.prefix, name: found.item.name } : null;
  }

  // Actions

  // A service's actions by name: {name: "s3:GetObject", service, bare, level, types, keys}. `level` is an access level
  // or "" where it is not known; `types` names resource types, null where they are not known, [] for none.
  actions(prefix, level = null) {
    const service = this.#services.get(prefix.toLowerCase());
    if (!service) return [];
    service.actions ??= Object.entries(service.item.actions).map(([bare, [number, types, keys]]) => ({
      name: `${service.prefix}:${bare}`,
      service: service.prefix,
      bare,
      level: this.levels[number] ?? "",
      types,
      keys: keys.map((key) => service.item.keys[key]),
    }));
    return level === null ? service.actions : service.actions.filter((action) => action.level === level);
  }

  // One action by its full name, in any letter case; null where there is none.
  action(name) {
    const prefix = name.slice(0, name.indexOf(":")).toLowerCase();
    if (!this.#actions.has(prefix)) {
      this.#actions.set(prefix, new Map(this.actions(prefix).map((action) => [action.name.toLowerCase(), action])));
    }
    return this.#actions.get(prefix).get(name.toLowerCase()) ?? null;
  }

  // The actions that an entry of Action matches: of every service for `*`.
  expand(pattern) {
    if (!hasWildcard(pattern)) {
      const found = this.action(pattern);
      return found ? [found] : [];
    }
    const key = pattern.toLowerCase();
    if (!this.#expanded.has(key)) {
      if (this.#expanded.size > 200) this.#expanded.clear();
      this.#expanded.set(key, this.#expand(key));
    }
    return this.#expanded.get(key);
  }

  #expand(pattern) {
    const colon = pattern.indexOf(":");
    const services = [...this.#services.keys()];
    if (colon < 0) {
      // A pattern without a colon matches an action only where a wildcard takes the colon in.
      const whole = globToRegExp(pattern);
      return services.flatMap((prefix) => this.actions(prefix).filter((action) => whole.test(action.name)));
    }
    const service = globToRegExp(pattern.slice(0, colon));
    const bare = globToRegExp(pattern.slice(colon + 1));
    return services
      .filter((prefix) => service.test(prefix))
      .flatMap((prefix) => this.actions(prefix).filter((action) => bare.test(action.bare)));
  }

  // The actions of several entries, each once.
  expandAll(patterns) {
    return [...new Set(patterns.flatMap((pattern) => this.expand(pattern)))];
  }

  // Every action that the entries of NotAction leave.
  expandNot(patterns) {
    const left = new Set(this.expandAll(patterns));
    return this.expand("*").filter((action) => !left.has(action));
  }

  // Resource types

  // One resource type of a service: {service, name, arn, keys}; `arn` is a template with ${Partition}, ${Region}, ….
  resourceType(prefix, name) {
    const item = this.#services.get(prefix.toLowerCase())?.item;
    const found = item?.types[name];
    if (!found) return null;
    return { service: prefix.toLowerCase(), name, arn: found[0], keys: found[1].map((key) => item.keys[key]) };
  }

  resourceTypes(prefix) {
    const item = this.#services.get(prefix.toLowerCase())?.item;
    return item ? Object.keys(item.types).map((name) => this.resourceType(prefix, name)) : [];
  }

  // The resource types that actions take, each once, with the ARN format of each and the actions that take it.
  typesOf(actions) {
    const found = new Map();
    for (const action of actions) {
      for (const name of action.types ?? []) {
        const key = `${action.service} ${name}`;
        if (!found.has(key)) found.set(key, { ...this.resourceType(action.service, name), actions: [] });
        found.get(key).actions.push(action);
      }
    }
    return [...found.values()].filter((type) => type.arn);
  }

  // Whether some of the actions take no resource, so that only `*` is right for them.
  someWithoutType(actions) {
    return actions.some((action) => action.types === null || action.types.length === 0);
  }

  // Condition keys

  // A key in any letter case: {name, type, multiple, when, global, template}; `aws:PrincipalTag/team` finds
  // `aws:PrincipalTag/${TagKey}`. null where it is not known.
  key(name) {
    const lower = name.toLowerCase();
    const exact = this.#keys.get(lower);
    if (exact) return exact;
    const fits = ({ head, tail }) =>
      lower.length > head.length + tail.length && lower.startsWith(head) && lower.endsWith(tail);
    return this.#templates.find(fits)?.key ?? null;
  }

  // The keys that requests for the actions may carry, as key() gives them, and `all`: whether those of every action do.
  // Where resource types are named (["model", …]), the keys of those types; else of all that the actions take.
  keysFor(actions, typeNames = null) {
    const counts = new Map();
    for (const action of actions) {
      for (const name of this.#keysOf(action, typeNames)) counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    const own = [...counts].map(([name, count]) => ({ ...this.#named(name), all: count === actions.length }));
    const tags = /^aws:(request|resource)tag\/|^aws:tagkeys$/i;
    const global = this.globalKeys
      .filter((key) => !counts.has(key.name) && (!tags.test(key.name) || actions.length === 0))
      .map((key) => ({ ...key, all: true }));
    return [...own, ...global];
  }

  #keysOf(action, typeNames) {
    const names = new Set(action.keys);
    for (const type of action.types ?? []) {
      if (typeNames && !typeNames.includes(type)) continue;
      for (const key of this.resourceType(action.service, type)?.keys ?? []) names.add(key);
    }
    return names;
  }

  #named(name) {
    return this.key(name) ?? { name, type: "String", multiple: false, when: "", global: false, template: name.includes("${") };
  }

  #addKey(name, word, more) {
    const key = { name, ...typeOf(word), ...more, template: name.includes("${") };
    if (!this.#keys.has(name.toLowerCase())) this.#keys.set(name.toLowerCase(), key);
    if (!key.template) return;
    const [head, tail] = borders(name);
    this.#templates.push({ head, tail, key });
    this.#templates.sort((a, b) => b.head.length + b.tail.length - a.head.length - a.tail.length);
  }

  // Operators

  // The operators that fit a type of key ("String", "ARN", "Bool", …): {name, types, negated, variables}.
  operatorsFor(type) {
    return this.operators.filter((operator) => operator.types.includes(type));
  }

  // The operator in `ForAnyValue:StringLikeIfExists`, taken apart: {quantifier, operator, ifExists}; null for no operator.
  readOperator(text) {
    const match = /^(?:(ForAllValues|ForAnyValue):)?(.+?)(IfExists)?$/i.exec(text);
    const operator = match && this.operators.find((one) => one.name.toLowerCase() === match[2].toLowerCase());
    return operator ? { quantifier: match[1] ?? "", operator, ifExists: Boolean(match[3]) } : null;
  }
}

// An ARN template with what is known filled in: `arn:aws:sagemaker:*:111122223333:model/*`.
export function fillArn(template, { partition = "aws", region = "*", account = "*" } = {}) {
  return template
    .replace(/\$\{Partition\}/g, partition)
    .replace(/\$\{Region\}/g, region)
    .replace(/\$\{Account\}/g, account)
    .replace(/\$\{[^}]*\}/g, "*");
}

// What an account knows that a policy may name.
export class Known {
  // account, partition, organization ("" for none); accounts [{number, name}]; regions, those in use first;
  // services: service principals; arns [{arn, type}], type "sagemaker:model", "iam:role", "s3:" where only the service
  // is known; tags {key: [values]}; more: whether there are more ARNs than these.
  constructor(data) {
    Object.assign(this, data);
    this.accounts = data.accounts.map(([number, name]) => ({ number, name }));
    this.arns = data.arns.map(([arn, type]) => ({ arn, type }));
  }

  // The ARNs of the given types; of a service of which no more is known, too.
  arnsOf(types) {
    const wanted = new Set(types.flatMap((type) => [type, type.slice(0, type.indexOf(":") + 1)]));
    return this.arns.filter(({ type }) => wanted.has(type));
  }

  // An ARN template with what is known filled in.
  fill(template, region = "*", account = this.account) {
    return fillArn(template, { partition: this.partition, region, account });
  }
}
