import ICAL from 'ical.js';
import sanitizeHtml from 'sanitize-html';

/** What HTML of others may hold when it is shown: text and its form, nothing that runs, submits or calls home. */
export const cleanHtml = (html: string): string =>
  sanitizeHtml(html, {
    allowedTags: [...sanitizeHtml.defaults.allowedTags, 'img', 'html', 'body', 'center', 'font', 'del', 'ins'],
    allowedAttributes: {
      a: ['href', 'name', 'title', 'target'],
      img: ['src', 'alt', 'title', 'width', 'height'],
      font: ['color', 'face', 'size'],
      '*': ['align', 'dir', 'lang', 'style', 'colspan', 'rowspan', 'bgcolor'],
    },
    allowedStyles: {
      '*': {
        color: [/^[#\w(),.%\s]+$/],
        'background-color': [/^[#\w(),.%\s]+$/],
        'text-align': [/^\w+$/],
        'font-size': [/^[\d.]+(?:px|pt|em|rem|%)$/],
        'font-weight': [/^\w+$/],
        'font-style': [/^\w+$/],
        'font-family': [/^[\w\s,'"-]+$/],
        'text-decoration': [/^[\w\s-]+$/],
        margin: [/^[\d.\spxemt%]+$/],
        padding: [/^[\d.\spxemt%]+$/],
      },
    },
    // An image from elsewhere tells its server who read it, and when.
    allowedSchemesByTag: { img: ['data', 'cid'], a: ['http', 'https', 'mailto', 'tel'] },
    allowedSchemesAppliedToAttributes: ['href', 'src'],
    allowProtocolRelative: false,
  });

/** The words of HTML, its paragraphs as lines. */
export function textOfHtml(html: string): string {
  const lined = html
    .replace(/\r?\n/g, ' ')
    .replace(/<br\s*\/?>/gi, '\n')
    .replace(/<\/(?:p|div|li|tr|h[1-6]|blockquote)\s*>/gi, '\n');
  const bare = sanitizeHtml(lined, { allowedTags: [], allowedAttributes: {} });
  return decodeEntities(bare)
    .replace(/[ \t\u00a0]+/g, ' ')
    .replace(/ ?\n ?/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

// What is left when everything that can be a character has become one.
const ENTITIES: Readonly<Record<string, string>> = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&amp;': '&' };
const decodeEntities = (text: string) => text.replace(/&(?:lt|gt|quot|amp);/g, (found) => ENTITIES[found] as string);

/** Plain text as HTML. */
export const htmlOfText = (text: string): string =>
  text
    .replace(/[&<>"]/g, (found) => `&${{ '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot' }[found]};`)
    .replace(/\r?\n/g, '<br>\n');

/** The text of an extension property, whose type no reader of iCalendar knows: escaped, as it stands in the text. */
export function extensionText(component: ICAL.Component, name: string): string | null {
  const property = component.getFirstProperty(name);
  if (!property) return null;
  const text = String(property.getFirstValue());
  if (property.type !== 'unknown') return text;
  return text.replace(/\\([\\;,nN])/g, (_, escaped: string) => (escaped.toLowerCase() === 'n' ? '\n' : escaped));
}

/** Sets or, with null, removes a text property; one that is no part of the standard is escaped as one that is. */
export function setText(component: ICAL.Component, name: string, value: string | null): void {
  component.removeAllProperties(name);
  if (value === null || value === '') return;
  const property = new ICAL.Property(name);
  if (name.startsWith('x-')) property.setValue(escapeText(value));
  else property.setValue(value);
  component.addProperty(property);
}

const escapeText = (text: string) => text.replace(/[\\;,]/g, '\\$&').replace(/\r?\n/g, '\\n');
