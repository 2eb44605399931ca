import { newId, type TenantId } from '../../src/kernel/ids.ts';
import type { Partners } from '../../src/kernel/module.ts';
import { type Person, startPeople } from '../../tests/support/people.ts';

export interface SharedLogFound {
  readonly actions: number;
  readonly lookUpsPerSecond: number;
  readonly exchangeSeconds: number;
  readonly unmatched: number;
  readonly matched: readonly number[];
}

/** Two organisations look each other's people up, `actions` times in all, 16 at once; then they compare their logs. */
export async function compareAfter(actions: number): Promise<SharedLogFound> {
  const people = await startPeople();
  try {
    const { fabrikam, contoso } = people;
    const { partners } = people.app.modules.find(({ name }) => name === 'partners') as unknown as {
      partners: Partners;
    };
    const lookUp = (from: Person, to: TenantId, target: string) =>
      partners.ask(
        {
          tenantId: from.tenantId,
          address: from.userPrincipalName,
          displayName: 'Somebody',
          correlationId: newId(),
        },
        to,
        'calendars.availability',
        {
          v: 1,
          requester: { tenantId: from.tenantId, user: from.userPrincipalName },
          targets: [target],
          start: '2026-05-04T00:00:00Z',
          end: '2026-05-05T00:00:00Z',
          interval: 30,
          wanted: 'LimitedDetails',
        },
      );
    let next = 0;
    const work = async () => {
      for (let index = next++; index < actions; index = next++) {
        if (index % 2 === 0) await lookUp(fabrikam.anders, contoso.id, contoso.bob.userPrincipalName);
        else await lookUp(contoso.bob, fabrikam.id, fabrikam.anders.userPrincipalName);
      }
    };
    const begun = performance.now();
    await Promise.all(Array.from({ length: 16 }, work));
    const seconds = (performance.now() - begun) / 1000;

    const compared = performance.now();
    const [ann, carla] = [people.api(fabrikam.ann), people.api(contoso.carla)];
    const logOf = (partner: TenantId) => `/admin/partners/${partner}/shared-log`;
    for (let round = 0; round < 2; round += 1) {
      await ann('POST', `${logOf(contoso.id)}/exchange`);
      await carla('POST', `${logOf(fabrikam.id)}/exchange`);
    }
    const exchangeSeconds = (performance.now() - compared) / 1000;
    const states = [await ann('GET', logOf(contoso.id)), await carla('GET', logOf(fabrikam.id))].map(
      ({ body }) => body,
    );
    return {
      actions,
      lookUpsPerSecond: Math.round(actions / seconds),
      exchangeSeconds: Math.round(exchangeSeconds * 10) / 10,
      unmatched: states.reduce((sum, { ours, theirs }) => sum + ours.unmatched + theirs.unmatched, 0),
      matched: states.map(({ ours }) => ours.records - ours.unmatched),
    };
  } finally {
    await people.app.close();
  }
}
