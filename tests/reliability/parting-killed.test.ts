import assert from 'node:assert/strict';
import { test } from 'node:test';
import { partWhileDying } from '../support/parting-load.ts';
import { ServerProcess } from '../support/server-process.ts';

// `npm run bench -- parting` does the same with 10,000 grants and 20 deaths.

test('beyond 3.3.4: killed while it parts with somebody, the server goes on where it was and nothing is skipped', async (t) => {
  const server = await ServerProcess.create();
  try {
    await server.start();
    const found = await partWhileDying(server, { grants: 900, deaths: 3 });
    t.diagnostic(`died at ${found.diedAt.join(', ')} of ${JSON.stringify(found.before)}`);
    assert.deepEqual(found.losses, []);
    assert.equal(found.deaths, 3);
  } finally {
    await server.end();
  }
});
