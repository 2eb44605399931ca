import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ImportCode, parseGuestImport, printImportResults, printImportTemplate } from './guest-csv.ts';

const HEADINGS =
  'Email address to invite [inviteeEmail] Required,Redirection url [inviteRedirectURL] Required,' +
  'Send invitation message (true or false) [sendEmail],Customized invitation message [customizedMessageBody]';
const file = (...rows: string[]) => new TextEncoder().encode(['version:v1.0', HEADINGS, ...rows].join('\r\n'));
const problemsOf = (bytes: Uint8Array) => parseGuestImport(bytes, []).problems;
const codeOf = (bytes: Uint8Array): ImportCode | undefined => problemsOf(bytes)[0]?.code;

test('ID-21: a comma and a line break in a quoted message stay in it', () => {
  const { lines, problems } = parseGuestImport(
    file(
      'alice@contoso.com,https://apps.fabrikam.example,true,"Welcome, Alice\r\nto ""Falcon"""',
      'b@contoso.com,https://x.example,FALSE,',
    ),
    [],
  );
  assert.deepEqual(problems, []);
  assert.equal(lines[0]?.message, 'Welcome, Alice\r\nto "Falcon"');
  assert.equal(lines[0]?.sendMail, true);
  assert.deepEqual([lines[0]?.line, lines[1]?.line], [3, 5]);
  assert.equal(lines[1]?.message, null);
});

test('a file with a byte order mark is read, and one that is not UTF-8 is refused', () => {
  const bytes = file('alice@contoso.com,https://x.example,true,Hej Åsa');
  assert.deepEqual(problemsOf(new Uint8Array([0xef, 0xbb, 0xbf, ...bytes])), []);
  assert.equal(codeOf(new Uint8Array([...bytes, 0xe5])), 'encodingInvalid');
});

test('a changed version, changed headings, too many lines and none at all are refused as a whole', () => {
  const text = (content: string) => new TextEncoder().encode(content);
  assert.equal(codeOf(text(`${HEADINGS}\na@b.example,https://x.example`)), 'missingVersion');
  assert.equal(codeOf(text('version:v1.0\nEmail,Url\na@b.example,https://x.example')), 'headerModified');
  assert.equal(
    codeOf(text(`version:v1.0\n${HEADINGS.replace('Send', 'Post')}\na@b.example,https://x.example`)),
    'headerModified',
  );
  assert.equal(
    codeOf(file(...Array.from({ length: 2001 }, (_, i) => `a${i}@b.example,https://x.example`))),
    'tooManyRows',
  );
  assert.equal(codeOf(file()), 'empty');
  assert.equal(codeOf(file('"a@b.example,https://x.example')), 'csvInvalid');
});

test('unknown further columns are ignored and known ones are read wherever they stand', () => {
  const content = `version:v1.0\n${HEADINGS},Nickname,Display name [displayName]\na@b.example,https://x.example,,,Al,Alice`;
  const { lines } = parseGuestImport(new TextEncoder().encode(content), []);
  assert.equal(lines[0]?.displayName, 'Alice');
});

test('ID-20: every wrong line is named with its reason', () => {
  const found = problemsOf(
    file(
      'good@contoso.com,https://x.example,true,',
      'not an address,https://x.example,true,',
      'good@contoso.com,https://x.example,true,',
      '',
      'other@contoso.com,http://x.example,perhaps,',
    ),
  );
  assert.deepEqual(
    found.map(({ line, code }) => [line, code]),
    [
      [4, 'emailInvalid'],
      [5, 'duplicateInFile'],
      [7, 'redirectUrlInvalid'],
      [7, 'sendEmailNotBoolean'],
    ],
  );
});

test('the template is a file whose example line must be replaced', () => {
  assert.equal(codeOf(new TextEncoder().encode(printImportTemplate())), 'exampleNotReplaced');
});

test('a result that looks like a formula does not run in a spreadsheet', () => {
  const printed = printImportResults([
    { line: 3, address: '=1+1@b.example', state: 'failure', code: null, detail: null },
  ]);
  assert.match(printed, /'=1\+1@b\.example/);
});
