import { EltError } from '../core/errors.ts';
import { isDate, isUuid, toInt64 } from '../core/value-texts.ts';
import { headError } from '../project/file-head.ts';

/** The types of parameters. `digits` is an integer kept as text: its leading zeros are significant. */
const PARAMETER_TYPES = ['integer', 'digits', 'text', 'date', 'uuid'] as const;

export type ParameterType = (typeof PARAMETER_TYPES)[number];

/** A parameter as the head of a question declares it: `-- param: limit integer default 10 range 1..100`. */
export interface QuestionParameter {
    readonly name: string;
    readonly type: ParameterType;
    /** The question cannot be answered without it. */
    readonly isRequired: boolean;
    /** The text used if none is given; null: the parameter is then null in the SELECT. */
    readonly default: string | null;
    /** Smallest and largest value of an integer or a date, both included. */
    readonly range: { readonly from: string; readonly to: string } | null;
    readonly line: number;
}

/** A value that better-sqlite3 can bind. */
export type ParameterValue = bigint | string | null;

const DECLARATION =
    /^([A-Za-z][A-Za-z0-9_]*)[ \t]+([a-z]+)(?:[ \t]+(required)|[ \t]+default[ \t]+(\S+))?(?:[ \t]+range[ \t]+(\S+?)\.\.(\S+))?$/;

/** @throws EltError SQL_HEADER with the line. */
export function parseParameter(text: string, file: string, line: number): QuestionParameter {
    const [, name, type, required, defaultText, from, to] = DECLARATION.exec(text) ?? [];
    const known = PARAMETER_TYPES.find((one) => one === type);
    if (name === undefined || known === undefined) {
        throw wrong(file, line, text, `"name type [required | default value] [range from..to]", type ${typesText()}`);
    }
    const range = from === undefined || to === undefined ? null : { from, to };
    const parameter = {
        name,
        type: known,
        isRequired: required !== undefined,
        default: defaultText ?? null,
        range,
        line,
    };
    if (range !== null && known !== 'integer' && known !== 'date') {
        throw wrong(file, line, text, 'a range only of an integer or a date');
    }
    for (const value of [parameter.default, range?.from, range?.to]) {
        if (typeof value === 'string' && readValue(known, value) === undefined) {
            throw wrong(file, line, text, `"${value}" to be a value of type ${known}`);
        }
    }
    return parameter;
}

/**
 * The value to bind for the text that was given; undefined: nothing was given.
 * @throws EltError COMMAND_WRONG with the parameter, the given and the expected value.
 */
export function parameterValue(parameter: QuestionParameter, given: string | undefined): ParameterValue {
    const { name, type, range } = parameter;
    const text = given ?? parameter.default;
    if (text === null) {
        if (parameter.isRequired) {
            throw refused(`"${name}" is missing`, `expected ${name}=<${expectedText(parameter)}>`);
        }
        return null;
    }
    const value = readValue(type, text);
    if (value === undefined) {
        throw refused(`"${name}" cannot be "${text}"`, `expected ${expectedText(parameter)}`);
    }
    if (range !== null) {
        const from = readValue(type, range.from) ?? value;
        const to = readValue(type, range.to) ?? value;
        if (value < from || value > to) {
            throw refused(`"${name}" cannot be ${text}`, `expected ${expectedText(parameter)}`);
        }
    }
    return value;
}

/** `date from 2010-01-01 to 2010-12-31`. */
export function expectedText({ type, range }: QuestionParameter): string {
    const kind = {
        integer: 'whole number',
        digits: 'whole number',
        text: 'text',
        date: 'date as 2010-12-31',
        uuid: 'UUID',
    }[type];
    return range === null ? kind : `${kind} from ${range.from} to ${range.to}`;
}

function readValue(type: ParameterType, text: string): bigint | string | undefined {
    switch (type) {
        case 'integer': {
            const value = /^-?\d{1,19}$/.test(text) ? BigInt(text) : undefined;
            return value !== undefined && value === toInt64(value) ? value : undefined;
        }
        case 'digits':
            return /^-?\d{1,40}$/.test(text) ? text : undefined;
        case 'date':
            return isDate(text) ? text : undefined;
        case 'uuid':
            return isUuid(text) ? text : undefined;
        case 'text':
            return text.isWellFormed() ? text : undefined;
    }
}

function typesText(): string {
    return PARAMETER_TYPES.join(', ');
}

function wrong(file: string, line: number, found: string, expected: string): EltError {
    return headError(file, line, {
        message: `the head of "${file}" declares a parameter that cannot be read`,
        found: `"${found}"; expected ${expected}`,
        next: 'correct the line',
    });
}

function refused(message: string, found: string): EltError {
    return new EltError({ code: 'COMMAND_WRONG', message, found, next: 'correct the parameter' });
}
