import { Temporal } from 'temporal-polyfill';
import { escapeHtml, type LetterLanguage } from '../../platform/letter.ts';
import { dateIn, type Feed, type ShownEvent } from './feed.ts';

const WORDS = {
  en: {
    locale: 'en-GB',
    allDay: 'All day',
    empty: 'Nothing is planned in this time.',
    times: (zone: string) => `Times in ${zone}.`,
    shown: { free: 'Free', tentative: 'Tentative', busy: 'Busy', oof: 'Away', workingElsewhere: 'Working elsewhere' },
    subscribe: 'Subscribe in a calendar program',
    languages: 'Language',
  },
  sv: {
    locale: 'sv-SE',
    allDay: 'Hela dagen',
    empty: 'Inget är planerat under den här tiden.',
    times: (zone: string) => `Tider i ${zone}.`,
    shown: {
      free: 'Ledig',
      tentative: 'Preliminär',
      busy: 'Upptagen',
      oof: 'Frånvarande',
      workingElsewhere: 'Arbetar på annan plats',
    },
    subscribe: 'Prenumerera i ett kalenderprogram',
    languages: 'Språk',
  },
  zh: {
    locale: 'zh-CN',
    allDay: '全天',
    empty: '此时间段内没有安排。',
    times: (zone: string) => `时间以 ${zone} 为准。`,
    shown: { free: '空闲', tentative: '暂定', busy: '忙碌', oof: '外出', workingElsewhere: '在其他地方工作' },
    subscribe: '在日历程序中订阅',
    languages: '语言',
  },
} as const satisfies Record<LetterLanguage, object>;

const NAMES: Readonly<Record<LetterLanguage, string>> = { en: 'English', sv: 'Svenska', zh: '中文' };

/** A published calendar as a page: readable by everybody and everything, without a script. */
export function printPage(language: LetterLanguage, feed: Feed): string {
  const words = WORDS[language];
  const days = Map.groupBy(feed.events, ({ told }) => dateIn(told.startsAt, feed.timeZone));
  const body =
    days.size === 0
      ? `<p>${words.empty}</p>`
      : [...days].map(([day, events]) => printDay(language, feed, day, events)).join('\n');
  const others = Object.entries(NAMES)
    .filter(([other]) => other !== language)
    .map(([other, name]) => `<a href="?lang=${other}" lang="${other}" hreflang="${other}">${name}</a>`)
    .join(' ');
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(feed.name)}</title>
<style>
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 42rem; padding: 1rem; }
h2 { font-size: 1rem; margin: 1.5rem 0 .25rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; margin: 0; }
dd { margin: 0; overflow-wrap: anywhere; white-space: pre-line; }
</style>
</head>
<body>
<header>
<h1>${escapeHtml(feed.name)}</h1>
<p>${escapeHtml(words.times(feed.timeZone))} <a href="calendar.ics">${words.subscribe}</a></p>
</header>
<main>
${body}
</main>
<footer><nav aria-label="${words.languages}">${others}</nav></footer>
</body>
</html>
`;
}

function printDay(language: LetterLanguage, feed: Feed, day: string, events: readonly ShownEvent[]): string {
  const { locale } = WORDS[language];
  const said = Temporal.PlainDate.from(day).toLocaleString(locale, {
    weekday: 'long',
    year: 'numeric',
    month: 'long',
    day: 'numeric',
  });
  const items = events.map((event) => printEvent(language, feed, event)).join('\n');
  return `<section>\n<h2><time datetime="${day}">${escapeHtml(said)}</time></h2>\n<dl>\n${items}\n</dl>\n</section>`;
}

function printEvent(language: LetterLanguage, { timeZone }: Feed, { told, description }: ShownEvent): string {
  const words = WORDS[language];
  const clock = (at: Date) =>
    `<time datetime="${at.toISOString()}">${escapeHtml(at.toLocaleTimeString(words.locale, { timeZone, hour: '2-digit', minute: '2-digit' }))}</time>`;
  const when = told.isAllDay ? words.allDay : `${clock(told.startsAt)}–${clock(told.endsAt)}`;
  const what = told.detail === 'time' ? words.shown[told.showAs] : (told.subject ?? words.shown[told.showAs]);
  const details = [told.location, description].filter((one) => one !== null && one !== '');
  return `<dt>${when}</dt>\n<dd>${[what, ...details].map((one) => escapeHtml(one as string)).join('<br>')}</dd>`;
}
