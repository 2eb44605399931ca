import { Input } from '@fluentui/react-components';
import { SearchRegular } from '@fluentui/react-icons';
import { useEffect, useState } from 'react';

/** A box that filters a list a moment after the typing stops. */
export function FilterBox(props: { label: string; value: string; onChange: (value: string) => void }) {
  const { value, onChange } = props;
  const [text, setText] = useState(value);
  useEffect(() => {
    if (text === value) return;
    const timer = setTimeout(() => onChange(text), 250);
    return () => clearTimeout(timer);
  }, [text, value, onChange]);
  return (
    <Input
      type="search"
      aria-label={props.label}
      placeholder={props.label}
      contentBefore={<SearchRegular />}
      value={text}
      onChange={(_, data) => setText(data.value)}
      style={{ minWidth: '180px', flex: '1 1 180px', maxWidth: '320px' }}
    />
  );
}
