import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type pg from 'pg';
import { eventually } from '../support/eventually.ts';
import { ServerProcess } from '../support/server-process.ts';

let server: ServerProcess;
before(async () => {
  server = await ServerProcess.create();
  await server.start();
});
after(() => server.end());

const setUp = () =>
  fetch(`${server.origin}/operator/setup`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      displayName: 'Fabrikam',
      initialDomain: 'fabrikam.example',
      administrator: {
        displayName: 'Ann Beebe',
        userPrincipalName: 'ann@fabrikam.example',
        password: 'purple pears ripen late',
      },
    }),
  });
const isEmpty = async () => (await (await fetch(`${server.origin}/operator/setup`)).json()).isEmpty;

async function behindItsBack<T>(act: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = await server.database();
  try {
    return await act(client);
  } finally {
    await client.end();
  }
}

const tenants = (client: pg.Client) => client.query('select from tenants.tenants').then(({ rowCount }) => rowCount);

test('killed between an organisation and its first administrator, the server keeps neither and is set up anew', async () => {
  // The administrator takes for ever to be written, so that the server dies in between.
  await behindItsBack((client) =>
    client.query(`
      create function public.wait() returns trigger language plpgsql as
        $$ begin perform pg_sleep(600); return new; end $$;
      create trigger wait before insert on directory.accounts execute function public.wait()`),
  );
  const answer = setUp().catch(() => undefined);
  await eventually(() => behindItsBack(async (client) => (await tenants(client)) === 1));
  await server.kill({ database: true });
  assert.equal(await answer, undefined, 'nothing was acknowledged');

  await server.start();
  assert.equal(await isEmpty(), false, 'half of it is there');
  const made = await behindItsBack(async (client) => {
    await client.query('drop trigger wait on directory.accounts; drop function public.wait()');
    // What would be done in a while is done now.
    const { rowCount } = await client.query(
      `update graphile_worker._private_jobs set run_at = now()
        where task_id = (select id from graphile_worker._private_tasks where identifier = 'tenants.remove-unfinished')`,
    );
    await client.query(`notify "jobs:insert", '{"r":"","count":1}'`);
    return rowCount;
  });
  assert.equal(made, 1);
  await eventually(isEmpty);
  assert.equal(await behindItsBack(tenants), 0);

  const again = await setUp();
  assert.equal(again.status, 201, await again.text());
  assert.equal(
    await behindItsBack((client) => client.query('select from directory.accounts').then((r) => r.rowCount)),
    1,
  );
  // And what was finished stays.
  await behindItsBack((client) => client.query('update graphile_worker._private_jobs set run_at = now()'));
  await eventually(() =>
    behindItsBack(async (client) => {
      const { rowCount } = await client.query(
        `select from graphile_worker.jobs where task_identifier = 'tenants.remove-unfinished'`,
      );
      return rowCount === 0;
    }),
  );
  assert.equal(await behindItsBack(tenants), 1);
});
