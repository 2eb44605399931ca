import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type pg from 'pg';
import { eventually } from './eventually.ts';
import { TENANT } from './ledger-load.ts';
import type { ServerProcess } from './server-process.ts';

const MAIN = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
/** Held by the test while the server stands still at a point of applying. */
const STILL = 4_711;

/**
 * Where the server dies: while settings are written, when all are written and none is committed, and once all are
 * committed and nobody may have heard of it.
 */
export const POINTS = ['between two settings', 'before the commit', 'after the commit'] as const;
export type Point = (typeof POINTS)[number];

/** A text with values of round `n` in each of its groups. */
export const textOf = (n: number): string => `settings:
  calendars.mail-tips:
    largestMessageMegabytes: ${40 + n}
  calendars.organization-relationships:
${Array.from({ length: 20 }, (_, i) => `    Partner ${i}:\n      domainNames: [n${n}.p${i}.example]\n`).join('')}  directory.access:
    membersMayReadOthers: ${n % 2 === 0}
  tenants.branding:
    contact: Ask number ${n}.
`;

/** `entente` with a text on its standard input, at a server of the test. */
export async function entente(server: ServerProcess, words: readonly string[], text: string) {
  const { PATH = '' } = process.env;
  const child = spawn(process.execPath, [MAIN, ...words, '-', '--tenant', TENANT], {
    env: { PATH, ENTENTE_DATA: server.data, ENTENTE_SERVER: server.origin },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let said = '';
  child.stdout.on('data', (chunk) => (said += chunk));
  child.stderr.on('data', (chunk) => (said += chunk));
  child.stdin.end(text);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, said };
}

/** Lets the server stand still in whatever writes this setting and is no trial, and before it commits a text. */
export async function prepareToStand(server: ServerProcess): Promise<void> {
  const client = await server.database();
  await client.query(`
    create function tenants.stand_still() returns trigger language plpgsql as $$
    begin
      if current_setting('transaction_isolation') = 'read committed' then
        perform pg_advisory_xact_lock(${STILL}, tg_argv[0]::int);
      end if;
      return new;
    end $$;
    create trigger stand_still before insert or update on tenants.settings for each row
      when (new.declaration = 'directory.access') execute function tenants.stand_still(0);
    create trigger stand_still before insert or update on tenants.settings_references for each row
      when (new.declaration = 'tenants.branding') execute function tenants.stand_still(1);`);
  await client.end();
}

/** Applies a text by the command and kills the server at a point of it. Returns what the command ended with. */
export async function applyAndDie(server: ServerProcess, text: string, point: Point) {
  const client = await server.database();
  const at = POINTS.indexOf(point);
  if (at < 2) await client.query('select pg_advisory_lock($1, $2)', [STILL, at]);
  const before = await countOf(client, 'tenants.settings-text-applied');
  const ending = entente(server, ['apply', '--yes'], text);
  if (at < 2)
    await eventually(async () => {
      const { rows } = await client.query(
        "select 1 from pg_locks where locktype = 'advisory' and classid = $1 and objid = $2 and not granted",
        [STILL, at],
      );
      return rows.length > 0;
    }, `The server did not come to the point ${point}.`);
  else await eventually(async () => (await countOf(client, 'tenants.settings-text-applied')) > before);
  await server.kill({ database: false });
  await client.end().catch(() => undefined);
  return ending;
}

async function countOf(client: pg.Client, action: string): Promise<number> {
  const { rows } = await client.query('select count(*)::int as n from audit.events where action = $1', [action]);
  return rows[0].n;
}

/** Each change that the audit tells of, as `group target name new`. */
export async function changesInAudit(server: ServerProcess): Promise<string[]> {
  const client = await server.database();
  const { rows } = await client.query<{ line: string }>(`
    select concat_ws(' ', target->>'id', facts->>'target', change->>'name', change->>'new') as line
      from audit.events, jsonb_array_elements(targets) target, jsonb_array_elements(target->'changes') change
     where action = 'tenants.setting-changed'`);
  await client.end();
  return rows.map(({ line }) => line);
}

export const exported = async (server: ServerProcess): Promise<string> =>
  (
    await fetch(`${server.origin}/admin/settings-text`, {
      headers: { authorization: `Bearer ${await server.operatorToken()}`, 'entente-tenant': TENANT },
    })
  ).text();
