import { EltError } from '../../core/errors.ts';
import type { MartDefinition } from '../../project/mart-definition.ts';
import type { ParsedSelect } from '../../sql/grammar/parse-select.ts';
import type { SqlNode } from '../../sql/grammar/sql-nodes.ts';
import { walkNodes } from '../../sql/grammar/walk-nodes.ts';
import { significantTokens, wordOf } from '../../sql/tokens.ts';
import type { SchemaFacts } from './rules/schema-facts.ts';

/** Refuses a SELECT that gives other rows from the same tables at another time: no upkeep can follow that. */
export function refuseUndetermined(
    definition: MartDefinition,
    parsed: ParsedSelect | undefined,
    schema: SchemaFacts,
): void {
    const found =
        parsed === undefined ? undeterminedWord(definition.select) : undeterminedIn(parsed, schema, new Set());
    if (found !== undefined) {
        throw new EltError({
            code: 'MART_REFUSED',
            message: `"${definition.file}" cannot be kept up to date: ${found} gives something else each time`,
            where: `${definition.file}:${definition.statement.line}`,
            state: 'nothing was published: readers see what they saw before',
            next: 'leave it out of the mart, and ask it in the question or the dashboard that reads the mart',
        });
    }
}

/** What of a SELECT, or of a view that it reads, follows from the clock or from chance. */
function undeterminedIn({ select }: ParsedSelect, schema: SchemaFacts, seen: Set<string>): string | undefined {
    let found: string | undefined;
    walkNodes(select, (node) => {
        if (node.type === 'TableSelectTable') {
            const name = node.tblName.objName.text.toLowerCase();
            const view = seen.has(name) || schema.table(name) !== undefined ? undefined : schema.view(name);
            seen.add(name);
            found ??= view && undeterminedIn(view, schema, seen);
        }
        found ??= undeterminedNode(node, schema);
        return found === undefined;
    });
    return found;
}

const CLOCK_FUNCTIONS: ReadonlySet<string> = new Set(['date', 'time', 'datetime', 'julianday', 'unixepoch']);

function undeterminedNode(node: SqlNode, schema: SchemaFacts): string | undefined {
    switch (node.type) {
        case 'CurrentDateLiteral':
            return 'current_date';
        case 'CurrentTimeLiteral':
            return 'current_time';
        case 'CurrentTimestampLiteral':
            return 'current_timestamp';
        case 'FunctionCallExpr': {
            const name = node.name.name.toLowerCase();
            const args = node.args ?? [];
            const isClock =
                (CLOCK_FUNCTIONS.has(name) && args.length === 0) || (name === 'strftime' && args.length === 1);
            const asksNow = args.some(
                (argument) => argument.type === 'StringLiteral' && /^\s*now\s*$/i.test(argument.value),
            );
            const isDate = CLOCK_FUNCTIONS.has(name) || name === 'strftime' || name === 'timediff';
            return isClock || (isDate && asksNow) || !schema.isConstant(name) ? `${name}()` : undefined;
        }
        default:
            return undefined;
    }
}

/** The same of a text that the parser does not understand. */
function undeterminedWord(select: string): string | undefined {
    const words = significantTokens(select).map(
        (token) => wordOf(token) ?? (token.kind === 'string' ? token.text.toLowerCase() : ''),
    );
    return words.find((word) =>
        ['random', 'randomblob', 'current_date', 'current_time', 'current_timestamp', "'now'"].includes(word),
    );
}
