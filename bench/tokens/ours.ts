/** Our whole server with one organisation, its database on disk. Says where it listens and what opens it. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startApp } from '../../src/app/app.ts';
import { configurationShape } from '../../src/app/configuration.ts';
import { DEMO, loadOrganisation } from '../../src/app/demo.ts';
import { createLog } from '../../src/platform/log.ts';

const data = await mkdtemp(join(tmpdir(), 'entente-bench-'));
const configuration = configurationShape.parse({ data, port: 0, httpsPort: 0, logLevel: 'silent' });
const app = await startApp({ configuration, log: createLog('silent') });
const [fabrikam] = DEMO;
if (!fabrikam) throw new Error('The demo has organisations.');
const { ann } = fabrikam.people;
if (!ann) throw new Error('Fabrikam has an administrator.');
const { id, people } = await loadOrganisation(app.run, { ...fabrikam, people: { ann } });
const { token: userToken } = await app.run({ tenantId: id, actor: { kind: 'system', name: 'bench' } }, (ctx) =>
  app.signin.mintAccessToken(ctx, people.ann as never, { minutes: 600 }),
);

async function post(path: string, body: unknown) {
  const answer = await fetch(`${app.origin}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${userToken}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as Record<string, string>;
}
const application = await post('/v1.0/applications', { displayName: 'Bench' });
const { secretText = '' } = await post(`/v1.0/applications/${application.id}/addPassword`, {});

process.send?.({
  token: `${app.origin}/${id}/oauth2/v2.0/token`,
  userinfo: `${app.origin}/oidc/userinfo`,
  form: new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: application.appId as string,
    client_secret: secretText,
    scope: 'https://graph.microsoft.com/.default',
  }).toString(),
  userToken,
});
process.once('disconnect', async () => {
  await app.close();
  await rm(data, { recursive: true, force: true });
  process.exit(0);
});
