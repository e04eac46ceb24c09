import { type ModelFile, modelOf } from '../../project/model-files.ts';
import type { FollowedModel } from '../current/follow-drift.ts';
import { isUneditedUpkeep, type MartUpkeep } from './mart-upkeep.ts';

/**
 * Keeps the upkeep of a mart in step with its SELECT. A file that nobody has edited, or that was never written, runs as
 * `elt scaffold` would write it now; an edited one is left alone.
 */
export function followMart(model: ModelFile, upkeep: MartUpkeep): FollowedModel {
    const isEdited = !isUneditedUpkeep(model.text);
    const isBehind = !isEdited && model.text !== upkeep.text;
    return {
        model: isBehind ? modelOf(model.name, model.kind, model.file, upkeep.text, model.definition) : model,
        generated: isBehind,
        alterations: [],
        scaffolded: false,
        spec: null,
        relation: null,
        onlyAddsColumns: false,
        waitsFor: null,
        stop: null,
        warning: warningOf(model, isEdited, isBehind),
    };
}

/** Whether a model's warning is no more than this hint: the run does what the file would do. */
export function isNotWritten(warning: string | null, name: string): boolean {
    return warning?.endsWith(notWritten(name)) === true;
}

function notWritten(name: string): string {
    return ` is not written yet: the run uses what "elt scaffold ${name}" would write`;
}

function warningOf({ file, text, name }: ModelFile, isEdited: boolean, isBehind: boolean): string | null {
    if (isEdited) {
        return `${file} was edited and is left alone: it does not follow its mart`;
    }
    if (!isBehind) {
        return null;
    }
    return text === ''
        ? `${file}${notWritten(name)}`
        : `${file} is out of date: the run uses what "elt scaffold ${name}" would write now`;
}
