import { EltError } from '../core/errors.ts';
import { readOptionalSqlFile } from '../project/sql-files.ts';
import { type Figure, figureNames, OPTIONS, readFigure } from './figure.ts';
import { type Question, questionOf } from './question.ts';
import type { QuestionParameter } from './question-parameter.ts';

/** A filter of the page: a parameter of one or more of its figures. */
export interface Filter extends QuestionParameter {
    /** `<parameter>.options.sql`: the values that can be chosen, one a row; null if any value may be typed. */
    readonly options: Question | null;
}

/** A figure, or why its file cannot be read. */
export type FigureEntry =
    | { readonly name: string; readonly figure: Figure }
    | { readonly name: string; readonly file: string; readonly error: EltError };

/** The page of a pipeline. */
export interface Dashboard {
    readonly pipeline: string;
    /** In the order of the page. A file that cannot be read affects only its own place. */
    readonly figures: readonly FigureEntry[];
    /** In the order in which the figures first name them. */
    readonly filters: readonly Filter[];
}

/** Reads the files every time: an edited one is shown without a restart. Never throws for a wrong figure. */
export function readDashboard(sqlFolder: string, pipeline: string): Dashboard {
    const filters = new Map<string, Filter & { readonly file: string }>();
    const figures = figureNames(sqlFolder, pipeline).map((name): FigureEntry => {
        try {
            const figure = readFigure(sqlFolder, pipeline, name);
            for (const parameter of figure.parameters) {
                const first = filters.get(parameter.name);
                if (first !== undefined) {
                    refuseOther(figure, parameter, first);
                }
            }
            for (const parameter of figure.parameters.filter((one) => !filters.has(one.name))) {
                const options = readOptions(sqlFolder, pipeline, parameter.name);
                filters.set(parameter.name, { ...parameter, options, file: figure.file });
            }
            return { name, figure };
        } catch (error) {
            if (error instanceof EltError) {
                return { name, file: `sql/${pipeline}/dashboard/${name}.sql`, error };
            }
            throw error;
        }
    });
    return { pipeline, figures, filters: [...filters.values()].map(({ file: _, ...filter }) => filter) };
}

function readOptions(sqlFolder: string, pipeline: string, parameter: string): Question | null {
    const options = readOptionalSqlFile(sqlFolder, pipeline, `dashboard/${parameter}${OPTIONS}`);
    return options === undefined ? null : questionOf(`${parameter}.options`, options.file, options.text);
}

/** A filter of the page must be declared the same way by all its figures. */
function refuseOther(figure: Figure, parameter: QuestionParameter, first: Filter & { readonly file: string }): void {
    const said = ({ type, default: value, range, isRequired }: QuestionParameter): string =>
        [type, isRequired ? 'required' : `default ${value ?? 'none'}`, range && `range ${range.from}..${range.to}`]
            .filter((part) => part !== null)
            .join(', ');
    if (said(parameter) !== said(first)) {
        throw new EltError({
            code: 'SQL_HEADER',
            message: `"${figure.file}" and another figure of its page declare "${parameter.name}" differently`,
            where: `${figure.file}:${parameter.line}`,
            found: `${said(parameter)}; in "${first.file}" line ${first.line}: ${said(first)}`,
            next: 'declare it the same way in both, or rename it in one',
        });
    }
}
