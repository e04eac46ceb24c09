import { type ParsedSelect, parseSelect } from '../../sql/grammar/parse-select.ts';
import type { SqlSelect } from '../../sql/grammar/sql-nodes.ts';
import type { Dialect } from '../dialects/dialect.ts';
import { NotTranslated, type Untranslated, untranslatedError } from './not-translated.ts';
import { translateExpression } from './translate-expression.ts';
import { translateSelect } from './translate-select.ts';
import type { EngineSchema, TranslatedSelect, Translation } from './translation.ts';

/**
 * A SELECT as a person wrote it for SQLite, for another engine: with the same values, or not at all.
 * @throws EltError ENGINE_SQL
 */
export function translateQuery(
    select: string,
    dialect: Dialect,
    schema: EngineSchema,
    from: Omit<Untranslated, 'engine'>,
): TranslatedSelect {
    const of = { ...from, engine: dialect.engine };
    const parsed = parseSelect(select);
    try {
        if (parsed === undefined) {
            throw new NotTranslated('its SELECT cannot be read', { type: 'NullLiteral', span: START });
        }
        return twice(parsed, dialect, schema);
    } catch (error) {
        throw error instanceof NotTranslated ? untranslatedError(error, of) : error;
    }
}

const START = { offset: 0, length: 0, line: 1, col: 1 };

function twice(parsed: ParsedSelect, dialect: Dialect, schema: EngineSchema): TranslatedSelect {
    const extras = new Map<SqlSelect, Map<string, string>>();
    const to: Translation = {
        dialect,
        schema,
        extras,
        views: new Map(),
        expression: (expression, place) => translateExpression(expression, place, to),
        select: (inner, names, outer) => translateSelect(inner, names, outer, to),
        refuse: (what, node, instead) => {
            throw new NotTranslated(what, node, instead);
        },
    };
    // What an outer part asks of an inner one stands in the text of the next round.
    const known = (): number => [...extras.values()].reduce((sum, one) => sum + one.size, 0);
    for (;;) {
        const before = known();
        const translated = to.select(parsed.select, new Map(), undefined);
        if (known() === before) {
            return translated;
        }
    }
}
