import type { LetterLanguage } from '../../platform/letter.ts';
import type { BookingAnswer, BookingReason } from './place.ts';

const WORDS: Record<LetterLanguage, Record<BookingReason, string> & { except: string }> = {
  en: {
    booked: 'It is booked.',
    pending: 'Your request waits for approval.',
    taken: 'It is taken at this time.',
    outside: 'It takes no requests from outside the organisation.',
    window: 'It cannot be booked that far ahead, nor for what is over.',
    duration: 'It cannot be booked for that long.',
    series: 'It takes no series.',
    policy: 'You may not book it.',
    except: 'It is taken on some of the days; those are declined.',
  },
  sv: {
    booked: 'Bokat.',
    pending: 'Din förfrågan väntar på godkännande.',
    taken: 'Upptaget vid den här tiden.',
    outside: 'Tar inte emot förfrågningar utifrån.',
    window: 'Kan inte bokas så långt fram, eller för tid som har gått.',
    duration: 'Kan inte bokas så länge.',
    series: 'Tar inte emot serier.',
    policy: 'Du får inte boka det.',
    except: 'Upptaget vissa av dagarna; de är avböjda.',
  },
  zh: {
    booked: '已预订。',
    pending: '您的请求正在等待批准。',
    taken: '该时段已被占用。',
    outside: '不接受组织外部的请求。',
    window: '不能预订这么远的日期或已过去的时间。',
    duration: '预订时间过长。',
    series: '不接受定期会议。',
    policy: '您无权预订。',
    except: '部分日期已被占用，已谢绝这些日期。',
  },
};

/** What a place says beside its answer. */
export function bookingComment(language: LetterLanguage, { reason, except }: BookingAnswer): string {
  const words = WORDS[language];
  return except.length > 0 ? `${words[reason]} ${words.except}` : words[reason];
}
