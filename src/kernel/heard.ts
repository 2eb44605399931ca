import type { z } from 'zod';
import { kernelFaults } from './fault.ts';

/** What another organisation answered. One that answers something else has not answered. @throws partners.unreachable. */
export function heard<Shape extends z.ZodType>(shape: Shape, answer: unknown): z.output<Shape> {
  const read = shape.safeParse(answer);
  if (read.success) return read.data;
  throw kernelFaults.partnerUnreachable(read.error);
}
