import { createHash } from 'node:crypto';
import type { z } from 'zod';
import type { Context } from '../../kernel/context.ts';
import { type Fault, kernelFaults } from '../../kernel/fault.ts';
import { newId, parseId } from '../../kernel/ids.ts';
import type { Envoy } from '../../kernel/module.ts';
import { changeSettings, lockSettings, parseDomainName, readStored, removeSettings } from '../../tenants/index.ts';
import { calendarsFaults } from '../faults.ts';
import { administerCalendars } from '../questions/calendars.ts';
import { organizationRelationships } from '../settings.ts';
import {
  eraseRelationshipCheck,
  listRelationshipChecks,
  type RelationshipCheck,
} from '../store/relationship-checks.ts';
import { envoyOf, type LookUpPorts, within } from './look-up-availability.ts';
import { requireScopes } from './settings-rules.ts';
import { STANDING, type Standing, standing } from './standing.ts';

export interface RelationshipPorts extends LookUpPorts {
  /** Says what is wrong with an address that a stranger's server may be at; undefined: nothing. */
  readonly problemOfEndpoint: (address: string) => Promise<string | undefined>;
}

export type RelationshipValues = z.output<typeof organizationRelationships.shape>;
/** Some values as somebody wrote them: not believed yet. */
export type WrittenValues = Readonly<Record<string, unknown>>;

export interface KeptRelationship {
  readonly id: string;
  readonly values: RelationshipValues;
  readonly etag: string;
  readonly check: RelationshipCheck | undefined;
}

const etagOf = (values: RelationshipValues) =>
  `W/"${createHash('sha256').update(JSON.stringify(values)).digest('hex').slice(0, 16)}"`;

/** Our relationships, in the order of their creation. */
export async function listRelationships(ctx: Context): Promise<KeptRelationship[]> {
  await ctx.demand(administerCalendars, undefined, 'read');
  const checks = await listRelationshipChecks(ctx);
  return [...ctx.settings.collection(organizationRelationships)]
    .map(([id, values]) => ({ id, values, etag: etagOf(values), check: checks.get(id) }))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/** @throws not-found. */
export async function getRelationship(ctx: Context, id: string): Promise<KeptRelationship> {
  const found = (await listRelationships(ctx)).find((one) => one.id === id);
  if (!found) throw kernelFaults.notFound();
  return found;
}

/**
 * Makes a relationship. With `discoverFrom`, the partner behind that domain is asked for its domains, and those named
 * in `domainNames` are the ones confirmed (EX-126). Opens what it needs itself.
 * @throws calendars.invalid-name, .invalid-domain, .invalid-enum, .invalid-endpoint, .invalid-scope-group, .own-domain,
 *   .name-in-use, .domain-in-other-relationship, .partner-not-found, .domains-not-confirmed, .domain-not-proposed.
 */
export async function createRelationship(
  ctx: Context,
  ports: RelationshipPorts,
  written: WrittenValues,
  discoverFrom?: string,
): Promise<KeptRelationship> {
  await ctx.demand(administerCalendars, undefined, 'write');
  const proposal = discoverFrom === undefined ? undefined : await discoverPartner(ctx, ports, discoverFrom);
  const values = await checkWritten(ports, {
    ...written,
    ...(proposal ? { partnerTenantId: proposal.tenantId } : {}),
  });
  if (proposal) {
    const confirmed = values.domainNames ?? [];
    if (confirmed.length === 0) throw calendarsFaults.domainsNotConfirmed(proposal.domains);
    const others = confirmed.filter((domain) => !proposal.domains.includes(domain));
    if (others.length > 0) throw calendarsFaults.domainNotProposed(others);
  }
  if (!values.name) throw calendarsFaults.invalidName('A relationship needs a name.');
  if (!values.domainNames?.length) throw calendarsFaults.invalidDomain('A relationship needs at least one domain.', []);
  return writing(ctx, ports, async (inside) => {
    await requireScopes(inside, values);
    return keep(inside, newId(), values);
  });
}

/** @throws as creating one; not-found; stale when `ifMatch` is not its ETag. */
export async function changeRelationship(
  ctx: Context,
  ports: RelationshipPorts,
  id: string,
  written: WrittenValues,
  ifMatch?: string,
): Promise<KeptRelationship> {
  await ctx.demand(administerCalendars, undefined, 'write');
  const values = await checkWritten(ports, written);
  if (values.name === '') throw calendarsFaults.invalidName('A relationship needs a name.');
  if (values.domainNames?.length === 0)
    throw calendarsFaults.invalidDomain('A relationship needs at least one domain.', []);
  return writing(ctx, ports, async (inside) => {
    await requireUnchanged(inside, id, ifMatch);
    await requireScopes(inside, values);
    return keep(inside, id, values);
  });
}

/** Ends a relationship: what it let in is let in no more. @throws not-found; stale. */
export async function deleteRelationship(ctx: Context, id: string, ifMatch?: string): Promise<void> {
  await ctx.demand(administerCalendars, undefined, 'write');
  await requireUnchanged(ctx, id, ifMatch);
  await removeSettings(ctx, organizationRelationships, id);
  await eraseRelationshipCheck(ctx, id);
}

/** Locks the settings, so that what was compared is what is changed. */
async function requireUnchanged(ctx: Context, id: string, ifMatch: string | undefined): Promise<void> {
  await lockSettings(ctx);
  const before = parseId(id) && (await readStored(ctx, organizationRelationships, id));
  if (!before) throw kernelFaults.notFound();
  if (ifMatch !== undefined && ifMatch !== '*' && ifMatch !== etagOf(before)) throw calendarsFaults.stale();
}

async function keep(ctx: Context, id: string, values: Partial<RelationshipValues>): Promise<KeptRelationship> {
  const after = (await changeSettings(ctx, organizationRelationships, id, values)) as RelationshipValues;
  const check = (await listRelationshipChecks(ctx)).get(id);
  return { id, values: after, etag: etagOf(after), check };
}

export const writing = <T>(ctx: Context, { run }: LookUpPorts, act: (inside: Context) => Promise<T>): Promise<T> => {
  const { tenantId, actor, correlationId, clientAddress } = ctx;
  return run({ tenantId, actor, correlationId, clientAddress }, act);
};

/** Each wrong value has a code of its own (exchange.md §1.3). `null` stands for the default. */
async function checkWritten(ports: RelationshipPorts, written: WrittenValues): Promise<Partial<RelationshipValues>> {
  const fields = organizationRelationships.shape.shape as Record<string, z.ZodType>;
  const values: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(written)) {
    const field = fields[name];
    if (!field) throw kernelFaults.invalid(`A relationship has no "${name}".`);
    const parsed = field.safeParse(value === null ? undefined : value);
    if (!parsed.success) throw faultOf(name, value, parsed.error.issues.map(({ message }) => message).join(' '));
    values[name] = parsed.data;
  }
  for (const name of ENDPOINTS) {
    const address = values[name];
    const problem = typeof address === 'string' ? await ports.problemOfEndpoint(address) : undefined;
    if (problem !== undefined) throw calendarsFaults.invalidEndpoint(`"${name}": ${problem}`);
  }
  return values as Partial<RelationshipValues>;
}

const ENDPOINTS = ['targetAutodiscoverEpr', 'targetSharingEpr', 'targetOwaUrl'] as const;
const ENUMS = ['freeBusyAccessLevel', 'mailTipsAccessLevel', 'mailboxMoveCapability'];

function faultOf(name: string, value: unknown, problem: string): Fault {
  if (name === 'name') return calendarsFaults.invalidName(problem);
  if (name === 'domainNames') {
    const bad = Array.isArray(value) ? value.filter((one) => typeof one !== 'string' || !parseDomainName(one)) : [];
    return calendarsFaults.invalidDomain(problem, bad.map(String));
  }
  if (ENUMS.includes(name)) return calendarsFaults.invalidEnum(`"${name}": ${problem}`);
  if ((ENDPOINTS as readonly string[]).includes(name)) return calendarsFaults.invalidEndpoint(`"${name}": ${problem}`);
  return kernelFaults.invalid(`"${name}": ${problem}`);
}

/** Who asks another organisation as its administrator: without a mailbox, the one that every domain has (RFC 5321 §4.5.1). */
export async function administratorsEnvoy(ctx: Context): Promise<Envoy> {
  if (ctx.actor.kind === 'account' && ctx.actor.userType === 'Member') return envoyOf(ctx);
  const { tenantId, correlationId, tenant } = ctx;
  return { tenantId, correlationId, address: `postmaster@${tenant.defaultDomain}`, displayName: tenant.displayName };
}

/**
 * What the organisation behind a domain says of itself: a proposal that an administrator confirms.
 * @throws calendars.partner-not-found; partners.unreachable.
 */
export async function discoverPartner(ctx: Context, ports: LookUpPorts, text: string): Promise<Standing> {
  await ctx.demand(administerCalendars, undefined, 'write');
  const domain = parseDomainName(text);
  if (!domain) throw calendarsFaults.invalidDomain(`"${text}" is not a domain name of an organisation.`, [text]);
  if (ctx.tenant.domains.includes(domain)) throw calendarsFaults.ownDomain([domain]);
  const to = await ports.partners.findByDomain(ctx.tenantId, domain);
  if (to === undefined) throw calendarsFaults.partnerNotFound(domain);
  const asking = ports.partners.ask(await administratorsEnvoy(ctx), to, STANDING, { v: 1 });
  const said = standing.safeParse(await within(asking, ports.partnerDeadline ?? 5_000));
  if (!said.success) throw kernelFaults.partnerUnreachable(said.error);
  // Whatever it calls itself, it answered for this domain.
  return { ...said.data, tenantId: to };
}
