import dns2 from 'dns2';

type Failure = 'SERVFAIL' | 'REFUSED' | 'silence';
type Zone = { txt: string[]; a: string[][]; aaaa: string[][] };

/** A DNS server on loopback, over UDP and TCP. A name that was never set does not exist (NXDOMAIN). */
export class DnsServer {
  /** Every question asked so far, as `TYPE name`. */
  readonly questions: string[] = [];
  private readonly zones = new Map<string, Zone>();
  private readonly failures = new Map<string, Failure>();
  private readonly udp = dns2.createServer({ udp: true, handle: (request, send) => this.reply(request, send) });
  private readonly tcp = dns2.createServer({ tcp: true, handle: (request, send) => this.reply(request, send) });
  private listening = 0;

  static async start(): Promise<DnsServer> {
    const server = new DnsServer();
    const address = '127.0.0.1';
    const { tcp } = (await server.tcp.listen({ tcp: { port: 0, address } })) as { tcp: { port: number } };
    server.listening = tcp.port;
    // Long answers are asked for again over TCP, at the same port.
    await server.udp.listen({ udp: { port: tcp.port, address } });
    return server;
  }

  get port(): number {
    return this.listening;
  }

  /** `host:port`, as the resolver's settings want it. */
  get address(): string {
    return `127.0.0.1:${this.listening}`;
  }

  /** The TXT records of a name; none makes it a name without TXT records. */
  setTxt(name: string, values: string[]): void {
    this.zone(name).txt = values;
  }

  /** The addresses of a name. Several lists are given out one after the other, the last for ever. */
  setAddresses(name: string, ...answers: string[][]): void {
    const zone = this.zone(name);
    zone.a = answers.map((list) => list.filter((address) => !address.includes(':')));
    zone.aaaa = answers.map((list) => list.filter((address) => address.includes(':')));
  }

  setFailure(name: string, failure: Failure): void {
    this.failures.set(name.toLowerCase(), failure);
  }

  /** The name does not exist any more, and fails no more either. */
  forget(name: string): void {
    this.zones.delete(name.toLowerCase());
    this.failures.delete(name.toLowerCase());
  }

  async stop(): Promise<void> {
    await Promise.all([this.udp.close(), this.tcp.close()]);
  }

  private zone(name: string): Zone {
    const key = name.toLowerCase();
    const zone = this.zones.get(key) ?? { txt: [], a: [[]], aaaa: [[]] };
    this.zones.set(key, zone);
    return zone;
  }

  private reply(request: dns2.Packet, send: (response: dns2.Packet) => void): void {
    const answer = this.answer(request);
    if (answer) send(answer);
  }

  private answer(request: dns2.Packet): dns2.Packet | undefined {
    const { Packet } = dns2;
    const response = Packet.createResponseFromRequest(request);
    const question = request.questions[0];
    const name = question?.name.toLowerCase() ?? '';
    const type = question?.type;
    this.questions.push(`${Object.keys(Packet.TYPE).find((key) => Packet.TYPE[key as 'A'] === type)} ${name}`);
    const failure = this.failures.get(name);
    if (failure === 'silence') return undefined;
    const zone = this.zones.get(name);
    const add = (data: object) =>
      response.answers.push({ name, type, class: Packet.CLASS.IN, ttl: 0, ...data } as never);
    const take = (lists: string[][]) => (lists.length > 1 ? lists.shift() : lists[0]) ?? [];
    if (failure) response.header.rcode = Packet.RCODE[failure];
    else if (!zone) response.header.rcode = Packet.RCODE.NXDOMAIN;
    else if (type === Packet.TYPE.TXT) for (const value of zone.txt) add({ data: pieces(value) });
    else if (type === Packet.TYPE.A) for (const address of take(zone.a)) add({ address });
    else if (type === Packet.TYPE.AAAA) for (const address of take(zone.aaaa)) add({ address });
    return response;
  }
}

/** RFC 1035 §3.3.14: pieces of at most 255 bytes. */
function pieces(value: string): string[] {
  return value.match(/.{1,255}/gs) ?? [''];
}
