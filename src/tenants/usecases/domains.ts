import type { Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import { TENANT_CHANGED } from '../events.ts';
import { tenantsFaults } from '../faults.ts';
import {
  type Domain,
  type DomainReference,
  proofText,
  type SupportedService,
  type TxtLookup,
} from '../model/domain.ts';
import { type DomainName, domainOf, parentDomains, parseDomainName } from '../model/domain-name.ts';
import { administerDomains } from '../questions.ts';
import {
  deleteDomainRow,
  findDomain,
  insertDomain,
  listDomains,
  listHeldElsewhere,
  lockDomain,
  markVerified,
  setDefault,
  setSupportedServices,
} from '../store/domains.ts';
import { newProof } from './create-tenant.ts';

/** What keeps accounts, groups and applications tells of a domain; connected by the composition root. */
export interface DomainPorts {
  readonly dns: TxtLookup;
  /** Everything whose sign-in name or address ends in the domain. */
  domainReferences(ctx: Context, domain: DomainName): Promise<readonly DomainReference[]>;
  /** Gives all of it the same name in another verified domain, in this transaction. */
  renameDomainReferences(ctx: Context, from: DomainName, to: DomainName): Promise<void>;
}

/** The organisation's domains, proven or not, by name. */
export async function listOwnDomains(ctx: Context): Promise<Domain[]> {
  await ctx.demand(administerDomains, undefined, 'read');
  return listDomains(ctx);
}

/** @throws not-found for a name that is not among the organisation's own. */
export async function getDomain(ctx: Context, text: string): Promise<Domain> {
  await ctx.demand(administerDomains, undefined, 'read');
  return required(await findDomain(ctx, spelled(text)));
}

/**
 * Claims a name, with a proof to publish. Says nothing of who else claims or holds it (XC-6).
 * @throws tenants.not-a-domain, tenants.domain-already-added.
 */
export async function addDomain(ctx: Context, text: string): Promise<Domain> {
  await ctx.demand(administerDomains, undefined, 'write');
  const name = parseDomainName(text);
  if (!name) throw tenantsFaults.notADomain(text);
  const domain = await insertDomain(ctx, name, newProof());
  record(ctx, 'tenants.domain-added', name);
  return domain;
}

/**
 * Makes a claimed domain the organisation's own once DNS shows its proof: a TXT record of the name itself. A name below
 * one that is already the organisation's needs none; a name below another organisation's needs the same record there
 * too. The first to prove wins.
 * @throws tenants.domain-proof-missing, tenants.domain-parent-proof-missing, tenants.domain-held-elsewhere,
 *   tenants.dns-unavailable.
 */
export async function verifyDomain(ctx: Context, dns: TxtLookup, text: string): Promise<Domain> {
  await ctx.demand(administerDomains, undefined, 'write');
  const claimed = required(await findDomain(ctx, spelled(text)));
  if (claimed.verifiedAt) return claimed;
  const { name } = claimed;
  const parents = parentDomains(name);

  const own = new Set((await listDomains(ctx)).filter((one) => one.verifiedAt).map((one) => one.name));
  if (!parents.some((parent) => own.has(parent))) {
    if (!(await shows(dns, name, claimed))) throw tenantsFaults.proofMissing(name, proofText(claimed));
    // Only now, with the proof right, may the answer depend on what others hold.
    for (const parent of await listHeldElsewhere(ctx, parents)) {
      if (!(await shows(dns, parent, claimed))) throw tenantsFaults.parentProofMissing(parent, proofText(claimed));
    }
  }
  const verified = await markVerified(ctx, name);
  record(ctx, 'tenants.domain-verified', name);
  await ctx.announce(TENANT_CHANGED, {});
  return verified;
}

/** Makes a verified domain the default one, or says what it is used for. */
export async function changeDomain(
  ctx: Context,
  text: string,
  changes: { isDefault?: true; supportedServices?: readonly SupportedService[] },
): Promise<Domain> {
  await ctx.demand(administerDomains, undefined, 'write');
  const before = required(await lockDomain(ctx, spelled(text), 'update'));
  if (!before.verifiedAt) throw tenantsFaults.domainNotVerified(before.name);
  if (changes.isDefault && !before.isDefault) {
    await setDefault(ctx, before.name);
    record(ctx, 'tenants.domain-made-default', before.name);
  }
  if (changes.supportedServices) {
    const services = [...new Set(changes.supportedServices)];
    await setSupportedServices(ctx, before.name, services);
    record(ctx, 'tenants.domain-services-changed', before.name, [
      { name: 'supportedServices', old: before.supportedServices, new: services },
    ]);
  }
  await ctx.announce(TENANT_CHANGED, {});
  return required(await findDomain(ctx, before.name));
}

/** What must be renamed before the domain can be removed. */
export async function listDomainReferences(
  ctx: Context,
  ports: DomainPorts,
  text: string,
): Promise<readonly DomainReference[]> {
  const domain = await getDomain(ctx, text);
  return ports.domainReferences(ctx, domain.name);
}

/**
 * Gives a domain up; any organisation that proves it may have it then.
 * @throws tenants.domain-in-use with what refers to it (XC-8); the initial and the default domain stay.
 */
export async function removeDomain(ctx: Context, ports: DomainPorts, text: string): Promise<void> {
  const { name } = await lockRemovable(ctx, text);
  const references = await ports.domainReferences(ctx, name);
  if (references.length > 0) throw tenantsFaults.domainInUse(name, references);
  await remove(ctx, name);
}

/** Renames everything that carries the domain to the initial one, then gives it up: all in one transaction. */
export async function forceRemoveDomain(ctx: Context, ports: DomainPorts, text: string): Promise<void> {
  const { name } = await lockRemovable(ctx, text);
  await ports.renameDomainReferences(ctx, name, ctx.tenant.initialDomain as DomainName);
  // Whatever the renaming left behind keeps the domain here.
  const left = await ports.domainReferences(ctx, name);
  if (left.length > 0) throw tenantsFaults.domainInUse(name, left);
  await remove(ctx, name);
}

/**
 * The domain, verified and kept from removal until the transaction ends: for whatever is about to be named in it
 * (XC-7). `text` is a domain or an address in it.
 * @throws tenants.domain-not-verified.
 */
export async function requireVerifiedDomain(ctx: Context, text: string): Promise<DomainName> {
  const name = text.includes('@') ? domainOf(text) : parseDomainName(text);
  const domain = name && (await lockDomain(ctx, name, 'share'));
  if (!domain?.verifiedAt) throw tenantsFaults.domainNotVerified(text);
  return domain.name;
}

async function lockRemovable(ctx: Context, text: string): Promise<Domain> {
  await ctx.demand(administerDomains, undefined, 'write');
  const domain = required(await lockDomain(ctx, spelled(text), 'update'));
  if (domain.isInitial) throw tenantsFaults.initialDomainStays(domain.name);
  if (domain.isDefault) throw tenantsFaults.defaultDomainStays(domain.name);
  return domain;
}

async function remove(ctx: Context, name: DomainName): Promise<void> {
  await deleteDomainRow(ctx, name);
  record(ctx, 'tenants.domain-removed', name);
  await ctx.announce(TENANT_CHANGED, {});
}

async function shows(dns: TxtLookup, name: string, domain: Domain): Promise<boolean> {
  const wanted = proofText(domain);
  try {
    return (await dns.txt(name)).some((text) => text.trim() === wanted);
  } catch (error) {
    throw tenantsFaults.dnsUnavailable(error);
  }
}

function record(
  ctx: Context,
  action: string,
  name: DomainName,
  changes: { name: string; old: unknown; new: unknown }[] = [],
): void {
  ctx.record({
    action,
    category: 'DomainManagement',
    targets: [{ kind: 'domain', id: name, displayName: name, changes }],
  });
}

const spelled = (text: string): string => parseDomainName(text) ?? '';

function required(domain: Domain | undefined): Domain {
  if (!domain) throw kernelFaults.notFound();
  return domain;
}
