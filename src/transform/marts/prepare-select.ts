import { type ParsedSelect, parseSelect } from '../../sql/grammar/parse-select.ts';
import type { SqlExpression, SqlNode } from '../../sql/grammar/sql-nodes.ts';
import { childNodes, nodeEnd, nodeText, walkNodes } from '../../sql/grammar/walk-nodes.ts';
import { indentLines } from '../../sql/indent-lines.ts';
import { JSON_TEXT, jsonTextSql } from '../../sql/json-text-sql.ts';
import { quoteName } from '../../sql/quote.ts';
import { TextEdits } from './narrow/text-edits.ts';
import type { SchemaFacts } from './rules/schema-facts.ts';

/**
 * The SELECT as its upkeep says it: `json_text(document, path)` written out, and of staging tables only what has landed
 * whole, also where views read them. Everything else stays as a person wrote it.
 */
export function prepareSelect(select: string, schema: SchemaFacts, landed: Landed = WHOLE): string {
    let text = select;
    // A document may itself be what another call gives: the outer ones first, until there are none.
    for (let parsed = parseSelect(text); parsed !== undefined; parsed = parseSelect(text)) {
        const written = edited(parsed, (edits) => writeOut(parsed, edits));
        if (written === text) {
            return edited(parsed, (edits) => landedWhole(parsed, edits, schema, landed));
        }
        text = written;
    }
    return text;
}

function edited({ text }: ParsedSelect, edit: (edits: TextEdits) => void): string {
    const edits = new TextEdits();
    edit(edits);
    return edits.applied(text, 0, text.length);
}

type FunctionCall = Extract<SqlNode, { type: 'FunctionCallExpr' }>;

function writeOut({ text, select }: ParsedSelect, edits: TextEdits): void {
    walkNodes(select, (node) => {
        const [document, path, ...more] = isJsonText(node) ? (node.args ?? []) : [];
        if (document === undefined || path === undefined || more.length > 0) {
            return true;
        }
        const { offset } = node.span;
        const written = jsonTextSql(operand(document, text), nodeText(text, path), indentOf(text, offset));
        edits.replace(offset, nodeEnd(node), written);
        return false;
    });
}

/** The blanks with which the line of a place begins. */
function indentOf(text: string, offset: number): string {
    return /^ */.exec(text.slice(text.lastIndexOf('\n', offset - 1) + 1))?.[0] ?? '';
}

function isJsonText(node: SqlNode): node is FunctionCall {
    return node.type === 'FunctionCallExpr' && node.name.name.toLowerCase() === JSON_TEXT;
}

function operand(expression: SqlExpression, text: string): string {
    const sql = nodeText(text, expression);
    return ['Id', 'QualifiedExpr', 'NameExpr', 'ParenthesizedExpr', 'FunctionCallExpr'].includes(expression.type)
        ? sql
        : `(${sql})`;
}

/** Which rows of staging tables are meant, as a condition. */
type Landed = string;

export const WHOLE: Landed = '_seq <= (select whole_seq from elt_stream)';

/** Staging tables by what has landed whole; a view that reads one is put in the place of its name. */
function landedWhole({ text, select }: ParsedSelect, edits: TextEdits, schema: SchemaFacts, landed: Landed): void {
    const ctes = new Set<string>();
    walkNodes(select, (node) => {
        if (node.type === 'CommonTableExpr') {
            ctes.add(node.tblName.text.toLowerCase());
        }
        return true;
    });
    walkNodes(select, (node) => {
        if (node.type !== 'TableSelectTable' || ctes.has(node.tblName.objName.text.toLowerCase())) {
            return true;
        }
        const name = node.tblName.objName.text;
        const source =
            schema.table(name) === undefined ? stagedView(name, schema, landed, []) : stagedTable(name, landed);
        if (source !== undefined) {
            const { offset, length } = node.tblName.span;
            const indent = indentOf(text, offset);
            const inner = `(\n${indent}    ${indentLines(source, `${indent}    `)}\n${indent})`;
            edits.replace(
                offset,
                offset + length,
                `${inner}${node.alias === undefined ? ` as ${quoteName(name)}` : ''}`,
            );
            if (node.indexed !== undefined) {
                edits.replace(node.indexed.span.offset, nodeEnd(node.indexed), '');
            }
        }
        return true;
    });
}

function stagedTable(name: string, landed: Landed): string | undefined {
    return /^stg_/i.test(name) ? `select *\nfrom ${quoteName(name)}\nwhere ${landed}` : undefined;
}

/** The SELECT of a view that reads staging, so written; undefined where it reads none. */
function stagedView(name: string, schema: SchemaFacts, landed: Landed, above: readonly string[]): string | undefined {
    const view = above.includes(name.toLowerCase()) ? undefined : schema.view(name);
    if (view === undefined || !readsStaging(view.select, schema, [...above, name.toLowerCase()])) {
        return undefined;
    }
    const start = view.select.span.offset;
    const body = view.text.slice(start, nodeEnd(view.select));
    const parsed = parseSelect(body);
    const select = parsed === undefined ? body : edited(parsed, (edits) => landedWhole(parsed, edits, schema, landed));
    const columns = view.columns?.map(quoteName).join(', ');
    return columns === undefined
        ? select
        : `with ${quoteName(name)} (${columns}) as (${select}) select * from ${quoteName(name)}`;
}

function readsStaging(node: SqlNode, schema: SchemaFacts, above: readonly string[]): boolean {
    if (node.type === 'TableSelectTable') {
        const name = node.tblName.objName.text;
        const view =
            schema.table(name) !== undefined || above.includes(name.toLowerCase()) ? undefined : schema.view(name);
        return (
            /^stg_/i.test(name) ||
            (view !== undefined && readsStaging(view.select, schema, [...above, name.toLowerCase()]))
        );
    }
    return childNodes(node).some((child) => readsStaging(child, schema, above));
}
