import assert from 'node:assert/strict';
import pg from 'pg';
import type { TenantId } from '../../src/kernel/ids.ts';
import type { Partners } from '../../src/kernel/module.ts';
import type { TestApp } from './app.ts';
import { soon } from './eventually.ts';
import type { Api, People, Person } from './people.ts';

/** One party: an organisation with an administrator and a member, on a server that it may share with the other. */
export interface AgreeingSide {
  readonly app: TestApp;
  readonly id: TenantId;
  readonly domain: string;
  readonly administrator: Person;
  readonly member: Person;
  readonly api: People['api'];
}

export interface AgreeingPair {
  readonly fabrikam: AgreeingSide;
  readonly contoso: AgreeingSide;
}

export const BASE = '/admin/partners/agreements';

export const partnersOf = ({ app }: AgreeingSide): Partners =>
  (app.modules.find(({ name }) => name === 'partners') as unknown as { partners: Partners }).partners;

interface Actors {
  readonly ann: Api;
  readonly anders: Api;
  readonly carla: Api;
  readonly bob: Api;
}

/** What the stories of agreements do over and over. `pair` is there once a test runs. */
export function agreeing(pair: () => AgreeingPair) {
  const actors = (): Actors => {
    const { fabrikam, contoso } = pair();
    return {
      ann: fabrikam.api(fabrikam.administrator),
      anders: fabrikam.api(fabrikam.member),
      carla: contoso.api(contoso.administrator),
      bob: contoso.api(contoso.member),
    };
  };

  const ok = async (answering: ReturnType<Api>, status = 200) => {
    const answer = await answering;
    assert.equal(answer.status, status, JSON.stringify(answer.body));
    return answer.body;
  };
  const refused = async (answering: ReturnType<Api>, status: number, code: string) => {
    const answer = await answering;
    assert.deepEqual([answer.status, answer.body.code], [status, code], JSON.stringify(answer.body));
  };

  const fabrikamOffers = (level: string, term = 'calendars.free-busy') => [
    { term, of: 'fabrikam.example', offers: level, accepts: level },
  ];

  const propose = async (terms: readonly unknown[]) =>
    ok(
      actors().ann('POST', BASE, { partner: 'contoso.example', title: 'Working together', terms, propose: true }),
      201,
    );

  const seenBy = async (api: Api, id: string, check: (found: Record<string, unknown>) => void) =>
    soon(async () => {
      const found = await ok(api('GET', `${BASE}/${id}`));
      check(found);
      return found;
    });
  const stateIs = (api: Api, id: string, state: string) => seenBy(api, id, (found) => assert.equal(found.state, state));

  const makeActive = async (terms: readonly unknown[]) => {
    const { ann, carla } = actors();
    const { id } = await propose(terms);
    await stateIs(carla, id, 'proposed');
    assert.equal((await ok(carla('POST', `${BASE}/${id}/sign`, {}))).state, 'active');
    await stateIs(ann, id, 'active');
    return id as string;
  };
  const end = async (id: string) => {
    const { ann, carla } = actors();
    await ok(ann('POST', `${BASE}/${id}/end`, {}));
    await stateIs(carla, id, 'ended');
  };

  /** What somebody is told of the other's member's time on one day: an error, or the entries. */
  async function lookUp(api: Api, address: string) {
    const { value } = await ok(
      api('POST', '/v1.0/me/calendar/getSchedule', {
        schedules: [address],
        startTime: { dateTime: '2026-05-04T00:00:00', timeZone: 'UTC' },
        endTime: { dateTime: '2026-05-05T00:00:00', timeZone: 'UTC' },
      }),
    );
    const [found] = value;
    return found.error?.responseCode ?? found.scheduleItems;
  }
  const bobSees = () => lookUp(actors().bob, 'anders@fabrikam.example');
  const andersSees = () => lookUp(actors().anders, 'bob@contoso.example');

  /** A meeting of somebody who lets everybody at home see subjects and places: nothing but the agreement holds it back. */
  async function planFor(api: Api, subject: string): Promise<void> {
    await ok(
      api('POST', '/v1.0/me/events', {
        subject,
        location: { displayName: 'Room 5' },
        start: { dateTime: '2026-05-04T09:00:00', timeZone: 'UTC' },
        end: { dateTime: '2026-05-04T10:00:00', timeZone: 'UTC' },
      }),
      201,
    );
    const { value } = await ok(api('GET', '/v1.0/me/calendar/calendarPermissions'));
    const everybody = value.find((one: { isInsideOrganization: boolean; emailAddress: { name: string } }) =>
      /my organization/i.test(one.emailAddress.name),
    );
    await ok(api('PATCH', `/v1.0/me/calendar/calendarPermissions/${everybody.id}`, { role: 'limitedRead' }));
  }

  const settingsOf = (api: Api, name: string) => ok(api('GET', `/admin/settings/${name}`));
  const require = (api: Api, requiredFor: readonly string[]) =>
    ok(api('PATCH', '/admin/settings/partners.agreement-rules', { values: { requiredFor } }));

  async function sql(side: AgreeingSide, text: string, values: readonly unknown[] = []) {
    const client = new pg.Client({ connectionString: side.app.adminUrl });
    await client.connect();
    try {
      return (await client.query(text, [...values])).rows;
    } finally {
      await client.end();
    }
  }

  /** Under whose settings Fabrikam works, once an agreement that both signed has become them. */
  const holds = (id: string) =>
    soon(async () => {
      const { ann } = actors();
      const { settings } = await ok(ann('GET', `/admin/settings/partners.agreed-terms?target=${pair().contoso.id}`));
      const held = settings.find(({ name }: { name: string }) => name === 'agreementId');
      assert.equal(held.value, id);
    });

  return {
    actors,
    ok,
    refused,
    fabrikamOffers,
    propose,
    seenBy,
    stateIs,
    makeActive,
    end,
    bobSees,
    andersSees,
    lookUp,
    planFor,
    settingsOf,
    require,
    sql,
    holds,
  };
}
