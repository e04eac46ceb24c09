import { type HeaderEntry, headerValue } from '../../project/file-head.ts';
import { namesText, parseNames, relationText } from '../../sql/relation-name.ts';
import { sqlTokens } from '../../sql/tokens.ts';
import { wrapWords } from '../../sql/wrap-words.ts';
import type { Assignment, CurrentSpec, KeyDecision, KeyHistory } from './current-spec.ts';

/** What the head of a current table's file says about its key. */
export interface CurrentHead {
    readonly key: readonly string[];
    readonly isChosen: boolean;
    readonly history: KeyHistory | undefined;
}

/** The head of a generated file. */
export function currentHeadText(spec: CurrentSpec): string {
    const relation = relationText(spec.schema, spec.table);
    const { earlier = [], retyped = [], decisions = [] } = spec.history ?? {};
    return [
        `-- row: the latest state of a row of ${relation}`,
        `-- relation: ${relation}`,
        `-- key: ${namesText(spec.key)}`,
        ...(spec.why === undefined ? [] : [wrapWords(`-- why: ${spec.why}`, '--   ')]),
        ...(spec.isChosen === true
            ? [`-- chosen: ${namesText(spec.key)} is unique, although the stream does not say so`]
            : []),
        ...earlier.map((key) => `-- earlier: ${namesText(key)}`),
        ...(retyped.length === 0 ? [] : [`-- retyped: ${namesText(retyped)}`]),
        ...decisions.map((decision) => `-- change: ${decisionText(decision)}`),
        '',
    ].join('\n');
}

/** Reads a head; undefined if it names no key, or if an entry about the key cannot be read. */
export function readCurrentHead(head: readonly HeaderEntry[]): CurrentHead | undefined {
    const key = parseNames(headerValue(head, 'key') ?? '', ',');
    const of = (name: string): readonly string[] => head.flatMap((entry) => (entry.key === name ? [entry.value] : []));
    const earlier = of('earlier').map((text) => parseNames(text, ','));
    const retyped = of('retyped').map((text) => parseNames(text, ','));
    const decisions = of('change').map(parseDecision);
    if (key === undefined || [...earlier, ...retyped, ...decisions].includes(undefined)) {
        return undefined;
    }
    const history = {
        earlier: earlier as string[][],
        retyped: (retyped as string[][]).flat(),
        decisions: decisions as KeyDecision[],
    };
    const hasHistory = Object.values(history).some((list) => list.length > 0);
    return { key, isChosen: of('chosen').length > 0, history: hasHistory ? history : undefined };
}

/** `id to tid: tid = id`, `id retyped: keep`. */
function decisionText({ was, now, rows }: KeyDecision): string {
    const change =
        namesText(was) === namesText(now)
            ? `${namesText(was)} retyped`
            : `${namesText(was)} to ${namesText(now) || NONE}`;
    return `${change}: ${typeof rows === 'string' ? rows : assignmentsText(rows)}`;
}

const NONE = 'none';
const NAME = String.raw`(?:U&)?"(?:[^"]|"")+"|[^\s",:]+`;
const NAMES = `(?:${NAME})(?:, (?:${NAME}))*`;
const DECISION = new RegExp(`^(${NAMES}) (?:retyped|to (${NAMES})): (.+)$`);

function parseDecision(text: string): KeyDecision | undefined {
    const [, before, after, what = ''] = DECISION.exec(text) ?? [];
    const was = parseNames(before ?? '', ',');
    const now = after === undefined ? was : after === NONE ? [] : parseNames(after, ',');
    const rows = what === 'keep' || what === 'anew' ? what : parseAssignments(what);
    return was === undefined || now === undefined || rows === undefined ? undefined : { was, now, rows };
}

function assignmentsText(assignments: readonly Assignment[]): string {
    return assignments.map(({ column, sql }) => `${namesText([column])} = ${sql}`).join(', ');
}

/** Reads `a = b, c = lower(d)`; undefined for any other text. */
export function parseAssignments(text: string): readonly Assignment[] | undefined {
    const parts: string[] = [''];
    let depth = 0;
    for (const token of sqlTokens(text)) {
        const isOneLine = token.kind === 'space' || !token.text.includes('\n');
        if (token.unclosed === true || !isOneLine || ['semicolon', 'comment'].includes(token.kind) || depth < 0) {
            return undefined;
        }
        depth += token.text === '(' ? 1 : token.text === ')' ? -1 : 0;
        if (token.text === ',' && depth === 0) {
            parts.push('');
        } else {
            parts[parts.length - 1] += token.kind === 'space' ? ' ' : token.text;
        }
    }
    const assignments = parts.map((part) => {
        const [, name, sql] = new RegExp(`^\\s*(${NAME})\\s*=(.+)$`, 's').exec(part) ?? [];
        const [column] = parseNames(name ?? '', ',') ?? [];
        return column === undefined || sql === undefined ? undefined : { column, sql: sql.trim() };
    });
    return depth === 0 && !assignments.includes(undefined) ? (assignments as Assignment[]) : undefined;
}
