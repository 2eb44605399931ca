import { escapeHtml, type Letter, type LetterLanguage, letterLanguage, letterPage } from '../../platform/letter.ts';

/** A value that was changed since a text was applied. */
interface Drifted {
  readonly group: string;
  readonly targetName: string | null;
  readonly name: string;
  readonly oldText: string | null;
  readonly newText: string | null;
  readonly changedAt: Date | null;
  readonly changedBy: string | null;
}

const LINES_AT_MOST = 50;

const WORDS: Readonly<
  Record<LetterLanguage, { subject: string; opening: string; none: string; by: string; past: string; more: string }>
> = {
  en: {
    subject: 'Settings of {organisation} are no longer as the text says',
    opening: 'These settings were changed since the text was applied:',
    none: 'not set',
    by: 'by {who}, {when}',
    past: 'in the database: nobody knows by whom',
    more: 'and {count} more',
  },
  sv: {
    subject: 'Inställningar för {organisation} är inte längre som texten säger',
    opening: 'De här inställningarna har ändrats sedan texten tillämpades:',
    none: 'inte angivet',
    by: 'av {who}, {when}',
    past: 'i databasen: ingen vet av vem',
    more: 'och {count} till',
  },
  zh: {
    subject: '{organisation} 的设置与文本不再一致',
    opening: '自文本应用以来，以下设置已被更改：',
    none: '未设置',
    by: '由 {who} 更改，{when}',
    past: '在数据库中被更改：不知由谁',
    more: '另有 {count} 项',
  },
};

/** A letter to one administrator about what was changed by hand, in the language they prefer. */
export function driftLetter(wish: string | null, organisation: string, drifts: readonly Drifted[]): Letter {
  const language = letterLanguage(wish);
  const words = WORDS[language];
  const fill = (text: string, values: Readonly<Record<string, string>>) =>
    text.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? '');
  const lines = drifts.slice(0, LINES_AT_MOST).map(({ group, targetName, name, oldText, newText, ...last }) => {
    const address = [group, targetName, name].filter((part) => part !== null).join(' / ');
    const when = last.changedAt ? `${last.changedAt.toISOString().slice(0, 16).replace('T', ' ')} UTC` : '';
    const by = last.changedBy ? fill(words.by, { who: last.changedBy, when }) : words.past;
    return `${address}: ${cut(oldText ?? words.none)} → ${cut(newText ?? words.none)} (${by})`.replaceAll(/\s+/g, ' ');
  });
  if (drifts.length > LINES_AT_MOST) lines.push(fill(words.more, { count: String(drifts.length - LINES_AT_MOST) }));
  const subject = fill(words.subject, { organisation }).replaceAll(/\s+/g, ' ');
  return {
    subject,
    text: `${words.opening}\n\n${lines.map((line) => `- ${line}\n`).join('')}`,
    html: letterPage(language, subject, [
      `<p>${escapeHtml(words.opening)}</p>`,
      `<ul>${lines.map((line) => `<li>${escapeHtml(line)}</li>`).join('')}</ul>`,
    ]),
  };
}

/** Lists of thousands of domains are read at the setting itself. */
const cut = (text: string): string => (text.length > 200 ? `${text.slice(0, 200)}…` : text);
