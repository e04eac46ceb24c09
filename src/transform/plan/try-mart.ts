import { EltError } from '../../core/errors.ts';
import type { MartDefinition } from '../../project/mart-definition.ts';
import { type ModelFile, modelOf } from '../../project/model-files.ts';
import { quoteName } from '../../sql/quote.ts';
import { relationsNamed } from '../../sql/relations-named.ts';
import { statementTargets } from '../../sql/statement-targets.ts';
import type { Database } from '../../sqlite/database.ts';
import { statementError } from '../../sqlite/run-statement.ts';
import { dropObject } from '../../sqlite/schema-kind.ts';
import { isUneditedUpkeep, type MartUpkeep } from '../marts/mart-upkeep.ts';
import type { Filler } from '../marts/read-schema.ts';
import { loadedGenerator } from '../marts/with-generator.ts';
import { createdName } from './file-facts.ts';
import { type MissingTable, missingTable, type Tried, tryWhole } from './try-file.ts';

/** Tries the marts of one SELECT on the scratch schema: each as soon as the tables that it reads are there. */
export class MartTrials {
    readonly upkeeps = new Map<string, MartUpkeep>();
    readonly #scratch: Database;
    readonly #models: readonly ModelFile[];
    readonly #migrated: () => ReadonlySet<string>;

    constructor(scratch: Database, models: readonly ModelFile[], migrated: () => ReadonlySet<string>) {
        this.#scratch = scratch;
        this.#models = models;
        this.#migrated = migrated;
        // SQLite compiles the SELECT as a person wrote it, so that an error names its place.
        scratch.function('json_text', { deterministic: true }, (_document: unknown, _path: unknown) => null);
    }

    /** What an earlier upkeep has created: the marts are tried on a schema without it. */
    dropOld(): void {
        for (const { name } of this.#models.filter(({ definition }) => definition !== undefined)) {
            for (const tail of ['now', 'dirty', 'fresh', 'in_full']) {
                this.#drop(`${name}_${tail}`);
            }
            if (!this.#migrated().has(name.toLowerCase())) {
                this.#drop(name);
            }
            this.#drop(this.#imagesName(name));
            for (const word of ['inserted', 'updated', 'deleted']) {
                this.#scratch.exec(`drop trigger if exists ${quoteName(`${name}_${word}`)}`);
            }
        }
    }

    #drop(name: string): void {
        this.#scratch.exec(dropObject(this.#scratch, name));
    }

    try(model: ModelFile, tried: ReadonlyMap<string, Tried>, untried: readonly ModelFile[]): Tried | MissingTable {
        const definition = model.definition as MartDefinition;
        const { statement } = definition;
        const unfilled = this.#readsOf(untried, model);
        if (unfilled !== undefined) {
            return { table: unfilled, where: definition, statement, error: new Error(`no such table: ${unfilled}`) };
        }
        try {
            this.#scratch.prepare(statement.sql);
        } catch (error) {
            const table = missingTable(error);
            if (table === undefined) {
                throw statementError(this.#scratch, definition, statement, error);
            }
            return { table, where: definition, statement, error };
        }
        const upkeep = loadedGenerator().generateUpkeep({
            name: model.name,
            definition,
            database: this.#scratch,
            fillers: fillersOf(tried),
            images: this.#isRead(model.name) ? this.#imagesName(model.name) : undefined,
            isMigrated: this.#migrated().has(model.name.toLowerCase()),
        });
        const result = tryWhole(this.#scratch, runnableOf(model, upkeep));
        if (!('table' in result)) {
            refuseLackingColumn(this.#scratch, model, definition);
            this.upkeeps.set(model.name, this.#explained(upkeep));
        }
        return result;
    }

    /** With the tables that SQLite reads from end to end: the plan tells it, no rule does. */
    #explained(upkeep: MartUpkeep): MartUpkeep {
        const { explainQuestion } = loadedGenerator();
        const plans = upkeep.questions.map((question) => explainQuestion(this.#scratch, question));
        const scanned = new Set(plans.flatMap((plan) => plan.scanned));
        return { ...upkeep, how: { ...upkeep.how, scanned: [...scanned] } };
    }

    /** Where the name is taken by the images of a current table, another one. */
    #imagesName(mart: string): string {
        const name = `changed_${mart}`;
        const isTaken = this.#models.some(({ definition, statements }) => {
            return (
                definition === undefined &&
                statements.some((one) => createdName(one, 'table')?.toLowerCase() === name.toLowerCase())
            );
        });
        return isTaken ? `${name}_mart` : name;
    }

    /** Whether another mart must be told which rows of this one change: it reads it, or its images, or a view of it. */
    #isRead(mart: string): boolean {
        const images = this.#imagesName(mart);
        return this.#models.some((other) => {
            const isByHand = other.definition === undefined && other.kind === 'mart';
            return (
                other.name !== mart &&
                ((isByHand && mentions(other).has(images.toLowerCase())) ||
                    (other.definition !== undefined && this.#reaches(other, mart, new Set())))
            );
        });
    }

    /** A table that the mart reads and one of the models fills: where a migration has created it, it is there before. */
    #readsOf(models: readonly ModelFile[], mart: ModelFile): string | undefined {
        return models
            .filter((other) => other !== mart)
            .flatMap(tablesOf)
            .find((table) => this.#reaches(mart, table, new Set()));
    }

    #reaches(model: ModelFile, mart: string, seen: ReadonlySet<string>): boolean {
        const names = mentions(model);
        return (
            names.has(mart.toLowerCase()) ||
            this.#models.some(
                (other) =>
                    other.kind === 'view' &&
                    !seen.has(other.name) &&
                    other.statements.some((one) => names.has(createdName(one, 'view')?.toLowerCase() ?? '')) &&
                    this.#reaches(other, mart, new Set([...seen, other.name])),
            )
        );
    }
}

/**
 * A file that a person has edited does not follow its mart; that the mart has a column more is not an error of SQLite's
 * in a test that nobody wrote.
 * @throws EltError MART_REFUSED
 */
function refuseLackingColumn(scratch: Database, { name, file, text }: ModelFile, definition: MartDefinition): void {
    if (isUneditedUpkeep(text)) {
        return;
    }
    const table = scratch.prepare('select lower(name) from pragma_table_info(?)').pluck().all(name);
    const given = scratch.prepare(definition.statement.sql).columns();
    const lacking = given.map((column) => column.name).find((column) => !table.includes(column.toLowerCase()));
    if (lacking !== undefined) {
        throw new EltError({
            code: 'MART_REFUSED',
            message: `"${file}" has no column "${lacking}", which the SELECT of "${definition.file}" gives`,
            where: file,
            found: 'the file was edited, and so it does not follow its mart',
            state: 'nothing was published: readers see what they saw before',
            next: `write the column into it too, or delete it: then "elt scaffold ${name}" writes it anew`,
        });
    }
}

/** What a run of a mart runs: the file's own text where a person has edited it, else what was generated. */
function runnableOf(model: ModelFile, upkeep: MartUpkeep): ModelFile {
    const text = isUneditedUpkeep(model.text) ? upkeep.text : model.text;
    return modelOf(model.name, model.kind, model.file, text, model.definition);
}

/** The tables that a model fills. */
export function tablesOf(model: ModelFile): readonly string[] {
    return model.definition === undefined
        ? model.statements
              .flatMap(({ sql }) => statementTargets(sql))
              .flatMap(({ verb, name }) => (verb === 'writes' ? [name] : []))
        : [model.name];
}

function mentions({ definition, text }: ModelFile): ReadonlySet<string> {
    return relationsNamed(definition?.select ?? text);
}

function fillersOf(tried: ReadonlyMap<string, Tried>): ReadonlyMap<string, Filler> {
    const fillers = new Map<string, Filler>();
    for (const [name, { model, writes }] of tried) {
        const created = model.statements.flatMap((statement) => createdName(statement, 'table') ?? []);
        for (const table of [...created, ...writes].map((one) => one.toLowerCase())) {
            if (!table.startsWith('elt_') && (!fillers.has(table) || table === name.toLowerCase())) {
                fillers.set(table, { model: name, isPlain: !writes.has('elt_watermarks') });
            }
        }
    }
    return fillers;
}
