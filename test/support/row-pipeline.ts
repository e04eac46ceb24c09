import { join } from 'node:path';
import { declareTables } from '../../src/load/declare-tables.ts';
import { loadSource } from '../../src/load/load-source.ts';
import { declaredShape } from '../../src/project/declared-source.ts';
import { matchDeclaredSource } from '../../src/project/match-declared-source.ts';
import { type ProjectFiles, readProjectFiles } from '../../src/project/model-files.ts';
import { readPipelineSettings } from '../../src/project/pipeline-settings.ts';
import { readDeclaredSources } from '../../src/project/read-declared-sources.ts';
import { readMigrationFiles } from '../../src/project/read-migration-files.ts';
import { answer, bindParameters } from '../../src/query/answer.ts';
import { readQuestion } from '../../src/query/question.ts';
import { closeDatabase, type Database, openDatabase } from '../../src/sqlite/database.ts';
import { Migrator } from '../../src/sqlite/migrations/migrator.ts';
import { withGenerator } from '../../src/transform/marts/with-generator.ts';
import { type TransformResult, transform } from '../../src/transform/transform.ts';
import { contentOf } from '../../src/transform/verify-models.ts';
import { QUIET } from './bench-database.ts';
import { PROJECT, workFolder } from './elt.ts';

/** A pipeline of rows with a database of its own, run inside the test: a property needs hundreds of them. */
export class RowPipeline {
    readonly database: Database;
    readonly pipeline: string;
    readonly #sql: string;
    #files = 0;

    private constructor(pipeline: string, project: string, file: string) {
        this.pipeline = pipeline;
        this.#sql = join(project, 'sql');
        this.database = openDatabase(file, { create: true });
        // Durability is not what these tests ask about, and a fsync each would be most of their time.
        this.database.pragma('synchronous = OFF');
    }

    /** `project`: where `sql/` and `migrations/` are; in a file of its own unless one is named. */
    static async create(
        pipeline: string,
        project = PROJECT,
        file = join(workFolder(), `${pipeline}.db`),
    ): Promise<RowPipeline> {
        const made = new RowPipeline(pipeline, project, file);
        const folders = { control: join(project, 'migrations'), own: join(project, 'migrations') };
        await new Migrator(made.database, readMigrationFiles(folders, pipeline)).up();
        return made;
    }

    /** Lands bytes as a file with that base name, as a change stream where no source takes it; each call is another. */
    async load(
        name: string,
        bytes: Buffer,
        chunkBytes = 65_536,
        committed: (changes: number) => void = () => undefined,
    ): Promise<{ changes: number; rejected: number }> {
        const settings = readPipelineSettings(this.#sql, this.pipeline);
        const sources = readDeclaredSources(this.#sql, this.pipeline);
        declareTables(
            this.database,
            sources.map((source) => declaredShape(source)),
            { drift: 'evolve', declared: () => undefined },
        );
        const rows = matchDeclaredSource(sources, name, undefined);
        this.#files++;
        const source = {
            name: `folder-${this.#files}/${name}`,
            path: null,
            seekable: true,
            sizeBytes: bytes.length,
            open: () => ({
                bytesRead: bytes.length,
                async *[Symbol.asyncIterator]() {
                    for (let at = 0; at < bytes.length; at += chunkBytes) {
                        yield Buffer.from(bytes.subarray(at, at + chunkBytes));
                    }
                },
            }),
        };
        const progress = (_: number, changes: number): void => committed(changes);
        const given = { asNew: true, strict: false, settings, interrupt: QUIET, progress };
        const options = rows === undefined ? given : { ...given, rows: { rows, expected: [] } };
        return await loadSource(this.database, source, options);
    }

    async transform(rebuild = false): Promise<TransformResult> {
        return await withGenerator(() => transform(this.database, this.projectFiles(), { select: [], rebuild }));
    }

    projectFiles(): ProjectFiles {
        return readProjectFiles(this.#sql, this.pipeline);
    }

    /** The rows of an answer, as `elt query --json` gives them. */
    ask(name: string, parameters: Readonly<Record<string, string>> = {}): Record<string, unknown>[] {
        const question = readQuestion(this.#sql, this.pipeline, name);
        const values = bindParameters(question, new Map(Object.entries(parameters)));
        const { columns, rows } = answer(this.database, question, values);
        return [...rows].map((row) => Object.fromEntries(columns.map((column, index) => [column, row[index]])));
    }

    rows(sql: string): Record<string, unknown>[] {
        return this.database.prepare(sql).all() as Record<string, unknown>[];
    }

    /** What the tables hold, whatever the order of their rows. */
    contents(tables: readonly string[]): Record<string, unknown> {
        return Object.fromEntries(tables.map((table) => [table, contentOf(this.database, table)]));
    }

    close(): void {
        closeDatabase(this.database);
    }
}
