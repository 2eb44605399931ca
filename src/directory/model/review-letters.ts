import { escapeHtml, type Letter, type LetterLanguage, letterPage } from '../../platform/letter.ts';

const TEXTS = {
  en: {
    date: 'en-GB',
    subject: (guests: number, date: string) =>
      guests === 1 ? `Does your guest stay? Answer by ${date}` : `Do your ${guests} guests stay? Answer by ${date}`,
    reminder: 'Reminder: ',
    body: (guests: number, tenant: string) =>
      guests === 1
        ? `You answer for a guest of ${tenant}. Say whether they still need access.`
        : `You answer for ${guests} guests of ${tenant}. Say of each whether they still need access.`,
    keep: (date: string) => `Whoever you say nothing about by ${date} stays.`,
    end: (date: string) => `Whoever you say nothing about by ${date} loses access.`,
    open: 'Answer now',
  },
  sv: {
    date: 'sv-SE',
    subject: (guests: number, date: string) =>
      guests === 1 ? `Stannar din gäst? Svara senast ${date}` : `Stannar dina ${guests} gäster? Svara senast ${date}`,
    reminder: 'Påminnelse: ',
    body: (guests: number, tenant: string) =>
      guests === 1
        ? `Du ansvarar för en gäst hos ${tenant}. Säg om gästen fortfarande behöver åtkomst.`
        : `Du ansvarar för ${guests} gäster hos ${tenant}. Säg för var och en om åtkomsten fortfarande behövs.`,
    keep: (date: string) => `De som du inte har svarat om senast ${date} stannar.`,
    end: (date: string) => `De som du inte har svarat om senast ${date} förlorar sin åtkomst.`,
    open: 'Svara nu',
  },
  zh: {
    date: 'zh-CN',
    subject: (guests: number, date: string) => `您的 ${guests} 位来宾是否留下?请在 ${date} 前回复`,
    reminder: '提醒:',
    body: (guests: number, tenant: string) =>
      `您负责 ${tenant} 的 ${guests} 位来宾。请说明每位来宾是否仍需要访问权限。`,
    keep: (date: string) => `到 ${date} 您未回复的来宾将保留。`,
    end: (date: string) => `到 ${date} 您未回复的来宾将失去访问权限。`,
    open: '立即回复',
  },
} as const;

/** What whoever answers for guests gets when a review begins, and when they have not answered. */
export function reviewLetter(about: {
  readonly language: LetterLanguage;
  readonly tenantName: string;
  readonly guests: number;
  readonly dueAt: Date;
  readonly withoutAnswer: 'keep' | 'end';
  readonly isReminder: boolean;
  readonly link: string;
}): Letter {
  const words = TEXTS[about.language];
  const due = new Intl.DateTimeFormat(words.date, { dateStyle: 'long', timeZone: 'UTC' }).format(about.dueAt);
  const subject = (about.isReminder ? words.reminder : '') + words.subject(about.guests, due);
  const parts = [words.body(about.guests, about.tenantName), words[about.withoutAnswer](due)];
  return {
    subject,
    text: `${parts.join('\n\n')}\n\n${words.open}: ${about.link}\n`,
    html: letterPage(about.language, subject, [
      ...parts.map((part) => `<p>${escapeHtml(part)}</p>`),
      `<p><a href="${escapeHtml(about.link)}">${escapeHtml(words.open)}</a></p>`,
    ]),
  };
}
