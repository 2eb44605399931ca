import { after, before } from 'node:test';
import { type AgreeingPair, agreementStories } from '../support/agreement-stories.ts';
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
