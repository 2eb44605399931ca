/**
 * Settings as a text: YAML with one entry for each group, in an order that depends on nothing but names. What has an id
 * of its own on each server is named: `!group Sales`, `!person ann@fabrikam.example`.
 */
import {
  Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  Pair,
  type ParsedNode,
  parseDocument,
  Scalar,
  YAMLMap,
  YAMLSeq,
} from 'yaml';
import type { SettingScope } from '../../kernel/settings.ts';

/** What a text names in place of an id. A domain stands for itself, where it is no partner's name. */
export const NAMED_KINDS = ['person', 'group', 'organization', 'application', 'domain'] as const;
export type NamedKind = (typeof NAMED_KINDS)[number];

/** Something by its name, where a server would write its id. */
export class Named {
  readonly kind: NamedKind;
  readonly name: string;
  readonly line: number;

  constructor(kind: NamedKind, name: string, line = 0) {
    this.kind = kind;
    this.name = name;
    this.line = line;
  }
}

/** The largest text that is read, in characters. */
export const TEXT_AT_MOST = 3 * 1024 * 1024;
const DEPTH_AT_MOST = 30;
/** Refused before it is parsed, which would take long and end in nothing. */
const TOO_DEEP = /(?:[[{][\s"]*){40}|(?:[-?][ \t]+){40}/;
/** Names that mean something to every object of the language this is written in. */
const NO_NAMES: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

export interface TextProblem {
  /** Counted from 1. */
  readonly line: number;
  readonly problem: string;
}

export interface WrittenValue {
  readonly line: number;
  /** JSON, with `Named` in it. */
  readonly value: unknown;
}

/** What is to be set for one target. */
export interface WrittenTarget {
  readonly line: number;
  /** Undefined: for the whole organisation. */
  readonly key: string | Named | undefined;
  readonly values: ReadonlyMap<string, WrittenValue>;
}

export interface WrittenGroup {
  readonly name: string;
  readonly line: number;
  readonly targets: readonly WrittenTarget[];
}

export interface WrittenText {
  /** Whose settings they are; undefined: anybody's. */
  readonly organization: WrittenValue | undefined;
  readonly groups: readonly WrittenGroup[];
  /** Where there are any, nothing of the text counts. */
  readonly problems: readonly TextProblem[];
}

export interface PrintedGroup {
  readonly name: string;
  readonly title: string;
  readonly sentence: string;
  readonly scope: SettingScope;
  readonly sentences: Readonly<Record<string, string>>;
  readonly targets: readonly {
    readonly key: string | Named | undefined;
    readonly values: Readonly<Record<string, unknown>>;
  }[];
}

/** The same for the same settings, byte for byte. `nameOf` says how an id is named; undefined: it stays as it is. */
export function printSettings(
  organization: string,
  groups: readonly PrintedGroup[],
  nameOf: (id: string) => Named | undefined,
): string {
  const document = new Document();
  const root = new YAMLMap();
  const all = new YAMLMap();
  document.contents = root as never;
  document.commentBefore =
    ' What is set. A setting that is not named has its default; a group that is not named stays as it is.';
  root.items.push(new Pair(new Scalar('organization'), new Scalar(organization)));
  root.items.push(new Pair(new Scalar('settings'), all));
  for (const group of groups.toSorted(by(({ name }) => name))) {
    const key = new Scalar(group.name);
    key.commentBefore = ` ${oneLine(group.title)}. ${oneLine(group.sentence)}`;
    const body = new YAMLMap();
    if (group.scope === 'tenant')
      for (const { values } of group.targets) printValues(body, values, nameOf, group.sentences);
    else {
      for (const target of group.targets.toSorted(by(({ key: one }) => textOf(one ?? '')))) {
        const values = new YAMLMap();
        printValues(values, target.values, nameOf);
        const { key: name = '' } = target;
        body.items.push(new Pair(name instanceof Named ? tagged(name) : new Scalar(name), values));
      }
    }
    all.items.push(new Pair(key, body));
  }
  return document.toString({ lineWidth: 0 });
}

/** A value in one line, as the text has it. */
export function printValue(value: unknown, nameOf: (id: string) => Named | undefined): string {
  const document = new Document();
  const node = nodeOf(value, nameOf);
  if (isMap(node) || isSeq(node)) node.flow = true;
  document.contents = node as never;
  return document.toString({ lineWidth: 0, collectionStyle: 'flow' }).trimEnd();
}

function printValues(
  into: YAMLMap,
  values: Readonly<Record<string, unknown>>,
  nameOf: (id: string) => Named | undefined,
  sentences: Readonly<Record<string, string>> = {},
): void {
  for (const name of Object.keys(values).sort()) {
    const key = new Scalar(name);
    if (sentences[name]) key.commentBefore = ` ${oneLine(sentences[name])}`;
    into.items.push(new Pair(key, nodeOf(values[name], nameOf)));
  }
}

function nodeOf(value: unknown, nameOf: (id: string) => Named | undefined): Node {
  if (value instanceof Named) return tagged(value);
  if (typeof value === 'string') {
    const named = nameOf(value);
    return named ? tagged(named) : new Scalar(value);
  }
  if (Array.isArray(value)) {
    const seq = new YAMLSeq();
    seq.items = value.map((one) => nodeOf(one, nameOf));
    return seq;
  }
  if (typeof value === 'object' && value !== null) {
    const map = new YAMLMap();
    for (const name of Object.keys(value).sort())
      map.items.push(new Pair(new Scalar(name), nodeOf((value as Record<string, unknown>)[name], nameOf)));
    return map;
  }
  return new Scalar(value);
}

function tagged({ kind, name }: Named): Scalar {
  const scalar = new Scalar(name);
  scalar.tag = `!${kind}`;
  return scalar;
}

const oneLine = (text: string) => text.replaceAll(/\s+/g, ' ');
const textOf = (key: string | Named) => (typeof key === 'string' ? key : `${key.name} ${key.kind}`);
const by =
  <T>(text: (one: T) => string) =>
  (a: T, b: T): number =>
    text(a) < text(b) ? -1 : 1;

const TAGS = NAMED_KINDS.map((kind) => ({ tag: `!${kind}`, resolve: (text: string) => text }));

/**
 * Reads a text, and says of everything that is wrong in which line it stands. `scopeOf` is undefined for a group that
 * there is none of.
 */
export function parseSettings(text: string, scopeOf: (group: string) => SettingScope | undefined): WrittenText {
  return new Reader(scopeOf).read(text);
}

class Reader {
  readonly #scopeOf: (group: string) => SettingScope | undefined;
  readonly #lines = new LineCounter();
  readonly #problems: TextProblem[] = [];

  constructor(scopeOf: (group: string) => SettingScope | undefined) {
    this.#scopeOf = scopeOf;
  }

  read(text: string): WrittenText {
    const root = this.#parse(text);
    let organization: WrittenValue | undefined;
    const groups: WrittenGroup[] = [];
    for (const { name, line, node } of root ? this.#entries(root, 'The text') : []) {
      if (name === 'organization') organization = { line, value: this.#value(node, 0) };
      else if (name === 'settings') {
        for (const entry of this.#entries(node, '"settings"')) {
          const scope = this.#scopeOf(entry.name);
          if (!scope) this.#problem(entry.line, `There is no group of settings "${entry.name}".`);
          else groups.push({ ...entry, targets: this.#targets(entry.name, scope, entry.node, entry.line) });
        }
      } else this.#problem(line, `"${name}" means nothing here: write "organization" and "settings".`);
    }
    if (this.#problems.length === 0 && groups.length === 0) this.#problem(1, 'The text names no group of settings.');
    return { organization, groups, problems: this.#problems.toSorted((a, b) => a.line - b.line) };
  }

  #parse(text: string): ParsedNode | null {
    if (text.length > TEXT_AT_MOST) {
      this.#problem(1, `The text is longer than ${TEXT_AT_MOST} characters.`);
      return null;
    }
    const deep = TOO_DEEP.exec(text);
    if (deep) {
      this.#problem(text.slice(0, deep.index).split('\n').length, 'The text is nested too deeply.');
      return null;
    }
    // Twice the same name is found here, where two kinds of names are two.
    const document = parseDocument(text, { customTags: TAGS, lineCounter: this.#lines, uniqueKeys: false });
    for (const { message, pos } of [...document.errors, ...document.warnings].slice(0, 20))
      this.#problem(this.#lines.linePos(pos[0]).line, (message.split('\n')[0] ?? '').replace(/ at line \d+.*$/, '.'));
    return document.errors.length > 0 ? null : document.contents;
  }

  #targets(group: string, scope: SettingScope, node: unknown, line: number): WrittenTarget[] {
    if (scope === 'tenant') return [{ key: undefined, line, values: this.#values(node, `"${group}"`) }];
    return this.#entries(node, `"${group}"`, true).map((entry) => ({
      key: entry.key,
      line: entry.line,
      values: this.#values(entry.node, `"${entry.name}"`),
    }));
  }

  #values(node: unknown, what: string): Map<string, WrittenValue> {
    return new Map(
      this.#entries(node, what).map(({ name, line, node: value }) => [name, { line, value: this.#value(value, 0) }]),
    );
  }

  /** The entries of a mapping, each name once. Nothing at all is an empty one. */
  #entries(node: unknown, what: string, mayBeNamed = false) {
    const found: { name: string; key: string | Named; line: number; node: unknown }[] = [];
    if (node === null || node === undefined || (isScalar(node) && node.value === null)) return found;
    if (!isMap(node)) {
      this.#problem(this.#lineOf(node), `${what} is a list of names, each with what it has.`);
      return found;
    }
    const seen = new Map<string, number>();
    for (const { key: written, value } of node.items) {
      const line = this.#lineOf(written);
      const key = isScalar(written) ? this.#scalar(written) : undefined;
      const isName = typeof key === 'string' || (mayBeNamed && key instanceof Named);
      const name = key instanceof Named ? key.name : String(key);
      if (!isName || NO_NAMES.has(name)) {
        this.#problem(line, `${isScalar(written) ? `"${written.source}"` : 'This'} is no name in ${what}.`);
        continue;
      }
      const before = seen.get(textOf(key as string | Named));
      if (before !== undefined) this.#problem(line, `"${name}" is there twice: also in line ${before}.`);
      else found.push({ name, key: key as string | Named, line, node: value });
      seen.set(textOf(key as string | Named), line);
    }
    return found;
  }

  #value(node: unknown, depth: number): unknown {
    if (node === null || node === undefined) return null;
    if (depth > DEPTH_AT_MOST) this.#problem(this.#lineOf(node), 'The text is nested too deeply.');
    else if (isAlias(node) || (node as { anchor?: string }).anchor)
      this.#problem(this.#lineOf(node), 'A text does not refer to parts of itself: write each value where it belongs.');
    else if (isScalar(node)) return this.#scalar(node);
    else if (isSeq(node)) return node.items.map((one) => this.#value(one, depth + 1));
    else if (isMap(node))
      return Object.fromEntries(
        this.#entries(node, 'This').map(({ name, node: value }) => [name, this.#value(value, depth + 1)]),
      );
    return null;
  }

  #scalar(node: Scalar): unknown {
    const kind = NAMED_KINDS.find((one) => node.tag === `!${one}`);
    if (kind) return new Named(kind, String(node.value), this.#lineOf(node));
    if (typeof node.value !== 'bigint' && (typeof node.value !== 'number' || Number.isFinite(node.value)))
      return node.value;
    this.#problem(this.#lineOf(node), `"${node.source}" is no number that anything is set to.`);
    return null;
  }

  #lineOf(node: unknown): number {
    const offset = (node as Node | null)?.range?.[0];
    return offset === undefined ? 1 : this.#lines.linePos(offset).line;
  }

  #problem(line: number, problem: string): void {
    this.#problems.push({ line, problem });
  }
}

/** The value with every `Named` replaced, and everything else as it is. */
export function replaceNamed(value: unknown, replace: (named: Named) => unknown): unknown {
  if (value instanceof Named) return replace(value);
  if (Array.isArray(value)) return value.map((one) => replaceNamed(one, replace));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, replaceNamed(one, replace)]));
  return value;
}

/** Everything in a value that may be an id. */
export function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(textsIn);
  return [];
}
