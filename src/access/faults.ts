import { Fault } from '../kernel/fault.ts';

export const accessFaults = {
  questionUnknown: (name: string) =>
    new Fault('invalid', 'access.question-unknown', `There is no question "${name}". GET /admin/questions lists them.`),
  subjectUnknown: () => new Fault('invalid', 'access.subject-unknown', 'There is no such person here.'),
};
