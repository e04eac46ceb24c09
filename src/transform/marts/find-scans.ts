import { parseSelect } from '../../sql/grammar/parse-select.ts';
import { walkNodes } from '../../sql/grammar/walk-nodes.ts';
import type { Database } from '../../sqlite/database.ts';

/** What a run asks of a mart's tables. */
export interface MartQuestion {
    /** `arm 1`, `the SELECT for those keys`. */
    readonly title: string;
    readonly sql: string;
}

/** How SQLite answers a question: the lines of `explain query plan`, and the tables of which it reads every row. */
export interface QuestionPlan extends MartQuestion {
    readonly steps: readonly string[];
    readonly scanned: readonly string[];
}

export function explainQuestion(database: Database, question: MartQuestion): QuestionPlan {
    const rows = database.prepare(`explain query plan ${question.sql}`).all() as {
        readonly id: number;
        readonly parent: number;
        readonly detail: string;
    }[];
    const depths = new Map<number, number>();
    const steps = rows.map(({ id, parent, detail }) => {
        const depth = (depths.get(parent) ?? -1) + 1;
        depths.set(id, depth);
        return `${'  '.repeat(depth)}${detail}`;
    });
    const tables = tablesByAlias(question.sql);
    const scanned = rows.flatMap(({ detail }) => {
        const alias = SCAN.exec(detail)?.[1]?.toLowerCase();
        return alias === undefined ? [] : (tables.get(alias) ?? []).filter((table) => !OF_A_RUN.test(table));
    });
    return { ...question, steps, scanned: [...new Set(scanned)] };
}

/** What holds only rows that a run has touched. */
const OF_A_RUN = /^(?:changed_|elt_)|_(?:dirty|fresh)$/i;

/** An automatic index is made of every row, once for each time the question is asked. */
const SCAN = /^(?:SCAN|SEARCH(?= \S+ USING AUTOMATIC)) (\S+)/;

/** The tables that go by a name in a SELECT; a name of a CTE or of a subquery stands for none. */
function tablesByAlias(sql: string): ReadonlyMap<string, readonly string[]> {
    const parsed = parseSelect(sql);
    const ctes = new Set<string>();
    const tables = new Map<string, string[]>();
    if (parsed === undefined) {
        return tables;
    }
    walkNodes(parsed.select, (node) => {
        if (node.type === 'CommonTableExpr') {
            ctes.add(node.tblName.text.toLowerCase());
        }
        return true;
    });
    walkNodes(parsed.select, (node) => {
        if (node.type === 'TableSelectTable' && !ctes.has(node.tblName.objName.text.toLowerCase())) {
            const name = node.tblName.objName.text;
            const alias = (node.alias?.name.text ?? name).toLowerCase();
            tables.set(alias, [...(tables.get(alias) ?? []), name]);
        }
        return true;
    });
    return tables;
}
