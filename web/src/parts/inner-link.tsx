import { Link } from '@fluentui/react-components';
import { useRouter } from '@tanstack/react-router';
import type { MouseEvent, ReactNode } from 'react';
import { useTenant } from '../shell/tenant.ts';

/** A link within the organisation, in Fluent's look. */
export function InnerLink(props: { path: string; children: ReactNode }) {
  const tenant = useTenant();
  const router = useRouter();
  const href = `/t/${encodeURIComponent(tenant)}${props.path}`;
  return (
    <Link
      href={href}
      onClick={(event: MouseEvent) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey) return;
        event.preventDefault();
        router.history.push(href);
      }}
    >
      {props.children}
    </Link>
  );
}
