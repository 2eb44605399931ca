import { Button } from '@fluentui/react-components';
import { ArrowUploadRegular } from '@fluentui/react-icons';
import { useRef } from 'react';

/** Chooses a file of this machine; the same one may be chosen again. */
export function FileButton(props: {
  text: string;
  /** `.csv,text/csv` */
  accept: string;
  isBusy: boolean;
  /** There is something else that whoever comes here will more likely do. */
  isSecond?: boolean;
  onChosen: (file: File | undefined) => void;
}) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        accept={props.accept}
        hidden
        data-part="file"
        onChange={(event) => {
          props.onChosen(event.target.files?.[0]);
          event.target.value = '';
        }}
      />
      <Button
        appearance={props.isSecond ? 'secondary' : 'primary'}
        icon={<ArrowUploadRegular />}
        disabled={props.isBusy}
        onClick={() => input.current?.click()}
      >
        {props.text}
      </Button>
    </>
  );
}
