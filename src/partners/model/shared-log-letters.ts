/** The letters about logs shared with partners, in the three languages of the product. */
import { type Letter, type LetterTexts, letterLanguage, letterWithAddress } from '../../platform/letter.ts';

/** A log is not what was signed, is held back, or has records that only one side has. */
export type SharedLogNews = 'broken' | 'withheld' | 'unmatched';

const TEXTS: LetterTexts<SharedLogNews> = {
  en: {
    broken: [
      'The log shared with {partner} is not what was signed',
      'What both sides have of the log of your work with {partner} differs from what was signed before: somebody has changed it, or shows you another one than before. The audit names the first place. Keep what you have, and ask {partner}:',
    ],
    withheld: [
      '{partner} holds its log back',
      'For an hour and more {partner} has answered everything but the request for its log of your work together. What it writes there cannot be compared with yours meanwhile:',
    ],
    unmatched: [
      'The log shared with {partner} has records that one side alone has',
      'Records of your work with {partner} have had no counterpart on the other side for more than ten minutes. The audit names them:',
    ],
  },
  sv: {
    broken: [
      'Loggen som delas med {partner} är inte det som signerades',
      'Det som sidorna har av loggen över ert samarbete med {partner} skiljer sig från det som signerades tidigare: någon har ändrat den, eller visar er en annan än förut. Granskningsloggen anger det första stället. Behåll det ni har, och fråga {partner}:',
    ],
    withheld: [
      '{partner} håller inne sin logg',
      'I en timme eller mer har {partner} svarat på allt utom begäran om sin logg över ert samarbete. Det som skrivs där kan så länge inte jämföras med ert:',
    ],
    unmatched: [
      'Loggen som delas med {partner} har poster som bara ena sidan har',
      'Poster om ert samarbete med {partner} har saknat motsvarighet på andra sidan i mer än tio minuter. Granskningsloggen anger vilka:',
    ],
  },
  zh: {
    broken: [
      '与 {partner} 的共享日志与签名时不符',
      '双方保存的与 {partner} 协作的日志与此前签名的内容不同：有人改动了它，或向您出示了另一份日志。审计中注明了首个不符之处。请保留您现有的记录，并询问 {partner}：',
    ],
    withheld: [
      '{partner} 扣留了其日志',
      '一个多小时以来，{partner} 回应了所有请求，唯独不提供双方协作的日志。在此期间无法与您的日志核对：',
    ],
    unmatched: [
      '与 {partner} 的共享日志中有仅一方持有的记录',
      '与 {partner} 协作的某些记录在另一方缺少对应项已超过十分钟。审计中列出了这些记录：',
    ],
  },
};

export function sharedLogLetter(wish: string | null, news: SharedLogNews, partner: string, address: string): Letter {
  const language = letterLanguage(wish);
  return letterWithAddress(language, TEXTS[language][news], { partner }, address);
}
