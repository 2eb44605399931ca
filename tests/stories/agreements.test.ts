import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { AgreeingPair } from '../support/agreeing.ts';
import { agreementStories } from '../support/agreement-stories.ts';
import { type People, startPeople } from '../support/people.ts';

let people: People;
let pair: AgreeingPair;
before(async () => {
  people = await startPeople();
  const { app, api, fabrikam, contoso } = people;
  pair = {
    fabrikam: { ...fabrikam, app, api, administrator: fabrikam.ann, member: fabrikam.anders },
    contoso: { ...contoso, app, api, administrator: contoso.carla, member: contoso.bob },
  };
});
after(() => people?.app.close());

agreementStories(() => pair);

test('a test of a partnership on one server finds that nothing lies between both', async () => {
  const { status, body } = await people.api(people.fabrikam.ann)('POST', '/admin/partners/contoso.example/tests', {
    mailbox: null,
  });
  assert.equal(status, 200, JSON.stringify(body));
  const steps = (body as unknown as string)
    .trim()
    .split('\n')
    .flatMap((line) => JSON.parse(line).step ?? []);
  const way = steps.filter(({ end }) => end === 'ours').slice(0, 13);
  assert.deepEqual(
    way.map(({ code, status: state }) => [code, state]),
    [['record-same-server', 'passed'], ...Array.from({ length: 12 }, () => ['same-server', 'not-applicable'])],
  );
});
