import {
  Badge,
  Button,
  DrawerBody,
  DrawerHeader,
  DrawerHeaderTitle,
  makeStyles,
  mergeClasses,
  OverlayDrawer,
  tokens,
  useRestoreFocusTarget,
} from '@fluentui/react-components';
import { BuildingRegular, DismissRegular, NavigationRegular } from '@fluentui/react-icons';
import { Link, Outlet, useLocation } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { NARROW, useIsNarrow } from '../parts/narrow.ts';
import { useAbilities, useMe, useOrganisationName } from './me.ts';
import { placesFor } from './navigation.tsx';
import { PersonMenu } from './person-menu.tsx';
import { Search } from './search.tsx';
import { useTenant } from './tenant.ts';

const Reminders = lazy(async () => ({ default: (await import('../calendars/reminders.tsx')).Reminders }));

const useStyles = makeStyles({
  frame: {
    display: 'grid',
    gridTemplateRows: '48px 1fr',
    gridTemplateColumns: '248px minmax(0, 1fr)',
    gridTemplateAreas: '"top top" "nav main"',
    height: '100dvh',
    [NARROW]: { gridTemplateColumns: 'minmax(0, 1fr)', gridTemplateAreas: '"top" "main"' },
  },
  skip: {
    position: 'absolute',
    left: '-9999px',
    zIndex: 10,
    padding: '8px 16px',
    backgroundColor: tokens.colorNeutralBackground1,
    ':focus': { left: '8px', top: '8px' },
  },
  top: {
    gridArea: 'top',
    display: 'flex',
    alignItems: 'center',
    gap: '12px',
    padding: '0 12px 0 16px',
    backgroundColor: '#084f5a',
    color: '#ffffff',
    minWidth: 0,
    [NARROW]: { padding: '0 4px', gap: '4px' },
  },
  brand: {
    display: 'flex',
    alignItems: 'center',
    gap: '10px',
    color: '#ffffff',
    textDecorationLine: 'none',
    fontWeight: tokens.fontWeightSemibold,
    minWidth: 0,
    borderRadius: tokens.borderRadiusMedium,
    ':focus-visible': { outline: '2px solid #ffffff', outlineOffset: '2px' },
  },
  product: { [NARROW]: { display: 'none' } },
  organisation: {
    fontWeight: tokens.fontWeightRegular,
    borderInlineStartWidth: '1px',
    borderInlineStartStyle: 'solid',
    borderInlineStartColor: '#ffffff66',
    paddingInlineStart: '10px',
    whiteSpace: 'nowrap',
    overflow: 'hidden',
    maxWidth: '220px',
    textOverflow: 'ellipsis',
    [NARROW]: { borderInlineStartStyle: 'none', paddingInlineStart: 0, maxWidth: '104px', paddingInlineEnd: '8px' },
  },
  middle: { flexGrow: 1, display: 'flex', justifyContent: 'center', minWidth: 0 },
  menu: { color: '#ffffff', ':hover': { color: '#ffffff', backgroundColor: '#ffffff22' } },
  nav: {
    gridArea: 'nav',
    overflowY: 'auto',
    padding: '12px 8px 24px',
    backgroundColor: tokens.colorNeutralBackground2,
    borderInlineEndWidth: '1px',
    borderInlineEndStyle: 'solid',
    borderInlineEndColor: tokens.colorNeutralStroke3,
  },
  main: { gridArea: 'main', overflowY: 'auto', backgroundColor: tokens.colorNeutralBackground1, minWidth: 0 },
  heading: {
    margin: '18px 12px 4px',
    fontSize: tokens.fontSizeBase200,
    fontWeight: tokens.fontWeightSemibold,
    color: tokens.colorNeutralForeground3,
  },
  list: { listStyleType: 'none', margin: 0, padding: 0, display: 'grid', gap: '2px' },
  link: {
    display: 'flex',
    gap: '12px',
    alignItems: 'center',
    padding: '7px 12px',
    minHeight: '22px',
    borderRadius: tokens.borderRadiusMedium,
    color: tokens.colorNeutralForeground1,
    textDecorationLine: 'none',
    '& svg': { fontSize: '20px', flexShrink: 0 },
    ':hover': { backgroundColor: tokens.colorNeutralBackground2Hover },
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}`, outlineOffset: '-2px' },
  },
  here: {
    backgroundColor: tokens.colorNeutralBackground1Selected,
    fontWeight: tokens.fontWeightSemibold,
    boxShadow: `inset 3px 0 0 ${tokens.colorCompoundBrandStroke}`,
    '& svg': { color: tokens.colorCompoundBrandForeground1 },
  },
});

/** The frame around every page of an organisation: bar, navigation, and the page. */
export function Frame() {
  const styles = useStyles();
  const { t } = useTranslation();
  const tenant = useTenant();
  const organisation = useOrganisationName();
  const isGuest = useMe().data?.userType === 'Guest';
  const isNarrow = useIsNarrow();
  const focusBack = useRestoreFocusTarget();
  const [isOpen, setIsOpen] = useState(false);
  const main = useRef<HTMLElement>(null);
  const { pathname } = useLocation();

  // A new page begins at its top and is announced: focus goes to its title, unless the page was just loaded.
  const before = useRef(pathname);
  useEffect(() => {
    if (before.current === pathname) return;
    before.current = pathname;
    setIsOpen(false);
    main.current?.scrollTo({ top: 0 });
    requestAnimationFrame(() => document.getElementById('page-title')?.focus({ preventScroll: true }));
  }, [pathname]);

  return (
    <div className={`${styles.frame} entente-print`}>
      <a className={`${styles.skip} entente-no-print`} href="#main">
        {t('shell.skip')}
      </a>
      <header className={styles.top}>
        {isNarrow && (
          <Button
            {...focusBack}
            appearance="transparent"
            className={styles.menu}
            icon={<NavigationRegular />}
            aria-label={t('shell.openNavigation')}
            aria-expanded={isOpen}
            onClick={() => setIsOpen(true)}
          />
        )}
        <Link to="/t/$tenant" params={{ tenant }} className={styles.brand}>
          <img src="/favicon.svg" alt="" width={24} height={24} className={styles.product} />
          <span className={styles.product}>{t('product')}</span>
          <span className={styles.organisation}>{organisation}</span>
        </Link>
        {isGuest && (
          <Badge appearance="tint" color="warning" icon={<BuildingRegular />}>
            {t('organisations.guest')}
          </Badge>
        )}
        <div className={styles.middle}>
          <Search />
        </div>
        <PersonMenu />
      </header>
      {isNarrow ? (
        <OverlayDrawer open={isOpen} onOpenChange={(_, { open }) => setIsOpen(open)} position="start" size="small">
          <DrawerHeader>
            <DrawerHeaderTitle
              action={
                <Button
                  appearance="subtle"
                  icon={<DismissRegular />}
                  aria-label={t('action.close')}
                  onClick={() => setIsOpen(false)}
                />
              }
            >
              {organisation}
            </DrawerHeaderTitle>
          </DrawerHeader>
          <DrawerBody>
            <Navigation />
          </DrawerBody>
        </OverlayDrawer>
      ) : (
        <div className={`${styles.nav} entente-no-print`}>
          <Navigation />
        </div>
      )}
      <main className={styles.main} id="main" ref={main} tabIndex={-1}>
        <Outlet />
      </main>
      <Suspense fallback={null}>
        <Reminders />
      </Suspense>
    </div>
  );
}

function Navigation() {
  const styles = useStyles();
  const { t } = useTranslation();
  const tenant = useTenant();
  const abilities = useAbilities();
  const { pathname } = useLocation();
  const below = pathname.split('/').slice(3).join('/');
  return (
    <nav aria-label={t('shell.navigation')}>
      {placesFor(abilities.sees).map(({ title, places }) => (
        <div key={title ?? ''}>
          {title && (
            <div className={styles.heading} id={title}>
              {t(title)}
            </div>
          )}
          <ul className={styles.list} aria-labelledby={title}>
            {places.map((place) => {
              const path = place.path.slice(1);
              const isHere = path === '' ? below === '' : below === path || below.startsWith(`${path}/`);
              return (
                <li key={place.path}>
                  <Link
                    to={`/t/${encodeURIComponent(tenant)}${place.path}`}
                    className={mergeClasses(styles.link, isHere && styles.here)}
                    aria-current={isHere ? 'page' : undefined}
                  >
                    {place.picture}
                    {t(place.title)}
                  </Link>
                </li>
              );
            })}
          </ul>
        </div>
      ))}
    </nav>
  );
}
