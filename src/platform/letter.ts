/** Letters that the server itself writes: what they are made of, whoever's words stand in them. */

export const LETTER_LANGUAGES = ['en', 'sv', 'zh'] as const;
export type LetterLanguage = (typeof LETTER_LANGUAGES)[number];

/** The same said twice: as text and as HTML. */
export interface Letter {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** The first of the wishes (BCP 47 tags) that there are words in; English when there is none. */
export function letterLanguage(...wishes: readonly (string | null | undefined)[]): LetterLanguage {
  for (const wish of wishes) {
    const primary = wish?.toLowerCase().split(/[-_]/)[0];
    const found = LETTER_LANGUAGES.find((language) => language === primary);
    if (found) return found;
  }
  return 'en';
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as it stands in HTML, between tags and in attributes. */
export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);

/** A page of a letter around its parts, each HTML. */
export const letterPage = (language: LetterLanguage, title: string, parts: readonly string[]): string =>
  [
    `<!doctype html><html lang="${language}"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title></head>`,
    '<body style="font-family:Segoe UI,Helvetica,Arial,sans-serif;max-width:36rem;margin:0 auto;padding:1rem">',
    ...parts,
    '</body></html>',
  ].join('\n');

/** What the letters about one thing say, by language and by what they tell. `{name}` in them is filled in. */
export type LetterTexts<News extends string> = Readonly<
  Record<LetterLanguage, Readonly<Record<News, readonly [subject: string, text: string]>>>
>;

/** A letter of one paragraph, and the address at which the rest is read. A name from elsewhere stays within its line. */
export function letterWithAddress(
  language: LetterLanguage,
  texts: readonly [subject: string, text: string],
  names: Readonly<Record<string, string>>,
  address: string,
): Letter {
  const fill = (text: string) =>
    text.replace(/\{(\w+)\}/g, (braces, name) => names[name]?.replace(/\s+/g, ' ') ?? braces);
  const [subject, text] = [fill(texts[0]), fill(texts[1])];
  const href = escapeHtml(address);
  return {
    subject,
    text: `${text}\n\n${address}\n`,
    html: letterPage(language, subject, [`<p>${escapeHtml(text)}</p>`, `<p><a href="${href}">${href}</a></p>`]),
  };
}
