import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';

/** Every language of the product: how it names itself, and its code (RFC 5646). */
export const LANGUAGES = [
  { code: 'en', name: 'English', load: () => import('./en.json') },
  { code: 'sv', name: 'Svenska', load: () => import('./sv.json') },
  { code: 'zh-Hans', name: '简体中文', load: () => import('./zh.json') },
] as const;

export type Language = (typeof LANGUAGES)[number]['code'];

const KEPT = 'entente.language';

/** The language to start with: the one chosen before, else the first of the browser's that we speak. */
export function startingLanguage(kept: string | null, wanted: readonly string[]): Language {
  const speak = (tag: string) =>
    LANGUAGES.find(({ code }) => code.split('-')[0] === tag.toLowerCase().split('-')[0])?.code;
  for (const tag of [kept ?? '', ...wanted]) {
    const found = speak(tag);
    if (found) return found;
  }
  return 'en';
}

export async function startLanguages(): Promise<void> {
  await i18next.use(initReactI18next).init({
    resources: {},
    lng: 'en',
    fallbackLng: 'en',
    interpolation: { escapeValue: false },
    returnNull: false,
    keySeparator: '.',
  });
  await speakLanguage(startingLanguage(localStorage.getItem(KEPT), navigator.languages));
}

/** Loads a language and shows everything in it. */
export async function speakLanguage(code: Language): Promise<void> {
  const language = LANGUAGES.find((one) => one.code === code) ?? LANGUAGES[0];
  if (!i18next.hasResourceBundle(code, 'translation')) {
    const strings = await language.load();
    i18next.addResourceBundle(code, 'translation', strings.default, true, true);
  }
  await i18next.changeLanguage(code);
  document.documentElement.lang = code;
  document.documentElement.dir = i18next.dir(code);
}

export async function chooseLanguage(code: Language): Promise<void> {
  localStorage.setItem(KEPT, code);
  await speakLanguage(code);
}
