import { CommanderError } from 'commander';
import { ServerFault, UsageError } from './connection.ts';
import { createProgram } from './program.ts';
import { printFacts } from './table.ts';

/** The exit codes that scripts may rely on. */
const EXIT = { done: 0, failed: 1, usage: 2 } as const;

async function main(words: readonly string[]): Promise<number> {
  const { program, cli } = createProgram(words);
  try {
    await program.parseAsync(words, { from: 'user' });
    return Number(process.exitCode ?? EXIT.done);
  } catch (error) {
    return tell(error, cli.isJson());
  }
}

/** Says what went wrong and what to do about it. Returns the exit code. */
function tell(error: unknown, isJson: boolean): number {
  const say = (text: string) => void process.stderr.write(`${text}\n`);
  if (error instanceof CommanderError) {
    // Commander has said its sentence. Help that was asked for is no error.
    return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  }
  if (error instanceof UsageError) {
    say(isJson ? JSON.stringify({ error: { code: 'usage', sentence: error.message } }) : `entente: ${error.message}`);
    return EXIT.usage;
  }
  if (!(error instanceof ServerFault)) {
    say(`entente: ${(error as Error).message}`);
    return EXIT.failed;
  }
  const { code, reference, problems, status } = error;
  if (isJson) {
    say(JSON.stringify({ error: { status, code, sentence: error.message, ...error.facts } }));
    return EXIT.failed;
  }
  say(`entente: ${error.message}`);
  // What the sentence says already is not said twice.
  for (const { name, problem } of problems) if (!error.message.includes(problem)) say(`  "${name}": ${problem}`);
  const facts = printFacts({ code: code === 'network' ? undefined : code, reference, 'what to do': adviceFor(error) });
  say(facts.replaceAll(/^/gm, '  '));
  return EXIT.failed;
}

function adviceFor({ code, status, decisionId, facts }: ServerFault): string | undefined {
  if (decisionId !== undefined)
    return `"entente explain ${decisionId}" says which rule refused it and what would change that.`;
  if (code === 'network') return 'Is the server running? "entente serve" starts it; --server names another.';
  if (status === 401) return 'The credential is not good: renew ENTENTE_TOKEN, or unset it to work as the operator.';
  if (status === 404) return 'Check the name, and whether --tenant is the right organisation.';
  if (status === 429 || status === 503) return `Try again in ${facts.retryAfterSeconds ?? 'a few'} seconds.`;
  if (status >= 500) return "Look for the reference in the server's log.";
  return undefined;
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // Whoever read our output has seen enough (`| head`).
  if (error.code === 'EPIPE') process.exit(EXIT.done);
});
process.exitCode = await main(process.argv.slice(2));
