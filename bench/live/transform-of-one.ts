import { join } from 'node:path';
import Database from 'better-sqlite3';
import { readProjectFiles } from '../../src/project/model-files.ts';
import { closeDatabase, inTransaction, openDatabase } from '../../src/sqlite/database.ts';
import { loadGenerator } from '../../src/transform/marts/with-generator.ts';
import { transform } from '../../src/transform/transform.ts';
import { median } from '../statistics.ts';
import { freshFile, PROJECT } from '../workshop.ts';

const RUNS = 15;

/** The usual milliseconds of `elt transform` of one new event of the payments, in this process, on a copy of the file. */
export async function transformOfOneMs(file: string): Promise<number> {
    const copy = freshFile('live-one.db');
    const source = new Database(file, { readonly: true });
    await source.backup(copy);
    source.close();
    await loadGenerator();
    const files = readProjectFiles(join(PROJECT, 'sql'), 'payments');
    const database = openDatabase(copy);
    try {
        const run = (): void => {
            transform(database, files, { select: [], rebuild: false });
        };
        run();
        const times = Array.from({ length: RUNS }, () => {
            inTransaction(database, () => {
                database.exec(`create temp table one as select * from stg_event_v2_data where _op = 'insert' order by _seq desc limit 1;
                    update one set _seq = (select last_seq + 1 from elt_stream), event_id = hex(randomblob(16));
                    insert into stg_event_v2_data select * from one;
                    drop table one;
                    update elt_stream set last_seq = last_seq + 1, whole_seq = last_seq + 1;`);
            });
            const began = performance.now();
            run();
            return performance.now() - began;
        });
        return median(times);
    } finally {
        closeDatabase(database);
    }
}
