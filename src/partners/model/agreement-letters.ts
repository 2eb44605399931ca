/** The letters about agreements, in the three languages of the product. */

const LANGUAGES = ['en', 'sv', 'zh'] as const;
type Language = (typeof LANGUAGES)[number];

/** What administrators are told of: something waits for them, the partner acted alone, or what is stored was changed. */
export type AgreementNews =
  | 'arrived'
  | 'signed'
  | 'suspended'
  | 'narrowed'
  | 'resumed'
  | 'ended'
  | 'broken'
  | 'partner-broken'
  | 'held-back'
  | 'given-again'
  | 'partner-held-back'
  | 'partner-given-again';

const TEXTS: Readonly<Record<Language, Readonly<Record<AgreementNews, readonly [subject: string, text: string]>>>> = {
  en: {
    arrived: [
      '{partner} proposes an agreement',
      '{partner} has written a version of the agreement “{title}”. It waits for you: sign it, or answer with a version of your own.',
    ],
    signed: [
      'The agreement with {partner} is in force',
      'Both sides have signed the agreement “{title}” with {partner}. It holds from now on.',
    ],
    suspended: [
      '{partner} has suspended the agreement',
      '{partner} has suspended the agreement “{title}”. Nothing in it is open until {partner} resumes it.',
    ],
    narrowed: [
      '{partner} has narrowed the agreement',
      '{partner} has narrowed the agreement “{title}”. It holds at once.',
    ],
    resumed: ['{partner} has resumed the agreement', '{partner} has resumed the agreement “{title}”.'],
    ended: [
      '{partner} has ended the agreement',
      '{partner} has ended the agreement “{title}”. What it opened is closed.',
    ],
    broken: [
      'The agreement with {partner} is not what was signed',
      'What this server stores of the agreement “{title}” with {partner} is not what both sides signed: somebody or something has changed it. Nothing in it holds any more. Restore it from a backup and verify it, or end it and make it anew.',
    ],
    'partner-broken': [
      '{partner} says that its copy of the agreement was changed',
      'The server of {partner} has found that its copy of the agreement “{title}” is not what both sides signed. Nothing in it holds any more until {partner} has restored it.',
    ],
    'held-back': [
      'Our settings give {partner} less than was agreed',
      'Settings of ours now let people of {partner} come less far than the agreement “{title}” says. {partner} was told. Narrow the agreement itself, or set back what was changed.',
    ],
    'given-again': [
      'Our settings give {partner} again what was agreed',
      'Settings of ours again let people of {partner} come as far as the agreement “{title}” says. {partner} was told.',
    ],
    'partner-held-back': [
      '{partner} gives less than was agreed',
      '{partner} has changed settings of its own: our people now come less far than the agreement “{title}” says. Ask {partner} why, or narrow the agreement.',
    ],
    'partner-given-again': [
      '{partner} gives again what was agreed',
      'The settings of {partner} again let our people come as far as the agreement “{title}” says.',
    ],
  },
  sv: {
    arrived: [
      '{partner} föreslår ett avtal',
      '{partner} har skrivit en version av avtalet ”{title}”. Den väntar på dig: signera den, eller svara med en egen version.',
    ],
    signed: [
      'Avtalet med {partner} gäller',
      'Båda sidor har signerat avtalet ”{title}” med {partner}. Det gäller från och med nu.',
    ],
    suspended: [
      '{partner} har pausat avtalet',
      '{partner} har pausat avtalet ”{title}”. Inget i det är öppet förrän {partner} återupptar det.',
    ],
    narrowed: ['{partner} har snävat in avtalet', '{partner} har snävat in avtalet ”{title}”. Det gäller genast.'],
    resumed: ['{partner} har återupptagit avtalet', '{partner} har återupptagit avtalet ”{title}”.'],
    ended: [
      '{partner} har avslutat avtalet',
      '{partner} har avslutat avtalet ”{title}”. Det som det öppnade är stängt.',
    ],
    broken: [
      'Avtalet med {partner} är inte det som signerades',
      'Det som den här servern har sparat av avtalet ”{title}” med {partner} är inte det som båda sidor signerade: någon eller något har ändrat det. Inget i det gäller längre. Återställ det från en säkerhetskopia och verifiera det, eller avsluta det och gör ett nytt.',
    ],
    'partner-broken': [
      '{partner} säger att dess exemplar av avtalet har ändrats',
      'Servern hos {partner} har upptäckt att dess exemplar av avtalet ”{title}” inte är det som båda sidor signerade. Inget i det gäller förrän {partner} har återställt det.',
    ],
    'held-back': [
      'Våra inställningar ger {partner} mindre än vad som avtalats',
      'Våra inställningar låter nu personer hos {partner} komma mindre långt än avtalet ”{title}” säger. {partner} har fått veta det. Snäva in själva avtalet, eller ställ tillbaka det som ändrades.',
    ],
    'given-again': [
      'Våra inställningar ger åter {partner} det som avtalats',
      'Våra inställningar låter åter personer hos {partner} komma så långt som avtalet ”{title}” säger. {partner} har fått veta det.',
    ],
    'partner-held-back': [
      '{partner} ger mindre än vad som avtalats',
      '{partner} har ändrat sina inställningar: våra personer kommer nu mindre långt än avtalet ”{title}” säger. Fråga {partner} varför, eller snäva in avtalet.',
    ],
    'partner-given-again': [
      '{partner} ger åter det som avtalats',
      'Inställningarna hos {partner} låter åter våra personer komma så långt som avtalet ”{title}” säger.',
    ],
  },
  zh: {
    arrived: [
      '{partner} 提出了一份协议',
      '{partner} 撰写了协议“{title}”的一个版本，正在等待您处理：请签署，或以您自己的版本答复。',
    ],
    signed: ['与 {partner} 的协议已生效', '双方已签署与 {partner} 的协议“{title}”。协议即刻生效。'],
    suspended: ['{partner} 已暂停协议', '{partner} 已暂停协议“{title}”。在 {partner} 恢复之前，其中的内容均不开放。'],
    narrowed: ['{partner} 已收窄协议', '{partner} 已收窄协议“{title}”，即刻生效。'],
    resumed: ['{partner} 已恢复协议', '{partner} 已恢复协议“{title}”。'],
    ended: ['{partner} 已终止协议', '{partner} 已终止协议“{title}”。协议所开放的内容均已关闭。'],
    broken: [
      '与 {partner} 的协议与签署内容不符',
      '本服务器所存储的与 {partner} 的协议“{title}”与双方签署的内容不符：它已被更改。协议内容不再有效。请从备份恢复并验证，或终止后重新订立。',
    ],
    'partner-broken': [
      '{partner} 表示其协议副本已被更改',
      '{partner} 的服务器发现其保存的协议“{title}”副本与双方签署的内容不符。在 {partner} 恢复之前，协议内容不再有效。',
    ],
    'held-back': [
      '我们的设置给予 {partner} 的少于约定',
      '我们的设置现在允许 {partner} 的人员所做的少于协议“{title}”的约定。{partner} 已获通知。请收窄协议本身，或恢复所更改的设置。',
    ],
    'given-again': [
      '我们的设置重新给予 {partner} 所约定的内容',
      '我们的设置重新允许 {partner} 的人员做到协议“{title}”所约定的程度。{partner} 已获通知。',
    ],
    'partner-held-back': [
      '{partner} 给予的少于约定',
      '{partner} 更改了其设置：我们的人员现在能做的少于协议“{title}”的约定。请询问 {partner} 原因，或收窄协议。',
    ],
    'partner-given-again': [
      '{partner} 重新给予所约定的内容',
      '{partner} 的设置重新允许我们的人员做到协议“{title}”所约定的程度。',
    ],
  },
};

/** A letter to one administrator, in the language they prefer. */
export function agreementLetter(
  wish: string | null,
  news: AgreementNews,
  names: { readonly partner: string; readonly title: string },
): { readonly subject: string; readonly text: string; readonly html: string } {
  const language = LANGUAGES.find((one) => one === wish?.toLowerCase().split(/[-_]/)[0]) ?? 'en';
  const [subject, body] = TEXTS[language][news];
  const fill = (text: string, of: (name: string) => string) =>
    text.replace(/\{(partner|title)\}/g, (_, name: 'partner' | 'title') => of(names[name]));
  return {
    subject: fill(subject, onOneLine),
    text: `${fill(body, onOneLine)}\n`,
    html: `<!doctype html><html lang="${language}"><body><p>${fill(body, escaped)}</p></body></html>`,
  };
}

const onOneLine = (text: string): string => text.replace(/\s+/g, ' ');
const escaped = (text: string): string =>
  onOneLine(text).replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);
