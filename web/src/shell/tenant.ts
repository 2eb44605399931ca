import { useQuery } from '@tanstack/react-query';
import { createContext, useContext, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { TryOut } from '../access/what-if.ts';
import { type Api, ApiFault, createApi } from '../api.ts';
import { SignInNeeded, startSignIn, tokenFor } from '../signin/session.ts';

/** The organisation a page is about, as the address names it: `/t/{tenant}/…`. */
export const TenantContext = createContext<{ tenant: string; api: Api; tryOut: TryOut } | undefined>(undefined);

export function useTenant(): string {
  return useContext(TenantContext)?.tenant ?? '';
}

export function useApi(): Api {
  const context = useContext(TenantContext);
  if (!context) throw new Error('This part belongs inside an organisation.');
  return context.api;
}

/** Shows who would gain and lose what, before it is done. */
export function useTryOut(): TryOut {
  const context = useContext(TenantContext);
  if (!context) throw new Error('This part belongs inside an organisation.');
  return context.tryOut;
}

/** A caller that speaks for the person in one organisation, and leaves for the sign-in page when it no longer can. */
export function useTenantApi(tenant: string, proveAgain: (fault: ApiFault) => Promise<boolean>): Api {
  const { t } = useTranslation();
  return useMemo(
    () =>
      createApi({
        sentences: () => ({ network: t('fault.network'), other: t('fault.unknown') }),
        proveAgain,
        async token(isStale) {
          try {
            return await tokenFor(tenant, isStale);
          } catch (error) {
            if (!(error instanceof SignInNeeded)) throw new ApiFault(0, 'network', t('fault.network'));
            await startSignIn(tenant, location.pathname + location.search);
            // The page is being left: nothing more happens here.
            return await new Promise<string>(() => {});
          }
        },
      }),
    [tenant, t, proveAgain],
  );
}

/** A caller without a token: the sign-in pages stand on cookies, the first visit on nothing. */
export function useOpenApi(): Api {
  const { t } = useTranslation();
  return useMemo(
    () => createApi({ sentences: () => ({ network: t('fault.network'), other: t('fault.unknown') }) }),
    [t],
  );
}

/**
 * One thing from the server, for the organisation of this page. What was read lately is shown again without asking,
 * unless `isSubject`: what a page is about is asked for whenever the page is opened.
 */
export function useThing<T>(
  path: string,
  options: {
    enabled?: boolean;
    params?: Record<string, string>;
    isSubject?: boolean;
    /** Milliseconds after which it is asked for again by itself. */
    refetchInterval?: number;
  } = {},
) {
  const api = useApi();
  const tenant = useTenant();
  return useQuery<T, ApiFault>({
    queryKey: [tenant, path, options.params ?? {}],
    queryFn: ({ signal }) => api.get<T>(path, { signal, ...(options.params ? { params: options.params } : {}) }),
    enabled: options.enabled ?? true,
    ...(options.refetchInterval === undefined ? {} : { refetchInterval: options.refetchInterval }),
    ...(options.isSubject ? { refetchOnMount: 'always' as const } : {}),
  });
}
