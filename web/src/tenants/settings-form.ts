import type { Schema } from './wire.ts';

/** What a setting is edited with. */
export type Editor =
  | { readonly kind: 'switch' }
  | { readonly kind: 'choice'; readonly options: readonly string[]; readonly isNullable: boolean }
  | { readonly kind: 'number'; readonly isNullable: boolean; readonly minimum?: number; readonly maximum?: number }
  /** Any number of the options. */
  | { readonly kind: 'choices'; readonly options: readonly string[] }
  | { readonly kind: 'list' }
  /** One in each line; `*.` before it means all below it, too. */
  | { readonly kind: 'domains' }
  | { readonly kind: 'text'; readonly isNullable: boolean; readonly isLong: boolean }
  | { readonly kind: 'json' };

/** Finds the editor for a value's schema. Anything not understood is edited as JSON, never hidden. */
export function editorFor(schema: Schema): Editor {
  const { schema: inner, isNullable } = withoutNull(schema);
  if (inner.type === 'boolean') return isNullable ? { kind: 'json' } : { kind: 'switch' };
  const options = inner.enum ?? (inner.const === undefined ? undefined : [inner.const]);
  if (options?.every((option) => typeof option === 'string')) {
    return { kind: 'choice', options: options as string[], isNullable };
  }
  if (inner.type === 'number' || inner.type === 'integer') {
    return {
      kind: 'number',
      isNullable,
      ...(inner.minimum === undefined ? {} : { minimum: inner.minimum }),
      ...(inner.maximum === undefined || inner.maximum === Number.MAX_SAFE_INTEGER ? {} : { maximum: inner.maximum }),
    };
  }
  const listed = inner.items?.anyOf ?? (inner.items ? [inner.items] : []);
  if (
    inner.type === 'array' &&
    !isNullable &&
    listed.some(({ properties }) => properties && 'includeSubdomains' in properties)
  )
    return { kind: 'domains' };
  const each = inner.type === 'array' && !isNullable ? inner.items?.enum : undefined;
  if (each?.every((option) => typeof option === 'string')) return { kind: 'choices', options: each as string[] };
  if (inner.type === 'array' && inner.items?.type === 'string' && !inner.items.enum && !isNullable)
    return { kind: 'list' };
  if (inner.type === 'string') return { kind: 'text', isNullable, isLong: (inner.maxLength ?? 0) > 300 };
  return { kind: 'json' };
}

function withoutNull(schema: Schema): { schema: Schema; isNullable: boolean } {
  const { anyOf } = schema;
  if (!anyOf) return { schema, isNullable: false };
  const rest = anyOf.filter((one) => one.type !== 'null');
  const [only] = rest;
  return rest.length === 1 && only
    ? { schema: only, isNullable: rest.length < anyOf.length }
    : { schema, isNullable: false };
}

/** The text of a field as the value to send. @throws SyntaxError on JSON that is none, RangeError on a wrong number. */
export function readValue(editor: Editor, text: string): unknown {
  switch (editor.kind) {
    case 'number': {
      if (text.trim() === '' && editor.isNullable) return null;
      const number = Number(text);
      if (text.trim() === '' || !Number.isFinite(number)) throw new RangeError(text);
      return number;
    }
    case 'list':
    case 'choices':
      return linesOf(text);
    case 'domains':
      return linesOf(text).map((line) => ({
        domain: line.replace(/^\*\./, ''),
        includeSubdomains: line.startsWith('*.'),
      }));
    case 'text':
    case 'choice':
      return text === '' && editor.isNullable ? null : text;
    case 'switch':
      return text === 'true';
    case 'json':
      return JSON.parse(text);
  }
}

const linesOf = (text: string): string[] =>
  text
    .split(/[\n,]/)
    .map((line) => line.trim())
    .filter((line) => line !== '');

interface ListedDomain {
  readonly domain: string;
  readonly includeSubdomains: boolean;
}

/** A value as the text of its field. */
export function textOf(editor: Editor, value: unknown): string {
  if (editor.kind === 'json') return JSON.stringify(value, null, 2);
  if (value === null || value === undefined) return '';
  if (editor.kind === 'domains')
    return (value as readonly ListedDomain[])
      .map(({ domain, includeSubdomains }) => (includeSubdomains ? `*.${domain}` : domain))
      .join('\n');
  if (editor.kind === 'choices')
    return editor.options.filter((option) => (value as unknown[]).includes(option)).join('\n');
  if (editor.kind === 'list') return (value as unknown[]).join('\n');
  return String(value);
}

/** Whether every word of a search stands somewhere in a setting's name, sentence or group. */
export function matches(search: string, ...texts: readonly string[]): boolean {
  const text = texts.join(' ').toLocaleLowerCase();
  return search
    .toLocaleLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
