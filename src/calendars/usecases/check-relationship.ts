import type { Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import { domainOf } from '../../tenants/index.ts';
import { calendarsFaults } from '../faults.ts';
import { MAILBOX_ERRORS, type MailboxError } from '../model/availability.ts';
import { administerCalendars } from '../questions/calendars.ts';
import { organizationRelationships } from '../settings.ts';
import { keepRelationshipCheck } from '../store/relationship-checks.ts';
import { lookUpAvailability, within } from './look-up-availability.ts';
import { administratorsEnvoy, type RelationshipPorts, writing } from './relationships.ts';
import { STANDING, type Standing, standing } from './standing.ts';

export const STEPS = [
  'resolve-domain',
  'find-record',
  'token',
  'reach-endpoint',
  'partner-decision',
  'sample-mailbox',
] as const;

/** One step of the way to a partner's mailbox (EX-25). */
export interface Step {
  readonly step: (typeof STEPS)[number];
  readonly status: 'passed' | 'failed' | 'skipped';
  readonly detail: string;
  /** What to do, in a line; null: nothing. */
  readonly remedy: string | null;
}

const REMEDIES: Partial<Record<MailboxError, string>> = {
  ErrorMailRecipientNotFound: 'Check the address: the partner has no such mailbox.',
  ErrorNoFreeBusyAccess:
    'Ask the partner whether this person is in the scope of its relationship, and what they share.',
  ErrorProxyRequestProcessingFailed: 'Try again shortly; if it stays so, ask the partner.',
};

/**
 * Goes the way that a lookup of `address` goes, step by step, up to the lookup itself. What follows a step that failed
 * is skipped. What was found out is kept with the relationship. Opens what it needs itself.
 * @throws not-found; calendars.invalid-domain for an address without one.
 */
export async function* checkRelationship(
  ctx: Context,
  ports: RelationshipPorts,
  { id, address }: { id: string; address: string },
): AsyncGenerator<Step> {
  const values = ctx.settings.collection(organizationRelationships).get(id);
  if (!values) throw kernelFaults.notFound();
  const domain = domainOf(address);
  if (!domain) throw calendarsFaults.invalidDomain(`"${address}" has no domain.`, [address]);

  let said: Standing | undefined;
  const tries: Record<Step['step'], () => Promise<Pick<Step, 'detail' | 'remedy'>>> = {
    async 'resolve-domain'() {
      const found = await ports.partners.findByDomain(ctx.tenantId, domain);
      return found === undefined
        ? { detail: `Nobody knows an organisation behind ${domain}.`, remedy: 'Check the spelling of the domain.' }
        : { detail: `${domain} belongs to an organisation that can be reached.`, remedy: null };
    },
    async 'find-record'() {
      const { enabled, freeBusyAccessEnabled, domainNames } = values;
      const detail = `"${values.name}" holds ${domainNames.join(', ')}.`;
      if (!domainNames.includes(domain)) return { detail, remedy: `Add ${domain} to the domains of the relationship.` };
      if (!enabled) return { detail, remedy: 'Enable the relationship.' };
      return { detail, remedy: freeBusyAccessEnabled ? null : 'Enable free/busy in the relationship.' };
    },
    async token() {
      const { address: ours } = await administratorsEnvoy(ctx);
      const isOurs = ctx.tenant.domains.includes(domainOf(ours) ?? '');
      const remedy = isOurs ? null : `Verify the domain of ${ours} in your organisation.`;
      return { detail: `Asked as ${ours}.`, remedy };
    },
    async 'reach-endpoint'() {
      const to = (await ports.partners.findByDomain(ctx.tenantId, domain))!;
      try {
        const asking = ports.partners.ask(await administratorsEnvoy(ctx), to, STANDING, { v: 1 });
        said = standing.parse(await within(asking, ports.partnerDeadline ?? 5_000));
        return { detail: 'The partner answers.', remedy: null };
      } catch {
        return { detail: 'The partner does not answer.', remedy: 'Ask the partner whether its server is running.' };
      }
    },
    async 'partner-decision'() {
      return said?.mayLookUp
        ? { detail: 'The partner lets your people look up when its people are free.', remedy: null }
        : {
            detail: 'The partner does not let your people look up when its people are free.',
            remedy: 'Ask the partner to make a relationship with your domain that has free/busy enabled.',
          };
    },
    async 'sample-mailbox'() {
      const from = ctx.now;
      const to = new Date(from.getTime() + 86_400_000);
      const [found] = await lookUpAvailability(ctx, ports, { addresses: [address], from, to, minutes: 30 });
      if (found === undefined || found.error === undefined)
        return { detail: `${address} was looked up; ${found?.items.length ?? 0} entries in a day.`, remedy: null };
      const { error } = found;
      return { detail: MAILBOX_ERRORS[error], remedy: REMEDIES[error] ?? 'Look at the steps before.' };
    },
  };

  let hasFailed = false;
  for (const step of STEPS) {
    if (hasFailed) {
      yield { step, status: 'skipped', detail: 'A step before failed.', remedy: null };
      continue;
    }
    const found = await tries[step]();
    hasFailed = found.remedy !== null;
    if (step === 'sample-mailbox' || hasFailed) await keepFound(ctx, ports, id, said);
    yield { step, status: hasFailed ? 'failed' : 'passed', ...found };
  }
}

const keepFound = (ctx: Context, ports: RelationshipPorts, id: string, said: Standing | undefined) =>
  writing(ctx, ports, async (inside) => {
    await inside.demand(administerCalendars, undefined, 'write');
    await keepRelationshipCheck(inside, id, {
      checkedAt: inside.now,
      isReachable: said !== undefined,
      partnerGrantsUs: said?.mayLookUp ?? null,
      partnerDomains: said?.domains ?? [],
    });
  });
