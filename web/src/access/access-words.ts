import { useTranslation } from 'react-i18next';
import { useSettingWords } from '../tenants/setting-words.ts';
import type { GrantFound } from './wire.ts';

const ABOUT_SETTINGS = 'tenants.settings.administer:';

/** What stands for the rules of another organisation: no question has it. */
const PARTNER_RULE = 'partners.partner-does-not-permit';

const keyOf = (name: string) => name.replace(/[.:]/g, '_');

/**
 * What questions, rules and levels are called in the reader's language. A test holds the catalogue together with the
 * server's (docs/questions.md); what is newer than both is said in the server's words.
 */
export function useAccessWords() {
  const { t } = useTranslation();
  const settings = useSettingWords();
  return {
    question({ name, sentence }: { readonly name: string; readonly sentence: string }): string {
      if (!name.startsWith(ABOUT_SETTINGS)) {
        return t(`explain.questions.${keyOf(name)}`, { defaultValue: sentence });
      }
      const group = name.slice(ABOUT_SETTINGS.length);
      return t('explain.settingsQuestion', {
        title: settings.group({ name: group, title: group, sentence: '' }).title,
      });
    },
    rule: ({ name, sentence }: { readonly name: string; readonly sentence: string }): string =>
      name === PARTNER_RULE ? t('explain.partnerRule') : t(`explain.rules.${keyOf(name)}`, { defaultValue: sentence }),
    /** Through what somebody comes by it, and to whom it was given. */
    given: ({ path, subject }: Pick<GrantFound, 'path' | 'subject'>): string =>
      t('explain.through', {
        path: t(`ledger.paths.${path}`, { defaultValue: path }),
        subject:
          subject.displayName ?? t(`explain.subjects.${subject.kind}`, { name: subject.id, defaultValue: subject.id }),
      }),
    /** A level of a question, as the end of "The answer is yes: …". */
    level: (question: string, level: string): string =>
      t([`explain.levelsOf.${keyOf(question)}.${level}`, `explain.levels.${level}`], { defaultValue: level }),
  };
}

/** Words as the beginning of a sentence. */
export const capital = (words: string): string => words.charAt(0).toLocaleUpperCase() + words.slice(1);
