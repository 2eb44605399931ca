import { useTranslation } from 'react-i18next';
import { useAct } from '../parts/act.tsx';

/** Lets somebody sign in (true) or blocks them (false); each undoes the other. */
export function useBlocking(id: string, done: () => void) {
  const { t } = useTranslation();
  return useAct<boolean>((api, isOn) => api.patch(`/v1.0/users/${id}`, { accountEnabled: isOn }), {
    isTried: true,
    said: (isOn) => (isOn ? t('people.unblocked') : t('people.blocked')),
    undo: (api, isOn) => api.patch(`/v1.0/users/${id}`, { accountEnabled: !isOn }),
    done,
  });
}
