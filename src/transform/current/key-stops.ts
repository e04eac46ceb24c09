import { keyText } from '../../sql/key-text.ts';
import { namesText, parseNames, relationText } from '../../sql/relation-name.ts';
import type { CurrentSpec } from './current-spec.ts';

/** Why a fold stops: what its triggers find, or a row that the current table refuses because its key has a null. */
export type StopReason = TriggerReason | 'null';

type TriggerReason = 'other key' | 'no value' | 'twice' | 'retyped';

/** What the triggers of a fold say before they stop it; `elt` reads it back. */
export function stopText({ schema, table }: CurrentSpec, reason: TriggerReason, key: readonly string[]): string {
    return `${relationText(schema, table)}: ${PHRASES[reason][0]}${namesText(key)}${PHRASES[reason][1]} (see elt transform)`;
}

/** Reads the reason and the key (as `keyText` writes it) back; `fileKey` of a generated file; undefined: another error. */
export function readStop(
    message: string,
    model: string,
    fileKey: readonly string[],
): { readonly reason: StopReason; readonly key: string } | undefined {
    if (fileKey.some((name) => message === `NOT NULL constraint failed: ${model}.${name}`)) {
        return { reason: 'null', key: keyText(fileKey) };
    }
    for (const [reason, [before, after]] of Object.entries(PHRASES)) {
        const from = message.indexOf(`: ${before}`);
        const to = message.indexOf(`${after} (see elt transform)`, from);
        if (from >= 0 && to >= 0) {
            const names = parseNames(message.slice(from + before.length + 2, to), ',') ?? [];
            return { reason: reason as TriggerReason, key: keyText(names) };
        }
    }
    return undefined;
}

/** Before and after the key. */
const PHRASES: Readonly<Record<TriggerReason, readonly [string, string]>> = {
    'other key': ['the stream does not name rows by ', ', and so they cannot be found'],
    'no value': ['rows from before the key became ', ' lack it'],
    twice: ['rows from before the key became ', ' share it'],
    retyped: ['rows from before the key ', ' was retyped have its old text'],
};
