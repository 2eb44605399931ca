import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { MailError, type MailerSettings, type OutgoingMail, openMailer } from './smtp.ts';
import { openLocalTls, type Tls } from './tls.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'entente-smtp-'));
let tls: Tls;
before(async () => {
  tls = await openLocalTls({ folder, names: ['localhost', '127.0.0.1'], now: new Date() });
});
after(() => rmSync(folder, { recursive: true, force: true }));

const mail: OutgoingMail = {
  from: { name: 'Fabrikam', address: 'invitations@fabrikam.example' },
  replyTo: { name: 'Ann', address: 'ann@fabrikam.example' },
  to: [{ name: 'Bob Öberg', address: 'bob@contoso.example' }],
  subject: 'Välkommen till Fabrikam',
  text: 'You are invited.',
};

type Received = { from: string; to: string[]; source: string; secure: boolean; user: unknown };

/** Runs `act` against a real SMTP server; `options` say how it differs from one that takes everything in the clear. */
async function withServer<T>(
  options: SMTPServerOptions,
  act: (port: number, received: Received[]) => Promise<T>,
): Promise<T> {
  const received: Received[] = [];
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    authOptional: true,
    logger: false,
    onData(stream, session, done) {
      stream.toArray().then((chunks) => {
        received.push({
          from: session.envelope.mailFrom ? session.envelope.mailFrom.address : '',
          to: session.envelope.rcptTo.map(({ address }) => address),
          source: Buffer.concat(chunks).toString(),
          secure: session.secure,
          user: session.user,
        });
        done();
      }, done);
    },
    ...options,
  });
  server.on('error', () => {});
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  try {
    return await act((server.server.address() as AddressInfo).port, received);
  } finally {
    await new Promise<void>((done) => server.close(() => done()));
  }
}

const refusing = (code: number, text = 'no') => Object.assign(new Error(text), { responseCode: code });

/** The MailError of a message that must not be taken. */
async function failure(settings: MailerSettings, message: OutgoingMail = mail): Promise<MailError> {
  const error = await openMailer(settings)
    .send(message)
    .then(
      () => assert.fail('the message was taken'),
      (thrown: unknown) => thrown,
    );
  assert.ok(error instanceof MailError, String(error));
  return error;
}

test('a message arrives as it was written', async () => {
  await withServer({}, async (port, received) => {
    const receipt = await openMailer({ url: `smtp://127.0.0.1:${port}` }).send({
      ...mail,
      cc: [{ address: 'carla@contoso.example' }],
      html: '<p>You are invited.</p>',
      headers: { 'Auto-Submitted': 'auto-generated' },
      messageId: '<one@fabrikam.example>',
    });
    assert.deepEqual(receipt, { messageId: '<one@fabrikam.example>', refused: [] });
    const [message] = received;
    assert.equal(received.length, 1);
    assert.equal(message?.from, 'invitations@fabrikam.example');
    assert.deepEqual(message?.to, ['bob@contoso.example', 'carla@contoso.example']);
    for (const line of [
      /^From: Fabrikam <invitations@fabrikam.example>\r$/m,
      /^Reply-To: Ann <ann@fabrikam.example>\r$/m,
      /^To: =\?UTF-8\?\S+\?= <bob@contoso.example>\r$/m,
      /^Subject: =\?UTF-8\?/m,
      /^Auto-Submitted: auto-generated\r$/m,
      /^Message-ID: <one@fabrikam.example>\r$/m,
      /You are invited\./,
    ]) {
      assert.match(message?.source ?? '', line);
    }
  });
});

test('no subject, name or header can add a header or a recipient', async () => {
  await withServer({}, async (port, received) => {
    await openMailer({ url: `smtp://127.0.0.1:${port}` }).send({
      ...mail,
      from: { name: 'Eve\r\nBcc: tom@tailspin.example', address: 'eve@fabrikam.example' },
      to: [{ name: 'x" <tom@tailspin.example>, "', address: 'bob@contoso.example' }],
      subject: 'Hello\r\nBcc: tom@tailspin.example\r\n\r\nbody',
      headers: { 'X-Note': 'a\r\nBcc: tom@tailspin.example' },
    });
    assert.deepEqual(received[0]?.to, ['bob@contoso.example']);
    assert.doesNotMatch(received[0]?.source ?? '', /^Bcc:/im);
  });
});

test('STARTTLS is used when it is offered, and its certificate is checked', async () => {
  await withServer({ disabledCommands: [], key: tls.key, cert: tls.cert }, async (port, received) => {
    const url = `smtp://127.0.0.1:${port}`;
    await openMailer({ url, requireTls: true, ca: tls.ca }).send(mail);
    await openMailer({ url, ca: tls.ca }).send(mail);
    assert.deepEqual(
      received.map(({ secure }) => secure),
      [true, true],
    );
    const error = await failure({ url });
    assert.equal(error.permanent, false);
    assert.match(error.message, /certificate/);
    assert.equal(received.length, 2);
  });
});

test('TLS from the start is used for smtps', async () => {
  await withServer({ secure: true, key: tls.key, cert: tls.cert }, async (port, received) => {
    await openMailer({ url: `smtps://127.0.0.1:${port}`, ca: tls.ca }).send(mail);
    assert.equal(received[0]?.secure, true);
    assert.equal((await failure({ url: `smtps://127.0.0.1:${port}` })).permanent, false);
  });
});

test('where TLS is required, a server without it is told nothing', async () => {
  await withServer({}, async (port, received) => {
    const error = await failure({ url: `smtp://127.0.0.1:${port}`, requireTls: true });
    assert.equal(error.permanent, false);
    assert.deepEqual(received, []);
  });
});

test('signs in with the name and password of the address; a wrong password can be mended and loses no mail', async () => {
  const options: SMTPServerOptions = {
    authOptional: false,
    allowInsecureAuth: true,
    onAuth: ({ username, password }, _session, done) =>
      password === 's3cret/:@' ? done(null, { user: username ?? '' }) : done(refusing(535)),
  };
  await withServer(options, async (port, received) => {
    await openMailer({ url: `smtp://relay:s3cret%2F%3A%40@127.0.0.1:${port}` }).send(mail);
    assert.equal(received[0]?.user, 'relay');
    const error = await failure({ url: `smtp://relay:wrong@127.0.0.1:${port}` });
    assert.equal(error.permanent, false);
    assert.doesNotMatch(`${error.message} ${error.reply}`, /wrong/);
    assert.equal((await failure({ url: `smtp://127.0.0.1:${port}` })).permanent, false);
  });
});

test('a refusal for good is told from one for now, wherever in the dialogue it comes', async () => {
  const stages: [string, (code: number) => SMTPServerOptions][] = [
    ['sender', (code) => ({ onMailFrom: (_address, _session, done) => done(refusing(code)) })],
    ['recipient', (code) => ({ onRcptTo: (_address, _session, done) => done(refusing(code)) })],
    [
      'content',
      (code) => ({ onData: (stream, _session, done) => void stream.resume().on('end', () => done(refusing(code))) }),
    ],
  ];
  for (const [stage, options] of stages) {
    for (const [code, permanent] of [
      [550, true],
      [451, false],
    ] as const) {
      await withServer(options(code), async (port) => {
        const error = await failure({ url: `smtp://127.0.0.1:${port}` });
        assert.equal(error.permanent, permanent, `${stage} ${code}`);
        assert.match(error.reply ?? '', new RegExp(`^${code}`), `${stage} ${code}`);
      });
    }
  }
  // A server that will not talk to us today (RFC 5321 §3.1) has said nothing about the message.
  await withServer({ onConnect: (_session, done) => done(refusing(554)) }, async (port) => {
    assert.equal((await failure({ url: `smtp://127.0.0.1:${port}` })).permanent, false);
  });
});

test('a message that is taken for some recipients says for whom it was not', async () => {
  const codes: Record<string, number> = { 'gone@contoso.example': 550, 'full@contoso.example': 452 };
  const options: SMTPServerOptions = {
    onRcptTo: ({ address }, _session, done) => done(codes[address] ? refusing(codes[address]) : null),
  };
  await withServer(options, async (port, received) => {
    const everyone = [...mail.to, ...Object.keys(codes).map((address) => ({ address }))];
    const url = `smtp://127.0.0.1:${port}`;
    const { refused } = await openMailer({ url }).send({ ...mail, to: everyone });
    assert.deepEqual(received[0]?.to, ['bob@contoso.example']);
    assert.deepEqual(
      refused.map(({ address, permanent }) => [address, permanent]),
      [
        ['gone@contoso.example', true],
        ['full@contoso.example', false],
      ],
    );
    // Refused for all: worth another try as long as one of them may be.
    assert.equal((await failure({ url }, { ...mail, to: everyone.slice(1) })).permanent, false);
    assert.equal((await failure({ url }, { ...mail, to: everyone.slice(1, 2) })).permanent, true);
  });
});

test('a server that is away, silent, hangs or drips is left in time', async () => {
  const timeouts = { connect: 300, reply: 300, message: 800 };
  const listen = async (talk: (socket: Socket) => void): Promise<Server> => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.resume(); // a socket that nobody reads never learns that the other side has gone
      talk(socket);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return server;
  };
  const away = await listen(() => {});
  const talks: [string, (socket: Socket) => void][] = [
    ['silent', () => {}],
    ['hangs up', (socket) => socket.end()],
    ['hangs after the greeting', (socket) => socket.write('220 hello\r\n')],
    [
      'drips',
      (socket) => {
        const drip = setInterval(() => socket.write('220-still here\r\n'), 50);
        socket.on('close', () => clearInterval(drip));
      },
    ],
  ];
  const { port } = away.address() as AddressInfo;
  away.close();
  assert.equal((await failure({ url: `smtp://127.0.0.1:${port}`, timeouts })).permanent, false);
  for (const [name, talk] of talks) {
    const server = await listen(talk);
    const started = performance.now();
    const error = await failure({ url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`, timeouts });
    assert.equal(error.permanent, false, name);
    assert.ok(performance.now() - started < 2_000, name);
    await new Promise((done) => server.close(done)); // ends only when we have hung up
  }
});

test('a message for nobody is refused for good', async () => {
  await withServer({}, async (port, received) => {
    assert.equal((await failure({ url: `smtp://127.0.0.1:${port}` }, { ...mail, to: [] })).permanent, true);
    assert.deepEqual(received, []);
  });
});

test('an address that is none is refused without repeating the password in it', () => {
  for (const url of ['', 'mail.fabrikam.example', 'http://user:s3cret@host', 'smtp://']) {
    assert.throws(
      () => openMailer({ url }),
      (error: Error) => /smtp:\/\/host:port/.test(error.message) && !/s3cret/.test(error.message),
    );
  }
});
