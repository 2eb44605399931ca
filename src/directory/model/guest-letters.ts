/** The letters that guests and their sponsors get, in the three languages of the product. */

import { escapeHtml, type Letter, type LetterLanguage, letterPage } from '../../platform/letter.ts';

const TEXTS = {
  en: {
    date: 'en-GB',
    caution: 'Accept only if you know the sender and expected this invitation.',
    invitationSubject: (inviter: string, tenant: string) => `${inviter} invites you to use applications of ${tenant}`,
    invites: (inviter: string, tenant: string, domain: string) =>
      `${inviter} of ${tenant} (${domain}) invites you as a guest.`,
    application: (tenant: string, domain: string) => `${tenant} (${domain}) invites you as a guest.`,
    message: 'Message from the inviter:',
    accept: 'Accept the invitation',
    noticeSubject: (tenant: string) => `You have access to ${tenant}`,
    notice: 'Both organisations have agreed to this, so there is nothing to accept. Sign in as you do at home.',
    open: 'Open',
    leadsTo: (url: string) => `Afterwards you come to ${url}`,
    privacy: (url: string) => `Privacy statement: ${url}`,
    noPrivacy: (tenant: string) => `${tenant} has published no privacy statement.`,
    block: 'Block future invitations from this organisation',
    passcodeSubject: (tenant: string, code: string) => `${code} is your sign-in code for ${tenant}`,
    passcode: (tenant: string) => `Your code to sign in to ${tenant}:`,
    passcodeValid: 'It is valid for 30 minutes and works once.',
    passcodeIgnore: 'If you did not ask for it, do nothing. Never tell it to anyone.',
    staleSubject: (guest: string) => `Does ${guest} still need access?`,
    staleNever: (guest: string, tenant: string) => `${guest} has not accepted the invitation to ${tenant}.`,
    staleInactive: (guest: string, tenant: string) => `${guest} has not signed in to ${tenant} for a long time.`,
    staleNext: (date: string) => `Sign-in will be blocked on ${date} unless they sign in or you extend their stay.`,
    staleDisabled: (guest: string, date: string) =>
      `Sign-in of ${guest} is now blocked. The guest will be deleted on ${date}.`,
    sponsor: 'You get this letter because you answer for this guest.',
  },
  sv: {
    date: 'sv-SE',
    caution: 'Acceptera bara om du känner avsändaren och väntade dig denna inbjudan.',
    invitationSubject: (inviter: string, tenant: string) => `${inviter} bjuder in dig till program hos ${tenant}`,
    invites: (inviter: string, tenant: string, domain: string) =>
      `${inviter} hos ${tenant} (${domain}) bjuder in dig som gäst.`,
    application: (tenant: string, domain: string) => `${tenant} (${domain}) bjuder in dig som gäst.`,
    message: 'Meddelande från den som bjuder in:',
    accept: 'Acceptera inbjudan',
    noticeSubject: (tenant: string) => `Du har åtkomst hos ${tenant}`,
    notice: 'Båda organisationerna har kommit överens om det, så du behöver inte godkänna något. Logga in som hemma.',
    open: 'Öppna',
    leadsTo: (url: string) => `Därefter kommer du till ${url}`,
    privacy: (url: string) => `Integritetspolicy: ${url}`,
    noPrivacy: (tenant: string) => `${tenant} har inte publicerat någon integritetspolicy.`,
    block: 'Blockera framtida inbjudningar från den här organisationen',
    passcodeSubject: (tenant: string, code: string) => `${code} är din inloggningskod för ${tenant}`,
    passcode: (tenant: string) => `Din kod för att logga in hos ${tenant}:`,
    passcodeValid: 'Den gäller i 30 minuter och fungerar en gång.',
    passcodeIgnore: 'Om du inte har bett om den behöver du inte göra något. Berätta den aldrig för någon.',
    staleSubject: (guest: string) => `Behöver ${guest} fortfarande åtkomst?`,
    staleNever: (guest: string, tenant: string) => `${guest} har inte accepterat inbjudan till ${tenant}.`,
    staleInactive: (guest: string, tenant: string) => `${guest} har inte loggat in hos ${tenant} på länge.`,
    staleNext: (date: string) => `Inloggningen spärras ${date} om gästen inte loggar in eller du förlänger vistelsen.`,
    staleDisabled: (guest: string, date: string) => `Inloggningen för ${guest} är nu spärrad. Gästen tas bort ${date}.`,
    sponsor: 'Du får detta brev eftersom du ansvarar för gästen.',
  },
  zh: {
    date: 'zh-CN',
    caution: '仅当您认识发件人并且正在等待此邀请时才接受。',
    invitationSubject: (inviter: string, tenant: string) => `${inviter} 邀请您使用 ${tenant} 的应用`,
    invites: (inviter: string, tenant: string, domain: string) =>
      `${tenant}（${domain}）的 ${inviter} 邀请您成为来宾。`,
    application: (tenant: string, domain: string) => `${tenant}（${domain}）邀请您成为来宾。`,
    message: '邀请人的留言：',
    accept: '接受邀请',
    noticeSubject: (tenant: string) => `您已可访问 ${tenant}`,
    notice: '双方组织已就此达成一致，您无需接受任何内容。请像在所属组织一样登录。',
    open: '打开',
    leadsTo: (url: string) => `之后您将前往 ${url}`,
    privacy: (url: string) => `隐私声明：${url}`,
    noPrivacy: (tenant: string) => `${tenant} 未发布隐私声明。`,
    block: '阻止来自此组织的后续邀请',
    passcodeSubject: (tenant: string, code: string) => `${code} 是您登录 ${tenant} 的验证码`,
    passcode: (tenant: string) => `您登录 ${tenant} 的验证码：`,
    passcodeValid: '30 分钟内有效，仅可使用一次。',
    passcodeIgnore: '如果您没有请求验证码，请忽略此邮件。切勿将其告诉任何人。',
    staleSubject: (guest: string) => `${guest} 是否仍需要访问权限？`,
    staleNever: (guest: string, tenant: string) => `${guest} 尚未接受 ${tenant} 的邀请。`,
    staleInactive: (guest: string, tenant: string) => `${guest} 已很久没有登录 ${tenant}。`,
    staleNext: (date: string) => `如果来宾不登录且您不延长期限，将于 ${date} 阻止其登录。`,
    staleDisabled: (guest: string, date: string) => `${guest} 的登录已被阻止。该来宾将于 ${date} 被删除。`,
    sponsor: '您收到此邮件是因为您是该来宾的负责人。',
  },
} as const satisfies Record<LetterLanguage, object>;

/** What a letter is made of; from it both forms, so that they always say the same. */
type Block =
  | { readonly kind: 'text' | 'note' | 'code'; readonly text: string }
  | { readonly kind: 'quote'; readonly title: string; readonly text: string }
  | { readonly kind: 'button' | 'link'; readonly text: string; readonly url: string };

/** The invitation, in the order the requirements name: caution, inviter, message, button and target, footer. */
export function invitationLetter(input: {
  readonly language: LetterLanguage;
  /** Null where an application invites. */
  readonly inviterName: string | null;
  readonly tenantName: string;
  readonly tenantDomain: string;
  readonly message: string | null;
  /** Null where nothing is left to accept: then it is a notice that the access is there (CT-12). */
  readonly redeemUrl: string | null;
  readonly targetUrl: string;
  readonly privacyStatementUrl: string | null;
  readonly blockUrl: string;
}): Letter {
  const words = TEXTS[input.language];
  const { inviterName, tenantName, tenantDomain } = input;
  return print(
    input.language,
    input.redeemUrl === null
      ? words.noticeSubject(tenantName)
      : words.invitationSubject(inviterName ?? tenantName, tenantName),
    [
      ...(input.redeemUrl === null ? [] : [{ kind: 'note', text: words.caution } as const]),
      {
        kind: 'text',
        text:
          inviterName === null
            ? words.application(tenantName, tenantDomain)
            : words.invites(inviterName, tenantName, tenantDomain),
      },
      ...(input.message === null ? [] : [{ kind: 'quote', title: words.message, text: input.message } as const]),
      ...(input.redeemUrl === null
        ? [
            { kind: 'text', text: words.notice } as const,
            { kind: 'button', text: words.open, url: input.targetUrl } as const,
          ]
        : [
            { kind: 'button', text: words.accept, url: input.redeemUrl } as const,
            { kind: 'text', text: words.leadsTo(input.targetUrl) } as const,
          ]),
    ],
    [
      input.privacyStatementUrl === null
        ? { kind: 'note', text: words.noPrivacy(tenantName) }
        : { kind: 'note', text: words.privacy(input.privacyStatementUrl) },
      { kind: 'link', text: words.block, url: input.blockUrl },
    ],
  );
}

export function passcodeLetter(input: {
  readonly language: LetterLanguage;
  readonly tenantName: string;
  readonly code: string;
}): Letter {
  const words = TEXTS[input.language];
  return print(
    input.language,
    words.passcodeSubject(input.tenantName, input.code),
    [
      { kind: 'text', text: words.passcode(input.tenantName) },
      { kind: 'code', text: input.code },
      { kind: 'text', text: words.passcodeValid },
    ],
    [{ kind: 'note', text: words.passcodeIgnore }],
  );
}

/** To the sponsors: a guest is stale and will be blocked (`warned`), or is blocked and will be deleted (`disabled`). */
export function staleGuestLetter(input: {
  readonly language: LetterLanguage;
  readonly stage: 'warned' | 'disabled';
  readonly hasAccepted: boolean;
  readonly guestName: string;
  readonly tenantName: string;
  readonly nextAt: Date;
}): Letter {
  const words = TEXTS[input.language];
  const next = new Intl.DateTimeFormat(words.date, { dateStyle: 'long', timeZone: 'UTC' }).format(input.nextAt);
  const { guestName, tenantName } = input;
  return print(
    input.language,
    words.staleSubject(guestName),
    [
      {
        kind: 'text',
        text: input.hasAccepted ? words.staleInactive(guestName, tenantName) : words.staleNever(guestName, tenantName),
      },
      {
        kind: 'text',
        text: input.stage === 'warned' ? words.staleNext(next) : words.staleDisabled(guestName, next),
      },
    ],
    [{ kind: 'note', text: words.sponsor }],
  );
}

function print(language: LetterLanguage, subject: string, body: readonly Block[], footer: readonly Block[]): Letter {
  const text = `${body.map(asText).join('\n\n')}\n\n-- \n${footer.map(asText).join('\n')}\n`;
  const html = letterPage(language, subject, [
    ...body.map(asHtml),
    '<hr><footer style="font-size:small;color:#555">',
    ...footer.map(asHtml),
    '</footer>',
  ]);
  return { subject, text, html };
}

function asText(block: Block): string {
  switch (block.kind) {
    case 'text':
    case 'note':
    case 'code':
      return block.text;
    case 'quote':
      return `${block.title}\n${block.text
        .split(/\r?\n/)
        .map((line) => `> ${line}`)
        .join('\n')}`;
    case 'button':
    case 'link':
      return `${block.text}:\n${block.url}`;
  }
}

function asHtml(block: Block): string {
  switch (block.kind) {
    case 'text':
      return `<p>${escapeHtml(block.text)}</p>`;
    case 'note':
      return `<p style="color:#555">${escapeHtml(block.text)}</p>`;
    case 'code':
      return `<p style="font-size:2rem;letter-spacing:.3em;font-family:monospace">${escapeHtml(block.text)}</p>`;
    case 'quote':
      return `<p>${escapeHtml(block.title)}</p><blockquote style="white-space:pre-wrap">${escapeHtml(block.text)}</blockquote>`;
    case 'button':
      return `<p><a href="${escapeHtml(block.url)}" style="display:inline-block;padding:.6rem 1.2rem;background:#0f6cbd;color:#fff;text-decoration:none;border-radius:4px">${escapeHtml(block.text)}</a></p>`;
    case 'link':
      return `<p><a href="${escapeHtml(block.url)}">${escapeHtml(block.text)}</a></p>`;
  }
}
