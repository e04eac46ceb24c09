import Sqlite from 'better-sqlite3';

/**
 * The same question asked of the driver itself, in one process, without a server: prepared once, its rows as JSON text.
 *
 * node bench/bare-driver.ts DATABASE SECONDS, with {"sql": …, "values": [{…}, …]} on standard input; one line of JSON.
 */
const [database = '', seconds = ''] = process.argv.slice(2);
const chunks: Buffer[] = [];
for await (const chunk of process.stdin) {
    chunks.push(chunk as Buffer);
}
const { sql, values } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as {
    readonly sql: string;
    readonly values: readonly Readonly<Record<string, unknown>>[];
};
const statement = new Sqlite(database, { readonly: true }).prepare(sql);
const milliseconds: number[] = [];
let bytes = 0;
const end = performance.now() + Number(seconds) * 1_000;
for (let turn = 0; performance.now() < end; turn++) {
    const started = performance.now();
    bytes += JSON.stringify(statement.all(values[turn % values.length])).length;
    milliseconds.push(performance.now() - started);
}
milliseconds.sort((left, right) => left - right);
const at = (part: number): number => milliseconds[Math.floor(milliseconds.length * part)] ?? Number.NaN;
process.stdout.write(
    `${JSON.stringify({ requests: milliseconds.length, seconds: Number(seconds), failed: 0, bytes, p50: at(0.5), p99: at(0.99), max: milliseconds.at(-1) })}\n`,
);
