/** The floor: SQLite copies the same staged rows from another database, with our page size, journal and commits. */
import Sqlite from 'better-sqlite3';

const [journal = 'delete', input = '', output = ''] = process.argv.slice(2);
const COMMIT_ROWS = 1_000;
const database = new Sqlite(output);
database.pragma('page_size = 8192');
database.pragma(`journal_mode = ${journal}`);
database.pragma('synchronous = FULL');
database.prepare('attach ? as staged').run(input);
const tables = database
    .prepare("select name, sql from staged.sqlite_schema where type = 'table' and name glob 'stg_*'")
    .all() as { name: string; sql: string }[];
for (const { sql } of tables) {
    database.exec(sql);
}
const last = database.prepare('select last_seq from staged.elt_stream').pluck().get() as number;
const copies = tables.map(({ name }) =>
    database.prepare(`insert into main."${name}" select * from staged."${name}" where _seq > ? and _seq <= ?`),
);
for (let from = 0; from < last; from += COMMIT_ROWS) {
    database.exec('begin immediate');
    for (const copy of copies) {
        copy.run(from, from + COMMIT_ROWS);
    }
    database.exec('commit');
}
database.close();
