import { Button, Dropdown, makeStyles, Option, Text, tokens } from '@fluentui/react-components';
import { type ReactNode, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { chooseLanguage, LANGUAGES, type Language } from '../i18n/index.ts';
import { NARROW } from '../parts/narrow.ts';

/** How an organisation looks on its sign-in page. Colours are checked by the server; the text is text. */
export interface Branding {
  readonly displayName: string;
  readonly bannerColor?: string | null;
  readonly backgroundColor?: string | null;
  readonly bannerLogoText?: string | null;
  readonly signInPageText?: string | null;
  readonly contact?: string | null;
  readonly privacyStatementUrl?: string | null;
  readonly preferredLanguage?: string | null;
}

const useStyles = makeStyles({
  ground: {
    minHeight: '100dvh',
    display: 'grid',
    gridTemplateRows: '1fr auto',
    justifyItems: 'center',
    alignItems: 'center',
    backgroundColor: tokens.colorNeutralBackground3,
    backgroundImage: `radial-gradient(1200px 600px at 15% -10%, ${tokens.colorBrandBackground2}, transparent), radial-gradient(900px 500px at 110% 110%, ${tokens.colorBrandBackground2}, transparent)`,
    padding: '24px 16px 8px',
    boxSizing: 'border-box',
    [NARROW]: {
      alignItems: 'start',
      padding: '0 0 8px',
      backgroundColor: tokens.colorNeutralBackground1,
      backgroundImage: 'none',
    },
  },
  card: {
    width: '100%',
    maxWidth: '440px',
    boxSizing: 'border-box',
    padding: '36px 40px',
    display: 'grid',
    gap: '16px',
    backgroundColor: tokens.colorNeutralBackground1,
    borderRadius: tokens.borderRadiusXLarge,
    boxShadow: tokens.shadow16,
    [NARROW]: { boxShadow: 'none', borderRadius: 0, padding: '28px 20px', maxWidth: '100%' },
  },
  stripe: { width: '8px', height: '32px', borderRadius: tokens.borderRadiusMedium },
  brand: { display: 'flex', gap: '10px', alignItems: 'center', minHeight: '32px' },
  title: {
    margin: 0,
    fontSize: tokens.fontSizeBase600,
    lineHeight: tokens.lineHeightBase600,
    fontWeight: tokens.fontWeightSemibold,
    overflowWrap: 'anywhere',
  },
  sentence: { color: tokens.colorNeutralForeground2 },
  foot: {
    display: 'flex',
    gap: '16px',
    alignItems: 'center',
    justifyContent: 'center',
    flexWrap: 'wrap',
    padding: '8px',
    fontSize: tokens.fontSizeBase200,
  },
  link: { color: tokens.colorNeutralForeground2 },
});

/** A page of its own, outside the frame: signing in, redeeming, the first visit. One card, one question at a time. */
export function Plain(props: {
  title: string;
  sentence?: ReactNode;
  branding?: Branding | undefined;
  link?: string;
  isWide?: boolean;
  children?: ReactNode;
}) {
  const styles = useStyles();
  const { t, i18n } = useTranslation();
  const { branding } = props;
  useEffect(() => {
    document.title = `${props.title} · Entente`;
  }, [props.title]);
  return (
    <div className={styles.ground} style={branding?.backgroundColor ? { background: branding.backgroundColor } : {}}>
      <main className={styles.card} style={props.isWide ? { maxWidth: '760px' } : {}}>
        <div className={styles.brand}>
          {branding?.bannerColor ? (
            <span className={styles.stripe} style={{ background: branding.bannerColor }} aria-hidden />
          ) : (
            <img src="/favicon.svg" alt="" height={32} width={32} />
          )}
          <Text weight="semibold" size={400}>
            {branding?.bannerLogoText || branding?.displayName || t('product')}
          </Text>
        </div>
        <h1 className={styles.title}>{props.title}</h1>
        {props.sentence && <div className={styles.sentence}>{props.sentence}</div>}
        {props.children}
        {props.link && (
          <div>
            <Button appearance="primary" as="a" href={props.link}>
              {t('fault.home')}
            </Button>
          </div>
        )}
        {branding?.signInPageText && (
          <Text size={200} style={{ whiteSpace: 'pre-wrap' }}>
            {branding.signInPageText}
          </Text>
        )}
        {branding?.contact && <Text size={200}>{t('signin.contact', { contact: branding.contact })}</Text>}
      </main>
      <footer className={styles.foot}>
        <Dropdown
          size="small"
          appearance="underline"
          aria-label={t('shell.language')}
          value={LANGUAGES.find(({ code }) => code === i18n.language)?.name ?? ''}
          selectedOptions={[i18n.language]}
          onOptionSelect={(_, { optionValue }) => optionValue && void chooseLanguage(optionValue as Language)}
          style={{ minWidth: '120px' }}
        >
          {LANGUAGES.map(({ code, name }) => (
            <Option key={code} value={code} lang={code}>
              {name}
            </Option>
          ))}
        </Dropdown>
        {branding?.privacyStatementUrl && (
          <a className={styles.link} href={branding.privacyStatementUrl} rel="noreferrer">
            {t('signin.privacy')}
          </a>
        )}
      </footer>
    </div>
  );
}
