import type { SqlCore, SqlSelect } from '../../../sql/grammar/sql-nodes.ts';
import { countNamed, walkNodes } from '../../../sql/grammar/walk-nodes.ts';
import { readCore } from './core-relation.ts';
import { readNamed } from './from-clause.ts';
import { type Reading, type Relation, type Row, renamed, type Surroundings } from './reading.ts';
import { refuseCollations } from './refuse-collations.ts';
import { resultNames } from './result-columns.ts';
import type { Affinity } from './schema-facts.ts';
import type { Told } from './value.ts';
import { EMPTY_WAY } from './way.ts';

/** Reads a SELECT with its CTEs, the sides of its unions, and its limit. */
export function readSelect(select: SqlSelect, around: Surroundings, reading: Reading): Relation {
    refuseCollations(select, around.text);
    const inside: Surroundings = {
        ...around,
        ctes: withCtes(select, around, reading),
        asksRowsOnly: around.asksRowsOnly || select.limit !== undefined,
    };
    const sides = [select.select, ...(select.compounds ?? []).map((compound) => compound.select)];
    const readSide = (core: SqlCore): Relation => {
        return readCore(core, select.orderBy ?? [], inside, reading, (one, where) => readSelect(one, where, reading));
    };
    const relation = sides.length === 1 ? readSide(select.select) : unionOf(sides.map(readSide));
    // A limit: any row below it may push out any other one.
    return select.limit === undefined || around.asksRowsOnly
        ? relation
        : anyChanges(relation, relation.changes, 'a limit looks at all rows');
}

function withCtes(select: SqlSelect, around: Surroundings, reading: Reading): Surroundings['ctes'] {
    const ctes = new Map(around.ctes);
    for (const cte of select.with?.ctes ?? []) {
        const before: Surroundings = { ...around, ctes: new Map(ctes), asksRowsOnly: false, base: EMPTY_WAY };
        const name = cte.tblName.text.toLowerCase();
        const names = cte.columns?.map((column) => column.colName.text.toLowerCase());
        // Each use of a CTE is a copy of its own.
        ctes.set(name, () => {
            const relation =
                countNamed(cte.select, name) > 0
                    ? recursive(cte.select, name, before, reading)
                    : readSelect(cte.select, before, reading);
            return names === undefined ? relation : renamed(relation, names);
        });
    }
    return ctes;
}

/** Rows of any side, whatever connects them: a row depends on the rows of all sides with the same columns only. */
function unionOf(sides: readonly Relation[]): Relation {
    const names = sides[0]?.names ?? [];
    const same = sides.map((side) => renamed(side, names));
    const affinities = new Map(names.map((name) => [name, commonAffinity(same, name)]));
    const asOne = ({ way, columns }: Row): Row => ({
        way,
        columns: new Map(
            [...columns].map(([name, value]): readonly [string, Told] => [
                name,
                value && { ...value, affinity: affinities.get(name) ?? 'mixed' },
            ]),
        ),
    });
    return {
        names,
        rows: same.flatMap((side) => side.rows.map(asOne)),
        changes: same.flatMap((side) => side.changes.map(asOne)),
    };
}

function commonAffinity(sides: readonly Relation[], name: string): Affinity {
    const values = sides.flatMap((side) => [...side.rows, ...side.changes].map((row) => row.columns.get(name) ?? null));
    const affinities = new Set(values.map((value) => value?.affinity ?? 'mixed'));
    const [only] = affinities;
    return affinities.size === 1 && only !== undefined ? only : 'mixed';
}

/** A change anywhere may change any row. */
function anyChanges(relation: Relation, changes: readonly Row[], why: string): Relation {
    const nothing = new Map(relation.names.map((name): readonly [string, Told] => [name, null]));
    return { ...relation, changes: changes.map(({ way }) => ({ way: { ...way, why }, columns: nothing })) };
}

/** A recursive CTE: any change of a table in it may change any of its rows. */
function recursive(select: SqlSelect, name: string, around: Surroundings, reading: Reading): Relation {
    const own = new Set([name]);
    const named = new Map<string, string>();
    walkNodes(select, (node) => {
        if (node.type === 'CommonTableExpr') {
            own.add(node.tblName.text.toLowerCase());
        } else if (node.type === 'TableSelectTable' || node.type === 'InTableExpr') {
            const { objName } = node.type === 'InTableExpr' ? node.rhs : node.tblName;
            named.set(objName.text.toLowerCase(), objName.text);
        }
        return true;
    });
    const tables = [...named].filter(([lower]) => !own.has(lower)).map(([, written]) => written);
    const relations = tables.map((table) => {
        return readNamed(table, table, around, reading, (one, where) => readSelect(one, where, reading));
    });
    const names = resultNames(select.select, around.text);
    const nothing = new Map(names.map((column): readonly [string, Told] => [column, null]));
    return anyChanges(
        { names, rows: [{ way: EMPTY_WAY, columns: nothing }], changes: [] },
        relations.flatMap((relation) => relation.changes),
        `"${name}" is recursive`,
    );
}
