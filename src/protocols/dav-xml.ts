/** XML as WebDAV uses it (RFC 4918 §14): read into small trees, and printed as text that is joined, never walked. */
import { DOMParser, type Element, type Node } from '@xmldom/xmldom';

/** `{namespace}local`, as properties, elements and conditions are named throughout. */
export type QName = `{${string}}${string}`;

export interface XmlElement {
  readonly name: QName;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly (XmlElement | string)[];
}

export class XmlError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'XmlError';
  }
}

export const DAV = 'DAV:';
export const CALDAV = 'urn:ietf:params:xml:ns:caldav';
export const CARDDAV = 'urn:ietf:params:xml:ns:carddav';
export const CALENDARSERVER = 'http://calendarserver.org/ns/';
export const APPLE = 'http://apple.com/ns/ical/';

/** Declared once at the root of every answer. */
const PREFIXES: ReadonlyMap<string, string> = new Map([
  [DAV, 'D'],
  [CALDAV, 'C'],
  [CARDDAV, 'A'],
  [CALENDARSERVER, 'S'],
  [APPLE, 'I'],
]);
const DECLARATIONS = [...PREFIXES].map(([namespace, prefix]) => ` xmlns:${prefix}="${namespace}"`).join('');

/** Deeper than any client's filter; a bomb is deeper. */
const DEPTH_AT_MOST = 48;
const ELEMENTS_AT_MOST = 50_000;

/**
 * Reads one document. Prefixes are resolved, comments and processing instructions left out.
 * @throws XmlError when it is not well formed, declares a document type (so no entities), or is too deep or too large.
 */
export function readXml(text: string): XmlElement {
  if (/<!DOCTYPE/i.test(text)) throw new XmlError('A document type is not taken.');
  checkDepth(text);
  let root: Element | null;
  try {
    const parser = new DOMParser({
      onError: (_level, message) => {
        throw new XmlError(message);
      },
    });
    root = parser.parseFromString(text.replace(/^\uFEFF/, '').trimStart(), 'text/xml').documentElement;
  } catch (error) {
    throw error instanceof XmlError ? error : new XmlError((error as Error).message);
  }
  if (!root) throw new XmlError('There is no element.');
  return fromDom(root);
}

/** Counted before parsing, which takes time and memory for each level. One pass, whatever the text holds. */
function checkDepth(text: string): void {
  let depth = 0;
  let elements = 0;
  const after = (from: number, end: string) => {
    const found = text.indexOf(end, from);
    if (found === -1) throw new XmlError('An element, a comment or a section does not end.');
    return found + end.length;
  };
  for (let at = text.indexOf('<'); at !== -1; at = text.indexOf('<', at)) {
    const next = text[at + 1];
    if (next === '!')
      at = text.startsWith('<!--', at) ? after(at, '-->') : after(at, text.startsWith('<![', at) ? ']]>' : '>');
    else if (next === '?') at = after(at, '?>');
    else {
      const end = after(at, '>');
      if (next === '/') depth -= 1;
      else {
        elements += 1;
        if (text[end - 2] !== '/') depth += 1;
      }
      at = end;
    }
    if (depth > DEPTH_AT_MOST) throw new XmlError(`Elements are nested deeper than ${DEPTH_AT_MOST}.`);
    if (elements > ELEMENTS_AT_MOST) throw new XmlError(`There are more than ${ELEMENTS_AT_MOST} elements.`);
  }
}

const ELEMENT_NODE = 1;
const TEXT_NODE = 3;
const CDATA_NODE = 4;

function fromDom(element: Element): XmlElement {
  const attributes: Record<string, string> = {};
  for (const { namespaceURI, localName, name, value } of element.attributes) {
    if (name === 'xmlns' || name.startsWith('xmlns:')) continue;
    attributes[namespaceURI ? `{${namespaceURI}}${localName}` : name] = value;
  }
  const children: (XmlElement | string)[] = [];
  for (let node: Node | null = element.firstChild; node; node = node.nextSibling) {
    if (node.nodeType === ELEMENT_NODE) children.push(fromDom(node as Element));
    else if (node.nodeType === TEXT_NODE || node.nodeType === CDATA_NODE) children.push(node.nodeValue ?? '');
  }
  return { name: `{${element.namespaceURI ?? ''}}${element.localName ?? element.nodeName}`, attributes, children };
}

export const elementsOf = (element: XmlElement): XmlElement[] =>
  element.children.filter((child): child is XmlElement => typeof child !== 'string');

/** The first child of a name. */
export const childOf = (element: XmlElement | undefined, name: QName): XmlElement | undefined =>
  element && elementsOf(element).find((child) => child.name === name);

export const childrenOf = (element: XmlElement, name: QName): XmlElement[] =>
  elementsOf(element).filter((child) => child.name === name);

/** All text in an element, white space around it left out. */
export const textIn = (element: XmlElement | undefined): string => (element ? rawTextIn(element).trim() : '');

const rawTextIn = ({ children }: XmlElement): string =>
  children.map((child) => (typeof child === 'string' ? child : rawTextIn(child))).join('');

// Anything but what XML 1.0 §2.2 allows of one 16-bit unit.
const NEEDS_WORK = /[&<>\r]|[^\t\n -\uFFFD]/;
const NOT_XML = /[^\t\n\r -\uFFFD]/g;

/** Text between tags. Carriage returns are kept: a reader of bare ones sees line feeds (XML 1.0 §2.11). */
export function escapeXml(text: string): string {
  if (!NEEDS_WORK.test(text)) return text;
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('\r', '&#13;')
    .replace(NOT_XML, '');
}

const escapeAttribute = (text: string) =>
  escapeXml(text).replaceAll('"', '&quot;').replaceAll('\n', '&#10;').replaceAll('\t', '&#9;');

interface Tags {
  readonly open: string;
  readonly close: string;
  readonly empty: string;
  /** Without its end, for attributes. */
  readonly start: string;
}

const TAGS = new Map<QName, Tags>();
/** Names come from clients as well; those are not kept for ever. */
const TAGS_AT_MOST = 1_000;

function tagsOf(name: QName): Tags {
  const known = TAGS.get(name);
  if (known) return known;
  const { namespace, local } = partsOf(name);
  const prefix = PREFIXES.get(namespace);
  const tag = prefix ? `${prefix}:${local}` : namespace === '' ? local : `x:${local}`;
  const start = prefix
    ? `<${tag}`
    : namespace === ''
      ? `<${tag} xmlns=""`
      : `<${tag} xmlns:x="${escapeAttribute(namespace)}"`;
  const tags = { open: `${start}>`, close: `</${tag}>`, empty: `${start}/>`, start };
  if (TAGS.size < TAGS_AT_MOST) TAGS.set(name, tags);
  return tags;
}

export function partsOf(name: QName): { namespace: string; local: string } {
  const end = name.lastIndexOf('}');
  return { namespace: name.slice(1, end), local: name.slice(end + 1) };
}

/** An element around XML that is printed already. */
export function xml(name: QName, content = '', attributes?: Readonly<Record<string, string>>): string {
  const tags = tagsOf(name);
  if (attributes === undefined) return content === '' ? tags.empty : tags.open + content + tags.close;
  const printed = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeAttribute(value)}"`);
  const start = tags.start + printed.join('');
  return content === '' ? `${start}/>` : `${start}>${content}${tags.close}`;
}

/** An element around text. */
export const xmlText = (name: QName, text: string): string => xml(name, escapeXml(text));

export const d = (local: string): QName => `{${DAV}}${local}`;
export const c = (local: string): QName => `{${CALDAV}}${local}`;
export const a = (local: string): QName => `{${CARDDAV}}${local}`;
export const s = (local: string): QName => `{${CALENDARSERVER}}${local}`;

export const href = (path: string): string => `<D:href>${escapeXml(path)}</D:href>`;

const XML = 'http://www.w3.org/XML/1998/namespace';
const NO_NAMESPACE = (local: string) => ({ namespace: '', local });

/** A tree as text that stands by itself, with every namespace it uses: for what is kept and given back later. */
export function printXml(element: XmlElement): string {
  const { namespace, local } = partsOf(element.name);
  const inside = element.children.map((child) => (typeof child === 'string' ? escapeXml(child) : printXml(child)));
  let attributes = '';
  for (const [n, [name, value]] of Object.entries(element.attributes).entries()) {
    const { namespace: foreign, local: own } = name.startsWith('{') ? partsOf(name as QName) : NO_NAMESPACE(name);
    const prefix = foreign === '' ? '' : foreign === XML ? 'xml:' : `y${n}:`;
    if (prefix.startsWith('y')) attributes += ` xmlns:y${n}="${escapeAttribute(foreign)}"`;
    attributes += ` ${prefix}${own}="${escapeAttribute(value)}"`;
  }
  const start = `<${local} xmlns="${escapeAttribute(namespace)}"${attributes}`;
  return inside.length === 0 ? `${start}/>` : `${start}>${inside.join('')}</${local}>`;
}

const HEADER = '<?xml version="1.0" encoding="utf-8"?>\n';

/** A whole document; `content` may use the prefixes declared here. */
export const xmlDocument = (name: QName, content: string): string => {
  const { close, start } = tagsOf(name);
  return `${HEADER}${start}${DECLARATIONS}>${content}${close}`;
};

/** RFC 4918 §13. `responses` are printed already; they are joined once, so the cost grows with the length alone. */
export const multistatus = (responses: readonly string[], after = ''): string =>
  `${HEADER}<D:multistatus${DECLARATIONS}>${responses.join('')}${after}</D:multistatus>`;

const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  201: 'Created',
  204: 'No Content',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
  412: 'Precondition Failed',
  424: 'Failed Dependency',
  507: 'Insufficient Storage',
};

export const statusLine = (status: number): string =>
  `<D:status>HTTP/1.1 ${status} ${REASONS[status] ?? 'Error'}</D:status>`;

/** What became of one resource as a whole. */
export const statusResponse = (path: string, status: number, error = ''): string =>
  `<D:response>${href(path)}${statusLine(status)}${error === '' ? '' : xml('{DAV:}error', error)}</D:response>`;

/** The properties of one resource, grouped by what became of each. Empty groups are left out. */
export function propertyResponse(path: string, groups: Iterable<readonly [status: number, printed: string]>): string {
  let printed = '';
  for (const [status, properties] of groups) {
    if (properties !== '') printed += `<D:propstat><D:prop>${properties}</D:prop>${statusLine(status)}</D:propstat>`;
  }
  // A response needs at least one of them.
  if (printed === '') printed = `<D:propstat><D:prop/>${statusLine(200)}</D:propstat>`;
  return `<D:response>${href(path)}${printed}</D:response>`;
}
