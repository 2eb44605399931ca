/** What a test of a partnership looks at in calendars: who may look up times, and one mailbox that is looked up. */
import { z } from 'zod';
import { type AgreedStanding, agreedStanding } from '../../kernel/agreement.ts';
import type { Context } from '../../kernel/context.ts';
import { atLeast } from '../../kernel/decision.ts';
import { type Finding, failed, notApplicable, type PartnerCheck, passed } from '../../kernel/diagnosis.ts';
import { domainOf } from '../../tenants/index.ts';
import type { Schedule } from '../model/availability.ts';
import { LOOKUP_WORDS } from '../model/diagnosis-words.ts';
import { freeBusyTerm } from './agreed.ts';
import { askAboutOrganisation } from './free-busy.ts';
import { askPartner, type LookUpPorts, mayLookOut } from './look-up-availability.ts';
import { administratorsEnvoy } from './relationships.ts';

const LOOK_OUT = 'calendars.look-out';
const TIMES = 'calendars.times';
const MAILBOX = 'calendars.mailbox';
const PERMISSION = 'calendars.permission';
const DATA = 'calendars.data';

/** Whether something is expected of a direction: it was agreed, or somebody asked for a mailbox. */
const isAgreed = ({ level, isRequired }: AgreedStanding): boolean =>
  isRequired || (level !== undefined && level !== 'none');

/** What an end says of itself for whoever looks things up there. */
const standing = z.object({ mayLookUp: z.boolean(), domains: z.array(z.string().max(253)).max(5_000) });
type ToldStanding = z.output<typeof standing>;
const readStanding = (data: unknown): ToldStanding | undefined => standing.safeParse(data).data;

export const availabilityCheck = (ports: LookUpPorts): PartnerCheck => ({
  steps: [LOOK_OUT, TIMES, MAILBOX, PERMISSION, DATA],
  words: LOOKUP_WORDS,

  async look(ctx, { partner, mailbox, isAsker }) {
    const domain = (isAsker && mailbox ? domainOf(mailbox) : undefined) ?? partner.domains[0] ?? '';
    return [
      await lookOut(ctx, domain, isAsker && mailbox !== null),
      await timesFor(ctx, partner, isAsker ? null : mailbox),
    ];
  },

  async compare(ctx, { partner, mailbox }, ends) {
    if (mailbox === null) {
      const none = { code: 'mailbox-not-named', side: 'theirs' } as const;
      return [MAILBOX, PERMISSION, DATA].map((step) => notApplicable(step, none));
    }
    const from = ctx.now;
    const to = new Date(from.getTime() + 7 * 86_400_000);
    const envoy = await administratorsEnvoy(ctx);
    const looked = { addresses: [mailbox], from, to, minutes: 60 };
    const [found] = await askPartner(ports, envoy, partner.tenantId, [mailbox], looked, true);
    const isOpen = readStanding(ends.dataOf('theirs', TIMES))?.mayLookUp ?? false;
    return found ? lookedUp(found, mailbox, isOpen) : [];
  },
});

/** Whether our people may ask there. */
async function lookOut(ctx: Context, domain: string, isMeant: boolean): Promise<Finding> {
  const standing = agreedStanding(ctx, freeBusyTerm, 'theirs', { domain });
  const anybody = {
    ...mayLookOut,
    facts: async () => ({ ...(await mayLookOut.facts(ctx, { domain })), agreement: standing }),
    grants: systemGrant,
  };
  const answer = await ctx.ask(anybody, { domain }, { quiet: true });
  if (atLeast(answer, 'partner-times')) return passed(LOOK_OUT, { code: 'look-out-open' });
  const found = { code: 'look-out-closed', facts: { domain } };
  const expected = isMeant || isAgreed(standing);
  if (!expected) return notApplicable(LOOK_OUT, found);
  // Why it does not is for our own administrators.
  return { ...failed(LOOK_OUT, 'ours', found), told: { status: 'failed', side: 'ours', code: 'not-told' } };
}

/** The rules of the organisation alone: what a single person or program may is another matter. */
function* systemGrant() {
  const subject = { kind: 'system', id: 'partners.diagnosis' };
  yield { id: 'system', level: 'partners' as const, path: 'direct' as const, subject };
}

/** What people of the partner are told here. Why they are not is for our own administrators. */
async function timesFor(
  ctx: Context,
  partner: {
    readonly tenantId: Parameters<typeof askAboutOrganisation>[1]['homeTenantId'];
    readonly domains: readonly string[];
  },
  mailbox: string | null,
): Promise<Finding> {
  const address = `anybody@${partner.domains[0] ?? 'invalid'}`;
  const visitor = { kind: 'visitor', homeTenantId: partner.tenantId, address, displayName: address } as const;
  const { level, because, decisionId } = await askAboutOrganisation(ctx, visitor, mailbox);
  const data: ToldStanding = { mayLookUp: level !== 'none', domains: [...ctx.tenant.domains] };
  if (level !== 'none') return passed(TIMES, { code: 'times-open', facts: { level }, data });
  const rules = because.map((reason) => ('sentence' in reason ? String(reason.sentence) : reason.kind)).join(' ');
  const isMeant =
    mailbox !== null || isAgreed(agreedStanding(ctx, freeBusyTerm, 'ours', { tenantId: partner.tenantId }));
  if (!isMeant)
    return {
      ...notApplicable(TIMES, { code: 'times-closed', facts: { rules }, data }),
      told: { status: 'not-applicable', side: 'ours', code: 'times-not-meant' },
    };
  return {
    ...failed(TIMES, 'ours', { code: 'times-closed', facts: { rules }, data }),
    told: {
      status: 'failed',
      side: 'ours',
      ...(mailbox === null ? { code: 'not-told' } : { code: 'not-told-reference', facts: { reference: decisionId } }),
    },
  };
}

/** What a lookup of one mailbox came to. What the partner itself is shown does not tell a missing one from a closed one. */
function lookedUp(found: Schedule, mailbox: string, isOpen: boolean): Finding[] {
  const facts = { mailbox };
  const toldGood = { status: 'passed', side: 'theirs', code: 'lookup-told' } as const;
  const reached = passed(MAILBOX, { code: 'mailbox-found', side: 'theirs', facts, told: toldGood });
  const given = passed(PERMISSION, { code: 'permission-given', side: 'theirs', facts, told: toldGood });
  if (found.error === undefined) {
    const count = found.items.length;
    const data = count === 0 ? { code: 'data-nothing' } : { code: 'data-booked', facts: { count: String(count) } };
    return [reached, given, passed(DATA, { side: 'theirs', told: toldGood, ...data })];
  }
  const { error, reference = '' } = found;
  const told = { status: 'failed', side: 'theirs', code: 'not-told-mailbox', facts: { reference } } as const;
  switch (error) {
    case 'ErrorMailRecipientNotFound':
      return [{ ...failed(MAILBOX, 'theirs', { code: 'mailbox-missing', facts }), told }];
    case 'ErrorNoFreeBusyAccess':
      return [
        // Where nobody is told anything, nobody is told either whether there is such a mailbox.
        isOpen
          ? { ...reached, told }
          : { ...failed(MAILBOX, 'theirs', { code: 'not-told-mailbox', facts: { reference } }) },
        {
          ...failed(PERMISSION, 'theirs', { code: 'permission-denied', facts: { mailbox, reference } }),
          told: { status: 'not-reached', side: 'between', code: 'before-failed' },
        },
      ];
    case 'ErrorProxyRequestProcessingFailed':
    case 'ErrorProxyRequestNotAllowed':
      return [failed(DATA, 'between', { code: 'data-unreachable' })];
    default:
      return [reached, given, failed(DATA, 'theirs', { code: 'data-failed', facts: { reason: error } })];
  }
}
