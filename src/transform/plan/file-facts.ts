import type { ModelFile } from '../../project/model-files.ts';
import { createdObject, type SchemaType } from '../../sql/schema-object.ts';
import { newerThan340 } from '../../sql/shell-subset.ts';
import { statementTargets } from '../../sql/statement-targets.ts';
import type { SqlStatement } from '../../sql/statements.ts';
import { sqlTokens } from '../../sql/tokens.ts';

/** What a plan knows of a model's file from its text alone: a run that finds the plan need not read the text again. */
export interface FileFacts {
    /** Tables that the file creates: a rebuild drops them. */
    readonly creates: readonly string[];
    readonly views: readonly string[];
    /** Triggers and unique indexes that the file creates on tables. */
    readonly onTables: readonly OnTable[];
    /** The first construct that the sqlite3 shell of Debian 12 would refuse; null: there is none. */
    readonly newerThanShell: { readonly line: number; readonly message: string } | null;
    /** Where the statements of the text stand. */
    readonly statements: readonly StatementPlace[];
}

interface StatementPlace extends Omit<SqlStatement, 'sql'> {
    readonly length: number;
}

interface OnTable {
    readonly type: 'trigger' | 'index';
    readonly name: string;
    readonly table: string;
}

export function fileFacts({ statements, text }: ModelFile): FileFacts {
    const [newer] = newerThan340(sqlTokens(text));
    return {
        creates: namesOf(statements, 'table'),
        views: namesOf(statements, 'view'),
        onTables: statements.flatMap(onTables),
        newerThanShell: newer === undefined ? null : { line: newer.line, message: newer.message },
        statements: statements.map(({ sql, ...place }) => ({ ...place, length: sql.length })),
    };
}

/** The statements of the text from which the facts were taken. */
export function statementsAt(text: string, { statements }: FileFacts): readonly SqlStatement[] {
    return statements.map(({ length, ...place }) => ({
        ...place,
        sql: text.slice(place.offset, place.offset + length),
    }));
}

function namesOf(statements: readonly SqlStatement[], type: SchemaType): string[] {
    return statements.flatMap((statement) => createdName(statement, type) ?? []);
}

function onTables({ sql, kind }: SqlStatement): readonly OnTable[] {
    const created = kind === 'create' ? createdObject(sql) : undefined;
    if (created?.type !== 'trigger' && created?.type !== 'index') {
        return [];
    }
    const { type, name } = created;
    return statementTargets(sql).flatMap((target) =>
        target.verb === 'on' ? [{ type, name, table: target.name }] : [],
    );
}

/** The name of the object of that type that a statement creates. */
export function createdName(statement: SqlStatement, type: SchemaType): string | undefined {
    const created = statement.kind === 'create' ? createdObject(statement.sql) : undefined;
    return created?.type === type ? created.name : undefined;
}
