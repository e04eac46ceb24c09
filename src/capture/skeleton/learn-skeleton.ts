import type { Skeleton } from '../../core/frame.ts';
import { memberNamed, objectMembers, type Span, skipSpace } from '../../core/json-spans.ts';

/** A skeleton and the bytes around its gaps: one more than there are gaps. */
export interface LearnedSkeleton {
    readonly skeleton: Skeleton;
    readonly literals: readonly Buffer[];
    /** A byte of the first literal that differs from most others. */
    readonly probeAt: number;
    readonly probe: number;
}

/** The skeleton of the change `bytes[at, end)`; null if it is not JSON or has no list of values to leave out. */
export function learnSkeleton(bytes: Buffer, at: number, end: number): LearnedSkeleton | null {
    // One character a byte, so that spans of the text are spans of the bytes.
    const text = bytes.toString('latin1', at, end);
    try {
        JSON.parse(text);
    } catch {
        return null;
    }
    const gaps = gapsOf(text);
    if (gaps.length === 0) {
        return null;
    }
    const literals: Buffer[] = [];
    let from = 0;
    for (const gap of gaps) {
        literals.push(Buffer.from(text.slice(from, gap.start + 1), 'latin1'));
        from = gap.end - 1;
    }
    literals.push(Buffer.from(text.slice(from), 'latin1'));
    const skeleton = { text: Buffer.concat(literals).toString('utf8'), gaps: gaps.map((gap) => gap.name) };
    const first = literals[0] as Buffer;
    const probeAt = Math.max(0, first.length - 24);
    return { skeleton, literals, probeAt, probe: first[probeAt] as number };
}

interface Gap extends Span {
    readonly name: string;
}

/** The lists of values, in the order of the text. Empty if a name occurs twice, because the text does not say which one counts. */
function gapsOf(text: string): Gap[] {
    const members = objectMembers(text, skipSpace(text, 0));
    const gaps: Gap[] = [];
    if (!unique(members.map((member) => member.name))) {
        return [];
    }
    const values = memberNamed(members, 'columnvalues');
    if (values !== undefined && text[values.start] === '[') {
        gaps.push({ ...values, name: 'columnvalues' });
    }
    const oldKeys = memberNamed(members, 'oldkeys');
    if (oldKeys !== undefined && text[oldKeys.start] === '{') {
        const oldMembers = objectMembers(text, oldKeys.start);
        if (!unique(oldMembers.map((member) => member.name))) {
            return [];
        }
        const oldValues = memberNamed(oldMembers, 'keyvalues');
        if (oldValues !== undefined && text[oldValues.start] === '[') {
            gaps.push({ ...oldValues, name: 'keyvalues' });
        }
    }
    return gaps.sort((left, right) => left.start - right.start);
}

function unique(names: readonly string[]): boolean {
    return new Set(names).size === names.length;
}
