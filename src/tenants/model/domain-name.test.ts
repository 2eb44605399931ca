import assert from 'node:assert/strict';
import { test } from 'node:test';
import { domainOf, parentDomains, parseDomainName } from './domain-name.ts';

test('a name in any script is kept as A-labels, in lower case, without the final dot', () => {
  assert.equal(parseDomainName('Fabrikam.Example.'), 'fabrikam.example');
  assert.equal(parseDomainName('BÜCHER.example'), 'xn--bcher-kva.example');
});

test('two spellings of one name are one name', () => {
  assert.equal(parseDomainName('bu\u0308cher.example'), parseDomainName('xn--bcher-kva.example'));
});

for (const text of [
  '',
  'example',
  '10.0.0.1',
  '[::1]',
  'co.uk',
  'com.au',
  '-fabrikam.example',
  'fabrikam-.example',
  'fab rikam.example',
  'fab_rikam.example',
  'fabrikam..example',
  `${'a'.repeat(64)}.example`,
  `${'a.'.repeat(126)}example`,
  'fabrikam.1',
  'https://fabrikam.example',
  'ann@fabrikam.example',
]) {
  test(`"${text.slice(0, 40)}" is no domain of an organisation`, () => {
    assert.equal(parseDomainName(text), undefined);
  });
}

test('the names above a name end where nobody can own them', () => {
  const name = parseDomainName('a.b.fabrikam.co.uk');
  assert.ok(name);
  assert.deepEqual(parentDomains(name), ['b.fabrikam.co.uk', 'fabrikam.co.uk']);
});

test('an address is of the domain behind its last at sign', () => {
  assert.equal(domainOf('"a@b"@Contoso.example'), 'contoso.example');
  assert.equal(domainOf('bob'), undefined);
  assert.equal(domainOf('@contoso.example'), undefined);
});
