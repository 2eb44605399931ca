import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { deleteGrants, listGrants, putGrant } from '../../src/access/index.ts';
import { GRANTS } from '../../src/directory/index.ts';
import {
  cancelGuestImport,
  getGuestImport,
  guestImportJob,
  startGuestImport,
} from '../../src/directory/usecases/import-guests.ts';
import { type As, type Cast, startCast } from '../support/cast.ts';
import { eventually } from '../support/eventually.ts';
import { invite, lettersOf, ORIGIN } from '../support/guests.ts';

let cast: Cast;
before(async () => {
  cast = await startCast();
});
after(() => cast.app.close());

const HEADINGS =
  'version:v1.0\nEmail address to invite [inviteeEmail] Required,Redirection url [inviteRedirectURL] Required,' +
  'Send invitation message (true or false) [sendEmail],Customized invitation message [customizedMessageBody]\n';
const start = (as: As, rows: readonly string[]) =>
  as((ctx) =>
    startGuestImport(ctx, { file: Buffer.from(HEADINGS + rows.join('\n')), fileName: 'guests.csv', origin: ORIGIN }),
  );
const look = (id: string) => cast.fabrikam.ann((ctx) => getGuestImport(ctx, id, { after: 0, limit: 2000 }));
const finished = (id: string) =>
  eventually(async () => {
    const found = await look(id);
    return found.state === 'finished' && found;
  });

test('ID-20: a file with three bad lines is refused naming them, and after the correction all are invited', async () => {
  const rows = Array.from({ length: 100 }, (_, i) => `bulk${i}@outside.example,https://apps.example,true,Welcome`);
  const bad = [...rows];
  bad[4] = 'nonsense,https://apps.example,true,';
  bad[50] = 'ok@outside.example,ftp://apps.example,true,';
  bad[99] = 'ok2@outside.example,https://apps.example,yes,';
  await assert.rejects(start(cast.fabrikam.ann, bad), (error: never) => {
    const { code, facts } = error as { code: string; facts: { lines: { line: number; code: string }[] } };
    assert.equal(code, 'directory.import-invalid');
    assert.deepEqual(
      facts.lines.map(({ line, code: why }) => [line, why]),
      [
        [7, 'emailInvalid'],
        [53, 'redirectUrlInvalid'],
        [102, 'sendEmailNotBoolean'],
      ],
    );
    return true;
  });
  assert.deepEqual(await lettersOf(cast.fabrikam), []);
  const done = await finished(await start(cast.fabrikam.ann, rows));
  assert.deepEqual([done.success, done.failure, done.total], [100, 0, 100]);
  const addresses = (await lettersOf(cast.fabrikam)).map((letter) => letter.to.address);
  assert.equal(addresses.length, 100);
  assert.equal(new Set(addresses).size, 100);
});

test('ID-22: a line for a guest who is here already succeeds and writes no second letter', async () => {
  await invite(cast.fabrikam.ann, 'here@outside.example', { isMailed: true });
  const done = await finished(await start(cast.fabrikam.ann, ['here@outside.example,https://apps.example,true,']));
  assert.equal(done.results[0]?.state, 'success');
  assert.equal(done.results[0]?.code, 'alreadyGuest');
  const letters = (await lettersOf(cast.fabrikam)).filter((letter) => letter.to.address === 'here@outside.example');
  assert.equal(letters.length, 1);
});

test('a line that is refused says why, and the others are invited', async () => {
  const done = await finished(
    await start(cast.fabrikam.ann, [
      'ann@fabrikam.example,https://apps.example,false,',
      'fine@outside.example,https://apps.example,false,',
    ]),
  );
  assert.deepEqual(
    done.results.map(({ state, code }) => [state, code]),
    [
      ['failure', 'isMember'],
      ['success', null],
    ],
  );
});

test('an inviter who lost the right meanwhile invites nobody more; members start no import', async () => {
  await assert.rejects(start(cast.fabrikam.anders, ['x@outside.example,https://apps.example,false,']), {
    code: 'access.refused',
  });
  const role = {
    kind: GRANTS.role.kind,
    subject: { kind: 'account' as const, id: cast.fabrikam.andersId },
    object: { kind: GRANTS.role.objectKind, id: 'guest-inviter' },
  };
  await cast.fabrikam.asOperator((ctx) => putGrant(ctx, { ...role, level: GRANTS.role.level, givenBy: 'operator' }));
  const done = await finished(
    await start(cast.fabrikam.anders, ['byanders@outside.example,https://apps.example,false,']),
  );
  assert.equal(done.success, 1);
  await cast.fabrikam.asOperator(async (ctx) => {
    const held = await listGrants(ctx, { kind: role.kind, subjects: [role.subject] });
    await deleteGrants(
      ctx,
      held.map(({ id }) => id),
    );
  });
  await assert.rejects(start(cast.fabrikam.anders, ['y@outside.example,https://apps.example,false,']), {
    code: 'access.refused',
  });
});

test('an import whose work is run twice at once, or again after a crash, invites and writes to nobody twice', async () => {
  const rows = Array.from({ length: 60 }, (_, i) => `twice${i}@outside.example,https://apps.example,true,`);
  const id = await start(cast.fabrikam.ann, rows);
  const job = guestImportJob({ run: cast.app.run });
  const again = () => cast.fabrikam.asOperator((ctx) => job.run(ctx, { importId: id })).catch(() => {});
  await Promise.all([again(), again()]);
  const done = await finished(id);
  await again();
  assert.deepEqual([done.success, done.failure], [60, 0]);
  const letters = (await lettersOf(cast.fabrikam)).filter(({ to }) => to.address.startsWith('twice'));
  assert.equal(letters.length, 60);
  assert.equal(new Set(letters.map(({ to }) => to.address)).size, 60);
});

test('a cancelled import leaves undone what is not done', async () => {
  const rows = Array.from({ length: 2000 }, (_, i) => `c${i}@outside.example,https://apps.example,false,`);
  const id = await start(cast.fabrikam.ann, rows);
  await cast.fabrikam.ann((ctx) => cancelGuestImport(ctx, id));
  const after = await look(id);
  assert.equal(after.state, 'cancelled');
  assert.equal(after.waiting, 0);
  assert.ok(after.success < 2000);
  await cast.fabrikam.ann((ctx) => cancelGuestImport(ctx, id));
  assert.equal((await look(id)).success, after.success);
});
