import type { ReactNode } from 'react';
import type { ApiFault } from '../api.ts';
import type { Area } from '../shell/me.ts';
import { InnerLink } from './inner-link.tsx';
import { LoadingRows } from './loading-rows.tsx';
import { Page } from './page.tsx';
import { RefusalBar } from './refusal-bar.tsx';
import { OnlyReading } from './why-not.tsx';

/** The page of one thing of a list: loading, refused, or shown, always with the way back to the list. */
export function DetailPage<Thing>(props: {
  list: { readonly path: string; readonly title: string };
  query: { readonly data: Thing | undefined; readonly error: ApiFault | null; refetch(): unknown };
  head: (thing: Thing) => {
    readonly title: string;
    readonly sentence?: string;
    readonly badge?: ReactNode;
    readonly commands?: ReactNode;
  };
  /** What is changed here: who may only look is told so. */
  area?: Area;
  children: (thing: Thing) => ReactNode;
}) {
  const { list, query } = props;
  const above = <InnerLink path={list.path}>{list.title}</InnerLink>;
  if (query.data !== undefined && !query.error) {
    return (
      <Page {...props.head(query.data)} above={above}>
        {props.area && <OnlyReading area={props.area} />}
        {props.children(query.data)}
      </Page>
    );
  }
  return (
    <Page title={list.title} above={above}>
      {query.error ? (
        <RefusalBar fault={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <LoadingRows label={list.title} />
      )}
    </Page>
  );
}
