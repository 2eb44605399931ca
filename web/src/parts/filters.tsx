import { makeStyles } from '@fluentui/react-components';
import type { ReactNode } from 'react';
import { NARROW } from './narrow.ts';

const useStyles = makeStyles({
  filters: {
    display: 'flex',
    gap: '12px',
    flexWrap: 'wrap',
    alignItems: 'start',
    marginBottom: '16px',
    // On a phone a ragged row of boxes becomes two even columns, the box to type in over both.
    [NARROW]: {
      display: 'grid',
      gridTemplateColumns: 'repeat(2, minmax(0, 1fr))',
      '& > :first-child': { gridColumn: '1 / -1' },
      '& .fui-Input, & .fui-Combobox, & .fui-Select, & select': { width: '100%', minWidth: 0 },
    },
  },
});

/** The row of boxes, each with its label, that narrow the list below. */
export function Filters(props: { children: ReactNode }) {
  return <div className={useStyles().filters}>{props.children}</div>;
}
