import { escapeHtml, type Letter, type LetterLanguage, letterPage } from '../../platform/letter.ts';

const TEXTS = {
  en: {
    date: 'en-GB',
    shared: { subject: (what: string) => `Shared outside: ${what}`, line: 'got access to' },
    opened: { subject: (what: string) => `First opened from outside: ${what}`, line: 'used for the first time' },
    ending: { subject: (what: string) => `Access from outside ends soon: ${what}`, line: 'will lose access to' },
    more: (count: number) => `and ${count} more`,
    until: (date: string) => `until ${date}`,
    mute: 'You get this because it is yours. Under “Shared by me” you can turn these letters off for each thing:',
  },
  sv: {
    date: 'sv-SE',
    shared: { subject: (what: string) => `Delat utanför: ${what}`, line: 'fick åtkomst till' },
    opened: {
      subject: (what: string) => `Öppnat utifrån för första gången: ${what}`,
      line: 'använde för första gången',
    },
    ending: { subject: (what: string) => `Åtkomst utifrån upphör snart: ${what}`, line: 'förlorar åtkomsten till' },
    more: (count: number) => `och ${count} till`,
    until: (date: string) => `till ${date}`,
    mute: 'Du får detta för att det är ditt. Under ”Delat av mig” kan du stänga av dessa brev för varje sak:',
  },
  zh: {
    date: 'zh-CN',
    shared: { subject: (what: string) => `已与外部共享:${what}`, line: '获得了访问权限:' },
    opened: { subject: (what: string) => `首次被外部打开:${what}`, line: '首次使用了' },
    ending: { subject: (what: string) => `外部访问即将到期:${what}`, line: '即将失去访问权限:' },
    more: (count: number) => `以及另外 ${count} 项`,
    until: (date: string) => `至 ${date}`,
    mute: '您收到此邮件是因为它属于您。在“我共享的内容”中可为每一项关闭这些邮件:',
  },
} as const;

export interface NoticeLine {
  readonly who: string;
  readonly what: string;
  readonly endsAt: Date | null;
}

/** So many are named in one letter. */
const NAMED = 20;

/** What the owner of things is told when somebody outside gets them, first uses them, or is about to lose them. */
export function noticeLetter(about: {
  readonly language: LetterLanguage;
  readonly news: 'shared' | 'opened' | 'ending';
  readonly lines: readonly NoticeLine[];
  readonly link: string;
}): Letter {
  const words = TEXTS[about.language];
  const things = [...new Set(about.lines.map(({ what }) => what))];
  const rest = things.length > 1 ? `, ${words.more(things.length - 1)}` : '';
  const subject = `${words[about.news].subject(things[0] ?? '')}${rest}`;
  const day = new Intl.DateTimeFormat(words.date, { dateStyle: 'long', timeZone: 'UTC' });
  const said = about.lines
    .slice(0, NAMED)
    .map(({ who, what, endsAt }) =>
      [who, words[about.news].line, what, ...(endsAt ? [`(${words.until(day.format(endsAt))})`] : [])].join(' '),
    );
  if (about.lines.length > NAMED) said.push(words.more(about.lines.length - NAMED));
  return {
    subject,
    text: `${said.join('\n')}\n\n-- \n${words.mute} ${about.link}\n`,
    html: letterPage(about.language, subject, [
      `<ul>${said.map((line) => `<li>${escapeHtml(line)}</li>`).join('')}</ul>`,
      `<hr><footer style="font-size:small;color:#555">${escapeHtml(words.mute)} `,
      `<a href="${escapeHtml(about.link)}">${escapeHtml(about.link)}</a></footer>`,
    ]),
  };
}
