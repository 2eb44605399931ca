import assert from 'node:assert/strict';
import { test } from 'node:test';
import { childOf, d, multistatus, printXml, propertyResponse, readXml, textIn, XmlError, xmlText } from './dav-xml.ts';

test('names are known by their namespace, whatever prefix a client chose', () => {
  for (const text of [
    '<propfind xmlns="DAV:"><prop><getetag/></prop></propfind>',
    '<?xml version="1.0" encoding="utf-8" ?>\n<A:propfind xmlns:A="DAV:"><A:prop><q:getetag xmlns:q="DAV:"/></A:prop></A:propfind>',
  ]) {
    const read = readXml(text);
    assert.equal(read.name, '{DAV:}propfind');
    assert.ok(childOf(childOf(read, d('prop')), d('getetag')));
  }
});

test('a document type is refused, and with it every entity', () => {
  const bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><x>&b;</x>';
  assert.throws(() => readXml(bomb), XmlError);
  assert.throws(() => readXml('<!doctype x SYSTEM "file:///etc/passwd"><x/>'), XmlError);
  assert.throws(() => readXml('<x>&unknown;</x>'), XmlError);
});

test('what is not well formed is refused', () => {
  for (const text of ['', 'text', '<x>', '<x></y>', '<x/><y/>', '<a:x/>', '<x a="1" a="2"/>', '<x']) {
    assert.throws(() => readXml(text), XmlError, text);
  }
});

test('what is nested too deep is refused before it costs anything', () => {
  const deep = `${'<x>'.repeat(200_000)}${'</x>'.repeat(200_000)}`;
  const begun = performance.now();
  assert.throws(() => readXml(deep), XmlError);
  assert.throws(() => readXml(`<x>${'<y/>'.repeat(60_000)}</x>`), XmlError);
  for (const part of ['<!--', '<![CDATA[', '<?', '<x ', '<!']) {
    assert.throws(() => readXml(`<x>${part.repeat(300_000)}`), XmlError, part);
  }
  assert.ok(performance.now() - begun < 1000, 'within a second');
  assert.equal(readXml(`${'<x>'.repeat(40)}${'</x>'.repeat(40)}`).name, '{}x');
});

test('a tree that is printed reads as the same tree, with its language and foreign names', () => {
  const text =
    '<p:note xmlns:p="urn:p" xml:lang="sv" kind="a&quot;b"><b xmlns="urn:b">x &lt; y &amp; z</b>tail<c xmlns=""/></p:note>';
  const read = readXml(text);
  const again = readXml(printXml(read));
  assert.deepEqual(again, read);
  assert.equal(textIn(read), 'x < y & ztail');
});

test('text comes back as it was, with its line ends and without what XML cannot hold', () => {
  const text = 'BEGIN:VCALENDAR\r\nSUMMARY:R&D <plan> ]]>\r\n';
  assert.equal(readXml(`<x xmlns:D="DAV:">${xmlText(d('a'), text)}</x>`).children.length, 1);
  const printed = `<x xmlns:D="DAV:">${xmlText(d('a'), `${text}\u0000\u0007`)}</x>`;
  const [inner] = readXml(printed).children;
  assert.ok(typeof inner === 'object');
  assert.deepEqual(inner.children.join(''), text);
});

test('an answer of ten thousand resources is printed in the blink of an eye', () => {
  const begun = performance.now();
  const one = (n: number) =>
    propertyResponse(`/dav/calendars/x/${n}.ics`, [
      [200, xmlText(d('getetag'), `"${n}"`)],
      [404, ''],
    ]);
  const text = multistatus(Array.from({ length: 10_000 }, (_, n) => one(n)));
  assert.ok(performance.now() - begun < 500);
  const read = readXml(multistatus([one(1)]));
  assert.equal(textIn(childOf(childOf(read, d('response')), d('href'))), '/dav/calendars/x/1.ics');
  assert.equal(text.match(/<D:response>/g)?.length, 10_000);
});
