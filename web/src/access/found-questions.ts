/** A question as it is looked for: its name, and what it is called in the reader's language. */
export interface Named {
  readonly name: string;
  readonly words: string;
}

const SETTINGS = 'tenants.settings.administer:';

/** What a question is about: the first word of its name, and settings by themselves, of which there are many. */
export const subjectOf = (name: string): string =>
  name.startsWith(SETTINGS) ? 'settings' : name.slice(0, name.indexOf('.'));

const plain = (text: string) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLocaleLowerCase();

/**
 * The questions that have every word of `text`, in themselves, their subject or their name, by subject. The subjects by
 * what they are called, and within each the questions as they came.
 */
export function foundQuestions(
  questions: readonly Named[],
  titleOf: (subject: string) => string,
  text: string,
): { readonly subject: string; readonly title: string; readonly questions: readonly Named[] }[] {
  const wanted = plain(text).split(/\s+/).filter(Boolean);
  const isFound = ({ name, words }: Named) => {
    const all = plain(`${words} ${titleOf(subjectOf(name))} ${name}`);
    return wanted.every((word) => all.includes(word));
  };
  return [...Map.groupBy(questions.filter(isFound), ({ name }) => subjectOf(name))]
    .map(([subject, found]) => ({ subject, title: titleOf(subject), questions: found }))
    .sort((a, b) => a.title.localeCompare(b.title));
}
