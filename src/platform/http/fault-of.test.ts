import assert from 'node:assert/strict';
import { open } from 'node:fs/promises';
import { test } from 'node:test';
import pg from 'pg';
import { createEmptyDatabase } from '../../../tests/support/database.ts';
import { faultOf } from './server.ts';

const thrownBy = async (act: () => Promise<unknown>) => {
  try {
    await act();
  } catch (error) {
    return error;
  }
  assert.fail('nothing was thrown');
};

test('a full disk of the database is told from a database that is away', async (t) => {
  const database = await createEmptyDatabase();
  t.after(() => database.drop());
  const client = new pg.Client({ connectionString: database.adminUrl });
  await client.connect();
  const say = (code: string) =>
    thrownBy(() => client.query(`do $$ begin raise exception 'it failed' using errcode = '${code}'; end $$`));
  const [full, away, bug] = [await say('53100'), await say('57P03'), await say('42703')].map(faultOf);
  await client.end();
  assert.deepEqual([full?.kind, full?.code], ['unavailable', 'request.disk-full']);
  assert.deepEqual([away?.kind, away?.code], ['unavailable', 'request.unavailable']);
  assert.equal(bug?.kind, 'internal');
});

test('a full disk under the files is told as well', { skip: process.platform !== 'linux' }, async () => {
  // The kernel's own device that is always full.
  const device = await open('/dev/full', 'w');
  const fault = faultOf(await thrownBy(() => device.write('x')));
  await device.close();
  assert.equal(fault.code, 'request.disk-full');
  assert.match(fault.sentence, /no room left/);
});
