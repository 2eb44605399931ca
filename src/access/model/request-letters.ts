/** The letters about requests for access, in the three languages of the product. */

import { escapeHtml, type Letter, letterLanguage, letterPage } from '../../platform/letter.ts';

const TEXTS = {
  en: {
    askedSubject: (asker: string) => `${asker} asks you for access`,
    asked: (asker: string) => `${asker} was refused something that you can open, and asks for access.`,
    says: 'They say:',
    look: 'Look at the request',
    grantedSubject: 'You have access now',
    granted: (by: string) => `${by} has answered your request for access: yes. Try again.`,
    declinedSubject: 'Your request for access was declined',
    declined: (by: string) => `${by} has answered your request for access: no.`,
    note: 'With this note:',
    own: 'Your requests',
  },
  sv: {
    askedSubject: (asker: string) => `${asker} ber dig om åtkomst`,
    asked: (asker: string) => `${asker} nekades något som du kan öppna och ber om åtkomst.`,
    says: 'Meddelande:',
    look: 'Se begäran',
    grantedSubject: 'Du har åtkomst nu',
    granted: (by: string) => `${by} har svarat ja på din begäran om åtkomst. Försök igen.`,
    declinedSubject: 'Din begäran om åtkomst avslogs',
    declined: (by: string) => `${by} har svarat nej på din begäran om åtkomst.`,
    note: 'Med den här kommentaren:',
    own: 'Dina begäranden',
  },
  zh: {
    askedSubject: (asker: string) => `${asker} 向您请求访问权限`,
    asked: (asker: string) => `${asker} 被拒绝访问您可以开放的内容，现请求访问权限。`,
    says: '留言：',
    look: '查看请求',
    grantedSubject: '您现在可以访问',
    granted: (by: string) => `${by} 已同意您的访问请求。请重试。`,
    declinedSubject: '您的访问请求被拒绝',
    declined: (by: string) => `${by} 已拒绝您的访问请求。`,
    note: '备注：',
    own: '您的请求',
  },
} as const;

interface Parts {
  readonly subject: string;
  readonly sentence: string;
  readonly quoteTitle: string;
  readonly quote: string;
  readonly link: string;
  readonly url: string;
}

/** To whoever can change it. Never more of the thing than a name: the page shows what its reader may see. */
export function askedLetter(
  wish: string | null,
  { asker, message, url }: { readonly asker: string; readonly message: string; readonly url: string },
): Letter {
  const words = TEXTS[letterLanguage(wish)];
  return print(wish, {
    subject: words.askedSubject(asker),
    sentence: words.asked(asker),
    quoteTitle: words.says,
    quote: message,
    link: words.look,
    url,
  });
}

/** To whoever asked. */
export function answeredLetter(
  wish: string | null,
  answer: { readonly isGranted: boolean; readonly by: string; readonly note: string; readonly url: string },
): Letter {
  const words = TEXTS[letterLanguage(wish)];
  return print(wish, {
    subject: answer.isGranted ? words.grantedSubject : words.declinedSubject,
    sentence: answer.isGranted ? words.granted(answer.by) : words.declined(answer.by),
    quoteTitle: words.note,
    quote: answer.note,
    link: words.own,
    url: answer.url,
  });
}

function print(wish: string | null, { subject, sentence, quoteTitle, quote, link, url }: Parts): Letter {
  const text = [sentence, ...(quote === '' ? [] : [quoteTitle, quote]), `${link}: ${url}`].join('\n\n');
  const html = letterPage(letterLanguage(wish), subject, [
    `<p>${escapeHtml(sentence)}</p>`,
    ...(quote === ''
      ? []
      : [
          `<p>${escapeHtml(quoteTitle)}</p>`,
          `<blockquote style="white-space:pre-line">${escapeHtml(quote)}</blockquote>`,
        ]),
    `<p><a href="${escapeHtml(url)}">${escapeHtml(link)}</a></p>`,
  ]);
  return { subject, text: `${text}\n`, html };
}
