import { useTranslation } from 'react-i18next';
import { useSettingWords } from '../tenants/setting-words.ts';

const ABOUT_SETTINGS = 'tenants.settings.administer:';

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
      t(`explain.rules.${keyOf(name)}`, { defaultValue: sentence }),
    /** A level of a question, as the end of "The answer is yes: …". */
    level: (question: string, level: string): string =>
      t([`explain.levelsOf.${keyOf(question)}.${level}`, `explain.levels.${level}`], { defaultValue: level }),
  };
}
