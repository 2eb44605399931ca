// One list is the architecture: a module knows those of a lower rank, through their front door.
const RANKS = [
  ['tenants'],
  ['audit'],
  ['access'],
  ['partners'],
  ['directory'],
  ['signin'],
  ['mail', 'calendars', 'files', 'chat', 'notebooks', 'communities', 'reports'],
  ['groups'],
  ['teams'],
  ['projects'],
];
const M = `(${RANKS.flat().join('|')})`;
const TEST = '\\.test\\.tsx?$';
const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

module.exports = {
  forbidden: [
    rule('no-cycles', 'A cycle means a missing port or event.', {}, { circular: true }),
    rule(
      'resolves',
      'An import that leads nowhere.',
      {},
      // Declarations alone, with no code to resolve to; erased before anything runs.
      { couldNotResolve: true, pathNot: '^@microsoft/microsoft-graph-types$' },
    ),
    rule(
      'kernel-is-pure',
      'Vocabulary imports nothing but itself and the libraries of values.',
      { path: '^src/kernel/', pathNot: TEST },
      {
        pathNot: '^src/kernel/|(^|/)node_modules/(zod|uuid)/|^(node:)?crypto$',
      },
    ),
    rule(
      'protocols-are-codecs',
      'Parse and print; no I/O, no module.',
      { path: '^src/protocols/', pathNot: TEST },
      {
        path: `^src/(platform|app|${M})/|^(node:)?(fs|net|http|https|tls|dns|child_process)(/|$)`,
      },
    ),
    rule(
      'platform-knows-no-module',
      'platform/ is usable without the product.',
      { path: '^src/platform/' },
      {
        path: `^src/(app|${M})/`,
      },
    ),
    rule(
      'nobody-imports-app',
      'app/ is the composition root; main.ts, the command and the stories start it.',
      {
        path: '^src/',
        pathNot: '^src/(app/|main\\.ts$)',
      },
      { path: '^src/(app/|main\\.ts$)' },
    ),
    rule(
      'module-front-door',
      'Enter another module through index.ts; app/ also through module.ts.',
      {
        path: `^src/${M}/`,
      },
      { path: `^src/${M}/`, pathNot: ['^src/$1/', `^src/${M}/index\\.ts$`] },
    ),
    rule(
      'outside-front-door',
      'From outside, a module is its index.ts and its wiring.',
      {
        path: '^(src/app|cli|bench)/|^src/main\\.ts$',
      },
      { path: `^src/${M}/`, pathNot: `^src/${M}/(index|module)\\.ts$` },
    ),
    rule(
      'ceilings-are-pure',
      'A ceiling sees its facts, the model and the kernel.',
      {
        path: `^src/${M}/questions(/|\\.ts$)`,
        pathNot: TEST,
      },
      // zod only declares the shape of a question's input.
      { pathNot: ['^src/$1/(questions|model|facts|settings)', '^src/kernel/', '(^|/)node_modules/zod/'] },
    ),
    rule(
      'sql-only-in-store',
      'Only store/ talks to the database; module.ts may hand it over.',
      {
        path: `^src/${M}/(?!store(/|\\.ts$)|module\\.ts$)`,
        pathNot: TEST,
      },
      { path: '^src/platform/database/|(^|/)node_modules/(pg|kysely)/' },
    ),
    rule(
      'usecases-know-no-wire',
      'No HTTP, DAV or SMTP below routes/.',
      {
        path: `^src/${M}/(usecases|questions|model|store)(/|\\.ts$)`,
        pathNot: TEST,
      },
      // A calendar's data is iCalendar, a contact a vCard, an agreement signed JSON, a request between organisations a signed one, and the audit's a Merkle log: formats of the thing itself may be known below.
      {
        path: `^src/${M}/routes(/|\\.ts$)|^src/platform/(http|smtp|dav)/|^src/protocols/(?!(merkle|signed-json|http-signatures|icalendar|vcard|itip|mime)(/|\\.ts$))`,
      },
    ),
    rule(
      'routes-do-not-store',
      'Routes call use cases.',
      { path: `^src/${M}/routes(/|\\.ts$)`, pathNot: TEST },
      {
        path: `^src/${M}/store(/|\\.ts$)`,
      },
    ),
    rule(
      'production-imports-no-test',
      'Support code stays in tests/.',
      { path: '^(src|cli|web)/', pathNot: TEST },
      {
        path: `^tests/|${TEST}`,
      },
    ),
    rule(
      'web-talks-to-the-api',
      'The web app knows the server by its public API alone.',
      { path: '^web/' },
      {
        path: '^(src|cli)/',
      },
    ),
    rule(
      'server-knows-no-web',
      'The server serves the built app and imports nothing of it.',
      { path: '^(src|cli)/' },
      {
        path: '^web/',
      },
    ),
    ...RANKS.slice(0, -1).map((rank, i) =>
      rule(
        `rank-${i}-looks-down`,
        'A lower rank may not know a higher one.',
        { path: `^src/(${rank.join('|')})/` },
        {
          path: `^src/(${RANKS.slice(i + 1)
            .flat()
            .join('|')})/`,
        },
      ),
    ),
    rule(
      'peers-do-not-meet',
      'Workloads of one rank reach each other by event or port.',
      {
        path: `^src/(${RANKS[6].join('|')})/`,
      },
      { path: `^src/(${RANKS[6].join('|')})/`, pathNot: '^src/$1/' },
    ),
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|coverage)/' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
