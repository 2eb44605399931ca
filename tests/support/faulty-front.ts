import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp } from 'node:fs/promises';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer, request as httpsRequest } from 'node:https';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLocalTls, type Tls } from '../../src/platform/tls.ts';

/**
 * What stands before a server in the network: it passes everything on as it came, until a test lets it fail in one of
 * the ways in which networks, proxies and certificates fail.
 */
export class FaultyFront {
  readonly port: number;
  readonly #target: number;
  readonly #sockets = new Set<Socket>();
  #meet: (socket: Socket) => void;
  readonly #server = createServer((socket) => {
    this.#sockets.add(socket);
    socket.on('error', () => {}).on('close', () => this.#sockets.delete(socket));
    this.#meet(socket);
  });

  private constructor(port: number, target: number) {
    this.port = port;
    this.#target = target;
    this.#meet = this.#pass;
  }

  /** @param port where it listens @param target where the server listens that it passes everything to */
  static async start(port: number, target: number): Promise<FaultyFront> {
    const front = new FaultyFront(port, target);
    await front.#listen();
    return front;
  }

  #listen = async (): Promise<void> => {
    this.#server.listen(this.port, '127.0.0.1');
    await once(this.#server, 'listening');
  };

  #pass = (socket: Socket): void => {
    const there = connect(this.#target, '127.0.0.1');
    there.on('error', () => socket.destroy()).on('close', () => socket.destroy());
    socket.on('close', () => there.destroy());
    socket.pipe(there).pipe(socket);
  };

  /** Each of these lets it fail and gives back the way to mend it. */
  #until(meet: (socket: Socket) => void): () => void {
    this.#meet = meet;
    return () => {
      this.#meet = this.#pass;
      for (const socket of this.#sockets) socket.destroy();
    };
  }

  /** Takes connections and says nothing. */
  silent = () => this.#until(() => {});

  /** Breaks off as soon as anything is said. */
  breakingOff = () => this.#until((socket) => void socket.once('data', () => socket.resetAndDestroy()));

  /** Speaks HTTP where HTTPS is expected. */
  plain() {
    const server = createHttpServer((_request, response) => response.end('hello'));
    return this.#until((socket) => void server.emit('connection', socket));
  }

  /** Shows this certificate; what is asked is answered by `answer`, or passed on. */
  secure({ key, cert }: Tls, answer: (...asked: Parameters<RequestListener>) => boolean = () => false) {
    const server = createHttpsServer({ key, cert }, (request, response) => {
      if (answer(request, response)) return;
      const { method, url = '/', headers } = request;
      const on = { host: '127.0.0.1', port: this.#target, method, path: url, headers, rejectUnauthorized: false };
      const passed = httpsRequest(on, (came) => {
        response.writeHead(came.statusCode ?? 502, came.headers);
        came.pipe(response);
      });
      passed.on('error', () => response.destroy());
      request.pipe(passed);
    });
    return this.#until((socket) => void server.emit('connection', socket));
  }

  /** Nothing listens. */
  async closed(): Promise<() => Promise<void>> {
    await this.#stop();
    return this.#listen;
  }

  /** The kernel drops what comes: a process that stands still has its queue of connections full. */
  async dropping(): Promise<() => Promise<void>> {
    await this.#stop();
    const code = `require('node:net').createServer().listen({port:${this.port},host:'127.0.0.1',backlog:1},()=>console.log('up'))`;
    const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    child.kill('SIGSTOP');
    const filling = Array.from({ length: 4 }, () => connect(this.port, '127.0.0.1').on('error', () => {}));
    await new Promise((resolve) => setTimeout(resolve, 100));
    return async () => {
      for (const socket of filling) socket.destroy();
      child.kill('SIGKILL');
      await once(child, 'exit');
      await this.#listen();
    };
  }

  async #stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async close(): Promise<void> {
    if (this.#server.listening) await this.#stop();
  }
}

/** A certificate of the authority in `pki`, or of one that nobody trusts; as it was issued at `at`. */
export async function certificateFor(
  names: string[],
  { pki, at = new Date() }: { pki?: string; at?: Date } = {},
): Promise<Tls> {
  const folder = await mkdtemp(join(tmpdir(), 'entente-cert-'));
  if (pki) for (const file of ['ca.key', 'ca.pem']) await copyFile(join(pki, file), join(folder, file));
  return openLocalTls({ folder, names, now: at });
}
