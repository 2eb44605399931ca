import { useTranslation } from 'react-i18next';
import type { RefusalNotice } from '../access/wire.ts';

/** A sentence of the server as the name of its translation: letters only, and short. */
const keyOf = (sentence: string) =>
  sentence
    .toLowerCase()
    .replace(/[^a-z]+/g, '-')
    .replace(/-$/, '')
    .slice(0, 40);

/** What a refused person reads, in their language. */
export function useNoticeWords() {
  const { t } = useTranslation();
  return {
    sentence: ({ sentence, refusedBy }: RefusalNotice): string =>
      refusedBy === null
        ? t(`explain.notices.${keyOf(sentence)}`, { defaultValue: sentence })
        : t('requests.refusedBy', { name: refusedBy }),
    askWhom: ({ askWhom }: RefusalNotice): string => t(`explain.notices.${keyOf(askWhom)}`, { defaultValue: askWhom }),
  };
}
