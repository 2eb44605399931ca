import { useTranslation } from 'react-i18next';
import type { Tone } from '../parts/state-text.tsx';
import type { Ending, KindFound } from './ending-wire.ts';

/** What kinds of ties and the states of a parting are called; a kind that this page does not know, as the server says it. */
export function useEndingWords() {
  const { t } = useTranslation();
  return {
    kind: ({ kind, title }: Pick<KindFound, 'kind' | 'title'>): string =>
      t(`parting.kinds.${kind.replace(/[.-]/g, '_')}`, { defaultValue: title }),
    state: ({ state }: Ending): { readonly tone: Tone; readonly text: string } => ({
      tone: state === 'done' ? 'good' : 'waiting',
      text: t(`parting.state.${state}`),
    }),
    notice: ({ notice }: Ending): { readonly tone: Tone; readonly text: string } => ({
      tone: notice === 'confirmed' ? 'good' : notice === 'outstanding' ? 'waiting' : 'quiet',
      text: t(`parting.notice.${notice}`),
    }),
  };
}
