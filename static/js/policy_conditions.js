// What may stand in a Condition: operators, the keys that exist for the statement's actions, and values by type.
import { actionsOf, arnItem, isOwn, isPart, withTags } from "./policy_complete.js";
import { memberOf } from "./policy_context.js";

const MOST = 400;
const ACCOUNTS = /^(aws:(PrincipalAccount|SourceAccount|ResourceAccount)|s3:ResourceAccount|kms:CallerAccount)$/i;
const SERVICES = /^(iam:PassedToService|iam:AWSServiceName|aws:PrincipalServiceName(sList)?|aws:CalledVia(First|Last)?)$/i;
const ORGANIZATION = /^aws:(Principal|Source|Resource)OrgID$/i;
const IDENTITY = /^aws:PrincipalArn$/i;
const PERMISSIONS = /^iam:(PermissionsBoundary|PolicyARN)$/i;

// Operators for the keys that the actions have; with ForAnyValue and IfExists below the plain ones.
export function conditionOperators({ catalogue, context }) {
  const free = (name) => !memberOf(context.container, name) || isOwn(context, name);
  const item = (name, detail, rank) => ({ name, as: "key", template: '{\n\t"|"\n}', detail, rank, again: true });
  const found = [];
  catalogue.operators.forEach(({ name, types, variables }, index) => {
    const about = name === "Null" ? "whether the key is there" : types.join(", ");
    found.push(item(name, about, 80 - index));
    if (name === "Null") return;
    found.push(item(`${name}IfExists`, `${about}; holds without the key`, 20));
    if (!variables && name !== "Bool") return;
    for (const quantifier of ["ForAnyValue", "ForAllValues"]) found.push(item(`${quantifier}:${name}`, `${about}, several values`, 10));
  });
  return found.filter(({ name }) => free(name));
}

export function conditionKeys(env, operatorName) {
  const { catalogue, known, context } = env;
  const read = catalogue.readOperator(operatorName);
  const fits = (key) => !read || read.operator.types.includes(key.type);
  const chosen = actionsOf(env);
  const keys = catalogue.keysFor(chosen).filter(fits);
  return keys.flatMap((key) => {
    const names = key.template ? withTags(key.name, known) : [key.name];
    const wantsSet = key.multiple && read && !read.quantifier && read.operator.name !== "Null";
    const rank = (key.global ? 30 : 60) + (key.all ? 10 : 0) - (wantsSet ? 25 : 0);
    const about = [key.multiple ? `several ${key.type}` : key.type, key.all ? "" : "some of the actions", wantsSet ? "needs ForAnyValue or ForAllValues" : ""];
    const detail = about.filter(Boolean).join(", ");
    const doc = [key.name, detail, key.when && `Present: ${key.when}`].filter(Boolean).join("\n");
    return names
      .filter((name) => !memberOf(context.container, name) || isOwn(context, name))
      .map((name) => ({ name, as: "key", template: '"|"', detail, doc, rank, again: true }));
  });
}

export function conditionValues(env, operatorName, keyName) {
  const read = env.catalogue.readOperator(operatorName);
  if (read?.operator.name === "Null") return texts(["true", "false"], (name) => (name === "true" ? "the key is absent" : "the key is there"));
  const key = env.catalogue.key(keyName);
  if (key?.type === "Bool" || read?.operator.name === "Bool") return texts(["true", "false"], () => "");
  if (key?.type === "Date") return texts([`${new Date().toISOString().slice(0, 19)}Z`], () => "now, UTC");
  return byName(env, keyName, key);
}

function byName(env, name, key) {
  const { known, context: { before } } = env;
  if (/^aws:RequestedRegion$/i.test(name)) return texts(known.regions, () => "Region");
  if (SERVICES.test(name)) return texts(passed(env, name), () => "service");
  if (/^kms:ViaService$/i.test(name)) return texts(["s3", "sagemaker", "ec2", "ecr", "logs"].flatMap((service) => known.regions.slice(0, 3).map((region) => `${service}.${region}.amazonaws.com`)), () => "service in a Region");
  if (ACCOUNTS.test(name)) return known.accounts.map(({ number, name: label }, index) => ({ name: number, as: "string", detail: label, rank: (number === known.account ? 99 : 50) - index / 1000 }));
  if (ORGANIZATION.test(name)) return known.organization ? texts([known.organization], () => "organization of the account") : [];
  const tag = /tag\/(.+)$/i.exec(name)?.[1];
  if (tag) return [...texts(known.tags[tag] ?? [], () => "value of the tag in the account"), variable(`aws:PrincipalTag/${tag}`)];
  if (/^aws:TagKeys$/i.test(name)) return texts(Object.keys(known.tags), () => "tag of the account");
  if (key?.type !== "ARN") return [];
  const types = IDENTITY.test(name) ? ["iam:role", "iam:user"] : PERMISSIONS.test(name) ? ["iam:policy"] : null;
  const there = types ? known.arnsOf(types) : /kms/i.test(name) ? known.arnsOf(["kms:key"]) : known.arns;
  return there.filter(({ arn }) => isPart(before, arn)).slice(0, MOST).map(arnItem);
}

// The services to which the statement's actions pass roles come first.
function passed({ catalogue, known }, name) {
  const fromActions = /PassedToService/i.test(name) ? Object.values(catalogue.passesRoleTo).flat() : [];
  return [...new Set([...fromActions, ...known.services])];
}

const texts = (names, detail) => names.map((name, index) => ({ name, as: "string", detail: detail(name), rank: 100 - index / 100 }));

const variable = (name) => ({ name: `\${${name}}`, as: "string", detail: "the same tag of the principal", rank: 40 });
