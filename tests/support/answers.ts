import assert from 'node:assert/strict';
import type { Api, ApiAnswer } from './people.ts';

/** The body of an answer that must have this status. */
export const ok = async (answering: ReturnType<Api>, status = 200) => {
  const answer: ApiAnswer = await answering;
  assert.equal(answer.status, status, JSON.stringify(answer.body));
  return answer.body;
};
/** The body of a refusal. */
export const refused = async (answering: ReturnType<Api>, status: number, code?: string) => {
  const answer = await answering;
  assert.equal(answer.status, status, JSON.stringify(answer.body));
  if (code !== undefined) assert.equal(answer.body.code ?? answer.body.error?.innerError.code, code);
  return answer.body;
};
/** Under which a refusal can be explained. */
export const decisionOf = (body: { decisionId?: string; error?: { innerError: { decisionId: string } } }) =>
  (body.decisionId ?? body.error?.innerError.decisionId) as string;
