import type { Random } from '../../support/random.ts';

/** Small tables over small domains with nulls: joins match, groups have mates, and keys come back. */

export interface RandomColumn {
    readonly name: string;
    readonly type: 'integer' | 'text' | 'any';
    readonly isKey: boolean;
    readonly isRequired: boolean;
    /** Declared so that case does not count. */
    readonly isCollated?: boolean;
}

export interface RandomTable {
    readonly name: string;
    readonly columns: readonly RandomColumn[];
    /** `staged`: rows are only added; `unrecorded`: no images, only that its model has run is known. */
    readonly kind: 'recorded' | 'staged' | 'unrecorded';
}

export function randomTables(random: Random): readonly RandomTable[] {
    const count = random.int(3, 5);
    return Array.from({ length: count }, (_, index) => {
        const isStaged = index === 2 && random.chance(15);
        const isUnrecorded = index === 1 && random.chance(8);
        const kind = isStaged ? 'staged' : isUnrecorded ? 'unrecorded' : 'recorded';
        const name = isStaged ? `stg_t${index}` : `t${index}`;
        return { name, kind, columns: isStaged ? stagedColumns(random) : columnsOf(random) };
    });
}

function columnsOf(random: Random): readonly RandomColumn[] {
    const isComposite = random.chance(30);
    const first = isComposite || random.chance(50) ? 'k' : 'id';
    const keys = isComposite ? [first, 'j'] : [first];
    return [
        ...keys.map((name) => ({ name, type: 'integer' as const, isKey: true, isRequired: true })),
        ...plain(random),
    ];
}

function stagedColumns(random: Random): readonly RandomColumn[] {
    return [{ name: '_seq', type: 'integer', isKey: true, isRequired: true }, ...plain(random)];
}

function plain(random: Random): readonly RandomColumn[] {
    const names = ['x', 'y', 'w', 'z', 'v'].slice(0, random.int(2, 5));
    return names.map((name) => ({
        name,
        type: name === 'w' ? 'text' : name === 'v' ? 'any' : 'integer',
        isKey: false,
        isRequired: random.chance(15),
        isCollated: name === 'w' && random.chance(2),
    }));
}

/** A value of a column, as SQL. */
export function valueSql(column: RandomColumn, random: Random): string {
    if (!column.isRequired && random.chance(20)) {
        return 'null';
    }
    // Two of them are one text where case does not count.
    const texts = ["'a'", "'A'", "'b'", "'1'", "'a\n1'"];
    switch (column.type) {
        case 'integer':
            return String(random.int(0, column.isKey ? 5 : 3));
        case 'text':
            return random.pick(texts);
        case 'any':
            return random.chance(50) ? String(random.int(0, 2)) : random.pick(texts);
    }
}

/** `create table` with the triggers that record images, as a current table has them. */
export function tableSql({ name, columns, kind }: RandomTable): string {
    const declared = columns.map(
        ({ name: column, type, isRequired, isCollated }) =>
            `${column} ${type}${isRequired ? ' not null' : ''}${isCollated === true ? ' collate nocase' : ''}`,
    );
    if (kind === 'staged') {
        return `create table ${name} (${declared.join(', ').replace('integer not null', 'integer primary key')}) strict;`;
    }
    const keys = columns.filter(({ isKey }) => isKey).map((column) => column.name);
    const table = `create table ${name} (${declared.join(', ')}) strict;
create unique index key_${name} on ${name} (${keys.join(', ')});`;
    if (kind === 'unrecorded') {
        return table;
    }
    const image = (which: 'old' | 'new'): string =>
        `insert into changed_${name} select tick, '', '${which}', ${columns.map((column) => `${which}.${column.name}`).join(', ')} from elt_clock;`;
    return `${table}
create table changed_${name} (_tick integer, _op text, _image text, ${columns.map((column) => `${column.name} ${column.type}`).join(', ')}) strict;
create trigger ${name}_inserted after insert on ${name} begin ${image('new')} end;
create trigger ${name}_updated after update on ${name} begin ${image('old')} ${image('new')} end;
create trigger ${name}_deleted after delete on ${name} begin ${image('old')} end;`;
}

export function insertSql(table: RandomTable, random: Random): string {
    const values = table.columns.map((column) => (column.name === '_seq' ? 'null' : valueSql(column, random)));
    const isIgnored = table.kind === 'staged' ? '' : 'or ignore ';
    return `insert ${isIgnored}into ${table.name} values (${values.join(', ')})`;
}

/** A change of a table: upserts, updates of a row, of its key, of all rows, deletes. */
export function changeSql(table: RandomTable, random: Random): string {
    if (table.kind === 'staged') {
        return insertSql(table, random);
    }
    const { name, columns } = table;
    const keys = columns.filter(({ isKey }) => isKey);
    const others = columns.filter(({ isKey }) => !isKey);
    const where = keys.map((column) => `${column.name} = ${valueSql(column, random)}`).join(' and ');
    const one = random.pick(others);
    const key = random.pick(keys);
    const kind = random.int(0, 99);
    if (kind < 40) {
        const set = others.map((column) => `${column.name} = excluded.${column.name}`).join(', ');
        return `insert into ${name} values (${columns.map((column) => valueSql(column, random)).join(', ')}) on conflict do update set ${set}`;
    }
    if (kind < 65) {
        return `update ${name} set ${one.name} = ${valueSql(one, random)} where ${where}`;
    }
    if (kind < 78) {
        return `update or ignore ${name} set ${key.name} = ${valueSql(key, random)} where ${where}`;
    }
    if (kind < 84) {
        return `update ${name} set ${one.name} = ${valueSql(one, random)}`;
    }
    return kind < 98 ? `delete from ${name} where ${where}` : `delete from ${name} where true`;
}
