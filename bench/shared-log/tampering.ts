import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compareFiles, verifyFile } from '../../cli/verify-file.ts';
import type { SideProcess } from './two-sides.ts';

const CLI = fileURLToPath(new URL('../../cli/entente.mjs', import.meta.url));

export interface Finding {
  readonly log: string;
  readonly how: string;
  readonly place: number;
  /** The first bad place that verification alone named, and where the partner's copy lay beside it. */
  readonly alone: number | undefined;
  readonly found: number | undefined;
  readonly milliseconds: number;
}

/** What can be done to the lines of a log: the record at `place` is no longer what it was, or where it was. */
const CHANGES: Readonly<Record<string, (lines: string[], place: number) => string[]>> = {
  flipped: (lines, place) => lines.with(place, lines[place]!.replace(/"outcome":"/, '"outcome":"x')),
  dropped: (lines, place) => lines.toSpliced(place, 1),
  reordered: (lines, place) => lines.with(place, lines[place + 1]!).with(place + 1, lines[place]!),
  inserted: (lines, place) => lines.toSpliced(place, 0, lines[place - 1]!),
};

/** Whoever tampers gives the places again, one after the other, so that no number tells on them. */
const renumbered = (lines: readonly string[]) =>
  lines.map((line, place) => {
    const { written } = JSON.parse(line);
    return JSON.stringify({ written: { ...written, sequence: place } });
  });

/**
 * Exports all four files, verifies each with the program as an auditor would, and each log tampered with in every way,
 * alone and beside the other side's copy of it.
 */
export async function tamper(
  fabrikam: SideProcess,
  contoso: SideProcess,
): Promise<{ verifySeconds: readonly number[]; findings: readonly Finding[] }> {
  const folder = await mkdtemp(join(tmpdir(), 'entente-tampering-'));
  try {
    const taken = async (side: SideProcess, other: SideProcess, whose: string) => {
      const text: string = await side.must('GET', `/admin/partners/${other.id}/shared-log/export?side=${whose}`);
      const file = join(folder, `${side.options.domain}-${whose}.ndjson`);
      await writeFile(file, text);
      return { file, text };
    };
    const verifySeconds: number[] = [];
    const findings: Finding[] = [];
    for (const [side, other] of [
      [fabrikam, contoso],
      [contoso, fabrikam],
    ] as const) {
      const [own, copy] = [await taken(side, other, 'ours'), await taken(other, side, 'theirs')];
      for (const { file } of [own, copy]) {
        const begun = performance.now();
        const ran = spawnSync(process.execPath, [CLI, 'audit', 'verify', file], { encoding: 'utf8' });
        if (ran.status !== 0) throw new Error(`${file}: ${ran.stdout}${ran.stderr}`);
        verifySeconds.push(Math.round((performance.now() - begun) / 10) / 100);
        console.log(ran.stdout.trim());
      }
      const lines = own.text.trimEnd().split('\n');
      const records = lines.filter((line) => line.startsWith('{"written"'));
      const rest = lines.filter((line) => !line.startsWith('{"written"'));
      for (const [how, change] of Object.entries(CHANGES)) {
        const place = 1 + Math.floor(Math.random() * (records.length - 3));
        const changed = join(folder, 'changed.ndjson');
        await writeFile(changed, [rest[0], ...renumbered(change(records, place)), ...rest.slice(1)].join('\n'));
        const begun = performance.now();
        const alone = (await verifyFile(changed)).fault?.position;
        const milliseconds = Math.round(performance.now() - begun);
        const found = (await compareFiles(changed, copy.file)).fault?.position;
        findings.push({ log: side.options.domain, how, place, alone, found, milliseconds });
      }
    }
    return { verifySeconds, findings };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
