/** The letters about tests of partnerships, in the three languages of the product. */
import { type Letter, type LetterTexts, letterLanguage, letterWithAddress } from '../../platform/letter.ts';

/** It turned bad, it is well again, or a result is shown to the partner's administrator. */
export type DiagnosisNews = 'bad' | 'good' | 'shown';

const TEXTS: LetterTexts<DiagnosisNews> = {
  en: {
    bad: [
      'Working together with {partner} fails',
      'A test of the partnership between {us} and {partner} fails that passed before. Each step, and what to do about it:',
    ],
    good: [
      'Working together with {partner} is well again',
      'What failed between {us} and {partner} passes again. The last test:',
    ],
    shown: [
      '{us} shows you how a test of your partnership went',
      '{us} has tested how it works together with {partner}. What concerns you of it stands here for seven days; whoever has the address can read it:',
    ],
  },
  sv: {
    bad: [
      'Samarbetet med {partner} fungerar inte',
      'Ett test av partnerskapet mellan {us} och {partner} misslyckas som tidigare gick bra. Varje steg, och vad som kan göras:',
    ],
    good: [
      'Samarbetet med {partner} fungerar igen',
      'Det som inte fungerade mellan {us} och {partner} går bra igen. Det senaste testet:',
    ],
    shown: [
      '{us} visar hur ett test av ert partnerskap gick',
      '{us} har testat hur samarbetet med {partner} fungerar. Det som rör er står här i sju dagar; den som har adressen kan läsa det:',
    ],
  },
  zh: {
    bad: ['与 {partner} 的协作出现故障', '{us} 与 {partner} 之间的合作测试此前通过，现在失败。各步骤及处理办法：'],
    good: ['与 {partner} 的协作已恢复正常', '{us} 与 {partner} 之间的故障已消除。最近一次测试：'],
    shown: [
      '{us} 向您展示合作测试的结果',
      '{us} 测试了与 {partner} 的协作。与您有关的部分在以下地址保留七天，持有该地址者均可阅读：',
    ],
  },
};

export function diagnosisLetter(
  wish: string | null,
  news: DiagnosisNews,
  names: { readonly us: string; readonly partner: string },
  address: string,
): Letter {
  const language = letterLanguage(wish);
  return letterWithAddress(language, TEXTS[language][news], names, address);
}
