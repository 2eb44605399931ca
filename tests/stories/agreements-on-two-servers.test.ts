import { after, before } from 'node:test';
import { type AgreeingPair, agreementStories } from '../support/agreement-stories.ts';
import { becomePartners, startTwoServers, type TwoServers } from '../support/two-servers.ts';

let servers: TwoServers;
before(async () => {
  servers = await startTwoServers();
  await becomePartners(servers);
});
after(() => servers?.close());

agreementStories((): AgreeingPair => servers);
