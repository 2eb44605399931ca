import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { type ApiFault, type Page, type Params, samePath } from '../api.ts';
import { useApi, useTenant } from '../shell/tenant.ts';

/** The rows of a list as pages show them: what is loaded, what is to come, and what went wrong. */
export interface List<Row> {
  readonly rows: readonly Row[];
  readonly isPending: boolean;
  readonly fault: ApiFault | undefined;
  readonly total: number | undefined;
  readonly hasMore: boolean;
  readonly isLoadingMore: boolean;
  loadMore(): void;
  reload(): void;
  /** The server's order, in `$orderby` words, and how to ask for another. Absent where the list is whole. */
  readonly order?: string | undefined;
  setOrder?(order: string | undefined): void;
}

/** A list the server pages. `params` are OData options; changing them starts again from the first page. */
export function useList<Row>(
  path: string,
  params: Params = {},
  options: { enabled?: boolean; cursor?: 'after' | 'before' } = {},
): List<Row> {
  const api = useApi();
  const tenant = useTenant();
  const [order, setOrder] = useState<string>();
  const asked = { ...params, ...(order ? { $orderby: order } : {}) };
  const query = useInfiniteQuery<Page<Row>, ApiFault>({
    // Apart from the same address read as one thing: pages are kept in another shape.
    queryKey: [tenant, path, asked, 'pages'],
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) =>
      pageParam === ''
        ? api.get<Page<Row>>(path, { params: asked, signal })
        : (pageParam as string).startsWith('/')
          ? api.get<Page<Row>>(pageParam as string, { signal })
          : api.get<Page<Row>>(path, {
              params: { ...asked, [options.cursor ?? 'after']: pageParam as string },
              signal,
            }),
    getNextPageParam: (page) =>
      page['@odata.nextLink'] ? samePath(page['@odata.nextLink']) : page.next ? String(page.next) : undefined,
    placeholderData: keepPreviousData,
    enabled: options.enabled ?? true,
  });
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.value) ?? [], [query.data]);
  return {
    rows,
    isPending: query.isPending && (options.enabled ?? true),
    fault: query.data ? undefined : (query.error ?? undefined),
    total: query.data?.pages[0]?.['@odata.count'],
    hasMore: query.hasNextPage,
    isLoadingMore: query.isFetchingNextPage,
    loadMore: () => void query.fetchNextPage(),
    reload: () => void query.refetch(),
    order,
    setOrder,
  };
}

/** A list that came in one piece. */
export function wholeList<Row>(query: {
  data: readonly Row[] | undefined;
  isPending: boolean;
  error: ApiFault | null;
  refetch(): unknown;
}): List<Row> {
  return {
    rows: query.data ?? [],
    isPending: query.isPending,
    fault: query.data ? undefined : (query.error ?? undefined),
    total: query.data?.length,
    hasMore: false,
    isLoadingMore: false,
    loadMore: () => {},
    reload: () => void query.refetch(),
  };
}
