import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { SMTPServer } from 'smtp-server';
import { requestPasscode } from '../../src/directory/index.ts';
import { getGuestImport, startGuestImport } from '../../src/directory/usecases/import-guests.ts';
import { readOwnMail, readSentMail } from '../../src/directory/usecases/read-mail.ts';
import { listDeliveredMails, mailJobs, type OutgoingMail, queueMail } from '../../src/platform/mail-queue.ts';
import { findTenantIdByDomain } from '../../src/tenants/index.ts';
import { type Cast, startCast } from '../support/cast.ts';
import { eventually } from '../support/eventually.ts';
import { invite, lettersOf, ORIGIN } from '../support/guests.ts';

interface Received {
  readonly to: string;
  readonly content: string;
}
const received: Received[] = [];
/** What the mail server says to a recipient, by the local part of the address. */
let answers: Record<string, number> = {};
let smtp: SMTPServer;
let cast: Cast;

before(async () => {
  smtp = new SMTPServer({
    disabledCommands: ['STARTTLS', 'AUTH'],
    onRcptTo({ address }, _session, done) {
      const code = answers[address.slice(0, address.indexOf('@'))];
      done(code === undefined ? null : Object.assign(new Error('not now'), { responseCode: code }));
    },
    onData(stream, session, done) {
      const parts: Buffer[] = [];
      stream.on('data', (part) => parts.push(part));
      stream.on('end', () => {
        const content = Buffer.concat(parts).toString();
        received.push(...session.envelope.rcptTo.map(({ address }) => ({ to: address, content })));
        done();
      });
    },
  });
  await new Promise<void>((resolve) => smtp.listen(0, '127.0.0.1', resolve));
  const { port } = smtp.server.address() as { port: number };
  cast = await startCast({ smtpUrl: `smtp://127.0.0.1:${port}`, mailFrom: 'no-reply@entente.example' });
});
after(async () => {
  await cast.app.close();
  await new Promise<void>((resolve) => smtp.close(resolve));
});

const letterTo = async (address: string): Promise<OutgoingMail | undefined> =>
  (await lettersOf(cast.fabrikam)).find(({ to }) => to.address === address);
const inState = (address: string, state: OutgoingMail['state']) =>
  eventually(async () => {
    const letter = await letterTo(address);
    return letter?.state === state && letter;
  });

test('an invitation leaves through the mail server, from the service on behalf of the inviter', async () => {
  await invite(cast.fabrikam.ann, 'out@outside.example', { isMailed: true, cc: ['anders@fabrikam.example'] });
  await inState('out@outside.example', 'sent');
  const mail = received.find(({ to }) => to === 'out@outside.example');
  assert.match(mail?.content ?? '', /^From: .*Ann \(Fabrikam\).* <no-reply@entente\.example>/m);
  assert.match(mail?.content ?? '', /^Reply-To: ann@fabrikam\.example/m);
  assert.ok(received.some(({ to }) => to === 'anders@fabrikam.example'));
});

test('a letter that is refused for good has failed, and one that is refused for now waits for the next attempt', async () => {
  answers = { gone: 550, busy: 451 };
  await invite(cast.fabrikam.ann, 'gone@outside.example', { isMailed: true });
  await invite(cast.fabrikam.ann, 'busy@outside.example', { isMailed: true });
  const failed = await inState('gone@outside.example', 'failed');
  assert.match(failed.lastError ?? '', /550/);
  const waiting = await eventually(async () => {
    const letter = await letterTo('busy@outside.example');
    return letter?.attempts === 1 && letter;
  });
  assert.equal(waiting.state, 'waiting');
  answers = {};
  // The queue's own clock would bring it in a minute; the job is run now.
  const sent: string[] = [];
  const [send] = mailJobs({
    send: async (mail) => {
      sent.push(mail.to.address);
      return { outcome: 'accepted' };
    },
  });
  await cast.fabrikam.asOperator((ctx) => send!.run(ctx, { mailId: waiting.id }));
  await cast.fabrikam.asOperator((ctx) => send!.run(ctx, { mailId: waiting.id }));
  assert.deepEqual(sent, ['busy@outside.example']);
  assert.equal((await letterTo('busy@outside.example'))?.state, 'sent');
});

test('a code is never shown to an administrator, and is forgotten once it has left', async () => {
  await invite(cast.fabrikam.ann, 'code@outside.example');
  await cast.fabrikam.asNobody((ctx) => requestPasscode(ctx, { address: 'code@outside.example' }));
  const letter = await inState('code@outside.example', 'sent');
  assert.deepEqual([letter.text, letter.html], [null, null]);
  const [shown] = (await cast.fabrikam.ann((ctx) => readSentMail(ctx, { limit: 100 }))).filter(
    ({ to }) => to.address === 'code@outside.example',
  );
  assert.doesNotMatch(JSON.stringify(shown), /\b\d{8}\b/);
  await assert.rejects(
    cast.fabrikam.anders((ctx) => readSentMail(ctx, { limit: 1 })),
    { code: 'access.refused' },
  );
});

test('without a mail server a letter to somebody of this server reaches them, in their own tenant alone', async () => {
  const [send] = mailJobs({ findLocalTenant: findTenantIdByDomain });
  const queue = (address: string) =>
    cast.fabrikam.ann((ctx) =>
      queueMail(ctx, {
        kind: 'test',
        to: { address },
        fromName: 'Ann',
        subject: 'Hello\r\nBcc: everybody@outside.example',
        text: 'Hello',
        html: '<p>Hello</p>',
      }),
    );
  answers = { Bob: 451, nobody: 451 };
  const [toBob, toNobody] = [await queue('Bob@contoso.example'), await queue('nobody@outside.example')];
  await eventually(async () => (await letterTo('nobody@outside.example'))?.attempts === 1);
  await eventually(async () => (await letterTo('Bob@contoso.example'))?.attempts === 1);
  for (const mailId of [toBob, toNobody]) await cast.fabrikam.asOperator((ctx) => send!.run(ctx, { mailId }));
  const [mail] = await eventually(async () => {
    const mails = await cast.contoso.bob((ctx) => readOwnMail(ctx));
    return mails.length > 0 && mails;
  });
  assert.equal(mail?.subject, 'Hello Bcc: everybody@outside.example');
  assert.equal((await letterTo('Bob@contoso.example'))?.state, 'delivered');
  assert.equal((await letterTo('nobody@outside.example'))?.state, 'waiting');
  assert.deepEqual(await cast.contoso.carla((ctx) => readOwnMail(ctx)), []);
  assert.deepEqual(await cast.fabrikam.ann((ctx) => listDeliveredMails(ctx, ['bob@contoso.example'])), []);
});

test('a letter of a bulk invitation that the mail server refuses is told on its line', async () => {
  answers = { bounced: 550 };
  const file = Buffer.from(
    'version:v1.0\nEmail address to invite [inviteeEmail] Required,Redirection url [inviteRedirectURL] Required,' +
      'Send invitation message (true or false) [sendEmail]\nbounced@outside.example,https://apps.example,true\n',
  );
  const id = await cast.fabrikam.ann((ctx) => startGuestImport(ctx, { file, fileName: null, origin: ORIGIN }));
  const line = await eventually(async () => {
    const { results } = await cast.fabrikam.ann((ctx) => getGuestImport(ctx, id, { after: 0, limit: 10 }));
    return results[0]?.code === 'mailFailed' && results[0];
  });
  assert.equal(line.state, 'failure');
  assert.ok(line.accountId);
});
