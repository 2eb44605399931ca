import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault } from '../../kernel/fault.ts';
import { toDavError, toGraphError, toProblem } from './writers.ts';

const refusal = new Fault('forbidden', 'access.refused', 'You do not have access to do this.', {
  decisionId: '0190f5a2-0000-7000-8000-0000ab12cd34',
  because: [{ name: 'a rule' }],
});
const outside = { isAtHome: false, requestId: 'r', now: new Date(0) };

test('beyond 3.2: on every wire a refusal has its reference, and somebody from elsewhere reads nothing else of it', () => {
  for (const write of [toProblem, toGraphError, toDavError]) {
    const text = JSON.stringify(write(refusal, outside).body);
    assert.match(text, /0190f5a2-0000-7000-8000-0000ab12cd34/, write.name);
    assert.doesNotMatch(text, /a rule/, write.name);
  }
});
