import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readCatalogue } from '../../../src/ledger/catalogue.ts';
import { settingsOf } from '../../../src/project/settings.ts';
import type { Database } from '../../../src/sqlite/database.ts';
import { type ScaffoldOptions, scaffoldRelation } from '../../../src/transform/current/scaffold.ts';
import type { TransformResult } from '../../../src/transform/transform.ts';
import { type VerifiedModels, verifyModels } from '../../../src/transform/verify-models.ts';
import { close, load, migratedDatabase, projectFiles, runTransform } from '../../support/bench-database.ts';
import { workFolder } from '../../support/elt.ts';
import {
    type Cell,
    type CellsByName,
    type MovingTable,
    type StreamOptions,
    streamOf,
} from '../../support/moving-table.ts';

/** A pipeline `moving` with a database, and the current table of one relation whose key moves. */
export class MovingProject {
    readonly database: Database;
    readonly folder: string;
    readonly #options: StreamOptions;
    #landed = 0;

    private constructor(database: Database, folder: string, options: StreamOptions) {
        this.database = database;
        this.folder = folder;
        this.#options = options;
    }

    static async open(options: StreamOptions, file = ':memory:'): Promise<MovingProject> {
        const folder = workFolder();
        mkdirSync(join(folder, 'sql', 'moving', 'current'), { recursive: true });
        mkdirSync(join(folder, 'migrations'));
        return new MovingProject(await migratedDatabase('moving', file, folder), folder, options);
    }

    close(): void {
        close(this.database);
    }

    /** Lands what the table has written since. */
    async land(table: MovingTable): Promise<void> {
        const lines = streamOf(table, { ...this.#options, first: this.#landed + 1 }, this.#landed);
        this.#landed = table.written.length;
        if (lines !== '') {
            await load(this.database, lines);
        }
    }

    async transform(request: Parameters<typeof runTransform>[2] = {}): Promise<TransformResult> {
        return await runTransform(this.database, projectFiles('moving', this.folder), request);
    }

    verify(): VerifiedModels {
        return verifyModels(this.database, projectFiles('moving', this.folder));
    }

    /** `elt scaffold`; false if the stream names no key. */
    scaffold(options: Partial<ScaffoldOptions> = {}, table = 't'): boolean {
        const settings = settingsOf({ pipeline: 'moving', project: this.folder });
        const relation = readCatalogue(this.database).find((one) => one.table === table);
        return (
            relation !== undefined &&
            scaffoldRelation(this.database, settings, relation, { isDryRun: false, ...options }) !== undefined
        );
    }

    /** Does what the error of a stop offers, with `rows`; what a person works out is offered as `COLUMN = SQL`. */
    decide(result: TransformResult, rows: string): void {
        const next = result.stops[0]?.facts.next ?? '';
        const offered = [...next.matchAll(/--rows (?:'([^']*)'|(\S+))/g)].map((match) => match[1] ?? match[2] ?? '');
        if (!offered.some((one) => one === rows || one === `${rows.split(' = ')[0]} = SQL`)) {
            throw new Error(`"${rows}" is not offered: ${next}`);
        }
        this.scaffold({ rows });
    }

    text(table = 't'): string {
        return readFileSync(join(this.folder, 'sql', 'moving', 'upkeep', `current_${table}.sql`), 'utf8');
    }

    /** The rows of the current table, of the columns that PostgreSQL has, as sorted texts. */
    rows(table: MovingTable): string[] {
        return texts(table, this.database.prepare('select * from current_t').all() as CellsByName[]);
    }
}

/** What PostgreSQL has, as `MovingProject.rows` gives it. */
export function truth(table: MovingTable): string[] {
    return texts(table, table.rows);
}

/** Numbers as text: a column that was retyped on the way holds PostgreSQL's text. */
function texts({ columns }: MovingTable, rows: readonly CellsByName[]): string[] {
    const text = (cell: Cell): string | null => (cell === null ? null : String(cell));
    return rows.map((row) => JSON.stringify(columns.map(({ name }) => text(row[name] ?? null)))).sort();
}
