import { type BrandVariants, createDarkTheme, createLightTheme, type Theme } from '@fluentui/react-components';
import { useSyncExternalStore } from 'react';

/** Entente's own colour, a deep teal: white text on shade 80 has a contrast of 4.9 to 1. */
const brand: BrandVariants = {
  10: '#021719',
  20: '#052a2f',
  30: '#073840',
  40: '#08454f',
  50: '#08525e',
  60: '#095f6d',
  70: '#0a6c7c',
  80: '#0b7889',
  90: '#2d8c9b',
  100: '#479eac',
  110: '#62b0bc',
  120: '#7dc1cb',
  130: '#99d1d9',
  140: '#b4e0e6',
  150: '#d0eef1',
  160: '#ebf8fa',
};

/** Chinese letters come last: their fonts also hold quotation marks, too wide for the other languages. */
const FONT =
  '"Segoe UI Variable Text", "Segoe UI", -apple-system, Roboto, "Noto Sans", "Helvetica Neue", Arial, "Liberation Sans", system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif';

const light: Theme = { ...createLightTheme(brand), fontFamilyBase: FONT };
const dark: Theme = {
  ...createDarkTheme(brand),
  fontFamilyBase: FONT,
  colorBrandForeground1: brand[120],
  colorBrandForeground2: brand[130],
  colorBrandForegroundLink: brand[120],
  colorBrandForegroundLinkHover: brand[130],
  colorBrandForegroundLinkPressed: brand[110],
  colorCompoundBrandForeground1: brand[120],
};

export type ThemeChoice = 'system' | 'light' | 'dark';
const KEPT = 'entente.theme';
const listeners = new Set<() => void>();
const system = window.matchMedia('(prefers-color-scheme: dark)');
system.addEventListener('change', () => {
  for (const listener of listeners) listener();
});

export const themeChoice = (): ThemeChoice => (localStorage.getItem(KEPT) as ThemeChoice | null) ?? 'system';

export function chooseTheme(choice: ThemeChoice): void {
  localStorage.setItem(KEPT, choice);
  for (const listener of listeners) listener();
}

const isDark = () => (themeChoice() === 'system' ? system.matches : themeChoice() === 'dark');

/** The theme to show now: the person's choice, else the system's. */
export function useTheme(): { theme: Theme; isDark: boolean } {
  const value = useSyncExternalStore((changed) => {
    listeners.add(changed);
    return () => listeners.delete(changed);
  }, isDark);
  return { theme: value ? dark : light, isDark: value };
}
