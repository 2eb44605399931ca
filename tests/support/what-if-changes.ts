/** Changes at random, to be foretold. */
import { newId } from '../../src/kernel/ids.ts';
import type { Api, People } from './people.ts';
import type { Asked, LineBody } from './what-if.ts';
import type { World } from './what-if-world.ts';

/** mulberry32: the same changes at every run. */
export function randomly(seed: number) {
  let state = seed;
  return (below: number) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

interface Where {
  readonly people: People;
  readonly world: World;
  readonly ann: Api;
}

const POLICY = '00000000-0000-4000-8000-000000000001';
const DAY = 86_400_000;
const RELATIONSHIPS = ['0198f2c4-5a0e-7c41-9a63-0d6c1f1f7a10', '0198f2c4-5a0e-7c41-9a63-0d6c1f1f7a11'];
const ROLES = ['auditor', 'user-administrator', 'guest-inviter', 'security-reader', 'exchange-administrator'];

/** One change of any kind, or a moment to come. */
export async function randomChange({ people, world, ann }: Where, random: (below: number) => number): Promise<Asked> {
  const one = <T>(list: readonly T[]): T => list[random(list.length)]!;
  const request = (method: string, path: string, body?: unknown): Asked => ({
    changes: [{ input: { method, path, ...(body === undefined ? {} : { body }) } }],
  });
  const set = (name: string, values: object, target?: string) =>
    request('PATCH', `/admin/settings/${name}`, { values, ...(target ? { target } : {}) });
  const reference = (id: string) => ({ '@odata.id': `https://x/v1.0/directoryObjects/${id}` });
  switch (random(16)) {
    case 0: {
      const mode = one(['any', 'deny', 'allow']);
      const list = [one(['contoso.example', 'tailspin.example', 'elsewhere.example'])];
      return set('directory.external-collaboration', {
        domainRestriction: mode,
        blockedDomains: mode === 'deny' ? list : null,
        allowedDomains: mode === 'allow' ? list : null,
        allowInvitesFrom: one(['everyone', 'adminsAndGuestInviters', 'none']),
      });
    }
    case 1: {
      const target = one<string>([people.contoso.id, people.tailspin.id]);
      const known = target === people.contoso.id ? people.contoso.bob : people.tailspin.tom;
      const names = [
        { target: 'AllUsers', targetType: 'user' },
        { target: known.id, targetType: 'user' },
        { target: world.groupOfContoso, targetType: 'group' },
      ];
      return set('partners.partner-access', { b2bCollaborationInbound: access(random, names) }, target);
    }
    case 14: {
      const [, anders, , dora] = world.accounts as readonly string[] as [string, string, string, string];
      const names = [
        { target: 'AllUsers', targetType: 'user' },
        { target: one([anders, dora]), targetType: 'user' },
        { target: one(world.groups), targetType: 'group' },
      ];
      const target = one<string>([people.contoso.id, people.tailspin.id]);
      return set('partners.partner-access', { b2bCollaborationOutbound: access(random, names) }, target);
    }
    case 15: {
      const domain = one(['contoso.example', 'tailspin.example', 'elsewhere.example']);
      const groups = random(2) === 0 ? [] : [one(world.groups)];
      return request('POST', '/v1.0/invitations', {
        invitedUserEmailAddress: `new${world.pending.length}@${domain}`,
        inviteRedirectUrl: 'https://apps.fabrikam.example/',
        ...(groups.length === 0 ? {} : { assign: { groups } }),
      });
    }
    case 2:
      return set('directory.access', {
        membersMayCreateGroups: random(2) === 0,
        membersMayReadOthers: random(2) === 0,
      });
    case 3:
      return set(
        'calendars.sharing-policies',
        { enabled: random(4) > 0, rules: rules(random), isDefault: true, name: 'Default Sharing Policy' },
        POLICY,
      );
    case 4: {
      const n = random(2);
      const values = {
        name: `Relationship ${n}`,
        domainNames: [['contoso.example', 'tailspin.example'][n]],
        enabled: random(4) > 0,
        freeBusyAccessEnabled: random(4) > 0,
        freeBusyAccessLevel: one(['None', 'AvailabilityOnly', 'LimitedDetails']),
        freeBusyAccessScope: random(2) === 0 ? null : one(world.groups),
      };
      return set('calendars.organization-relationships', values, RELATIONSHIPS[n]);
    }
    case 5: {
      const included = [{ resourceId: random(2) === 0 ? 'All' : one(world.groups), resourceType: 'group' }];
      const value = random(3) === 0 ? null : { isAllowed: random(3) > 0, included };
      const name = one([
        'crossTenantCalendarAvailabilityBasic',
        'crossTenantCalendarAvailabilityLimitedDetails',
        'crossTenantCalendarSharingFreeBusyDetail',
      ]);
      return set('calendars.partner-capabilities', { [name]: value }, one([people.contoso.id, people.tailspin.id]));
    }
    case 6:
    case 7: {
      const group = one(world.groups);
      const member = one<string>([...world.accounts, ...world.guests, ...world.groups]);
      return random(2) === 0
        ? request('POST', `/v1.0/groups/${group}/members/$ref`, reference(member))
        : request('DELETE', `/v1.0/groups/${group}/members/${member}/$ref`);
    }
    case 8: {
      const path = '/v1.0/roleManagement/directory/roleAssignments';
      const held = (await ann('GET', path)).body.value as {
        id: string;
        principalId: string;
        roleDefinitionId: string;
      }[];
      const takeable = held.filter(({ principalId }) => principalId !== people.fabrikam.ann.id);
      if (random(2) === 0 && takeable.length > 0) return request('DELETE', `${path}/${one(takeable).id}`);
      const definitions = (await ann('GET', '/v1.0/roleManagement/directory/roleDefinitions')).body.value;
      const role =
        definitions.find(
          ({ displayName }: { displayName: string }) => displayName.toLowerCase().replaceAll(' ', '-') === one(ROLES),
        ) ?? definitions[0];
      const principalId = one([...world.accounts.slice(1), world.groups[3]!]);
      return request('POST', path, { principalId, roleDefinitionId: role.id, directoryScopeId: '/' });
    }
    case 9: {
      const { value } = (await ann('GET', '/admin/ledger?kind=calendars.calendar&limit=500')).body;
      const shares = value.filter(({ subject }: LineBody) => subject.kind !== 'tenant');
      if (shares.length > 4) return request('DELETE', `/admin/ledger/${one<{ id: string }>(shares).id}`);
      return request('DELETE', `/admin/ledger/${newId()}`);
    }
    case 10: {
      const guest = one(world.guests);
      return random(2) === 0
        ? request('POST', `/admin/guests/${world.guests[1]}/end`, {})
        : request('POST', `/admin/guests/${guest}/extend`, { endsAt: null });
    }
    case 11:
      return request('PATCH', `/v1.0/users/${one([...world.accounts.slice(1), ...world.guests])}`, {
        accountEnabled: random(2) === 0,
      });
    case 12: {
      // Several at once: a membership, and what the group may be told of.
      const first = request('POST', `/v1.0/groups/${world.groups[1]}/members/$ref`, reference(one(world.accounts)));
      const second = set('directory.access', { membersMayCreateGroups: random(2) === 0 });
      return { changes: [...first.changes, ...second.changes] };
    }
    default:
      return { changes: [], at: new Date(people.app.clock.now.getTime() + (1 + random(6)) * DAY).toISOString() };
  }
}

/** Who may, of these, or who may not. */
function access(random: (below: number) => number, names: readonly { target: string; targetType: string }[]) {
  const accessType = ['allowed', 'blocked'][random(2)];
  const targets = [names[random(names.length)]];
  const applications = { accessType, targets: [{ target: 'AllApplications', targetType: 'application' }] };
  return { usersAndGroups: { accessType, targets }, applications };
}

function rules(random: (below: number) => number): string[] {
  const actions = [
    'CalendarSharingFreeBusySimple',
    'CalendarSharingFreeBusyDetail',
    'CalendarSharingFreeBusyReviewer',
    'ContactsSharing',
  ];
  return ['contoso.example', 'tailspin.example', '*', 'Anonymous'].flatMap((domain) =>
    random(3) === 0 ? [] : [`${domain}: ${actions[random(4)]}`],
  );
}
