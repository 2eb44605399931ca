import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import type { Setting, SettingsGroup } from './wire.ts';

/**
 * What groups of settings, settings and their values are called in the reader's language: the server's own words where
 * the translations have none.
 */
export function useSettingWords() {
  const { t, i18n } = useTranslation();
  const words = settingWords(t);
  /** The group of a setting known by its module and name alone; undefined when none of ours has words for it. */
  const groupOf = (module: string, name: string): string | undefined => {
    const groups: Record<string, Record<string, unknown>> = i18n.getResource(
      i18n.language,
      'translation',
      'settings.words',
    ) ?? {};
    return Object.keys(groups).find((key) => key.startsWith(`${module}_`) && groups[key]?.[name] !== undefined);
  };
  return {
    ...words,
    groupOf,
    /** What a setting known by its module and name alone is called. */
    called({ module, name }: { readonly module: string; readonly name: string }): string {
      const group = groupOf(module, name);
      return group ? words.setting(group, { name, sentence: '' }).name : `${module}.${name}`;
    },
  };
}

const keyOf = (name: string) => name.replaceAll('.', '_');

export function settingWords(t: TFunction) {
  const value = (group: string, name: string, kept: unknown): string => {
    if (kept === null || kept === undefined || kept === '') return t('settings.nothing');
    if (typeof kept === 'boolean') return kept ? t('settings.on') : t('settings.off');
    if (typeof kept === 'string') return option(group, name, kept);
    if (Array.isArray(kept)) {
      return kept.length === 0 ? t('settings.noneListed') : kept.map((one) => value(group, name, one)).join(', ');
    }
    if (typeof kept !== 'object') return String(kept);
    const { domain, includeSubdomains, ...rest } = kept as Record<string, unknown>;
    if (typeof domain === 'string' && Object.keys(rest).length === 0) {
      return includeSubdomains === true ? t('settings.withSubdomains', { domain }) : domain;
    }
    return Object.entries(kept)
      .map(([part, one]) => `${part}: ${value(group, name, one)}`)
      .join(', ');
  };
  /** One of the choices of a setting. Only what looks like the name of a choice is looked up; all else stands as it is. */
  const option = (group: string, name: string, text: string): string =>
    /^[\w-]+$/.test(text)
      ? t([`settings.words.${keyOf(group)}.${name}.values.${text}`, `settings.values.${text}`], { defaultValue: text })
      : text;
  return {
    group: ({ name, title, sentence }: Pick<SettingsGroup, 'name' | 'title' | 'sentence'>) => ({
      title: t(`settings.groups.${keyOf(name)}.title`, { defaultValue: title }),
      sentence: t(`settings.groups.${keyOf(name)}.sentence`, { defaultValue: sentence }),
    }),
    setting: (group: string, { name, sentence }: Pick<Setting, 'name' | 'sentence'>) => ({
      name: t(`settings.words.${keyOf(group)}.${name}.name`, { defaultValue: name }),
      sentence: t(`settings.words.${keyOf(group)}.${name}.sentence`, { defaultValue: sentence }),
    }),
    option,
    /** A value in words, never empty: "On", "Only the allowed ones", "a.example, b.example and below". */
    value,
  };
}
