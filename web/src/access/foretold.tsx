import { Text } from '@fluentui/react-components';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiFault } from '../api.ts';
import { useAbilities } from '../shell/me.ts';
import { useApi } from '../shell/tenant.ts';
import { openSearching, type Summary, type TriedRequest, type WhatIfLine } from './what-if.ts';
import { useLineWords } from './what-if-report.tsx';

/** Milliseconds without a change of the form before it is looked what it would do. */
const SETTLED = 900;
/** Things that are named; the others are counted. */
const NAMED = 4;

interface Told {
  readonly summary: Summary;
  readonly lines: readonly WhatIfLine[];
}

/**
 * One quiet line in a form: what whoever comes by it would be let do. `request` is what the form would send; undefined:
 * it is not whole yet. Shown to those who may know.
 */
export function Foretold({ request }: { request: TriedRequest | undefined }) {
  const { t, i18n } = useTranslation();
  const api = useApi();
  const abilities = useAbilities();
  const words = useLineWords();
  const mayKnow = abilities.isReady && abilities.sees('explain') && abilities.sees('ledger');
  const [state, setState] = useState<'looking' | ApiFault | Told>();
  const asked = request && JSON.stringify(request);

  useEffect(() => {
    setState(undefined);
    if (!mayKnow || asked === undefined) return;
    const searching = openSearching(api);
    const look = async () => {
      setState('looking');
      const { id, summary } = await searching.seek([JSON.parse(asked) as TriedRequest]);
      const { value } = await api.get<{ value: readonly WhatIfLine[] }>(`/admin/what-if/${id}/lines`, {
        signal: searching.signal,
      });
      if (summary && !searching.signal.aborted) setState({ summary, lines: value });
    };
    const timer = setTimeout(() => {
      look().catch((error: unknown) => {
        if (!searching.signal.aborted) setState(error instanceof ApiFault ? error : undefined);
      });
    }, SETTLED);
    return () => {
      clearTimeout(timer);
      searching.stop();
    };
  }, [api, asked, mayKnow]);

  const told = () => {
    if (state === undefined) return '';
    if (state === 'looking') return t('whatIf.looking');
    if (state instanceof ApiFault) return state.sentence;
    const { summary, lines } = state;
    if (summary.subjects.lost + summary.subjects.gained === 0) return t('foretold.nothing');
    const theirs = lines.filter(({ subject, direction }) => subject.isArriving && direction === 'gained');
    const things = [...new Set(theirs.flatMap((line) => words.object(line) ?? []))];
    const named = things.slice(0, NAMED);
    const more = things.length - named.length;
    const list = new Intl.ListFormat(i18n.language, { type: 'conjunction' });
    const what = list.format([...named, ...(more > 0 ? [t('foretold.more', { count: more })] : [])]);
    const isTheirsAlone = summary.subjects.lost === 0 && summary.subjects.gained === summary.subjects.arriving;
    return [
      theirs.length > 0 && t(things.length > 0 ? 'foretold.gains' : 'foretold.comes', { what }),
      !isTheirsAlone && t('foretold.others'),
      summary.unheard.length > 0 && t('whatIf.unheard', { domains: summary.unheard.join(', ') }),
    ]
      .filter((sentence) => sentence !== false)
      .join(' ');
  };
  return (
    <Text block size={200} role="status" style={{ minHeight: '1rem' }}>
      {told()}
    </Text>
  );
}
