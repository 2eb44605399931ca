import pg from 'pg';

/** The codes mailed to an address, the newest first, from the letters themselves: the server shows them to nobody. */
export async function codesMailedTo(adminUrl: string, address: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ text: string }>(
      "select body_text as text from platform.outgoing_mails where to_address = $1 and kind = 'passcode' order by id desc",
      [address],
    );
    return rows.flatMap(({ text }) => /\b\d{8}\b/.exec(text)?.[0] ?? []);
  } finally {
    await client.end();
  }
}
