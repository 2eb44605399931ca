/** The letters that carry scheduling messages to people elsewhere, and remind people here, in the product's languages. */

import { escapeHtml, type Letter, type LetterLanguage, letterPage } from '../../platform/letter.ts';

export const LETTER_KINDS = [
  'invitation',
  'update',
  'cancellation',
  'accepted',
  'tentative',
  'declined',
  'counter',
  'declineCounter',
  'refresh',
  'forwarded',
  'reminder',
] as const;
export type LetterKind = (typeof LETTER_KINDS)[number];

const WORDS: Record<
  LetterLanguage,
  Record<LetterKind, { subject: string; says: string }> & {
    locale: string;
    when: string;
    where: string;
    allDay: string;
    repeats: string;
    untitled: string;
  }
> = {
  en: {
    locale: 'en-GB',
    when: 'When',
    where: 'Where',
    allDay: 'all day',
    repeats: 'repeats',
    untitled: '(no subject)',
    invitation: { subject: 'Invitation: {subject}', says: '{name} invites you.' },
    update: { subject: 'Updated: {subject}', says: '{name} has changed the meeting.' },
    cancellation: { subject: 'Cancelled: {subject}', says: '{name} has cancelled the meeting.' },
    accepted: { subject: 'Accepted: {subject}', says: '{name} has accepted.' },
    tentative: { subject: 'Tentative: {subject}', says: '{name} may come.' },
    declined: { subject: 'Declined: {subject}', says: '{name} has declined.' },
    counter: { subject: 'New time proposed: {subject}', says: '{name} proposes another time.' },
    declineCounter: { subject: 'Proposal declined: {subject}', says: '{name} keeps the time of the meeting.' },
    refresh: { subject: 'Please send again: {subject}', says: '{name} asks for the whole meeting.' },
    forwarded: { subject: 'Meeting forwarded: {subject}', says: '{name} has forwarded your meeting to {to}.' },
    reminder: { subject: 'Reminder: {subject}', says: 'You asked to be reminded.' },
  },
  sv: {
    locale: 'sv-SE',
    when: 'När',
    where: 'Var',
    allDay: 'hela dagen',
    repeats: 'upprepas',
    untitled: '(inget ämne)',
    invitation: { subject: 'Inbjudan: {subject}', says: '{name} bjuder in dig.' },
    update: { subject: 'Ändrat: {subject}', says: '{name} har ändrat mötet.' },
    cancellation: { subject: 'Inställt: {subject}', says: '{name} har ställt in mötet.' },
    accepted: { subject: 'Accepterat: {subject}', says: '{name} kommer.' },
    tentative: { subject: 'Preliminärt: {subject}', says: '{name} kommer kanske.' },
    declined: { subject: 'Avböjt: {subject}', says: '{name} kommer inte.' },
    counter: { subject: 'Ny tid föreslagen: {subject}', says: '{name} föreslår en annan tid.' },
    declineCounter: { subject: 'Förslaget avböjt: {subject}', says: '{name} behåller mötets tid.' },
    refresh: { subject: 'Skicka igen: {subject}', says: '{name} ber om hela mötet.' },
    forwarded: { subject: 'Mötet vidarebefordrat: {subject}', says: '{name} har vidarebefordrat ditt möte till {to}.' },
    reminder: { subject: 'Påminnelse: {subject}', says: 'Du bad om en påminnelse.' },
  },
  zh: {
    locale: 'zh-CN',
    when: '时间',
    where: '地点',
    allDay: '全天',
    repeats: '重复',
    untitled: '（无主题）',
    invitation: { subject: '邀请：{subject}', says: '{name} 邀请您参加会议。' },
    update: { subject: '更新：{subject}', says: '{name} 更改了会议。' },
    cancellation: { subject: '取消：{subject}', says: '{name} 取消了会议。' },
    accepted: { subject: '接受：{subject}', says: '{name} 已接受。' },
    tentative: { subject: '暂定：{subject}', says: '{name} 可能参加。' },
    declined: { subject: '谢绝：{subject}', says: '{name} 已谢绝。' },
    counter: { subject: '建议新时间：{subject}', says: '{name} 建议更改时间。' },
    declineCounter: { subject: '未采纳建议：{subject}', says: '{name} 保留原定时间。' },
    refresh: { subject: '请重新发送：{subject}', says: '{name} 请求完整的会议信息。' },
    forwarded: { subject: '会议已转发：{subject}', says: '{name} 已将您的会议转发给 {to}。' },
    reminder: { subject: '提醒：{subject}', says: '这是您设置的提醒。' },
  },
};

export interface LetterInput {
  readonly language: LetterLanguage;
  readonly kind: LetterKind;
  /** Who says it. */
  readonly name: string;
  readonly subject: string | null;
  readonly startsAt: Date;
  readonly endsAt: Date;
  readonly isAllDay: boolean;
  readonly repeats: boolean;
  /** An IANA name. */
  readonly timeZone: string;
  readonly location: string | null;
  readonly description: string | null;
  readonly comment: string | null;
  /** To whom it was forwarded. */
  readonly to?: readonly string[];
}

/** What a letter says, as text and as HTML that says the same. */
export function meetingLetter(input: LetterInput): Letter {
  const words = WORDS[input.language];
  const title = input.subject?.trim() || words.untitled;
  const fill = (text: string) =>
    text.replace(/\{(subject|name|to)\}/g, (_all, key: string) =>
      key === 'subject' ? title : key === 'name' ? input.name : (input.to ?? []).join(', '),
    );
  const says = fill(words[input.kind].says);
  const when = `${period(input, words.locale, words.allDay)}${input.repeats ? ` (${words.repeats})` : ''}`;
  const rows: [string, string][] = [
    [words.when, when],
    ...(input.location ? [[words.where, input.location] as [string, string]] : []),
  ];
  const { comment, description } = input;
  const text = [
    says,
    ...(comment ? [comment] : []),
    [title, ...rows.map(([name, value]) => `${name}: ${value}`)].join('\n'),
    ...(description ? [description] : []),
  ].join('\n\n');
  const html = letterPage(input.language, title, [
    `<p>${escapeHtml(says)}</p>`,
    ...(comment ? [`<blockquote style="white-space:pre-wrap">${escapeHtml(comment)}</blockquote>`] : []),
    `<h2 style="font-size:1.2rem">${escapeHtml(title)}</h2>`,
    `<dl>${rows.map(([name, value]) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd>`).join('')}</dl>`,
    ...(description ? [`<p style="white-space:pre-wrap">${escapeHtml(description)}</p>`] : []),
  ]);
  return { subject: fill(words[input.kind].subject), text: `${text}\n`, html };
}

function period({ startsAt, endsAt, isAllDay, timeZone }: LetterInput, locale: string, allDay: string): string {
  if (!isAllDay) {
    const format = { dateStyle: 'full', timeStyle: 'short', timeZone } as const;
    return `${new Intl.DateTimeFormat(locale, format).formatRange(startsAt, endsAt)} (${timeZone})`;
  }
  const days = new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeZone });
  return `${days.formatRange(startsAt, new Date(endsAt.getTime() - 1))}, ${allDay}`;
}
