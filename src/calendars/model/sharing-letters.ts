/** The letters about calendars that are shared, in the three languages of the product. */

import { escapeHtml, type Letter, type LetterLanguage, letterLanguage, letterPage } from '../../platform/letter.ts';
import type { Role } from './roles.ts';

const TEXTS = {
  en: {
    endedSubject: 'Some of your calendars are shared less than before',
    ended: (tenant: string) =>
      `The sharing policy of ${tenant} has changed. What you shared outside was changed with it:`,
    endedByAdministrator: (tenant: string) => `An administrator of ${tenant} has ended what you shared outside:`,
    anybody: 'anybody (published)',
    endedLine: (calendar: string, whom: string) => `“${calendar}” with ${whom}: ended`,
    loweredLine: (calendar: string, whom: string, role: string) => `“${calendar}” with ${whom}: now ${role}`,
    roles: {
      freeBusyRead: 'times only',
      limitedRead: 'times, subjects and places',
      read: 'everything but private events',
    },
    invitationSubject: (owner: string) => `${owner} shares a calendar with you`,
    invites: (owner: string, tenant: string, domain: string, calendar: string) =>
      `${owner} of ${tenant} (${domain}) shares the calendar “${calendar}” with you.`,
    sees: (role: string) => `You see: ${role}.`,
    accept: 'Add the calendar to yours',
    acceptNote: 'The link is for you alone and works for 30 days. Accept only if you know the sender.',
    open: 'Open the calendar',
    subscribe: 'Or subscribe to it in your calendar program:',
    linkNote: 'Whoever has the link sees the calendar. Do not pass it on.',
    sharesBack: 'They ask you to share yours with them, too.',
    contactsSubject: (owner: string) => `${owner} shares contacts with you`,
    contacts: (owner: string, tenant: string, domain: string, book: string) =>
      `${owner} of ${tenant} (${domain}) shares the address book “${book}” with you.`,
    contactsNote: (address: string) =>
      `Open it among your own address books by the address ${address}. Do so only if you know them.`,
    overSubject: (owner: string) => `${owner} no longer shares a calendar with you`,
    over: (owner: string, tenant: string, domain: string, calendar: string) =>
      `${owner} of ${tenant} (${domain}) no longer shares the calendar “${calendar}” with you.`,
    overNote: 'It is shown to you no more. You need not do anything.',
  },
  sv: {
    endedSubject: 'Några av dina kalendrar delas mindre än förut',
    ended: (tenant: string) => `Delningspolicyn hos ${tenant} har ändrats. Det du delade utåt har ändrats med den:`,
    endedByAdministrator: (tenant: string) => `En administratör hos ${tenant} har avslutat det du delade utåt:`,
    anybody: 'vem som helst (publicerad)',
    endedLine: (calendar: string, whom: string) => `”${calendar}” med ${whom}: avslutad`,
    loweredLine: (calendar: string, whom: string, role: string) => `”${calendar}” med ${whom}: nu ${role}`,
    roles: {
      freeBusyRead: 'endast tider',
      limitedRead: 'tider, ämnen och platser',
      read: 'allt utom privata händelser',
    },
    invitationSubject: (owner: string) => `${owner} delar en kalender med dig`,
    invites: (owner: string, tenant: string, domain: string, calendar: string) =>
      `${owner} hos ${tenant} (${domain}) delar kalendern ”${calendar}” med dig.`,
    sees: (role: string) => `Du ser: ${role}.`,
    accept: 'Lägg till kalendern bland dina',
    acceptNote: 'Länken är bara för dig och fungerar i 30 dagar. Acceptera bara om du känner avsändaren.',
    open: 'Öppna kalendern',
    subscribe: 'Eller prenumerera på den i ditt kalenderprogram:',
    linkNote: 'Den som har länken ser kalendern. Skicka den inte vidare.',
    sharesBack: 'De ber dig att också dela din med dem.',
    contactsSubject: (owner: string) => `${owner} delar kontakter med dig`,
    contacts: (owner: string, tenant: string, domain: string, book: string) =>
      `${owner} hos ${tenant} (${domain}) delar adressboken ”${book}” med dig.`,
    contactsNote: (address: string) =>
      `Öppna den bland dina egna adressböcker med adressen ${address}. Gör det bara om du känner dem.`,
    overSubject: (owner: string) => `${owner} delar inte längre en kalender med dig`,
    over: (owner: string, tenant: string, domain: string, calendar: string) =>
      `${owner} hos ${tenant} (${domain}) delar inte längre kalendern ”${calendar}” med dig.`,
    overNote: 'Den visas inte längre för dig. Du behöver inte göra något.',
  },
  zh: {
    endedSubject: '您的部分日历的共享范围已缩小',
    ended: (tenant: string) => `${tenant} 的共享策略已更改。您对外共享的内容随之更改：`,
    endedByAdministrator: (tenant: string) => `${tenant} 的管理员已结束您的对外共享：`,
    anybody: '任何人（已发布）',
    endedLine: (calendar: string, whom: string) => `“${calendar}”与 ${whom}：已结束`,
    loweredLine: (calendar: string, whom: string, role: string) => `“${calendar}”与 ${whom}：现为${role}`,
    roles: { freeBusyRead: '仅时间', limitedRead: '时间、主题和地点', read: '除私人事件外的全部内容' },
    invitationSubject: (owner: string) => `${owner} 与您共享日历`,
    invites: (owner: string, tenant: string, domain: string, calendar: string) =>
      `${tenant}（${domain}）的 ${owner} 与您共享日历“${calendar}”。`,
    sees: (role: string) => `您可以看到：${role}。`,
    accept: '将此日历添加到您的日历中',
    acceptNote: '此链接仅供您使用，30 天内有效。仅当您认识发件人时才接受。',
    open: '打开日历',
    subscribe: '或在您的日历程序中订阅：',
    linkNote: '任何拥有此链接的人都可以看到日历。请勿转发。',
    sharesBack: '对方也请您共享您的日历。',
    contactsSubject: (owner: string) => `${owner} 与您共享联系人`,
    contacts: (owner: string, tenant: string, domain: string, book: string) =>
      `${tenant}（${domain}）的 ${owner} 与您共享通讯簿“${book}”。`,
    contactsNote: (address: string) => `用地址 ${address} 在您的通讯簿中打开它。仅当您认识对方时才打开。`,
    overSubject: (owner: string) => `${owner} 不再与您共享日历`,
    over: (owner: string, tenant: string, domain: string, calendar: string) =>
      `${tenant}（${domain}）的 ${owner} 不再与您共享日历“${calendar}”。`,
    overNote: '该日历不再向您显示。您无需执行任何操作。',
  },
} as const satisfies Record<LetterLanguage, object>;

const roleWord = (language: LetterLanguage, role: Role): string =>
  (TEXTS[language].roles as Partial<Record<Role, string>>)[role] ?? role;

type Block = { readonly text: string; readonly url?: string };

/** Tells an owner what the policy took back, once for all of it. */
export function sharesEndedLetter(
  wish: string | null | undefined,
  input: {
    readonly tenantName: string;
    readonly by: 'policy' | 'administrator';
    /** `recipient` null: published; `role` none: ended. */
    readonly shares: readonly { readonly calendar: string; readonly recipient: string | null; readonly role: Role }[];
  },
): Letter {
  const language = letterLanguage(wish);
  const words = TEXTS[language];
  return print(language, words.endedSubject, [
    { text: (input.by === 'policy' ? words.ended : words.endedByAdministrator)(input.tenantName) },
    ...input.shares.map(({ calendar, recipient, role }) => {
      const whom = recipient ?? words.anybody;
      return {
        text:
          role === 'none'
            ? words.endedLine(calendar, whom)
            : words.loweredLine(calendar, whom, roleWord(language, role)),
      };
    }),
  ]);
}

interface Invitation {
  readonly ownerName: string;
  readonly tenantName: string;
  readonly tenantDomain: string;
  readonly calendar: string;
  readonly role: Role;
  readonly sharesBack: boolean;
}

/** To somebody whose organisation is here: a link by which they add the calendar to their own. */
export function acceptLetter(wish: string | null | undefined, input: Invitation & { acceptUrl: string }): Letter {
  const language = letterLanguage(wish);
  const words = TEXTS[language];
  return print(language, words.invitationSubject(input.ownerName), [
    ...invited(language, input),
    { text: words.accept, url: input.acceptUrl },
    { text: words.acceptNote },
  ]);
}

/** To anybody else: the addresses of the calendar's page and of its feed. */
export function linkLetter(
  wish: string | null | undefined,
  input: Invitation & { pageUrl: string; feedUrl: string },
): Letter {
  const language = letterLanguage(wish);
  const words = TEXTS[language];
  return print(language, words.invitationSubject(input.ownerName), [
    ...invited(language, input),
    { text: words.open, url: input.pageUrl },
    { text: words.subscribe, url: input.feedUrl },
    { text: words.linkNote },
  ]);
}

/** To somebody of another organisation, with whom contacts are shared. */
export function contactsLetter(
  wish: string | null | undefined,
  input: {
    readonly ownerName: string;
    readonly ownerAddress: string;
    readonly tenantName: string;
    readonly tenantDomain: string;
    readonly book: string;
  },
): Letter {
  const language = letterLanguage(wish);
  const words = TEXTS[language];
  return print(language, words.contactsSubject(input.ownerName), [
    { text: words.contacts(input.ownerName, input.tenantName, input.tenantDomain, input.book) },
    { text: words.contactsNote(input.ownerAddress) },
  ]);
}

/** To somebody outside, when a calendar is shared with them no more. */
export function shareOverLetter(
  language: LetterLanguage,
  input: Pick<Invitation, 'ownerName' | 'tenantName' | 'tenantDomain' | 'calendar'>,
): Letter {
  const words = TEXTS[language];
  return print(language, words.overSubject(input.ownerName), [
    { text: words.over(input.ownerName, input.tenantName, input.tenantDomain, input.calendar) },
    { text: words.overNote },
  ]);
}

function invited(language: LetterLanguage, input: Invitation): Block[] {
  const words = TEXTS[language];
  return [
    { text: words.invites(input.ownerName, input.tenantName, input.tenantDomain, input.calendar) },
    { text: words.sees(roleWord(language, input.role)) },
    ...(input.sharesBack ? [{ text: words.sharesBack }] : []),
  ];
}

function print(language: LetterLanguage, subject: string, blocks: readonly Block[]): Letter {
  const text = blocks
    .map((block) => (block.url === undefined ? block.text : `${block.text}\n${block.url}`))
    .join('\n\n');
  const paragraphs = blocks.map((block) =>
    block.url === undefined
      ? `<p>${escapeHtml(block.text)}</p>`
      : `<p><a href="${escapeHtml(block.url)}">${escapeHtml(block.text)}</a></p>`,
  );
  const html = letterPage(language, subject, paragraphs);
  return { subject, text: `${text}\n`, html };
}
