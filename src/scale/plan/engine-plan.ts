import { EltError } from '../../core/errors.ts';
import { readCatalogue } from '../../ledger/catalogue.ts';
import { headerValue } from '../../project/file-head.ts';
import { headOfMart, type ProjectFiles } from '../../project/model-files.ts';
import { parseNames } from '../../sql/relation-name.ts';
import { relationsNamed } from '../../sql/relations-named.ts';
import type { Database } from '../../sqlite/database.ts';
import { openScratch, schemaSql } from '../../sqlite/tables-touched.ts';
import type { CurrentSpec } from '../../transform/current/current-spec.ts';
import { readSchema } from '../../transform/marts/read-schema.ts';
import { CANNOT_RUN, type PlannedModel } from '../../transform/plan/decide.ts';
import type { Dialect } from '../dialects/dialect.ts';
import type { EngineColumn } from '../marts/engine-scope.ts';
import { martSelect, type QueryFiles, testSelect } from './engine-queries.ts';
import {
    type EngineTable,
    type JsonColumns,
    plainColumn,
    relationTables,
    type StagedRelation,
} from './engine-tables.ts';
import { createTables, martColumns } from './mart-tables.ts';

/** A whole run on an engine: what it computes, in order. */
export interface EnginePlan {
    /** Staging tables that current tables are folded from, or that marts and data tests read. */
    readonly staged: readonly StagedRelation[];
    readonly currents: readonly CurrentSpec[];
    readonly marts: readonly EngineMart[];
    /** Data tests: their queries find bad rows. */
    readonly tests: readonly EngineTest[];
    /** Models that cannot run yet, with what they wait for. */
    readonly waiting: readonly string[];
    /** Tables of SQLite's upkeep that a query reads: `<mart>_dirty`, `elt_watermarks`. */
    readonly upkeep: ReadonlySet<string>;
}

export interface EngineMart {
    readonly name: string;
    readonly file: string;
    readonly columns: readonly EngineColumn[];
    readonly key: readonly string[];
    /** Its rows, in the columns' order and types. */
    readonly select: string;
}

export interface EngineTest {
    readonly name: string;
    readonly query: string;
}

/** What a plan is made for. */
export interface EnginePlanRequest {
    readonly database: Database;
    readonly files: ProjectFiles;
    readonly planned: readonly PlannedModel[];
    readonly dialect: Dialect;
    readonly json: JsonColumns;
    readonly queries: QueryFiles;
}

/** Plans all models of a pipeline for an engine. @throws EltError ENGINE_SQL, ENGINE_REFUSED */
export function planForEngine(request: EnginePlanRequest): EnginePlan {
    const { database, files, planned, dialect, json } = request;
    const waiting = planned.filter(({ action }) => CANNOT_RUN.has(action));
    const running = planned.filter(({ action }) => !CANNOT_RUN.has(action));
    const currents = running.filter(({ followed }) => followed.model.kind === 'current').map(specOfRun);
    const scratch = openScratch(schemaSql(database));
    try {
        createTables(scratch, running);
        const tables = new Map<string, EngineTable>();
        const add = (table: EngineTable): void => {
            tables.set(table.name.toLowerCase(), table);
        };
        const staged = stagedRelations(database, currents);
        const read = new Set(currents.map(({ tail }) => `stg_${tail}`));
        for (const relation of staged) {
            const [current, staging] = relationTables(relation, json);
            for (const table of relation.key.length === 0 ? [staging] : [current, staging]) {
                add(table);
            }
        }
        const upkeep = new Set<string>();
        const queries = noticing(request.queries, (name) => read.add(name));
        const schemaOf = readSchema(scratch, new Map());
        const schema = {
            table: (name: string) => {
                const known = tables.get(name.toLowerCase()) ?? upkeepTable(name, tables, running, upkeep);
                read.add(known?.name ?? '');
                return known === undefined ? undefined : { as: known.name, columns: known.columns };
            },
            view: (name: string) => schemaOf.view(name),
        };
        const marts: EngineMart[] = [];
        for (const { followed } of running.filter((one) => one.followed.model.kind === 'mart')) {
            const { model } = followed;
            const { sql, columns } = martSelect(model, martColumns(scratch, model), dialect, schema, queries);
            marts.push({
                name: model.name,
                file: model.definition?.file ?? model.file,
                columns,
                key: keyOf(model),
                select: sql,
            });
            add({ name: model.name, columns });
        }
        const names = new Set(running.map(({ ordered }) => ordered.model));
        const tests = files.tests
            .filter(({ model }) => names.has(model))
            .map((test) => ({ name: test.name, query: testSelect(test, dialect, schema, queries) }));
        return {
            staged: staged.filter(({ tail }) => read.has(`stg_${tail}`) || read.has(`stg_${tail}`.toLowerCase())),
            currents,
            marts,
            tests,
            waiting: waiting.map(({ ordered, reason }) => `${ordered.model}: ${ordered.waitsFor ?? reason}`),
            upkeep,
        };
    } finally {
        scratch.close();
    }
}

/** What a file of a person reads: of staging tables only those that are read are given to an engine. */
function noticing(queries: QueryFiles, notice: (name: string) => void): QueryFiles {
    const read: QueryFiles['read'] = (folder, name) => {
        const text = queries.read(folder, name);
        for (const relation of relationsNamed(text ?? '')) {
            notice(relation);
        }
        return text;
    };
    return { ...queries, read };
}

/** Every relation that has landed, those with a current table with its columns and its key. */
function stagedRelations(database: Database, currents: readonly CurrentSpec[]): readonly StagedRelation[] {
    return readCatalogue(database).map(({ stagingTable, columns }) => {
        const tail = stagingTable.slice('stg_'.length);
        return (
            currents.find((spec) => spec.tail === tail) ?? {
                tail,
                columns: columns.map(({ columnName, sqliteType }) => ({ name: columnName, type: sqliteType })),
                key: [],
            }
        );
    });
}

/** The key of a mart as its head names it; none where a file of statements names none. */
function keyOf(model: PlannedModel['followed']['model']): readonly string[] {
    return model.definition?.key ?? parseNames(headerValue(headOfMart(model), 'key') ?? '', ',') ?? [];
}

/** What SQLite's upkeep keeps beside a mart. A run on an engine computes all rows, so all keys were reached. */
function upkeepTable(
    name: string,
    tables: ReadonlyMap<string, EngineTable>,
    running: readonly PlannedModel[],
    upkeep: Set<string>,
): EngineTable | undefined {
    const key = name.toLowerCase();
    if (key === 'elt_watermarks') {
        upkeep.add(key);
        const columns = ['watermark', 'previous'].map((one) => plainColumn(one, 'integer'));
        return { name: key, columns: [plainColumn('model', 'text'), ...columns] };
    }
    const model = running.find(({ ordered }) => key === `${ordered.model.toLowerCase()}_dirty`)?.followed.model;
    const mart = model === undefined ? undefined : tables.get(model.name.toLowerCase());
    if (model === undefined || mart === undefined) {
        return undefined;
    }
    upkeep.add(model.name);
    const named = keyOf(model);
    return { name: `${mart.name}_dirty`, columns: mart.columns.filter((column) => named.includes(column.name)) };
}

/** What a current table is folded by; what has no plain key throughout is folded by SQLite only. */
function specOfRun({ followed, ordered }: PlannedModel): CurrentSpec {
    const { spec, model } = followed;
    const reason =
        spec === null
            ? `"${model.file}" was edited: what it does with changes is known to SQLite alone`
            : spec.history !== undefined
              ? 'its key has changed, or a column of it was retyped'
              : undefined;
    if (spec === null || reason !== undefined) {
        throw new EltError({
            code: 'ENGINE_REFUSED',
            message: `the table "${ordered.model}" can only be kept in SQLite`,
            where: model.file,
            found: reason ?? '',
            state: 'nothing was printed or run',
            next: spec === null ? `run "elt scaffold" to write it anew` : 'run "elt transform" without --engine',
        });
    }
    return spec;
}
