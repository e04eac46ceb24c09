import { dirname, join } from 'node:path';
import { textWithin } from '../process/within-folder.ts';
import { createdObject } from '../sql/schema-object.ts';
import { statementTargets } from '../sql/statement-targets.ts';
import { splitStatements } from '../sql/statements.ts';
import { sqlFileNames } from './sql-files.ts';

/** Names, in lower case, of the tables that the migrations in a folder create: their shape is promised to others. */
export function migratedTables(folder: string): ReadonlySet<string> {
    const files = sqlFileNames(folder).filter((file) => !file.endsWith('.down.sql'));
    const statements = files.flatMap((file) =>
        splitStatements(textWithin(dirname(dirname(folder)), join(folder, file)), file),
    );
    const names = statements.flatMap(({ sql }) => {
        const created = createdObject(sql);
        const taken = statementTargets(sql).flatMap(({ verb, name }) => (verb === 'takes' ? [name] : []));
        return created?.type === 'table' ? [created.name, ...taken] : taken;
    });
    return new Set(names.map((name) => name.toLowerCase()));
}
