import { after, before } from 'node:test';
import type { AgreeingPair } from '../support/agreeing.ts';
import { agreementStories } from '../support/agreement-stories.ts';
import { becomePartners, startTwoServers, type TwoServers } from '../support/two-servers.ts';

let servers: TwoServers;
before(async () => {
  servers = await startTwoServers();
  await becomePartners(servers);
  // beyond 3.1 accept 6: all of it holds with clocks ten minutes apart.
  servers.fabrikam.app.clock.advance(600);
});
after(() => servers?.close());

agreementStories((): AgreeingPair => servers);
