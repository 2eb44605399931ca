import { expect, test } from 'vitest';
import { foundQuestions } from './found-questions.ts';

const questions = [
  { name: 'signin.keys.manage', words: 'Får de hantera nycklar?' },
  { name: 'tenants.settings.administer:calendars', words: 'Får de ändra kalenderinställningar?' },
  { name: 'calendars.calendar.use', words: 'Vad får de göra med kalendern?' },
  { name: 'calendars.free-busy.read', words: 'Får de se när någon är upptagen?' },
];
const titles: Record<string, string> = { signin: 'Inloggning', settings: 'Inställningar', calendars: 'Kalendrar' };
const found = (text: string) =>
  foundQuestions(questions, (subject) => titles[subject] ?? subject, text).map(({ title, questions: some }) => [
    title,
    some.map(({ name }) => name),
  ]);

test('questions are grouped by subject, and settings stand by themselves', () => {
  expect(found('')).toEqual([
    ['Inloggning', ['signin.keys.manage']],
    ['Inställningar', ['tenants.settings.administer:calendars']],
    ['Kalendrar', ['calendars.calendar.use', 'calendars.free-busy.read']],
  ]);
});

test('every word that is typed is found: in the question, its subject or its name, without marks and capitals', () => {
  expect(found('GORA kalendrar')).toEqual([['Kalendrar', ['calendars.calendar.use']]]);
  expect(found('free-busy')).toEqual([['Kalendrar', ['calendars.free-busy.read']]]);
  expect(found('nycklar kalendrar')).toEqual([]);
});
