/**
 * What two organisations do with each other, over two real servers, each a process with its own database: lookups,
 * invitations, shares and guests, many at once, while each server is killed once and one of them is away for a while.
 * Afterwards both logs must hold the same, one to one; then both are exported, verified offline, and so are copies that
 * were tampered with.
 *
 *   npm run bench -- shared-log [--actions N]
 */
import { parseArgs } from 'node:util';
import { printFigures, printHeader } from '../report.ts';
import { act } from './acts.ts';
import { tamper } from './tampering.ts';
import { type SideProcess, startTwoSides } from './two-sides.ts';

const WORKERS = 6;
/** How long both have, after all is done, to agree. */
const AGREED_WITHIN_MS = 300_000;

const { values } = parseArgs({ options: { actions: { type: 'string', default: '10000' } } });
const wanted = Number(values.actions);
printHeader('shared-log', `${wanted} actions between two servers, each killed once, one away for a while`);

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const sides = await startTwoSides();
const { fabrikam, contoso, dns } = sides;
const logOf = (other: SideProcess) => `/admin/partners/${other.id}/shared-log`;
const stateOf = async (side: SideProcess, other: SideProcess) =>
  (await side.call('administrator', 'GET', logOf(other))).body;
/** What happens meanwhile, at which share of the actions. */
const MISFORTUNES: readonly (readonly [share: number, what: string, happen: () => Promise<unknown>])[] = [
  [0.2, 'Contoso is killed', () => contoso.kill().then(() => contoso.start())],
  [0.4, 'Fabrikam is killed', () => fabrikam.kill().then(() => fabrikam.start())],
  [
    0.6,
    'Contoso is away',
    async () => {
      dns.setAddresses(contoso.options.domain, []);
      await pause(30_000);
      dns.setAddresses(contoso.options.domain, ['127.0.0.1']);
    },
  ],
  [0.8, 'Contoso is killed again', () => contoso.kill().then(() => contoso.start())],
];

try {
  const begun = performance.now();
  const seconds = () => Math.round((performance.now() - begun) / 1000);
  const answers = new Map<string, number>();
  let written = 0;
  let next = 0;
  const work = async () => {
    while (written < wanted) {
      const [kind, status] = await act(fabrikam, contoso, next++);
      const key = `${kind} ${status}`;
      answers.set(key, (answers.get(key) ?? 0) + 1);
      // A server that is starting answers nobody, and one that is asked too often says so.
      if (status === 0 || status === 429) await pause(200);
    }
  };
  const watch = async () => {
    const waiting = [...MISFORTUNES];
    while (written < wanted) {
      await pause(1_000);
      const [at, there] = [await stateOf(fabrikam, contoso), await stateOf(contoso, fabrikam)];
      written = Math.min(at?.ours?.records ?? 0, there?.ours?.records ?? 0);
      const due = waiting[0];
      if (due && written >= due[0] * wanted) {
        waiting.shift();
        console.log(`${seconds()} s, ${written} actions: ${due[1]}`);
        await due[2]();
      }
    }
  };
  await Promise.all([watch(), ...Array.from({ length: WORKERS }, work)]);
  const actedSeconds = seconds();
  console.log(`${actedSeconds} s, ${written} actions: done`);

  let [atFabrikam, atContoso] = [await stateOf(fabrikam, contoso), await stateOf(contoso, fabrikam)];
  const isSame = () =>
    [atFabrikam, atContoso].every(
      ({ ours, theirs }) =>
        ours.unmatched + theirs.unmatched === 0 && ours.size === ours.records && ours.records === theirs.records,
    ) && atFabrikam.ours.size === atContoso.ours.size;
  for (const end = Date.now() + AGREED_WITHIN_MS; !isSame() && Date.now() < end; await pause(1_000)) {
    await fabrikam.call('administrator', 'POST', `${logOf(contoso)}/exchange`);
    await contoso.call('administrator', 'POST', `${logOf(fabrikam)}/exchange`);
    [atFabrikam, atContoso] = [await stateOf(fabrikam, contoso), await stateOf(contoso, fabrikam)];
  }
  console.table(Object.fromEntries([...answers].sort()));
  for (const [side, other, state] of [
    [fabrikam, contoso, atFabrikam],
    [contoso, fabrikam, atContoso],
  ] as const) {
    console.log(`${side.options.domain}: ours ${JSON.stringify(state.ours)}, theirs ${JSON.stringify(state.theirs)}`);
    for (const whose of ['ours', 'theirs']) {
      const { value } = (await side.call('administrator', 'GET', `${logOf(other)}/unmatched?side=${whose}&limit=20`))
        .body;
      for (const one of value) console.log(`  only ${whose}: ${one.what} ${one.outcome} ${one.at} ${one.reportedAt}`);
    }
  }
  const pages = performance.now();
  await fabrikam.must('GET', `${logOf(contoso)}/pairs?person=nobody@nowhere.example`);
  const searchMilliseconds = Math.round(performance.now() - pages);
  const { verifySeconds, findings } = await tamper(fabrikam, contoso);
  console.table(findings);

  const targets = {
    'both sides match one to one': isSame() && atFabrikam.ours.records >= wanted,
    'every tampering is found at its place': findings.every(({ found, place }) => found === place),
  };
  for (const [target, met] of Object.entries(targets)) console.log(`${met ? 'met    ' : 'NOT met'} ${target}`);
  printFigures('shared-log', {
    actions: atFabrikam.ours.records,
    actedSeconds,
    agreedSeconds: seconds() - actedSeconds,
    fabrikam: { ours: atFabrikam.ours, theirs: atFabrikam.theirs },
    contoso: { ours: atContoso.ours, theirs: atContoso.theirs },
    verifySeconds,
    searchMilliseconds,
    targets,
  });
  process.exitCode = Object.values(targets).every(Boolean) ? 0 : 1;
} finally {
  await sides.close();
}
