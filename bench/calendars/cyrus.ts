/** Cyrus IMAP's CalDAV (Debian: cyrus-imapd, cyrus-caldav) with everything on disk, in a folder and on ports of its own. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Contestant } from './contestant.ts';

const PROGRAMS = '/usr/lib/cyrus/bin';

export const isInstalled = (): boolean => existsSync(`${PROGRAMS}/httpd`) && process.getuid?.() === 0;

/** Starts it. It takes any password, so that its side of the comparison costs nothing for that. */
export async function startCyrus(): Promise<Contestant> {
  const folder = await mkdtemp('/tmp/entente-cyrus-');
  const [http, imap] = [await freePort(), await freePort()];
  for (const name of ['conf', 'spool', 'run/lock', 'run/proc']) await mkdir(join(folder, name), { recursive: true });
  const config = join(folder, 'imapd.conf');
  await writeFile(
    config,
    Object.entries({
      configdirectory: `${folder}/conf`,
      proc_path: `${folder}/run/proc`,
      mboxname_lockpath: `${folder}/run/lock`,
      lmtpsocket: `${folder}/run/lmtp`,
      idlesocket: `${folder}/run/idle`,
      notifysocket: `${folder}/run/notify`,
      defaultpartition: 'default',
      'partition-default': `${folder}/spool`,
      httpmodules: 'caldav',
      httpallowcompress: 'no',
      sasl_pwcheck_method: 'alwaystrue',
      sasl_mech_list: 'PLAIN',
      allowplaintext: 'yes',
      admins: 'cyrus',
      unixhierarchysep: 'yes',
      altnamespace: 'yes',
      servername: 'localhost',
    })
      .map(([name, value]) => `${name}: ${value}\n`)
      .join(''),
  );
  const services = join(folder, 'cyrus.conf');
  await writeFile(
    services,
    `START {\n  recover cmd="${PROGRAMS}/ctl_cyrusdb -r -C ${config}"\n}\nSERVICES {\n` +
      `  http cmd="${PROGRAMS}/httpd -C ${config}" listen="127.0.0.1:${http}" prefork=4 maxchild=100\n` +
      `  imap cmd="${PROGRAMS}/imapd -C ${config}" listen="127.0.0.1:${imap}" prefork=0\n}\nEVENTS {\n` +
      `  checkpoint cmd="${PROGRAMS}/ctl_cyrusdb -c -C ${config}" period=30\n}\n`,
  );
  execFileSync('chown', ['-R', 'cyrus:mail', folder]);
  const child = spawn(`${PROGRAMS}/master`, ['-C', config, '-M', services, '-p', `${folder}/run/master.pid`, '-D'], {
    cwd: folder,
    stdio: 'ignore',
  });
  await createMailbox(imap);
  const origin = `http://127.0.0.1:${http}`;
  return {
    name: 'cyrus',
    origin,
    home: '/dav/calendars/user/alice/',
    headers: { authorization: `Basic ${Buffer.from('alice:x').toString('base64')}` },
    async end() {
      await stop(child);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Calendars stand beside a mailbox of mail, which is made over IMAP. */
async function createMailbox(port: number): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      const socket = connect(port, '127.0.0.1').setEncoding('utf8');
      let said = '';
      socket.on('data', (text: string) => {
        said += text;
      });
      await once(socket, 'connect');
      socket.write('a LOGIN cyrus x\r\nb CREATE user/alice\r\nc LOGOUT\r\n');
      await once(socket, 'close');
      if (!/^b OK/m.test(said)) throw new Error(`Cyrus made no mailbox: ${said}`);
      return;
    } catch (error) {
      if (attempt > 60) throw error;
      await pause(250);
    }
  }
}

async function stop(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
