/** The letters about keys of partners, in the three languages of the product. */
import { escapeHtml, type Letter, type LetterLanguage, letterLanguage, letterPage } from '../../platform/letter.ts';

/** A successor is announced by the key that is known, or a key is given up at once. */
export type KeyNews = 'announced' | 'withdrawn';

const TEXTS: Readonly<Record<LetterLanguage, Readonly<Record<KeyNews, readonly [subject: string, text: string]>>>> = {
  en: {
    announced: [
      '{partner} changes its key',
      '{partner} has published a new key, and the key that you confirmed answers for it. Both count from now on, so that nothing is interrupted. Look at the partner and confirm the change.',
    ],
    withdrawn: [
      'The key of {partner} is no longer to be believed',
      '{partner} has withdrawn its key: somebody else may have it. Nothing that is signed with it is accepted any more, and nothing comes in from {partner} until you have confirmed its new key. Compare it over another way first: by telephone or face to face.',
    ],
  },
  sv: {
    announced: [
      '{partner} byter nyckel',
      '{partner} har publicerat en ny nyckel, och nyckeln som ni har bekräftat svarar för den. Båda gäller från och med nu, så att inget avbryts. Titta på partnern och bekräfta ändringen.',
    ],
    withdrawn: [
      'Nyckeln för {partner} går inte längre att lita på',
      '{partner} har återkallat sin nyckel: någon annan kan ha den. Inget som är signerat med den tas emot längre, och inget kommer in från {partner} förrän ni har bekräftat den nya nyckeln. Jämför den först på ett annat sätt: per telefon eller öga mot öga.',
    ],
  },
  zh: {
    announced: [
      '{partner} 更换密钥',
      '{partner} 公布了新密钥，您已确认的密钥为其作保。从现在起两把密钥均有效，不会中断。请查看该合作组织并确认此更改。',
    ],
    withdrawn: [
      '{partner} 的密钥不再可信',
      '{partner} 已撤回其密钥：可能有他人持有。用它签名的内容一律不再接受；在您确认其新密钥之前，不接受来自 {partner} 的任何请求。请先通过其他途径核对：电话或当面。',
    ],
  },
};

export function keyLetter(wish: string | null, news: KeyNews, partner: string): Letter {
  const language = letterLanguage(wish);
  const [subject, text] = TEXTS[language][news].map((one) =>
    one.replaceAll('{partner}', partner.replace(/\s+/g, ' ')),
  ) as [string, string];
  return { subject, text: `${text}\n`, html: letterPage(language, subject, [`<p>${escapeHtml(text)}</p>`]) };
}
