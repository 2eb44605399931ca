/** Asking an organisation about one of its people, and answering that of ours. */
import { z } from 'zod';
import type { Context } from '../../kernel/context.ts';
import { Fault, kernelFaults } from '../../kernel/fault.ts';
import { heard } from '../../kernel/heard.ts';
import { newId, type TenantId } from '../../kernel/ids.ts';
import {
  type Envoy,
  type Heard,
  keyElsewhere,
  type PartnerRequest,
  type Partners,
  type PersonElsewhere,
  type Run,
  type SaidByHome,
} from '../../kernel/module.ts';
import type { SettingsSnapshot } from '../../kernel/settings.ts';
import { NOBODY_KNOWN, namedIn } from '../model/access-setting.ts';
import { inForce } from '../model/cross-tenant-access.ts';
import type { AskHome, PersonAtHome, Vouched } from '../model/vouched.ts';
import { groupsAgreedToGo } from '../questions/agreed-guests.ts';
import { goOut, partOf } from '../questions/cross-tenant-access.ts';
import { type MayUseFromNetwork, openNetworks } from './networks.ts';

export interface VouchPorts {
  /** Somebody at home here, and everything they are in. */
  readonly personAtHome: (
    ctx: Context,
    person: PersonAtHome,
  ) => Promise<
    | {
        userId: string;
        isActive: boolean;
        groupIds: readonly string[];
        /** Lower case. */
        addresses: readonly string[];
      }
    | undefined
  >;
}

const REQUEST = 'partners.vouch';
/** People in one question. */
const AT_ONCE = 100;

const id = z.guid().toLowerCase();
const ids = z.array(id).max(2_000);
const question = z.object({
  mode: z.enum(['collaboration', 'direct-connect']),
  application: z.object({ id: z.string().max(100), isOwn: z.boolean() }).nullable(),
  people: z
    .array(z.union([z.object({ userId: id }), z.object({ address: z.string().max(320).toLowerCase() })]))
    .min(1)
    .max(AT_ONCE),
  /** The people and groups that the asker's policy names: nothing is told of others. */
  among: z.object({ users: ids, groups: ids }),
});
const answer = z.object({
  people: z.array(
    z.object({
      homeLetsOut: z.boolean(),
      homeReference: z.guid().nullable().default(null),
      homeConsents: z.boolean(),
      isActive: z.boolean(),
      userId: id.nullable(),
      groupIds: ids,
    }),
  ),
});

/**
 * What another organisation asks of ours when one of our people comes: whether we let them out, and which of the people
 * and groups that its policy names they are. An address that nobody has is answered like one that somebody has.
 */
export const vouchRequest = (ports: VouchPorts): PartnerRequest => ({
  name: REQUEST,
  shape: question,
  transaction: 'read',
  // What comes of it is written down where it counts: the sign-in, or that it was refused.
  isRoutine: true,
  async answer(ctx, { mode, application, people, among }: z.output<typeof question>): Promise<z.input<typeof answer>> {
    if (ctx.actor.kind !== 'visitor') return { people: [] };
    const partnerId = ctx.actor.homeTenantId;
    const named = namedIn([inForce(ctx.settings, partnerId, partOf(mode, 'out')).value]);
    const groups = [...new Set([...named.groups, ...groupsAgreedToGo(ctx, { tenantId: partnerId })])];
    const homeConsents = inForce(ctx.settings, partnerId, 'automaticUserConsentSettings').value.outboundAllowed;
    const answered: z.input<typeof answer>['people'] = [];
    for (const person of people) {
      const found = await ports.personAtHome(ctx, person);
      const isIn = (some: readonly string[]) => some.filter((group) => found?.groupIds.includes(group));
      const who = found ? { userId: found.userId, groupIds: isIn(groups) } : NOBODY_KNOWN;
      const asInvited = 'address' in person ? [person.address] : [];
      const { level, decisionId } = await ctx.ask(goOut, {
        tenantId: partnerId,
        mode,
        application,
        ...who,
        groupIds: [...who.groupIds],
        addresses: found ? [...found.addresses] : asInvited,
      });
      answered.push({
        homeLetsOut: level === 'out',
        homeReference: level === 'out' ? null : decisionId,
        homeConsents,
        isActive: 'address' in person || (found?.isActive ?? false),
        userId: found && among.users.includes(found.userId) ? found.userId : null,
        groupIds: isIn(among.groups),
      });
    }
    return { people: answered };
  },
});

export interface Arrivals {
  readonly askHome: AskHome;
  /** The same of many at many homes, of each once; who is missing in the answer is at a home that gave none. */
  askHomes(ctx: Pick<Context, 'tenantId' | 'correlationId'>, people: readonly PersonElsewhere[]): Promise<Heard>;
  readonly mayUseFromNetwork: MayUseFromNetwork;
  /** Of somebody whose organisation can be asked; undefined where there is none, or where it does not answer now. */
  vouchForAddress(ctx: Pick<Context, 'tenantId' | 'correlationId'>, address: string): Promise<Vouched | undefined>;
}

/** Whether nobody is asked: home agrees in its person's name, and the organisation visited takes that (CT-12). */
export const isConsentAutomatic = (settings: SettingsSnapshot, vouched: Vouched | undefined): boolean =>
  vouched?.homeConsents === true &&
  inForce(settings, vouched.homeTenantId, 'automaticUserConsentSettings').value.inboundAllowed;

export function openArrivals(ports: {
  readonly run: Run;
  readonly partners: Partners;
  readonly isHere: (tenantId: TenantId) => Promise<boolean>;
}): Arrivals {
  const actor = { kind: 'system', name: 'partners.vouching' } as const;
  const envoyOf = ({ tenantId, correlationId }: Pick<Context, 'tenantId' | 'correlationId'>) =>
    ports.run({ tenantId, actor, correlationId, readOnly: true }, async (ctx) => envoyOfOrganisation(ctx));
  const askHome: AskHome = async ({ tenantId, correlationId }, asked) => {
    const { homeTenantId, mode = 'collaboration', application, people } = asked;
    const { envoy, among } = await ports.run({ tenantId, actor, correlationId, readOnly: true }, async (ctx) => ({
      envoy: envoyOfOrganisation(ctx),
      among:
        asked.among ??
        namedIn([
          inForce(ctx.settings, homeTenantId, partOf(mode, 'in')).value,
          inForce(ctx.settings, homeTenantId, 'tenantRestrictions').value,
        ]),
    }));
    const answered: Vouched[] = [];
    for (let at = 0; at < people.length; at += AT_ONCE) {
      const some = people.slice(at, at + AT_ONCE);
      const said = heard(
        answer,
        await ports.partners.ask(envoy, homeTenantId, REQUEST, { mode, application, people: some, among }),
      );
      if (said.people.length !== some.length) throw kernelFaults.partnerUnreachable();
      for (const [index, { userId, groupIds, ...rest }] of said.people.entries()) {
        const person = some[index] as PersonAtHome;
        // Whom home has signed in is known by that id, whether or not our policy names them.
        const known = 'userId' in person ? person.userId : userId;
        answered.push({ ...rest, homeTenantId, who: { userId: known, groupIds } });
      }
    }
    return answered;
  };
  return {
    askHome,
    async askHomes(ctx, people) {
      const heard = new Map<string, SaidByHome>();
      for (const [homeTenantId, some] of Map.groupBy(people, (one) => one.homeTenantId)) {
        const each = [...new Map(some.map((one) => [keyElsewhere(one), one])).values()];
        const all = (what: 'users' | 'groups') => [...new Set(some.flatMap(({ among }) => among[what]))];
        const among = { users: all('users'), groups: all('groups') };
        const asked = { homeTenantId, application: null, people: each.map(({ person }) => person), among };
        const answered = await askHome(ctx, asked).catch((error) => {
          if (error instanceof Fault && error.kind !== 'internal') return [];
          throw error;
        });
        for (const [n, { homeLetsOut, homeReference, who }] of answered.entries())
          heard.set(keyElsewhere(each[n] as PersonElsewhere), { homeLetsOut, homeReference, ...who });
      }
      return heard;
    },
    mayUseFromNetwork: openNetworks({ ...ports, askHome, envoyOf }),
    async vouchForAddress(ctx, address) {
      const domain = address.slice(address.lastIndexOf('@') + 1).toLowerCase();
      const homeTenantId = await ports.partners.findByDomain(ctx.tenantId, domain);
      if (!homeTenantId || homeTenantId === ctx.tenantId) return undefined;
      try {
        const [vouched] = await askHome(ctx, { homeTenantId, application: null, people: [{ address }] });
        return vouched;
      } catch (error) {
        // Home is asked once more when the person comes; until then nothing is theirs.
        if (error instanceof Fault && error.kind !== 'internal') return undefined;
        throw error;
      }
    },
  };
}

/** The organisation itself, where nobody in it is meant. */
export const envoyOfOrganisation = (ctx: Context): Envoy => ({
  tenantId: ctx.tenantId,
  address: `entente@${ctx.tenant.defaultDomain}`,
  displayName: ctx.tenant.displayName,
  correlationId: ctx.correlationId || newId(),
});
