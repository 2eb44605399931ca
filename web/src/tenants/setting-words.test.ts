import i18next from 'i18next';
import { expect, test } from 'vitest';
import en from '../i18n/en.json';
import { settingWords } from './setting-words.ts';

const t = await i18next.createInstance().init({ lng: 'en', resources: { en: { translation: en } } });
const words = settingWords(t);
const say = (value: unknown) => words.value('directory.external-collaboration', 'blockedDomains', value);

test('a value is said in words, whatever its kind, and never as nothing or as JSON', () => {
  expect([null, '', [], true, false, 30].map(say)).toEqual(['Not set', 'Not set', 'none', 'On', 'Off', '30']);
  expect(
    say([
      { domain: 'a.example', includeSubdomains: false },
      { domain: 'b.example', includeSubdomains: true },
    ]),
  ).toBe('a.example, b.example and below');
  expect(say({ mode: 'deny', days: 3 })).toBe('mode: All but the blocked ones, days: 3');
});

test('the same choice is called after its own setting; what is no choice stands as it is', () => {
  expect(words.option('tenants.operator', 'operatorAccess', 'none')).toBe('No access');
  expect(words.option('directory.external-collaboration', 'allowInvitesFrom', 'none')).toBe('Nobody');
  expect(say('https://fabrikam.example/privacy')).toBe('https://fabrikam.example/privacy');
  expect(say('settings.values.deny')).toBe('settings.values.deny');
});
