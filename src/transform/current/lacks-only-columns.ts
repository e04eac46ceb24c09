import { quoteName } from '../../sql/quote.ts';
import type { Database } from '../../sqlite/database.ts';
import { declaredType } from './current-names.ts';
import type { CurrentSpec } from './current-spec.ts';
import { allKeys } from './key-history.ts';

/** `alter table` statements that add what the existing tables of a scaffold lack; null if anything else differs. */
export function lacksOnlyColumns(database: Database, spec: CurrentSpec): readonly string[] | null {
    const alterations: string[] = [];
    const wanted = spec.columns.map(({ name, type }) => ({ name, type: declaredType(type) }));
    for (const table of [`current_${spec.tail}`, `changed_${spec.tail}`]) {
        const existing = database
            .prepare("select name, lower(type) as type from pragma_table_info(?) where name not glob '_*' order by cid")
            .all(table) as { name: string; type: string }[];
        if (existing.length === 0) {
            continue;
        }
        // Images are copied by position, and alterations add at the end: the order must be that of the file.
        const isSame = existing.every(({ name, type }, index) => {
            return wanted[index]?.name === name && (wanted[index].type === type || !table.startsWith('current_'));
        });
        if (!isSame) {
            return null;
        }
        for (const { name, type } of wanted.slice(existing.length)) {
            alterations.push(`alter table ${quoteName(table)} add column ${quoteName(name)} ${type}`);
        }
    }
    return hasKeyIndexes(database, spec) ? alterations : null;
}

/** The indexes of the keys are there, or the table is not. */
function hasKeyIndexes(database: Database, spec: CurrentSpec): boolean {
    const indexes = database
        .prepare(`select name, "unique" as isUnique from pragma_index_list(?) where origin = 'c'`)
        .all(`current_${spec.tail}`) as { name: string; isUnique: number }[];
    const columns = database.prepare('select name from pragma_index_info(?) order by seqno').pluck();
    return allKeys(spec).every((key, number) => {
        const name = `key_${spec.tail}${number === 0 ? '' : `_${number + 1}`}`;
        const index = indexes.find((one) => one.name === name);
        const isUnique = spec.history === undefined ? 1 : 0;
        return (
            indexes.length === 0 || (index?.isUnique === isUnique && columns.all(name).join('\0') === key.join('\0'))
        );
    });
}
